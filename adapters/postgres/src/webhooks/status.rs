//! How the outbox is.

use serde::Serialize;
use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_domain::Timestamp;

use super::{PgTopics, WebhookError};
use crate::append::TOPIC;
use crate::outbox::{PRUNE, RELAY};
use crate::read::Micros;

/// A topic of the outbox: who takes rows out of it, and how far that is.
#[derive(Clone, Debug, Serialize)]
pub struct TopicStatus {
    /// `events` is the fan-out to other nodes; `webhook/<id>` is a webhook.
    pub topic: String,
    /// The address of the webhook.
    pub url: Option<String>,
    /// Rows that wait, with those that are tried again.
    pub waiting: i64,
    /// The age of the oldest of them, s.
    pub oldest_seconds: Option<f64>,
    /// Rows that were tried in vain and will be tried again.
    pub failing: i64,
    /// Why the latest attempt of these failed.
    pub last_error: Option<String>,
    /// Rows that are not tried any more.
    pub dead: i64,
    /// Why nothing is delivered.
    pub paused: Option<String>,
    /// The node that is at work on it.
    pub owner: Option<String>,
}

/// What an operator did with dead letters.
#[derive(Clone, Debug, Serialize)]
pub struct Recorded {
    /// When.
    pub at: Timestamp,
    /// By their account on the machine where they did.
    pub who: String,
    /// `replay` or `drop`.
    pub act: String,
    /// In which topic.
    pub topic: String,
    /// How many letters.
    pub letters: i64,
}

/// Topics are found one by one, without a look at all of their rows.
const STATUS: &str = r#"WITH RECURSIVE held AS (
       (SELECT topic FROM outbox ORDER BY topic LIMIT 1)
       UNION ALL
       SELECT (SELECT o.topic FROM outbox o WHERE o.topic > held.topic ORDER BY o.topic LIMIT 1) FROM held WHERE held.topic IS NOT NULL),
     topics AS (
       SELECT $1::text COLLATE "C" AS topic
       UNION SELECT ('webhook/' || id) COLLATE "C" FROM webhooks
       UNION SELECT topic FROM held WHERE topic IS NOT NULL
       UNION SELECT topic FROM dead_letters)
     SELECT t.topic, w.url, w.pause,
       (SELECT count(*) FROM outbox o WHERE o.topic = t.topic) AS waiting,
       (SELECT greatest(extract(epoch FROM clock_timestamp() - e.recorded_at), 0)::float8 FROM outbox o JOIN events e USING (position)
        WHERE o.topic = t.topic ORDER BY o.position LIMIT 1) AS oldest,
       (SELECT count(*) FROM outbox_attempts a WHERE a.topic = t.topic) AS failing,
       (SELECT a.error FROM outbox_attempts a WHERE a.topic = t.topic ORDER BY a.next_at DESC LIMIT 1) AS error,
       (SELECT count(*) FROM dead_letters d WHERE d.topic = t.topic) AS dead,
       (SELECT l.owner FROM leases l WHERE l.until > clock_timestamp()
          AND l.name = ANY (CASE WHEN t.topic = $1 THEN $2::text[] ELSE ARRAY['outbox/' || t.topic] END) ORDER BY l.name LIMIT 1) AS owner
     FROM topics t LEFT JOIN webhooks w ON t.topic = 'webhook/' || w.id ORDER BY t.topic"#;

impl PgTopics {
    /// Every topic.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn status(&self) -> Result<Vec<TopicStatus>, WebhookError> {
        let rows = sqlx::query(STATUS).bind(TOPIC).bind([RELAY, PRUNE]).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(topic).collect::<Result<_, _>>()?)
    }

    /// The latest acts, at most `limit`, the newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn acts(&self, limit: i64) -> Result<Vec<Recorded>, WebhookError> {
        const SQL: &str = "SELECT at, who, act, topic, cardinality(positions)::bigint AS letters \
             FROM outbox_acts ORDER BY number DESC LIMIT $1";
        let rows = sqlx::query(SQL).bind(limit).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(act).collect::<Result<_, _>>()?)
    }
}

fn topic(row: &PgRow) -> Result<TopicStatus, sqlx::Error> {
    Ok(TopicStatus {
        topic: row.try_get("topic")?,
        url: row.try_get("url")?,
        waiting: row.try_get("waiting")?,
        oldest_seconds: row.try_get("oldest")?,
        failing: row.try_get("failing")?,
        last_error: row.try_get("error")?,
        dead: row.try_get("dead")?,
        paused: row.try_get("pause")?,
        owner: row.try_get("owner")?,
    })
}

fn act(row: &PgRow) -> Result<Recorded, sqlx::Error> {
    let Micros(at) = row.try_get("at")?;
    Ok(Recorded {
        at: Timestamp(at),
        who: row.try_get("who")?,
        act: row.try_get("act")?,
        topic: row.try_get("topic")?,
        letters: row.try_get("letters")?,
    })
}
