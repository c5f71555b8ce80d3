//! A closed loop: every worker gives its next command as soon as the last one is answered.

use std::time::{Duration, Instant};

use crate::cpu;
use crate::failure::Failure;

/// One of the tasks in flight.
pub trait Worker: Send + 'static {
    /// One command. False: it lost to a concurrent one, and stored nothing.
    fn step(&mut self) -> impl Future<Output = Result<bool, Failure>> + Send;
}

/// What became of a run.
#[derive(Default)]
pub struct Load {
    /// Commands that were stored.
    pub accepted: u64,
    seconds: f64,
    /// Of each accepted command, µs, sorted.
    latencies: Vec<f64>,
    process_cpu_us: f64,
}

impl Load {
    /// Accepted commands per second.
    pub fn rate(&self) -> f64 {
        per(self.accepted, self.seconds)
    }

    /// That share of the commands was answered within this time, ms.
    pub fn latency_ms(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index below the number of latencies"
        )]
        let index = (self.latencies.len() as f64 * share) as usize;
        self.latencies.get(index).or(self.latencies.last()).copied().unwrap_or(0.0) / 1000.0
    }

    /// CPU time of this process for each command, load generator included, µs.
    pub fn process_cpu_us(&self) -> f64 {
        1.0 / per(self.accepted, self.process_cpu_us).max(f64::MIN_POSITIVE)
    }
}

/// Runs the workers side by side for that long.
pub async fn drive<W: Worker>(workers: Vec<W>, length: Duration) -> Result<Load, Failure> {
    let (started, cpu) = (Instant::now(), cpu::own_us());
    let tasks: Vec<_> = workers.into_iter().map(|worker| tokio::spawn(work(worker, started + length))).collect();
    let mut load = Load::default();
    for task in tasks {
        let latencies = task.await??;
        load.accepted += latencies.len() as u64;
        load.latencies.extend(latencies);
    }
    load.seconds = started.elapsed().as_secs_f64();
    load.process_cpu_us = cpu::own_us() - cpu;
    load.latencies.sort_by(f64::total_cmp);
    Ok(load)
}

async fn work(mut worker: impl Worker, until: Instant) -> Result<Vec<f64>, Failure> {
    let mut latencies = Vec::new();
    loop {
        let asked = Instant::now();
        if asked >= until {
            return Ok(latencies);
        }
        if worker.step().await? {
            latencies.push(asked.elapsed().as_secs_f64() * 1e6);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
fn per(count: u64, amount: f64) -> f64 {
    count as f64 / amount
}
