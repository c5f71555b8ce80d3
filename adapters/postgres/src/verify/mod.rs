//! Verification of the log: positions and seqs without a hole, every hash in place.

mod range;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::task::JoinSet;

use self::range::{Checked, Range, check};
use crate::chain;
use crate::connect::pool::PgPool;
use crate::incarnation::{Head, Witness, head};

/// Ranges below this size are not worth a connection of their own.
const WORTHWHILE: i64 = 100;
/// Connections at most.
const MOST: usize = 8;

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Events checked.
    pub events: i64,
    /// Events to check.
    pub of: i64,
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

/// Reads the whole log as of now, in ranges side by side: each begins with the stored hash of the event before it, which the
/// range before it proves. A witness of the same log detects a cut end as well.
///
/// # Errors
/// When the database does not answer; what is wrong with the log is a [`Flaw`].
pub async fn verify(
    pool: &PgPool,
    witness: Option<&Witness>,
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<Verified, VerifyError> {
    let head = head(pool).await?;
    let witness = witness.filter(|seen| seen.log_id == head.log_id);
    let (genesis, of, events) = (chain::genesis(&head.log_id), head.position.0, AtomicI64::new(0));
    let tell: Arc<dyn Fn(i64) + Send + Sync> =
        Arc::new(move |more| progress(Progress { events: events.fetch_add(more, Ordering::Relaxed) + more, of }));
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST);
    let mut checking = JoinSet::new();
    for (index, range) in ranges(of, i64::try_from(workers).unwrap_or(1)).into_iter().enumerate() {
        let check = check(pool.connect_options(), range, genesis, witness.cloned(), Arc::clone(&tell));
        checking.spawn(async move { check.await.map(|checked| (index, checked)) });
    }
    let mut checked = Vec::new();
    while let Some(done) = checking.join_next().await {
        checked.push(done.map_err(|error| sqlx::Error::Protocol(error.to_string()))??);
    }
    checked.sort_unstable_by_key(|(index, _)| *index);
    let checked: Vec<Checked> = checked.into_iter().map(|(_, checked)| checked).collect();
    let flaw = first_flaw(&checked).or_else(|| {
        let end = witness.map_or(of, |seen| of.max(seen.position));
        (of < end).then(|| Flaw { position: of + 1, problem: format!("events up to {end} are missing") })
    });
    let whole = checked.iter().map(|range| range.events).sum();
    Ok(Verified { head, events: flaw.as_ref().map_or(whole, |flaw| flaw.position - 1), flaw })
}

fn ranges(end: i64, workers: i64) -> Vec<Range> {
    let size = (end / workers + 1).max(WORTHWHILE);
    let starts = (0..workers).map(|worker| worker * size).filter(|after| *after == 0 || *after < end);
    starts.map(|after| Range { after, until: end.min(after + size) }).collect()
}

/// In the order of positions; a range also has to go on where the streams stood at the end of the ranges before it.
fn first_flaw(checked: &[Checked]) -> Option<Flaw> {
    let mut ends: HashMap<&[u8], i64> = HashMap::new();
    for range in checked {
        let mut found = range.flaw.clone();
        for (stream, run) in &range.streams {
            let last = ends.insert(stream, run.last).unwrap_or(0);
            if run.first != last + 1 && found.as_ref().is_none_or(|flaw| run.position < flaw.position) {
                found = Some(Flaw { position: run.position, problem: range::hole(stream, last, run.first) });
            }
        }
        if found.is_some() {
            return found;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_everything_once() {
        for (end, workers) in [(0, 2), (1, 2), (99, 4), (100, 2), (101, 2), (100_000, 3), (100_001, 8)] {
            let ranges = ranges(end, workers);
            assert_eq!(ranges[0].after, 0, "{end} {workers}");
            assert_eq!(ranges.last().map(|range| range.until), Some(end), "{end} {workers}");
            assert!(ranges.windows(2).all(|two| two[0].until == two[1].after), "{end} {workers}");
        }
    }
}
