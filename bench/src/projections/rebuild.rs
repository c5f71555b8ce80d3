//! Making all read models anew, against reading and parsing the same events.

use std::sync::Arc;
use std::time::Instant;

use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_domain::{Actor, CommandId, Event, Position, Recorded, RoomId, Seq, Timestamp};
use synctv_postgres::{Incarnation, PgProjections, Rebuilder, Secrets, Vault, connect};

use crate::failure::Failure;
use crate::schema;

/// Events of a page.
const PAGE: i64 = 2000;

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::Delivery(error.to_string())
}

/// Events a second, from the beginning to new tables in place.
pub async fn rebuild(database: &str) -> Result<f64, Failure> {
    let pool = connect(database, 4).await?;
    synctv_postgres::prepare(&pool).await?;
    let secrets = Secrets::load(&pool, None, None).await?;
    let incarnation = Arc::new(Incarnation::existing(&pool).await?);
    let vault = Arc::new(Vault::new(pool.clone(), &secrets.credential, incarnation));
    let projections = PgProjections::new(pool.clone());
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let events: i64 = sqlx::query_scalar("SELECT max(position) FROM events").fetch_one(&pool).await?;
    let started = Instant::now();
    let job = projections.begin(&PgProjections::names()).await.map_err(|error| failed(&error))?;
    let rebuilder = Rebuilder::new(pool.clone(), vault, "bench".to_owned(), workers);
    rebuilder.run(&job, |_| ()).await.map_err(|error| failed(&error))?;
    let seconds = started.elapsed().as_secs_f64();
    projections.drop_old(None).await.map_err(|error| failed(&error))?;
    pool.close().await;
    Ok(rate(events, seconds))
}

#[derive(serde::Deserialize)]
struct Metadata {
    actor: Actor,
    decided_by: String,
}

/// Events a second of one reader who makes nothing of them but events.
pub async fn parse(database: &str) -> Result<f64, Failure> {
    const SQL: &str = "SELECT position, event_id, stream_id, seq, type, version, payload, metadata, command_id, \
         (extract(epoch FROM recorded_at) * 1000000)::bigint AS at FROM events WHERE position > $1 ORDER BY position LIMIT $2";
    let pool = schema::pool(database, 1).await?;
    let (started, mut events) = (Instant::now(), 0);
    loop {
        let rows = sqlx::query(SQL).bind(events).bind(PAGE).fetch_all(&pool).await?;
        let page = rows.iter().map(parsed).collect::<Result<Vec<_>, _>>()?;
        match page.last() {
            Some((_, last)) => events = last.position.0,
            None => break,
        }
    }
    pool.close().await;
    Ok(rate(events, started.elapsed().as_secs_f64()))
}

/// All of what is stored, but for the hash.
fn parsed(row: &PgRow) -> Result<(RoomId, Recorded), Failure> {
    let version = u16::try_from(row.try_get::<i16, _>("version")?).unwrap_or(0);
    let event = Event::decode(row.try_get("type")?, version, row.try_get_unchecked("payload")?);
    let Metadata { actor, decided_by } = serde_json::from_str(row.try_get_unchecked("metadata")?)?;
    let recorded = Recorded {
        seq: Seq(row.try_get("seq")?),
        position: Position(row.try_get("position")?),
        id: row.try_get::<&str, _>("event_id")?.parse().map_err(|error| failed(&error))?,
        at: Timestamp(row.try_get("at")?),
        actor,
        event: event.map_err(|error| failed(&error))?,
        decided_by,
        command_id: CommandId::parse(row.try_get("command_id")?).map_err(|error| failed(&error))?,
    };
    let room = row.try_get::<&str, _>("stream_id")?.parse().map_err(|error| failed(&error))?;
    Ok((room, recorded))
}

#[expect(clippy::cast_precision_loss, reason = "a log of the harness is far below 2^52 events")]
fn rate(events: i64, seconds: f64) -> f64 {
    events as f64 / seconds
}
