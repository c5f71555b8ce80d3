//! PostgreSQL's time on this node.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::PgPool;
use synctv_commands::Clock;
use synctv_domain::ServerMs;
use tokio::time::Instant;

const BURST: usize = 5;

/// The database's clock, carried on by this machine's monotonic one. The sample with the shortest round trip wins: its
/// error is at most half of that.
pub struct PgClock {
    started: Instant,
    /// Database µs at `started`.
    origin: AtomicI64,
    /// The last time handed out, ms: time never goes back.
    latest: AtomicI64,
}

impl PgClock {
    /// Asks the database a few times.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn start(pool: &PgPool) -> Result<Self, sqlx::Error> {
        let clock = Self { started: Instant::now(), origin: AtomicI64::new(0), latest: AtomicI64::new(0) };
        clock.sample(pool).await?;
        Ok(clock)
    }

    /// Follows the database until dropped. A database that does not answer leaves the clock running as it was.
    pub async fn follow(&self, pool: &PgPool) {
        let mut tick = tokio::time::interval(Duration::from_secs(10));
        tick.tick().await;
        loop {
            tick.tick().await;
            if let Err(error) = self.sample(pool).await {
                tracing::debug!(%error, "clock.unsampled");
            }
        }
    }

    async fn sample(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        let mut connection = pool.acquire().await?;
        let mut best: Option<(i64, i64)> = None;
        for _ in 0..BURST {
            let sent = self.elapsed();
            let theirs: i64 = sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
                .fetch_one(&mut *connection)
                .await?;
            let trip = self.elapsed() - sent;
            if best.is_none_or(|(shortest, _)| trip < shortest) {
                best = Some((trip, theirs - sent - trip / 2));
            }
        }
        if let Some((_, origin)) = best {
            self.origin.store(origin, Ordering::Relaxed);
        }
        Ok(())
    }

    fn elapsed(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

impl Clock for PgClock {
    fn now(&self) -> ServerMs {
        let now = self.origin.load(Ordering::Relaxed).saturating_add(self.elapsed()) / 1000;
        ServerMs(self.latest.fetch_max(now, Ordering::Relaxed).max(now))
    }
}
