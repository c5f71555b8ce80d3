//! Which log this node works on, and whether the database still holds it.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sqlx::Row;
use synctv_commands::{Epoch, LogError, LogHead};
use synctv_domain::Position;
use tokio::sync::{Notify, watch};
use ulid::Ulid;

use crate::chain;
use crate::connect::pool::{PgPool, soon};
use crate::sqlstate::unavailable;

/// What a node remembers of a log across restarts, to notice at its next start that an older one was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// Names the log for all of its epochs.
    pub log_id: String,
    /// The epoch's name.
    pub epoch: String,
    /// The epoch's number.
    pub generation: i64,
    /// A position that the log had.
    pub position: i64,
    /// Its hash, hex.
    pub hash: String,
}

/// Where the log stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The incarnation.
    pub epoch: Epoch,
    /// Of the last event; 0: empty.
    pub position: Position,
    /// Of the last event, hex.
    pub hash: String,
    /// The log's own name.
    pub log_id: String,
}

struct Known {
    log_id: String,
    epoch: Epoch,
    partitions: u32,
    position: i64,
    hash: Vec<u8>,
    /// The position when this incarnation was taken up.
    opened: i64,
    rewound: bool,
}

impl Known {
    fn take_up(row: LogRow) -> Self {
        let LogRow { log_id, epoch, partitions, position, hash, .. } = row;
        Self { log_id, epoch, partitions, position, hash, opened: position, rewound: false }
    }

    fn head(&self) -> LogHead {
        LogHead { epoch: self.epoch.clone(), position: Position(self.position), opened: Position(self.opened) }
    }
}

/// The incarnation that this node serves.
pub struct Incarnation {
    known: Mutex<Known>,
    epochs: watch::Sender<Epoch>,
    positions: watch::Sender<i64>,
    pub(crate) suspicion: Notify,
}

struct LogRow {
    log_id: String,
    epoch: Epoch,
    partitions: u32,
    position: i64,
    hash: Vec<u8>,
    witnessed: bool,
}

impl LogRow {
    /// Looked at with this witness's position and hash.
    fn contradicts(&self, seen: &Witness) -> bool {
        seen.log_id == self.log_id
            && (self.epoch.generation < seen.generation
                || self.epoch.generation == seen.generation && (*self.epoch.name != *seen.epoch || !self.witnessed))
    }
}

impl Incarnation {
    /// Reads the log's row, made when there is none. A witness that the log contradicts leaves it rewound.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(pool: &PgPool, fresh: (Ulid, Ulid), witness: Option<Witness>) -> Result<Self, LogError> {
        sqlx::query("INSERT INTO log (id, log_id, epoch, generation, partitions) VALUES (1, $1, $2, 1, 8) ON CONFLICT DO NOTHING")
            .bind(fresh.0.to_string())
            .bind(fresh.1.to_string())
            .execute(pool)
            .await
            .map_err(|error| unavailable(&error))?;
        let row = seen_by(pool, witness.as_ref()).await?;
        let rewound = witness.is_some_and(|seen| row.contradicts(&seen));
        Ok(Self::over(Known { rewound, ..Known::take_up(row) }))
    }

    /// For a look at a log that is there already.
    ///
    /// # Errors
    /// When the database does not answer, or holds no log.
    pub async fn existing(pool: &PgPool) -> Result<Self, LogError> {
        Ok(Self::over(Known::take_up(look(pool, 0, &[]).await?)))
    }

    fn over(known: Known) -> Self {
        let (epochs, positions) = (watch::Sender::new(known.epoch.clone()), watch::Sender::new(known.position));
        Self { known: Mutex::new(known), epochs, positions, suspicion: Notify::new() }
    }

    /// The epoch this node serves.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.locked().epoch.clone()
    }

    /// The log's own name.
    #[must_use]
    pub fn log_id(&self) -> String {
        self.locked().log_id.clone()
    }

    /// Into how many streams the log is divided on its way to other nodes.
    pub(crate) fn partitions(&self) -> u32 {
        self.locked().partitions
    }

    /// Tells when the epoch changes.
    #[must_use]
    pub fn epochs(&self) -> watch::Receiver<Epoch> {
        self.epochs.subscribe()
    }

    /// Tells how far the log is known to go.
    pub(crate) fn positions(&self) -> watch::Receiver<i64> {
        self.positions.subscribe()
    }

    /// Whether the database was seen to hold an older log.
    #[must_use]
    pub fn is_rewound(&self) -> bool {
        self.locked().rewound
    }

    /// The last position known, to be kept for the next start. None while the log is rewound.
    #[must_use]
    pub fn witness(&self) -> Option<Witness> {
        let known = self.locked();
        (!known.rewound).then(|| Witness {
            log_id: known.log_id.clone(),
            epoch: known.epoch.name.to_string(),
            generation: known.epoch.generation,
            position: known.position,
            hash: hex(&known.hash),
        })
    }

    /// What an append has to prove: epoch, and a position with its hash.
    pub(crate) fn claim(&self) -> (Epoch, i64, Vec<u8>) {
        let known = self.locked();
        (known.epoch.clone(), known.position, known.hash.clone())
    }

    /// After an append or a read that saw this position in the log.
    pub(crate) fn advance(&self, epoch: &Epoch, position: i64, hash: Vec<u8>) {
        let mut known = self.locked();
        if known.epoch == *epoch && position > known.position {
            (known.position, known.hash) = (position, hash);
            self.positions.send_replace(position);
        }
    }

    /// Compares what is known with the database: goes on, notices a rewind, or takes up a new epoch.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refresh(&self, pool: &PgPool) -> Result<LogHead, LogError> {
        let (epoch, position, hash) = self.claim();
        let row = soon(look(pool, position, &hash)).await?;
        let mut known = self.locked();
        if row.epoch.generation > known.epoch.generation {
            tracing::warn!(epoch = %row.epoch.name, position = row.position, "log.new_epoch");
            let epoch = row.epoch.clone();
            *known = Known::take_up(row);
            let head = known.head();
            self.positions.send_replace(known.position);
            drop(known);
            self.epochs.send_replace(epoch);
            return Ok(head);
        }
        if known.epoch != epoch {
            return Ok(known.head());
        }
        if row.epoch.generation < known.epoch.generation || row.epoch != known.epoch || !row.witnessed {
            if !known.rewound {
                tracing::error!(epoch = %epoch.name, position, head = row.position, "log.rewound");
            }
            known.rewound = true;
            return Err(LogError::Rewound);
        }
        if known.rewound {
            return Err(LogError::Rewound);
        }
        if row.position > known.position {
            (known.position, known.hash) = (row.position, row.hash);
            self.positions.send_replace(known.position);
        }
        Ok(known.head())
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The log's head.
///
/// # Errors
/// When the database does not answer.
pub async fn head(pool: &PgPool) -> Result<Head, LogError> {
    let row = look(pool, 0, &[]).await?;
    Ok(Head { epoch: row.epoch, position: Position(row.position), hash: hex(&row.hash), log_id: row.log_id })
}

/// Whether the database holds an older log than the one that was seen.
///
/// # Errors
/// When the database does not answer, or holds no log.
pub async fn contradicts(pool: &PgPool, seen: &Witness) -> Result<bool, LogError> {
    Ok(seen_by(pool, Some(seen)).await?.contradicts(seen))
}

async fn seen_by(pool: &PgPool, witness: Option<&Witness>) -> Result<LogRow, LogError> {
    let (position, hash) = witness.map_or((0, Vec::new()), |seen| (seen.position, unhex(&seen.hash)));
    look(pool, position, &hash).await
}

async fn look(pool: &PgPool, position: i64, hash: &[u8]) -> Result<LogRow, LogError> {
    const SQL: &str = "SELECT l.log_id, l.epoch, l.generation, l.partitions, coalesce(h.position, 0) AS position, h.hash, \
         $1 = 0 OR EXISTS (SELECT FROM events e WHERE e.position = $1 AND e.hash = $2) AS witnessed \
         FROM log l LEFT JOIN LATERAL (SELECT e.position, e.hash FROM events e ORDER BY e.position DESC LIMIT 1) h ON true";
    let row = sqlx::query(SQL).bind(position).bind(hash).fetch_one(pool).await.map_err(|error| unavailable(&error))?;
    let read = || -> Result<LogRow, sqlx::Error> {
        let log_id: String = row.try_get("log_id")?;
        let name: String = row.try_get("epoch")?;
        let hash: Option<Vec<u8>> = row.try_get("hash")?;
        Ok(LogRow {
            epoch: Epoch { name: name.into(), generation: row.try_get("generation")? },
            partitions: u32::try_from(row.try_get::<i32, _>("partitions")?).unwrap_or(1).max(1),
            position: row.try_get("position")?,
            hash: hash.unwrap_or_else(|| chain::genesis(&log_id).to_vec()),
            witnessed: row.try_get("witnessed")?,
            log_id,
        })
    };
    read().map_err(|error| unavailable(&error))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is no hex matches no hash.
fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).filter_map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()).collect()
}
