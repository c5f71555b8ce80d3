//! The embedded PostgreSQL as the server sees it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::account::Account;
use super::place::Place;
use super::postmaster::{Postmaster, Up};
use super::process::Process;
use super::programs::Programs;
use super::{EmbeddedError, cluster, socket};

const WATCH: Duration = Duration::from_millis(500);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A postmaster that lived this long did not die of its start: the next restart is immediate again.
const STEADY: Duration = Duration::from_secs(60);

/// A private PostgreSQL inside `data_dir`, reached over a Unix socket only. Dropping it leaves it running.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    postmaster: Postmaster,
    url: String,
    watched: Mutex<Process>,
    started_here: AtomicBool,
    stopping: AtomicBool,
}

impl EmbeddedPostgres {
    /// Makes the cluster if there is none, adopts a live postmaster or starts one, and waits until it accepts
    /// connections. The caller makes sure that no other server does the same in `data_dir`.
    pub async fn start(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let account = Account::current().await?;
        let place = Place::prepare(data_dir, &account).await?;
        let programs = Programs::find(&account, &place.cluster).await?;
        cluster::ensure(&place, &account, &programs).await?;
        let url = socket::url(&place.socket_dir);
        let postmaster = Postmaster { place, account, programs };
        let Up { process, started } = postmaster.bring_up().await?;
        tracing::info!(pid = process.pid, adopted = !started, "PostgreSQL accepts connections");
        let (watched, started_here) = (Mutex::new(process), AtomicBool::new(started));
        Ok(Self { postmaster, url, watched, started_here, stopping: AtomicBool::new(false) })
    }

    /// Where the database is: `postgres://synctv@localhost:5432/synctv?host=<encoded socket directory>`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether the running postmaster was started by this value; false when it was adopted.
    pub fn started_here(&self) -> bool {
        self.started_here.load(Ordering::Relaxed)
    }

    /// Restarts the postmaster when it dies, until the future is dropped. After `stop` it only idles.
    pub async fn supervise(&self) {
        let mut pause = Duration::ZERO;
        let mut last = Instant::now();
        loop {
            sleep(WATCH).await;
            if self.stopping.load(Ordering::Relaxed) || self.watched().is_alive() {
                continue;
            }
            if last.elapsed() > STEADY {
                pause = Duration::ZERO;
            }
            sleep(pause).await;
            pause = (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
            self.restart(pause).await;
            last = Instant::now();
        }
    }

    async fn restart(&self, next_pause: Duration) {
        if self.stopping.load(Ordering::Relaxed) {
            return;
        }
        match self.postmaster.bring_up().await {
            Ok(Up { process, started }) => {
                tracing::warn!(pid = process.pid, "PostgreSQL had died and accepts connections again");
                *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = process;
                self.started_here.store(started, Ordering::Relaxed);
            }
            Err(error) => {
                let retry_in_ms = next_pause.as_millis();
                tracing::error!(%error, retry_in_ms, "PostgreSQL died and could not be started again");
            }
        }
    }

    /// Shuts the postmaster down: sessions are ended, everything is written. Fine when it does not run.
    pub async fn stop(&self) -> Result<(), EmbeddedError> {
        self.stopping.store(true, Ordering::Relaxed);
        self.postmaster.stop().await
    }

    /// As [`Self::stop`], after a start in `data_dir` that was given up: a postmaster on its way up is stopped as well.
    pub async fn stop_in(data_dir: &Path) -> Result<(), EmbeddedError> {
        Self::postmaster(data_dir).await?.stop().await
    }

    /// The URL of the postmaster that serves `data_dir` now, for a command beside a running server. None as well when
    /// this user may not see it.
    pub async fn find_running(data_dir: &Path) -> Option<String> {
        let postmaster = Self::postmaster(data_dir).await.ok()?;
        let url = socket::url(&postmaster.place.socket_dir);
        postmaster.serving().await.ok().flatten().map(|_| url)
    }

    async fn postmaster(data_dir: &Path) -> Result<Postmaster, EmbeddedError> {
        let account = Account::current().await?;
        let place = Place::existing(data_dir)?;
        let programs = Programs::find(&account, &place.cluster).await?;
        Ok(Postmaster { place, account, programs })
    }

    fn watched(&self) -> Process {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
