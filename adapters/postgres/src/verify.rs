//! Verification of the log: positions and seqs without a hole, every hash in place.

use std::collections::HashMap;

use bytes::Bytes;
use futures::TryStreamExt;
use sqlx::PgPool;
use tokio::sync::mpsc;

use crate::chain::{self, Content, Hash};
use crate::incarnation::{Head, Witness, head, hex};

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
    let head = head(pool).await?;
    let witness = witness.filter(|seen| seen.log_id == head.log_id).cloned();
    let (send, receive) = mpsc::channel(4);
    let (end, checker) = (head.position.0, Checker::new(&head, witness.clone()));
    let hashing = tokio::task::spawn_blocking(move || checker.run(receive, end, &progress));

    let mut connection = pool.acquire().await?;
    sqlx::query("SET statement_timeout = 0").execute(&mut *connection).await?;
    let sql = format!(
        "COPY (SELECT position, event_id, stream_type, stream_id, seq, type, version, payload, metadata, command_id, recorded_at, hash \
         FROM events WHERE position <= {end} ORDER BY position) TO STDOUT (FORMAT binary)"
    );
    let mut rows = connection.copy_out_raw(&sql).await?;
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
    buffer: Vec<u8>,
}

impl Checker {
    fn new(head: &Head, witness: Option<Witness>) -> Self {
        Self {
            position: 0,
            link: chain::genesis(&head.log_id),
            at: i64::MIN,
            seqs: HashMap::new(),
            witness,
            buffer: Vec::new(),
        }
    }

    fn run(
        mut self,
        mut rows: mpsc::Receiver<Vec<Bytes>>,
        head: i64,
        progress: &dyn Fn(Progress),
    ) -> Result<(i64, Option<Flaw>), sqlx::Error> {
        while let Some(chunk) = rows.blocking_recv() {
            for row in &chunk {
                let Some(mut fields) = Fields::of(row) else { continue };
                if let Some(problem) = self.check(&mut fields).ok_or_else(unreadable)? {
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

    /// What is wrong with the row that should be the next one. None: the row cannot be read.
    fn check(&mut self, row: &mut Fields<'_>) -> Option<Option<String>> {
        let position = row.int()?;
        if position != self.position + 1 {
            return Some(Some(format!("the next event is at {position}")));
        }
        let (event_id, stream_type, stream) = (row.text()?, row.text()?, row.text()?);
        let seq = row.int()?;
        let (kind, version) = (row.text()?, row.short()?);
        let (payload, metadata, command_id) = (row.text()?, row.text()?, row.text()?);
        let at = row.int()?.checked_add(EPOCH_2000_US)?;
        let stored = row.bytes()?;
        let last = match self.seqs.get_mut(stream) {
            Some(last) => last,
            None => self.seqs.entry(stream.to_owned()).or_insert(0),
        };
        if seq != *last + 1 {
            return Some(Some(format!("{stream} goes from seq {last} to {seq}")));
        }
        *last = seq;
        if at < self.at {
            return Some(Some("it was recorded before its predecessor".to_owned()));
        }
        let content =
            Content { event_id, stream_type, stream_id: stream, kind, version, payload, metadata, command_id };
        let link = chain::link(&self.link, position, seq, at, &content.hash(&mut self.buffer));
        if stored != link {
            return Some(Some("its hash does not follow from its content and its predecessor".to_owned()));
        }
        if self.witness.as_ref().is_some_and(|seen| seen.position == position && seen.hash != hex(&link)) {
            return Some(Some("this node has seen another event here".to_owned()));
        }
        (self.position, self.link, self.at) = (position, link, at);
        Some(None)
    }
}

/// PostgreSQL counts time from 2000-01-01.
const EPOCH_2000_US: i64 = 946_684_800_000_000;
/// What a binary copy begins with; its first row follows in the same message.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

fn unreadable() -> sqlx::Error {
    sqlx::Error::Protocol("a row of the copy cannot be read".to_owned())
}

/// The fields of a row of a binary copy, each behind its length. No row of PgRow's kind: that costs more than the hashes.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// None for the end marker.
    fn of(message: &'a [u8]) -> Option<Self> {
        let message = match message.strip_prefix(SIGNATURE) {
            Some(rest) => rest.get(8..)?,
            None => message,
        };
        let (count, fields) = message.split_first_chunk::<2>()?;
        (i16::from_be_bytes(*count) >= 0).then_some(Self(fields))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let (field, rest) = rest.split_at_checked(usize::try_from(i32::from_be_bytes(*length)).ok()?)?;
        self.0 = rest;
        Some(field)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn int(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.bytes()?.try_into().ok()?))
    }

    fn short(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.bytes()?.try_into().ok()?))
    }
}
