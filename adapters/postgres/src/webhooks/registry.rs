//! Which webhooks there are.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::KeyInit;
use rand::RngCore;
use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{Connection, PgConnection, Row};
use synctv_commands::{Target, WebhookSecret};
use synctv_domain::{Position, Timestamp, WebhookId};

use super::{WebhookError, topic};
use crate::connect::pool::PgPool;
use crate::ids::unseeded;
use crate::read::Micros;
use crate::sealed::{seal, unseal};

/// Random bytes of a secret.
const SECRET: usize = 32;
/// Rows removed at once, so that nobody waits for it.
const CHUNK: i64 = 10_000;

/// A webhook, without its secret.
#[derive(Clone, Debug, Serialize)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where events are sent.
    pub url: String,
    /// Which events are; empty: all.
    pub types: Vec<String>,
    /// Since when there is one.
    pub created_at: Timestamp,
    /// Set while nothing is sent.
    pub paused: Option<Paused>,
}

/// That nothing is sent.
#[derive(Clone, Debug, Serialize)]
pub struct Paused {
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub why: String,
}

/// A webhook that was made.
#[derive(Clone, Debug)]
pub struct Added {
    /// Its id.
    pub id: WebhookId,
    /// Its secret, which is not told again.
    pub secret: WebhookSecret,
    /// It gets what follows this event.
    pub after: Position,
}

/// A delivery that is only a test.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Where to.
    pub target: Target,
    /// A fresh id.
    pub id: String,
    /// Now.
    pub at: Timestamp,
    /// The log that it comes from.
    pub log_id: String,
}

/// The webhooks of a log.
#[derive(Clone)]
pub struct PgWebhooks {
    pool: PgPool,
}

impl PgWebhooks {
    /// Of this database.
    #[must_use]
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Makes one, which gets every event of these types from now on. `credential` seals its secret.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add(&self, credential: &[u8; 32], url: &str, types: &[String]) -> Result<Added, WebhookError> {
        const SQL: &str = "INSERT INTO webhooks (id, url, types, secret) VALUES ($1, $2, $3, $4) \
             RETURNING (SELECT coalesce(max(position), 0) FROM events)";
        let now: Micros = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&self.pool).await?;
        let id = WebhookId::new(ulid::Ulid::from_parts(u64::try_from(now.0 / 1000).unwrap_or(0), unseeded().0));
        let mut secret = vec![0; SECRET];
        rand::rng().fill_bytes(&mut secret);
        let sealed = seal(&Aes256Gcm::new(credential.into()), &topic(id), &secret);
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin().await?;
        between_appends(&mut transaction).await?;
        let after = sqlx::query_scalar(SQL).bind(id.to_string()).bind(url).bind(types).bind(sealed);
        let after = Position(after.fetch_one(&mut *transaction).await?);
        transaction.commit().await?;
        Ok(Added { id, secret: WebhookSecret::new(secret), after })
    }

    /// All of them, in the order of their making.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self) -> Result<Vec<Webhook>, WebhookError> {
        const SQL: &str = "SELECT id, url, types, created_at, paused_at, pause FROM webhooks ORDER BY id";
        let rows = sqlx::query(SQL).fetch_all(&self.pool).await?;
        rows.iter().map(webhook).collect()
    }

    /// Takes one away, with everything that waits for it. None: there is no such webhook. Else, how much waited or was dead.
    ///
    /// # Errors
    /// When the database does not answer; what was left is then removed by the same call again.
    pub async fn remove(&self, id: WebhookId) -> Result<Option<u64>, WebhookError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin().await?;
        // No append that saw it ends after this.
        between_appends(&mut transaction).await?;
        let gone = sqlx::query("DELETE FROM webhooks WHERE id = $1").bind(id.to_string());
        let known = gone.execute(&mut *transaction).await?.rows_affected() > 0;
        transaction.commit().await?;
        let mut rows = 0;
        for table in ["outbox", "outbox_attempts", "dead_letters"] {
            let gone = clear(&mut connection, table, &topic(id)).await?;
            rows += if table == "outbox_attempts" { 0 } else { gone };
        }
        Ok((known || rows > 0).then_some(rows))
    }

    /// Lets a paused one go on; what waits is tried at once. False: there is no such webhook.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn resume(&self, id: WebhookId) -> Result<bool, WebhookError> {
        const SQL: &str = "WITH now AS (UPDATE outbox_attempts SET next_at = clock_timestamp() WHERE topic = $2) \
             UPDATE webhooks SET paused_at = NULL, pause = NULL, revision = revision + 1 WHERE id = $1";
        let resumed = sqlx::query(SQL).bind(id.to_string()).bind(topic(id)).execute(&self.pool).await?;
        Ok(resumed.rows_affected() > 0)
    }

    /// What a delivery that is only a test needs. None: there is no such webhook.
    ///
    /// # Errors
    /// When the database does not answer, or this is not the key that the secret was sealed under.
    pub async fn trial(&self, credential: &[u8; 32], id: WebhookId) -> Result<Option<Trial>, WebhookError> {
        let sql = format!("{TARGETS} WHERE id = $1");
        let row = sqlx::query(&sql).bind(id.to_string()).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        let target = target(&row, &Aes256Gcm::new(credential.into()))?;
        let sql = "SELECT clock_timestamp() AS at, log_id FROM log";
        let row = sqlx::query(sql).fetch_one(&self.pool).await?;
        let Micros(at) = row.try_get("at")?;
        Ok(Some(Trial { target, id: unseeded().to_string(), at: Timestamp(at), log_id: row.try_get("log_id")? }))
    }
}

/// What [`target`] reads.
pub(super) const TARGETS: &str = "SELECT id, url, secret, revision FROM webhooks";

pub(super) fn target(row: &PgRow, key: &Aes256Gcm) -> Result<Target, WebhookError> {
    let id = id_of(row)?;
    let secret = unseal(key, &topic(id), row.try_get("secret")?).ok_or(WebhookError::Sealed(id))?;
    let (url, revision) = (row.try_get("url")?, row.try_get("revision")?);
    Ok(Target { id, url, secret: WebhookSecret::new(secret), revision })
}

fn webhook(row: &PgRow) -> Result<Webhook, WebhookError> {
    let time = |Micros(micros)| Timestamp(micros);
    let at: Option<Micros> = row.try_get("paused_at")?;
    let why: Option<String> = row.try_get("pause")?;
    Ok(Webhook {
        id: id_of(row)?,
        url: row.try_get("url")?,
        types: row.try_get("types")?,
        created_at: time(row.try_get("created_at")?),
        paused: at.zip(why).map(|(at, why)| Paused { at: time(at), why }),
    })
}

fn id_of(row: &PgRow) -> Result<WebhookId, WebhookError> {
    let text: &str = row.try_get("id")?;
    text.parse().map_err(|_| WebhookError::Corrupt(format!("webhooks.id {text:?}")))
}

/// Waits for the appends under way, and lets none begin before the end of the transaction.
async fn between_appends(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    // Whoever holds it must not hold it for long.
    sqlx::query("SET LOCAL idle_in_transaction_session_timeout = '5s'").execute(&mut *connection).await?;
    sqlx::query("SELECT pg_advisory_xact_lock(7243392)").execute(connection).await.map(drop)
}

async fn clear(connection: &mut PgConnection, table: &str, topic: &str) -> Result<u64, sqlx::Error> {
    let sql = format!(
        "DELETE FROM {table} WHERE topic = $1 AND position IN \
           (SELECT position FROM {table} WHERE topic = $1 ORDER BY position LIMIT $2)"
    );
    let mut gone = 0;
    loop {
        match sqlx::query(&sql).bind(topic).bind(CHUNK).execute(&mut *connection).await?.rows_affected() {
            0 => return Ok(gone),
            some => gone += some,
        }
    }
}
