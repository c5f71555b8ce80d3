//! Verification of the log: positions and seqs without a hole, every hash in place.

use std::collections::HashMap;

use futures::TryStreamExt;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use tokio::sync::mpsc;

use crate::chain::{self, Content, Hash};
use crate::incarnation::{Head, Witness, head, hex};
use crate::read::Micros;

/// Rows handed from the reader to the hasher at once: two cores work side by side.
const CHUNK: usize = 1000;

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Position checked.
    pub position: i64,
    /// Position to reach.
    pub head: i64,
}

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Flaw {
    /// Where.
    pub position: i64,
    /// What.
    pub problem: String,
}

/// The result.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The head it was verified up to.
    pub head: Head,
    /// Events read.
    pub events: i64,
    /// None: the log is whole.
    pub flaw: Option<Flaw>,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The database did not answer.
    #[error("the log could not be read: {0}")]
    Database(#[from] sqlx::Error),
    /// The log's row could not be read.
    #[error(transparent)]
    Log(#[from] synctv_commands::LogError),
}

/// Reads the whole log as of now. A witness of the same log detects a cut end as well.
///
/// # Errors
/// When the database does not answer; what is wrong with the log is a [`Flaw`].
pub async fn verify(
    pool: &PgPool,
    witness: Option<&Witness>,
    progress: impl Fn(Progress) + Send + 'static,
) -> Result<Verified, VerifyError> {
    const SQL: &str = "SELECT position, event_id, stream_type, stream_id, seq, type, version, payload, metadata, command_id, recorded_at, hash \
         FROM events WHERE position <= $1 ORDER BY position";
    let head = head(pool).await?;
    let witness = witness.filter(|seen| seen.log_id == head.log_id).cloned();
    let (send, receive) = mpsc::channel(4);
    let (end, checker) = (head.position.0, Checker::new(&head, witness.clone()));
    let hashing = tokio::task::spawn_blocking(move || checker.run(receive, end, &progress));

    let mut connection = pool.acquire().await?;
    sqlx::query("SET statement_timeout = 0").execute(&mut *connection).await?;
    let mut rows = sqlx::query(SQL).bind(end).fetch(&mut *connection);
    let mut chunk = Vec::with_capacity(CHUNK);
    while let Some(row) = rows.try_next().await? {
        chunk.push(row);
        if chunk.len() == CHUNK && send.send(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))).await.is_err() {
            break;
        }
    }
    let _ = send.send(chunk).await;
    drop(send);
    drop(rows);
    // A changed timeout does not go back into the pool.
    drop(connection.detach());
    let (events, flaw) = hashing.await.map_err(|error| sqlx::Error::Protocol(error.to_string()))??;
    Ok(Verified { head, events, flaw })
}

struct Checker {
    position: i64,
    link: Hash,
    at: i64,
    seqs: HashMap<String, i64>,
    witness: Option<Witness>,
}

impl Checker {
    fn new(head: &Head, witness: Option<Witness>) -> Self {
        Self { position: 0, link: chain::genesis(&head.log_id), at: i64::MIN, seqs: HashMap::new(), witness }
    }

    fn run(
        mut self,
        mut rows: mpsc::Receiver<Vec<PgRow>>,
        head: i64,
        progress: &dyn Fn(Progress),
    ) -> Result<(i64, Option<Flaw>), sqlx::Error> {
        while let Some(chunk) = rows.blocking_recv() {
            for row in &chunk {
                if let Some(problem) = self.check(row)? {
                    return Ok((self.position, Some(Flaw { position: self.position + 1, problem })));
                }
            }
            progress(Progress { position: self.position, head });
        }
        Ok((self.position, self.cut(head)))
    }

    /// Whether rows are missing at the end.
    fn cut(&self, head: i64) -> Option<Flaw> {
        let end = self.witness.as_ref().map_or(head, |seen| head.max(seen.position));
        (self.position < end)
            .then(|| Flaw { position: self.position + 1, problem: format!("events up to {end} are missing") })
    }

    /// What is wrong with the row that should be the next one.
    fn check(&mut self, row: &PgRow) -> Result<Option<String>, sqlx::Error> {
        let position: i64 = row.try_get("position")?;
        if position != self.position + 1 {
            return Ok(Some(format!("the next event is at {position}")));
        }
        let (seq, Micros(at)): (i64, Micros) = (row.try_get("seq")?, row.try_get("recorded_at")?);
        let stream: &str = row.try_get("stream_id")?;
        let last = match self.seqs.get_mut(stream) {
            Some(last) => last,
            None => self.seqs.entry(stream.to_owned()).or_insert(0),
        };
        if seq != *last + 1 {
            return Ok(Some(format!("{stream} goes from seq {last} to {seq}")));
        }
        *last = seq;
        if at < self.at {
            return Ok(Some("it was recorded before its predecessor".to_owned()));
        }
        let content = Content {
            event_id: row.try_get("event_id")?,
            stream_type: row.try_get("stream_type")?,
            stream_id: stream,
            kind: row.try_get("type")?,
            version: row.try_get("version")?,
            payload: row.try_get_unchecked("payload")?,
            metadata: row.try_get_unchecked("metadata")?,
            command_id: row.try_get("command_id")?,
        };
        let link = chain::link(&self.link, position, seq, at, &content.hash());
        let stored: &[u8] = row.try_get("hash")?;
        if stored != link {
            return Ok(Some("its hash does not follow from its content and its predecessor".to_owned()));
        }
        if self.witness.as_ref().is_some_and(|seen| seen.position == position && seen.hash != hex(&link)) {
            return Ok(Some("this node has seen another event here".to_owned()));
        }
        (self.position, self.link, self.at) = (position, link, at);
        Ok(None)
    }
}
