//! One range of the log: no hole, and every hash in place.

use std::collections::HashMap;
use std::sync::Arc;

use futures::TryStreamExt;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use super::Flaw;
use crate::chain::{self, Content, Hash};
use crate::copy_rows::Fields;
use crate::incarnation::{Witness, hex};

/// Events between two reports of progress.
const TELL_EVERY: i64 = 1000;

/// Positions `after + 1` to `until`.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) after: i64,
    pub(super) until: i64,
}

/// Consecutive events of a stream in a range.
pub(super) struct Run {
    pub(super) first: i64,
    pub(super) last: i64,
    /// Of the first.
    pub(super) position: i64,
}

pub(super) struct Checked {
    /// Found whole.
    pub(super) events: i64,
    pub(super) flaw: Option<Flaw>,
    pub(super) streams: HashMap<Box<[u8]>, Run>,
}

pub(super) async fn check(
    options: Arc<PgConnectOptions>,
    range: Range,
    genesis: Hash,
    witness: Option<Witness>,
    tell: Arc<dyn Fn(i64) + Send + Sync>,
) -> Result<Checked, sqlx::Error> {
    let mut connection = PgConnection::connect_with(&options).await?;
    sqlx::query("SET statement_timeout = 0").execute(&mut connection).await?;
    let Range { after, until } = range;
    let sql = format!(
        "COPY (SELECT position, event_id, stream_type, stream_id, seq, type, version, payload, metadata, command_id, recorded_at, hash \
         FROM events WHERE position BETWEEN {after} AND {until} ORDER BY position) TO STDOUT (FORMAT binary)"
    );
    let mut checker = Checker {
        anchored: after == 0,
        position: after,
        link: genesis,
        at: i64::MIN,
        streams: HashMap::new(),
        witness,
        buffer: Vec::new(),
    };
    let (mut rows, mut problem, mut told) = (connection.copy_out_raw(&sql).await?, None, after);
    // Checked where it is read: the database works on the next rows meanwhile, and nobody has to be woken for each.
    while let (None, Some(row)) = (&problem, rows.try_next().await?) {
        let Some(mut fields) = Fields::of(&row) else { continue };
        problem = checker.check(&mut fields).ok_or_else(unreadable)?;
        if checker.position - told == TELL_EVERY {
            tell(TELL_EVERY);
            told = checker.position;
        }
    }
    tell(checker.position - told);
    if checker.position < until && problem.is_none() {
        problem = Some(format!("events up to {until} are missing"));
    }
    let flaw = problem.map(|problem| Flaw { position: checker.position + 1, problem });
    Ok(Checked { events: checker.position - after, flaw, streams: checker.streams })
}

pub(super) fn hole(stream: &[u8], last: i64, seq: i64) -> String {
    format!("{} goes from seq {last} to {seq}", String::from_utf8_lossy(stream))
}

fn unreadable() -> sqlx::Error {
    sqlx::Error::Protocol("a row of the copy cannot be read".to_owned())
}

struct Checker {
    /// Whether `link` and `at` are those of the event before the range; its first row brings them.
    anchored: bool,
    position: i64,
    link: Hash,
    at: i64,
    streams: HashMap<Box<[u8]>, Run>,
    witness: Option<Witness>,
    buffer: Vec<u8>,
}

impl Checker {
    /// What is wrong with the row that should be the next one. None: the row cannot be read.
    fn check(&mut self, row: &mut Fields<'_>) -> Option<Option<String>> {
        let position = row.int()?;
        if self.anchored && position != self.position + 1 || !self.anchored && position != self.position {
            return Some(Some(format!("the next event is at {position}")));
        }
        let (event_id, stream_type, stream) = (row.bytes()?, row.bytes()?, row.bytes()?);
        let seq = row.int()?;
        let (kind, version) = (row.bytes()?, row.short()?);
        let (payload, metadata, command_id) = (row.bytes()?, row.bytes()?, row.bytes()?);
        let at = row.time_us()?;
        let stored = row.bytes()?;
        if !self.anchored {
            (self.anchored, self.link, self.at) = (true, stored.try_into().ok()?, at);
            return Some(None);
        }
        if let Some(run) = self.streams.get_mut(stream) {
            if seq != run.last + 1 {
                return Some(Some(hole(stream, run.last, seq)));
            }
            run.last = seq;
        } else {
            self.streams.insert(stream.into(), Run { first: seq, last: seq, position });
        }
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
