//! What the system knows about this process.

use std::fs;

/// Resident memory; None where the system does not tell.
pub(super) fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Open files and sockets.
pub(super) fn open_files() -> Option<usize> {
    // The listing is one itself.
    fs::read_dir("/proc/self/fd").ok().map(|files| files.count().saturating_sub(1))
}

/// How many it may have.
pub(super) fn most_open_files() -> Option<u64> {
    rlimit::getrlimit(rlimit::Resource::NOFILE).ok().map(|(soft, _)| soft)
}
