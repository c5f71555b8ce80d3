//! What the figures were measured on.

use std::fs;

use serde::Serialize;

use crate::postgres::PrivatePostgres;

/// Goes beside the results.
#[derive(Serialize)]
pub struct Machine {
    machine: String,
    postgres: String,
}

impl Machine {
    /// This one.
    pub fn describe(postgres: &PrivatePostgres) -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let cpu = field("/proc/cpuinfo", "model name");
        let memory = field("/proc/meminfo", "MemTotal");
        let kib: u64 = memory.split(' ').next().and_then(|kib| kib.parse().ok()).unwrap_or(0);
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let machine = format!("{cores} cores of {cpu}, {} GiB, Linux {}", kib.div_ceil(1 << 20), kernel.trim());
        Self {
            machine,
            postgres: format!(
                "{}; fsync=on synchronous_commit=on shared_buffers=1GB max_wal_size=8GB checkpoint_timeout=15min, Unix socket",
                postgres.version()
            ),
        }
    }
}

/// What stands behind `name:` in a file of the kernel.
fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    value.unwrap_or("unknown").trim().to_owned()
}
