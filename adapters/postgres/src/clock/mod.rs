//! PostgreSQL's time on this node.

mod estimate;
mod slew;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus::{Gauge, IntCounter, Registry};
use rustix::time::{ClockId, clock_gettime};
use synctv_commands::Clock;
use synctv_domain::ServerMs;

use self::estimate::{Estimate, Sample};
use self::slew::{STEP, Slew};

use crate::connect::pool::{PgPool, soon};

const BURST: usize = 5;
const EVERY: Duration = Duration::from_secs(10);

/// The database's clock, carried on by this machine's monotonic one: it never jumps or goes back. When the database's is
/// set, this one goes a little faster or slower until it is there, and says so.
pub struct PgClock {
    /// µs of this machine's clock.
    started: i64,
    slew: Mutex<Slew>,
    estimate: Mutex<Estimate>,
    /// The last time handed out, ms.
    latest: AtomicI64,
    gap: Gauge,
    steps: IntCounter,
}

impl PgClock {
    /// Asks the database a few times.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn start(pool: &PgPool) -> Result<Self, sqlx::Error> {
        const GAP: &str = "Time of the database that this node has still to make up for, since that clock was set";
        const STEPS: &str = "How often the database's clock was seen to have been set by more than half a second";
        const VALID: &str = "constant names are valid";
        let clock = Self {
            started: machine(),
            slew: Mutex::new(Slew::new(0)),
            estimate: Mutex::default(),
            latest: AtomicI64::new(0),
            gap: Gauge::new("synctv_clock_gap_seconds", GAP).expect(VALID),
            steps: IntCounter::new("synctv_clock_steps_total", STEPS).expect(VALID),
        };
        let first = clock.sample(pool).await?;
        *locked(&clock.slew) = Slew::new(first);
        Ok(clock)
    }

    /// Makes what it counts part of what is exported.
    ///
    /// # Errors
    /// When it is already.
    pub fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        registry.register(Box::new(self.gap.clone()))?;
        registry.register(Box::new(self.steps.clone()))
    }

    /// Follows the database until dropped. A database that does not answer leaves the clock running as it was.
    pub async fn follow(&self, pool: &PgPool) {
        let mut tick = tokio::time::interval(EVERY);
        tick.tick().await;
        loop {
            tick.tick().await;
            match soon(self.sample(pool)).await {
                Ok(target) => self.aim(target),
                Err(error) => tracing::debug!(%error, "clock.unsampled"),
            }
        }
    }

    fn aim(&self, target: i64) {
        let now = self.elapsed();
        let mut slew = locked(&self.slew);
        let before = slew.gap(now);
        slew.aim(now, target);
        let gap = slew.gap(now);
        drop(slew);
        self.gap.set(gap as f64 / 1e6);
        if (gap - before).abs() > STEP {
            self.steps.inc();
            tracing::error!(gap_ms = gap / 1000, "clock.stepped: the database's clock was set; ours follows slowly");
        }
    }

    /// The offset to the database's clock.
    async fn sample(&self, pool: &PgPool) -> Result<i64, sqlx::Error> {
        let mut connection = pool.acquire().await?;
        let mut best: Option<Sample> = None;
        for _ in 0..BURST {
            let sent = self.elapsed();
            let theirs: i64 = sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
                .fetch_one(&mut *connection)
                .await?;
            let at = self.elapsed();
            let trip = at - sent;
            if best.is_none_or(|best| trip < best.trip) {
                best = Some(Sample { at, trip, offset: theirs - sent - trip / 2 });
            }
        }
        Ok(best.map_or(0, |best| locked(&self.estimate).add(best)))
    }

    fn elapsed(&self) -> i64 {
        machine() - self.started
    }
}

impl Clock for PgClock {
    fn now(&self) -> ServerMs {
        let elapsed = self.elapsed();
        let now = elapsed.saturating_add(locked(&self.slew).offset(elapsed)) / 1000;
        // Two threads may look at almost the same time.
        ServerMs(self.latest.fetch_max(now, Ordering::Relaxed).max(now))
    }
}

/// µs since some moment; monotonic, and not held up while the machine sleeps, where that can be had.
fn machine() -> i64 {
    #[cfg(target_os = "linux")]
    const CLOCK: ClockId = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    const CLOCK: ClockId = ClockId::Monotonic;
    let now = clock_gettime(CLOCK);
    now.tv_sec * 1_000_000 + now.tv_nsec / 1000
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
