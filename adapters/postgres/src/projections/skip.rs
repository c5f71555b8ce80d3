//! Leaving out an event that stops a projection: an operator's act, which is an event itself.

use std::collections::HashSet;

use sqlx::{Connection, PgConnection, Row};
use synctv_domain::events::ProjectionEventSkipped;
use synctv_domain::{Actor, ActorId, CommandId, Event, EventId, Position};
use synctv_projections::operate::OperateError;

use super::projector::move_to;
use crate::append::TOPIC;
use crate::chain::Content;
use crate::command_key::command_key;
use crate::connect::pool::PgPool;
use crate::ids::unseeded;
use crate::sqlstate::projection_failure as failure;

const STREAM_TYPE: &str = "projection";

/// What was left out, and where that is written.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// The event that was left out.
    pub position: Position,
    /// The event that says so.
    pub recorded: Position,
}

/// Lets a projection go on behind the event that stops it. What it is and why is appended to the log, in the same transaction.
///
/// # Errors
/// [`OperateError::NotStopped`] when something else or nothing stops it.
pub async fn skip(pool: &PgPool, name: &str, position: Position, reason: &str) -> Result<Skipped, OperateError> {
    if crate::read_models::model(name).is_none() {
        return Err(OperateError::Unknown(name.to_owned()));
    }
    let skipped = try_skip(pool, name, position, reason).await.map_err(|error| failure(&error))?;
    let recorded = skipped.ok_or(OperateError::NotStopped { name: name.to_owned(), position })?;
    Ok(Skipped { position, recorded })
}

/// None: this event does not stop it.
async fn try_skip(
    pool: &PgPool,
    name: &str,
    position: Position,
    reason: &str,
) -> Result<Option<Position>, sqlx::Error> {
    const STOPPED: &str = "SELECT poison_position = $2 FROM checkpoints WHERE name = $1 FOR UPDATE";
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    let stopped: Option<Option<bool>> =
        sqlx::query_scalar(STOPPED).bind(name).bind(position.0).fetch_optional(&mut *transaction).await?;
    if stopped.flatten() != Some(true) {
        return Ok(None);
    }
    let event = ProjectionEventSkipped { projection: name.to_owned(), position, reason: reason.to_owned() };
    // The operator's act is as durable as any event.
    sqlx::query("SET LOCAL synchronous_commit = on").execute(&mut *transaction).await?;
    // Nobody appends between the last statement and the commit.
    sqlx::query("SET LOCAL idle_in_transaction_session_timeout = '5s'").execute(&mut *transaction).await?;
    move_to(&mut transaction, name, position, None).await?;
    let recorded = record(&mut transaction, &stream(name), &Event::ProjectionEventSkipped(event)).await?;
    transaction.commit().await?;
    Ok(Some(recorded))
}

/// Appends an event to a stream of operators' acts.
async fn record(connection: &mut PgConnection, stream: &str, event: &Event) -> Result<Position, sqlx::Error> {
    const APPEND: &str = "SELECT a.base + 1 AS position, a.status FROM log l CROSS JOIN LATERAL append_one( \
           l.epoch, 0, ''::bytea, $1, $2, $3, coalesce((SELECT max(e.seq) FROM events e WHERE e.stream_id = $3), 0), \
           $4, $5, $6, $7, $8, $9, $10, $11, $12) a";
    let (command, id) = (format!("operator-{}", unseeded()), EventId::new(unseeded()).to_string());
    let key = CommandId::parse(&command).map(|id| command_key(ActorId::System, &id)).unwrap_or_default();
    let actor = Actor { id: ActorId::System };
    let metadata = serde_json::json!({ "actor": actor, "decided_by": "operator" }).to_string();
    let (payload, version) = (event.encode(), i16::try_from(event.version()).unwrap_or(i16::MAX));
    let content = Content {
        event_id: id.as_bytes(),
        stream_type: STREAM_TYPE.as_bytes(),
        stream_id: stream.as_bytes(),
        kind: event.name().as_bytes(),
        version,
        payload: payload.as_bytes(),
        metadata: metadata.as_bytes(),
        command_id: command.as_bytes(),
    };
    let row = sqlx::query(APPEND)
        .bind(TOPIC)
        .bind(STREAM_TYPE)
        .bind(stream)
        .bind(&key[..])
        .bind(&command)
        .bind(&key[..])
        .bind(&id)
        .bind(event.name())
        .bind(version)
        .bind(&payload)
        .bind(&metadata)
        .bind(&content.hash(&mut Vec::new())[..])
        .fetch_one(connection)
        .await?;
    match row.try_get("status")? {
        0 => Ok(Position(row.try_get("position")?)),
        // Another act came between looking at the stream and taking its lock.
        _ => Err(sqlx::Error::Protocol("another operator was faster: try again".to_owned())),
    }
}

/// The stream of what operators did with a projection.
fn stream(name: &str) -> String {
    format!("{STREAM_TYPE}:{name}")
}

/// The events that a projection leaves out.
pub(super) async fn skipped(connection: &mut PgConnection, name: &str) -> Result<HashSet<Position>, sqlx::Error> {
    const SQL: &str = "SELECT (payload ->> 'position')::bigint FROM events WHERE stream_id = $1 AND type = 'projection.event_skipped'";
    let positions: Vec<i64> = sqlx::query_scalar(SQL).bind(stream(name)).fetch_all(connection).await?;
    Ok(positions.into_iter().map(Position).collect())
}
