//! The pass over the log, in parts by a hash of the stream.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

use super::bucket::Bucket;
use super::claim::Claim;
use super::job::Watch;
use super::{RebuildError, Rebuilder};

/// Parts of the log. What is done is counted in whole parts, and lost in whole parts.
const BUCKETS: usize = 64;
/// Parts read for each core: while PostgreSQL takes the rows of one, the next is folded.
const BESIDE: usize = 2;

/// Copies what is not copied yet.
pub(super) async fn copy_all(by: &Rebuilder, claim: &Arc<Claim>, watch: &Arc<Watch>) -> Result<(), RebuildError> {
    let mut connection = by.connect(&claim.job).await?;
    let done: Vec<(i32, i64)> = sqlx::query_as("SELECT bucket, events FROM rebuild_buckets WHERE job = $1")
        .bind(&claim.job)
        .fetch_all(&mut connection)
        .await?;
    watch.read(done.iter().map(|(_, events)| events).sum());
    let done: HashSet<usize> = done.iter().filter_map(|(bucket, _)| usize::try_from(*bucket).ok()).collect();
    if done.len() == BUCKETS {
        return Ok(());
    }
    let mut streams = vec![Vec::new(); BUCKETS];
    for stream in all_streams(&mut connection).await? {
        streams[bucket_of(&stream)].push(stream);
    }
    let left: Vec<_> = streams.into_iter().enumerate().filter(|(number, _)| !done.contains(number)).collect();
    let left = Arc::new(Mutex::new(left));
    // Ended with this call, however that ends.
    let mut workers = JoinSet::new();
    for _ in 0..by.workers * BESIDE {
        workers.spawn(work(by.clone(), Arc::clone(claim), Arc::clone(watch), Arc::clone(&left)));
    }
    while let Some(worked) = workers.join_next().await {
        worked.map_err(|error| RebuildError::Log(error.to_string()))??;
    }
    Ok(())
}

type Left = Arc<Mutex<Vec<(usize, Vec<String>)>>>;

/// Takes one part after the other.
async fn work(by: Rebuilder, claim: Arc<Claim>, watch: Arc<Watch>, left: Left) -> Result<(), RebuildError> {
    let (mut reading, mut writing) = (by.connect(&claim.job).await?, by.connect(&claim.job).await?);
    let mut buffers = vec![Vec::new(); claim.parts.len()];
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).pop();
    while let Some((number, streams)) = next() {
        let bucket = Bucket { claim: &claim, vault: &by.vault, watch: &watch, number, streams };
        loop {
            match bucket.copy(&mut reading, &mut writing, &mut buffers).await {
                Err(RebuildError::Poison { name, poison }) => {
                    // What was read of it stays unread: the rest is copied by a session of its own.
                    reading = by.connect(&claim.job).await?;
                    by.give_up(&claim, name, &poison).await?;
                }
                copied => break copied?,
            }
        }
    }
    Ok(())
}

/// By a walk that touches one entry of the index for each.
async fn all_streams(connection: &mut sqlx::PgConnection) -> Result<Vec<String>, sqlx::Error> {
    const SQL: &str = "WITH RECURSIVE walk (id) AS ( \
           (SELECT stream_id FROM events ORDER BY stream_id LIMIT 1) \
           UNION ALL \
           SELECT (SELECT e.stream_id FROM events e WHERE e.stream_id > walk.id ORDER BY e.stream_id LIMIT 1) \
           FROM walk WHERE walk.id IS NOT NULL) \
         SELECT id FROM walk WHERE id IS NOT NULL";
    sqlx::query_scalar(SQL).fetch_all(connection).await
}

/// FNV-1a: the same in every process.
fn bucket_of(stream: &str) -> usize {
    let mixed = stream
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |mixed, byte| (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    usize::try_from(mixed % BUCKETS as u64).unwrap_or(0)
}
