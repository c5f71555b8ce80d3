//! One part of the log: its streams, folded in memory, and copied.

use std::collections::HashSet;
use std::fmt::Write;

use futures::TryStreamExt;
use sqlx::{Connection, PgConnection};
use synctv_domain::Position;
use synctv_projections::{Entry, ProjectionError};

use super::RebuildError;
use super::claim::{Claim, Part};
use super::job::Watch;
use crate::copy_rows::Fields;
use crate::projections::model::Fold;
use crate::projections::pages::Stored;
use crate::sqlstate::projection_failure;
use crate::vault::Vault;

/// Streams read by one statement.
const STREAMS: usize = 200;
/// Events whose words are sealed together, and between two reports of progress.
const EVENTS: usize = 500;
/// Rows in memory, bytes, before they are sent.
const BUFFER: usize = 512 << 10;

/// Rows of each table of each part of the job, as COPY takes them. Used again for the next bucket: fresh memory costs more than
/// what is written into it.
pub(super) type Buffers = Vec<Vec<String>>;

pub(super) struct Bucket<'a> {
    pub(super) claim: &'a Claim,
    pub(super) vault: &'a Vault,
    pub(super) watch: &'a Watch,
    pub(super) number: usize,
    pub(super) streams: Vec<String>,
}

impl Bucket<'_> {
    /// All of it in one transaction, or nothing.
    pub(super) async fn copy(
        &self,
        reading: &mut PgConnection,
        writing: &mut PgConnection,
        buffers: &mut Buffers,
    ) -> Result<(), RebuildError> {
        let mut transaction = writing.begin().await?;
        let copied = self.copy_to(reading, &mut transaction, buffers).await;
        // At once: what it holds may be needed to say why it failed.
        match &copied {
            Ok(()) => transaction.commit().await?,
            Err(_) => transaction.rollback().await?,
        }
        copied
    }

    async fn copy_to(
        &self,
        reading: &mut PgConnection,
        transaction: &mut PgConnection,
        buffers: &mut Buffers,
    ) -> Result<(), RebuildError> {
        let wanted = self.claim.wanted(transaction).await?;
        let mut folder = Folder { parts: Vec::new(), stream: None };
        for (part, rows) in self.claim.parts.iter().zip(buffers) {
            if wanted.contains(part.model.name()) {
                folder.parts.push(PartFold::new(part, part.skipped(transaction).await?, rows));
            }
        }
        let mut events = 0;
        for streams in self.streams.chunks(STREAMS) {
            let mut rows = reading.copy_out_raw(&sql(streams, self.claim.target.0)).await?;
            let mut page = Vec::with_capacity(EVENTS);
            while let Some(row) = rows.try_next().await? {
                if let Some(fields) = Fields::of(&row) {
                    page.push(
                        entry(fields)
                            .ok_or_else(|| RebuildError::Log("a row of the copy cannot be read".to_owned()))?,
                    );
                }
                if page.len() == EVENTS {
                    events += self.fold(&mut folder, &mut page).await?;
                    folder.flush(transaction, BUFFER).await?;
                }
            }
            events += self.fold(&mut folder, &mut page).await?;
        }
        folder.finish();
        folder.flush(transaction, 1).await?;
        sqlx::query("INSERT INTO rebuild_buckets (job, bucket, events) VALUES ($1, $2, $3)")
            .bind(&self.claim.job)
            .bind(i32::try_from(self.number).unwrap_or(-1))
            .bind(events)
            .execute(transaction)
            .await?;
        Ok(())
    }

    async fn fold(&self, folder: &mut Folder<'_>, page: &mut Vec<(String, Entry)>) -> Result<i64, RebuildError> {
        let (streams, entries): (Vec<_>, Vec<_>) = page.drain(..).unzip();
        self.vault.add_words(&entries).await?;
        for (stream, entry) in streams.into_iter().zip(&entries) {
            folder.apply(stream, entry)?;
        }
        let events = i64::try_from(entries.len()).unwrap_or(0);
        self.watch.read(events);
        // Folding is work: others have their turn.
        tokio::task::yield_now().await;
        Ok(events)
    }
}

/// The events of some streams, stream by stream.
fn sql(streams: &[String], target: i64) -> String {
    let mut list = String::new();
    for stream in streams {
        let comma = if list.is_empty() { "" } else { "," };
        let _ = write!(list, "{comma}'{}'", stream.replace('\'', "''"));
    }
    format!(
        "COPY (SELECT e.* FROM unnest(ARRAY[{list}]::text[]) AS s (id) CROSS JOIN LATERAL ( \
           SELECT position, stream_type, stream_id, seq, type, version, payload, metadata, command_id, recorded_at \
           FROM events WHERE stream_id = s.id AND position <= {target} ORDER BY seq) e) TO STDOUT (FORMAT binary)"
    )
}

fn entry(mut row: Fields<'_>) -> Option<(String, Entry)> {
    let position = row.int()?;
    let (stream_type, stream, seq) = (row.text()?, row.text()?, row.int()?);
    let (kind, version) = (row.text()?, row.short()?);
    let (payload, metadata, command_id) = (row.text()?, row.text()?, row.text()?);
    let at_us = row.time_us()?;
    let stored = Stored { position, stream_type, stream, seq, kind, version, payload, metadata, command_id, at_us };
    Some((stream.to_owned(), stored.entry()))
}

struct Folder<'a> {
    parts: Vec<PartFold<'a>>,
    stream: Option<(String, i64)>,
}

struct PartFold<'a> {
    part: &'a Part,
    skipped: HashSet<Position>,
    fold: Box<dyn Fold>,
    rows: &'a mut Vec<String>,
}

impl<'a> PartFold<'a> {
    fn new(part: &'a Part, skipped: HashSet<Position>, rows: &'a mut Vec<String>) -> Self {
        // What an attempt left that failed.
        rows.iter_mut().for_each(String::clear);
        rows.resize_with(part.model.tables().len(), String::new);
        Self { part, skipped, fold: part.model.fold(), rows }
    }
}

impl Folder<'_> {
    fn apply(&mut self, stream: String, entry: &Entry) -> Result<(), RebuildError> {
        let follows = match &self.stream {
            Some((same, seq)) if *same == stream => entry.seq.0 == seq + 1,
            _ => {
                self.finish();
                entry.seq.0 == 1
            }
        };
        if !follows {
            return Err(RebuildError::Log(format!("event {} is not the next one of {stream}", entry.position)));
        }
        self.stream = Some((stream, entry.seq.0));
        for PartFold { part, skipped, fold, .. } in &mut self.parts {
            if !skipped.contains(&entry.position) {
                let taken = fold.apply(entry);
                taken.map_err(|poison| RebuildError::Poison { name: part.model.name(), poison })?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) {
        for PartFold { fold, rows, .. } in &mut self.parts {
            fold.finish(rows);
        }
    }

    /// Sends what has grown to a size.
    async fn flush(&mut self, to: &mut PgConnection, size: usize) -> Result<(), RebuildError> {
        for PartFold { part, rows, .. } in &mut self.parts {
            for (table, rows) in part.model.tables().iter().zip(rows.iter_mut()) {
                if rows.len() >= size {
                    let mut copy = to.copy_in_raw(&format!("COPY {} FROM STDIN", table.at(part.place()))).await?;
                    copy.send(rows.as_bytes()).await?;
                    copy.finish().await.map_err(refused)?;
                    rows.clear();
                }
            }
        }
        Ok(())
    }
}

/// Rows that the database does not take now it will not take later.
pub(super) fn refused(error: sqlx::Error) -> RebuildError {
    match projection_failure(&error) {
        ProjectionError::Content(reason) => RebuildError::Log(reason),
        _ => RebuildError::Database(error),
    }
}
