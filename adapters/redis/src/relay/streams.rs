//! The streams of one incarnation of the log, over one connection.

use std::time::Duration;

use futures::future::{join_all, try_join_all};
use redis::{RedisError, Script};
use synctv_commands::{Carried, Epoch, LogError, Outbox};
use synctv_domain::Position;
use tokio::time::timeout;

use super::entry::Seal;
use super::metrics::Metrics;
use crate::connection::Connection;
use crate::link::Link;

/// How long Redis may take for what it is given.
const DEADLINE: Duration = Duration::from_secs(1);
/// Events given at once to one stream.
const AT_ONCE: usize = 256;
/// Events in one entry at most.
const TOGETHER: usize = 32;
/// The least time that a stream lives without events.
const LIFE: Duration = Duration::from_secs(60);

/// Why something was not done with a stream.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    #[error("{0}")]
    Redis(#[from] RedisError),
    #[error("no answer in time")]
    Silent,
    #[error("that server is no master any more")]
    Elsewhere,
    #[error("refused: {0}")]
    Refused(String),
    #[error(transparent)]
    Log(#[from] LogError),
}

/// The streams that the rooms of an incarnation are divided among.
pub(crate) struct Streams<'a> {
    pub(super) epoch: Epoch,
    connection: Connection,
    outbox: &'a dyn Outbox,
    seal: &'a Seal,
    metrics: &'a Metrics,
    keys: Vec<String>,
    append: Script,
    mend: Script,
    /// How long a stream lives that gets no events, ms.
    life: u64,
}

impl<'a> Streams<'a> {
    pub(super) fn new(
        prefix: &str,
        connection: Connection,
        outbox: &'a dyn Outbox,
        (seal, metrics): (&'a Seal, &'a Metrics),
        window: Duration,
    ) -> Self {
        let epoch = outbox.epoch();
        Self {
            keys: keys(prefix, &epoch, outbox.partitions()),
            epoch,
            connection,
            outbox,
            seal,
            metrics,
            append: Script::new(include_str!("append.lua")),
            mend: Script::new(include_str!("mend.lua")),
            life: u64::try_from((window * 4).max(LIFE).as_millis()).unwrap_or(u64::MAX),
        }
    }

    pub(super) fn seal(&self) -> &Seal {
        self.seal
    }

    /// Whether other nodes write and read them at another server by now.
    pub(super) fn are_elsewhere(&self, link: &Link) -> bool {
        link.is_elsewhere(&self.connection)
    }

    pub(super) fn connection(&self) -> Connection {
        self.connection.clone()
    }

    /// Adds events that are next to each other in the log, each to its stream, or finds that they are there.
    pub(super) async fn add(&self, events: &[Carried]) -> Result<(), StreamError> {
        let mut parts: Vec<Vec<&Carried>> = self.keys.iter().map(|_| Vec::new()).collect();
        for event in events {
            parts[place(&event.stream, self.keys.len())].push(event);
        }
        let busy = self.keys.iter().zip(&parts).filter(|(_, part)| !part.is_empty());
        try_join_all(busy.map(|(key, part)| self.add_to(key, part))).await.map(drop)
    }

    async fn add_to(&self, key: &str, events: &[&Carried]) -> Result<(), StreamError> {
        for some in events.chunks(AT_ONCE) {
            self.add_some(key, some).await?;
        }
        Ok(())
    }

    async fn add_some(&self, key: &str, events: &[&Carried]) -> Result<(), StreamError> {
        let head = events.last().map_or(0, |last| last.position.0).max(self.outbox.known().0);
        let mut call = self.append.key(key);
        call.arg(head).arg(self.life);
        for together in events.chunks(TOGETHER) {
            let Some(entry) = self.seal.write(&self.epoch.name, together) else { continue };
            call.arg(entry.last.0).arg(entry.fields.len()).arg(entry.fields);
        }
        for _ in 0..2 {
            let mut connection = self.connection();
            let answer = timeout(DEADLINE, call.invoke_async::<(String, String)>(&mut connection)).await;
            let (kind, what) = answer.map_err(|_| StreamError::Silent)??;
            match &*kind {
                "done" => {
                    self.metrics.removed(what.parse().unwrap_or(0), key);
                    return Ok(());
                }
                // This node may know less than others; if not, nobody can add to that stream.
                "beyond" => self.mend(key).await?,
                _ if what.contains("READONLY") || what.contains("MASTERDOWN") => return Err(StreamError::Elsewhere),
                _ => return Err(StreamError::Refused(what)),
            }
        }
        // Others have gone on meanwhile.
        Ok(())
    }

    /// Removes what nobody can add to: what is no stream, or one that ends beyond the log.
    pub(super) async fn mend(&self, key: &str) -> Result<(), StreamError> {
        let ends = self.end(key, "").await?;
        // Looked at after the stream: whatever any node had put there is in the log by now.
        let head = self.outbox.head().await?;
        let position = ends.split('-').next().and_then(|position| position.parse().ok());
        if ends == "none" || position.is_some_and(|position| Position(position) <= head) {
            return Ok(());
        }
        let found = self.end(key, &ends).await?;
        self.metrics.removed(u64::from(found == ends), key);
        Ok(())
    }

    async fn end(&self, key: &str, remove: &str) -> Result<String, StreamError> {
        let (mut call, mut connection) = (self.mend.key(key), self.connection());
        call.arg(remove);
        timeout(DEADLINE, call.invoke_async(&mut connection))
            .await
            .map_err(|_| StreamError::Silent)?
            .map_err(Into::into)
    }

    /// Drops what is older than the window.
    pub(super) async fn trim(&self, oldest: Position) -> Result<(), StreamError> {
        let trim = |key: &String| {
            let (mut connection, mut command) = (self.connection(), redis::cmd("XTRIM"));
            command.arg(key).arg("MINID").arg("~").arg(oldest.0);
            async move { timeout(DEADLINE, command.query_async::<redis::Value>(&mut connection)).await }
        };
        for trimmed in join_all(self.keys.iter().map(trim)).await {
            // A key that is no stream is mended by whoever reads or adds.
            let _ = trimmed.map_err(|_| StreamError::Silent)?;
        }
        Ok(())
    }
}

/// `{prefix}:ev:{epoch}:{n}:{<k>}`, k in braces, so that each is in one slot of a cluster.
pub(super) fn keys(prefix: &str, epoch: &Epoch, n: u32) -> Vec<String> {
    (0..n).map(|k| format!("{prefix}:ev:{}:{n}:{{{k}}}", epoch.name)).collect()
}

/// Which of `n` streams the events of one of the log's streams are in: the same everywhere, for ever (FNV-1a).
fn place(stream: &str, n: usize) -> usize {
    let hash = stream.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash as usize % n
}
