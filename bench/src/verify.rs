//! Verification of the whole log, and reading the same rows without looking at them.

use std::time::Instant;

use futures::TryStreamExt;
use synctv_postgres::PgPool;

use crate::failure::Failure;

/// Events verified per second.
pub async fn chain(pool: &PgPool) -> Result<f64, Failure> {
    let started = Instant::now();
    let verified = synctv_postgres::verify(pool, None, |_| ()).await?;
    let seconds = started.elapsed().as_secs_f64();
    if let Some(flaw) = verified.flaw {
        return Err(Failure::Flawed(format!("position {}: {}", flaw.position, flaw.problem)));
    }
    Ok(rate(verified.events, seconds))
}

/// Rows read per second.
pub async fn read(pool: &PgPool) -> Result<f64, Failure> {
    const SQL: &str = "SELECT position, event_id, stream_type, stream_id, seq, type, version, payload, metadata, command_id, \
         recorded_at, hash FROM events ORDER BY position";
    let started = Instant::now();
    let mut rows = sqlx::query(SQL).fetch(pool);
    let mut count = 0;
    while rows.try_next().await?.is_some() {
        count += 1;
    }
    Ok(rate(count, started.elapsed().as_secs_f64()))
}

#[expect(clippy::cast_precision_loss, reason = "a log of the harness is far below 2^52 events")]
fn rate(events: i64, seconds: f64) -> f64 {
    events as f64 / seconds
}
