//! Which node has which live stream, in a table.

use async_trait::async_trait;
use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{Error, Row};
use synctv_commands::{ClaimError, LIVE_TERM, LiveClaim, LiveClaims, LiveHeld, LiveLapsed, LiveReport};
use synctv_domain::{Position, RoomId, Seq, Timestamp};

use crate::connect::pool::{PgPool, soon};
use crate::read::Micros;

/// Rows whose term is over, at once.
const FEW: i64 = 100;

/// The rows of live streams, as a node uses them.
pub struct PgLiveClaims {
    pool: PgPool,
    /// Another one with each start.
    owner: String,
    node: String,
}

/// A row, for operators.
#[derive(Clone, Debug, Serialize)]
pub struct LiveRow {
    /// Where.
    pub room_id: String,
    /// Who publishes.
    pub by: Option<String>,
    /// The node.
    pub node: String,
    /// Since when.
    pub started_at: Timestamp,
    /// The position of the event that began it.
    pub token: i64,
    /// Whether the node renews it.
    pub held: bool,
    /// Whether its end was asked for.
    pub kicked: bool,
    /// What the node last said about it.
    pub report: Option<LiveReport>,
}

impl PgLiveClaims {
    /// Of the node that was started under `owner`, and is called `node`.
    #[must_use]
    pub fn new(pool: PgPool, owner: String, node: String) -> Self {
        Self { pool, owner, node }
    }
}

/// All streams, for operators.
///
/// # Errors
/// When the database does not answer.
pub async fn live_rows(pool: &PgPool) -> Result<Vec<LiveRow>, Error> {
    const SQL: &str = "SELECT room_id, by, node, started_at, token, until > clock_timestamp() AS held, kicked, report \
         FROM live_streams WHERE token > 0 ORDER BY started_at";
    let rows = soon(sqlx::query(SQL).fetch_all(pool)).await?;
    rows.iter().map(row).collect()
}

/// Asks the node that has a room's stream to end it; whether there is one.
///
/// # Errors
/// When the database does not answer.
pub async fn kick_live(pool: &PgPool, room: RoomId) -> Result<bool, Error> {
    const SQL: &str = "UPDATE live_streams SET kicked = true WHERE room_id = $1 AND token > 0";
    let done = soon(sqlx::query(SQL).bind(room.to_string()).execute(pool)).await?;
    Ok(done.rows_affected() > 0)
}

fn row(row: &PgRow) -> Result<LiveRow, Error> {
    Ok(LiveRow {
        room_id: row.try_get("room_id")?,
        by: row.try_get("by")?,
        node: row.try_get("node")?,
        started_at: Timestamp(row.try_get::<Micros, _>("started_at")?.0),
        token: row.try_get("token")?,
        held: row.try_get("held")?,
        kicked: row.try_get("kicked")?,
        report: row.try_get::<Option<Json<LiveReport>>, _>("report")?.map(|Json(report)| report),
    })
}

#[async_trait]
impl LiveClaims for PgLiveClaims {
    async fn announce(&self, room: RoomId) -> Result<(), ClaimError> {
        const SQL: &str = "INSERT INTO live_streams (room_id, owner, node, until) \
               VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 second') \
             ON CONFLICT (room_id) DO UPDATE SET until = greatest(live_streams.until, excluded.until) \
               WHERE live_streams.token = 0";
        let asked = sqlx::query(SQL)
            .bind(room.to_string())
            .bind(&self.owner)
            .bind(&self.node)
            .bind(LIVE_TERM.as_secs_f64())
            .execute(&self.pool);
        soon(asked).await.map(drop).map_err(failure)
    }

    async fn take(&self, claim: &LiveClaim) -> Result<bool, ClaimError> {
        const SQL: &str = "INSERT INTO live_streams (room_id, token, started, by, owner, node, until) \
               VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 second') \
             ON CONFLICT (room_id) DO UPDATE SET token = excluded.token, started = excluded.started, by = excluded.by, \
               owner = excluded.owner, node = excluded.node, until = excluded.until, kicked = false, report = NULL, \
               started_at = clock_timestamp() \
             WHERE live_streams.token < excluded.token";
        let asked = sqlx::query(SQL)
            .bind(claim.room.to_string())
            .bind(claim.token.0)
            .bind(claim.started.0)
            .bind(claim.by.to_string())
            .bind(&self.owner)
            .bind(&self.node)
            .bind(LIVE_TERM.as_secs_f64())
            .execute(&self.pool);
        soon(asked).await.map(|done| done.rows_affected() == 1).map_err(failure)
    }

    async fn renew(&self, held: &[(LiveHeld, LiveReport)]) -> Result<Vec<LiveHeld>, ClaimError> {
        // A row whose term is over may be somebody else's to bury: it is not brought back.
        const SQL: &str = "UPDATE live_streams l SET until = clock_timestamp() + $5 * interval '1 second', report = n.report \
             FROM unnest($1::text[], $2::bigint[], $3::jsonb[]) AS n (room_id, token, report) \
             WHERE l.room_id = n.room_id AND l.token = n.token AND l.owner = $4 AND l.until > clock_timestamp() \
             RETURNING l.room_id, l.token";
        let rooms: Vec<_> = held.iter().map(|(held, _)| held.room.to_string()).collect();
        let tokens: Vec<_> = held.iter().map(|(held, _)| held.token.0).collect();
        let reports: Vec<_> = held.iter().map(|(_, report)| Json(report)).collect();
        let asked = sqlx::query(SQL)
            .bind(&rooms)
            .bind(&tokens)
            .bind(&reports)
            .bind(&self.owner)
            .bind(LIVE_TERM.as_secs_f64())
            .fetch_all(&self.pool);
        let rows = soon(asked).await.map_err(failure)?;
        let read = |row: &PgRow| Ok(LiveHeld { room: room(row)?, token: Position(row.try_get("token")?) });
        rows.iter().map(read).collect::<Result<_, Error>>().map_err(failure)
    }

    async fn kicked(&self) -> Result<Vec<RoomId>, ClaimError> {
        const SQL: &str = "SELECT room_id FROM live_streams WHERE kicked AND owner = $1";
        let rows = soon(sqlx::query(SQL).bind(&self.owner).fetch_all(&self.pool)).await.map_err(failure)?;
        rows.iter().map(room).collect::<Result<_, Error>>().map_err(failure)
    }

    async fn release(&self, held: LiveHeld) -> Result<(), ClaimError> {
        const SQL: &str = "DELETE FROM live_streams WHERE room_id = $1 AND token = $2";
        delete(&self.pool, SQL, held.room, held.token).await
    }

    async fn is_held(&self, room: RoomId) -> Result<Option<bool>, ClaimError> {
        const SQL: &str = "SELECT until > clock_timestamp() FROM live_streams WHERE room_id = $1 AND token > 0";
        soon(sqlx::query_scalar(SQL).bind(room.to_string()).fetch_optional(&self.pool)).await.map_err(failure)
    }

    async fn lapsed(&self) -> Result<Vec<LiveLapsed>, ClaimError> {
        const SQL: &str = "SELECT room_id, token, started FROM live_streams WHERE until < clock_timestamp() \
             ORDER BY until LIMIT $1";
        let rows = soon(sqlx::query(SQL).bind(FEW).fetch_all(&self.pool)).await.map_err(failure)?;
        let read = |row: &PgRow| {
            let (token, started) = (Position(row.try_get("token")?), Seq(row.try_get("started")?));
            Ok(LiveLapsed { room: room(row)?, token, started })
        };
        rows.iter().map(read).collect::<Result<_, Error>>().map_err(failure)
    }

    async fn forget(&self, lapsed: &LiveLapsed) -> Result<(), ClaimError> {
        const SQL: &str = "DELETE FROM live_streams WHERE room_id = $1 AND token = $2 AND until < clock_timestamp()";
        delete(&self.pool, SQL, lapsed.room, lapsed.token).await
    }
}

async fn delete(pool: &PgPool, sql: &'static str, room: RoomId, token: Position) -> Result<(), ClaimError> {
    let asked = sqlx::query(sql).bind(room.to_string()).bind(token.0).execute(pool);
    soon(asked).await.map(drop).map_err(failure)
}

fn room(row: &PgRow) -> Result<RoomId, Error> {
    let text: &str = row.try_get("room_id")?;
    text.parse().map_err(|error| Error::Decode(Box::new(error)))
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn failure(error: Error) -> ClaimError {
    ClaimError(error.to_string())
}
