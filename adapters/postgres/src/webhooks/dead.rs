//! Dead letters, and what operators do with them.

use serde::Serialize;
use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_domain::{Position, Timestamp};

use super::{PgTopics, WebhookError};
use crate::read::Micros;

/// An event that is not tried any more.
#[derive(Clone, Debug, Serialize)]
pub struct DeadLetter {
    /// For whom it was.
    pub topic: String,
    /// Its number in the log.
    pub position: Position,
    /// Its name.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its room, or another stream of the log.
    pub stream: String,
    /// How often it was tried.
    pub attempts: i32,
    /// Why the last attempt failed.
    pub error: String,
    /// When the first attempt failed.
    pub first_at: Timestamp,
    /// When the last one failed.
    pub last_at: Timestamp,
}

/// What becomes of dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// They wait again, to be tried anew.
    Replay,
    /// They are given up for good. The events stay in the log.
    Drop,
}

/// Which dead letters.
#[derive(Clone, Debug)]
pub enum Which {
    /// Every one.
    All,
    /// Those at these positions.
    At(Vec<i64>),
}

/// What was done in one topic.
#[derive(Clone, Debug, Serialize)]
pub struct Acted {
    /// Which topic.
    pub topic: String,
    /// The letters.
    pub positions: Vec<i64>,
}

const LIST: &str = "SELECT d.topic, d.position, e.type, e.stream_id, d.attempts, d.error, d.first_at, d.last_at \
     FROM dead_letters d JOIN events e USING (position) \
     WHERE $1::text IS NULL OR d.topic = $1 ORDER BY d.topic, d.position LIMIT $2";

const TAKE: &str = "WITH taken AS (DELETE FROM dead_letters \
       WHERE ($1::text IS NULL OR topic = $1) AND ($2::bigint[] IS NULL OR position = ANY ($2)) RETURNING topic, position), \
     acts AS (INSERT INTO outbox_acts (who, act, topic, positions) \
       SELECT $3, $4, topic, array_agg(position ORDER BY position) FROM taken GROUP BY topic)";

const REPLAY: &str = ", back AS (INSERT INTO outbox (topic, position) SELECT topic, position FROM taken ON CONFLICT DO NOTHING), \
     told AS (UPDATE webhooks SET revision = revision + 1 WHERE 'webhook/' || id IN (SELECT topic FROM taken))";

const TAKEN: &str =
    " SELECT topic, array_agg(position ORDER BY position) AS positions FROM taken GROUP BY topic ORDER BY topic";

impl PgTopics {
    /// The dead letters of a topic, or of all; at most `limit`, in the order of topics and of the log.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn dead(&self, topic: Option<&str>, limit: i64) -> Result<Vec<DeadLetter>, WebhookError> {
        let rows = sqlx::query(LIST).bind(topic).bind(limit).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(letter).collect::<Result<_, _>>()?)
    }

    /// Replays or drops dead letters of a topic, or of all, and records who did.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn act(
        &self,
        act: Act,
        topic: Option<&str>,
        which: &Which,
        who: &str,
    ) -> Result<Vec<Acted>, WebhookError> {
        let positions = match which {
            Which::All => None,
            Which::At(positions) => Some(positions),
        };
        let (name, more) = match act {
            Act::Replay => ("replay", REPLAY),
            Act::Drop => ("drop", ""),
        };
        let sql = format!("{TAKE}{more}{TAKEN}");
        let done = sqlx::query(&sql).bind(topic).bind(positions).bind(who).bind(name).fetch_all(&self.pool).await?;
        let acted = |row: &PgRow| Ok(Acted { topic: row.try_get("topic")?, positions: row.try_get("positions")? });
        done.iter().map(acted).collect()
    }
}

fn letter(row: &PgRow) -> Result<DeadLetter, sqlx::Error> {
    let time = |column| row.try_get(column).map(|Micros(micros)| Timestamp(micros));
    Ok(DeadLetter {
        topic: row.try_get("topic")?,
        position: Position(row.try_get("position")?),
        kind: row.try_get("type")?,
        stream: row.try_get("stream_id")?,
        attempts: row.try_get("attempts")?,
        error: row.try_get("error")?,
        first_at: time("first_at")?,
        last_at: time("last_at")?,
    })
}
