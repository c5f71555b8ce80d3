//! The postmaster of one cluster: seen, started, stopped.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::account::{Account, not_run, printed};
use super::place::{LOG, Place};
use super::process::{self, Process};
use super::programs::Programs;
use super::{EmbeddedError, settings, socket};

const POLL: Duration = Duration::from_millis(100);
/// Seconds a start may take: after a crash up to `max_wal_size` of log is replayed first.
const START_SECS: u64 = 600;
/// Seconds a stop may take: it ends with a checkpoint.
const STOP_SECS: u64 = 300;
/// How long a postmaster may stay silent, and how long processes of a dead one are waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Everything needed to handle the postmaster of one place.
#[derive(Debug)]
pub(super) struct Postmaster {
    pub(super) place: Place,
    pub(super) account: Account,
    pub(super) programs: Programs,
}

/// A postmaster that accepts connections.
#[derive(Debug)]
pub(super) struct Up {
    pub(super) process: Process,
    /// Whether this call started it.
    pub(super) started: bool,
}

#[derive(Debug)]
enum Seen {
    Postmaster(u32),
    /// Processes without a postmaster: it died a moment ago, or is not far enough to have said its name.
    Others(Vec<u32>),
    Nothing,
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Accepts,
    /// There, but recovering or shutting down.
    Refuses,
    None,
}

impl Postmaster {
    /// Waits until a postmaster accepts connections: a live one is adopted, a missing one started.
    pub(super) async fn bring_up(&self) -> Result<Up, EmbeddedError> {
        let mut started = false;
        let limit = Instant::now() + Duration::from_secs(START_SECS);
        let mut heard = Instant::now();
        loop {
            match self.look().await? {
                Seen::Postmaster(pid) => match (self.ask().await, Process::of(pid)) {
                    (Answer::Accepts, Some(process)) => return Ok(Up { process, started }),
                    (Answer::Refuses, _) if Instant::now() < limit => heard = Instant::now(),
                    _ if heard.elapsed() < PATIENCE => {}
                    _ => {
                        let socket_dir = self.place.socket_dir.clone();
                        return Err(EmbeddedError::NotAnswering { pid, socket_dir });
                    }
                },
                Seen::Others(pids) if heard.elapsed() > PATIENCE => {
                    return Err(EmbeddedError::StillInUse { pids });
                }
                Seen::Others(_) => {}
                Seen::Nothing if started => {
                    return Err(self.not_started("it ended right after its start"));
                }
                Seen::Nothing => {
                    started = self.launch().await?;
                    heard = Instant::now();
                }
            }
            sleep(POLL).await;
        }
    }

    /// The postmaster's id if one runs and accepts connections now.
    pub(super) async fn serving(&self) -> Result<Option<u32>, EmbeddedError> {
        match self.look().await? {
            Seen::Postmaster(pid) if self.ask().await == Answer::Accepts => Ok(Some(pid)),
            _ => Ok(None),
        }
    }

    /// Fast shutdown: sessions are ended, the log is flushed. Nothing to do when none runs.
    pub(super) async fn stop(&self) -> Result<(), EmbeddedError> {
        let began = Instant::now();
        loop {
            match self.look().await? {
                Seen::Nothing => return Ok(()),
                Seen::Postmaster(_) => break,
                // On its way down, or up: then there is something to stop in a moment.
                Seen::Others(pids) if began.elapsed() > PATIENCE => return Err(EmbeddedError::StillInUse { pids }),
                Seen::Others(_) => sleep(POLL).await,
            }
        }
        let seconds = STOP_SECS.to_string();
        let output = self.pg_ctl(&["stop", "-s", "-w", "-t", &seconds, "-m", "fast"]).await?;
        if output.status.success() || matches!(self.look().await?, Seen::Nothing) {
            return Ok(());
        }
        Err(EmbeddedError::NotStopped { detail: printed(&output) })
    }

    /// The pid file alone proves nothing: its process may be dead, or the id given to another.
    async fn look(&self) -> Result<Seen, EmbeddedError> {
        let claimed = self.claimed_pid();
        let alive = claimed.is_some() && self.pg_ctl(&["status"]).await?.status.success();
        let found = process::using(&self.place, &self.account).await?;
        Ok(match claimed {
            Some(pid) if alive && found.contains(&pid) => Seen::Postmaster(pid),
            _ if !found.is_empty() => Seen::Others(found),
            // Its processes are hidden from us, but somebody serves the socket.
            Some(pid) if alive && self.ask().await != Answer::None => Seen::Postmaster(pid),
            _ => Seen::Nothing,
        })
    }

    fn claimed_pid(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.place.cluster.join("postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    async fn ask(&self) -> Answer {
        let program = self.programs.path("pg_isready");
        let mut command = self.account.command(program, &self.place.data_dir);
        command.args(["-q", "-t", "3", "-p", "5432", "-U", "synctv", "-d", "synctv", "-h"]).arg(&self.place.socket_dir);
        match command.output().await.ok().and_then(|it| it.status.code()) {
            Some(0) => Answer::Accepts,
            Some(1) => Answer::Refuses,
            _ => Answer::None,
        }
    }

    /// Starts it and waits until it is ready. False when another start, from a server that was killed meanwhile, won.
    async fn launch(&self) -> Result<bool, EmbeddedError> {
        self.remove_locks()?;
        socket::prepare(&self.place.socket_dir, &self.account)?;
        settings::write(&self.place, self.knows_lz4().await?)?;
        self.place.prepare_log(&self.account)?;
        let seconds = START_SECS.to_string();
        // The log's name is relative: pg_ctl hands it to a shell between double quotes.
        let output = self.pg_ctl(&["start", "-s", "-w", "-t", &seconds, "-l", LOG]).await?;
        if output.status.success() {
            return Ok(true);
        }
        match self.look().await? {
            Seen::Postmaster(_) => Ok(false),
            _ => Err(self.not_started(&printed(&output))),
        }
    }

    /// No process uses the cluster, so its locks are stale, whoever has the id in them now. PostgreSQL's own check
    /// refuses an empty file and an id that lives on, be it a killed postmaster's that nobody has collected yet; its
    /// shared memory still guards against two postmasters.
    fn remove_locks(&self) -> Result<(), EmbeddedError> {
        for path in [self.place.cluster.join("postmaster.pid"), socket::lock(&self.place.socket_dir)] {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(EmbeddedError::io("remove the stale", &path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Only a build with lz4 takes the value; without a settings file nothing else can fail.
    async fn knows_lz4(&self) -> Result<bool, EmbeddedError> {
        let program = self.programs.path("postgres");
        let mut command = self.account.command(&program, &self.place.data_dir);
        command.args(["-C", "wal_compression", "-c", "wal_compression=lz4", "-c", "config_file=/dev/null"]);
        let output = command.env("PGDATA", &self.place.cluster).output().await.map_err(not_run(&program))?;
        Ok(output.status.success())
    }

    /// The cluster goes by PGDATA, because pg_ctl would put an argument into a shell's command line.
    async fn pg_ctl(&self, arguments: &[&str]) -> Result<Output, EmbeddedError> {
        let program = self.programs.path("pg_ctl");
        let mut command = self.account.command(&program, &self.place.data_dir);
        let output = command.args(arguments).env("PGDATA", &self.place.cluster).output().await;
        output.map_err(not_run(Path::new(&program)))
    }

    fn not_started(&self, detail: &str) -> EmbeddedError {
        let detail = format!("{}\n{detail}", self.place.log_tail());
        EmbeddedError::NotStarted { log: self.place.log(), detail }
    }
}
