//! CPU time of processes, as the kernel counts it.

use std::fs;

/// Linux counts in hundredths of a second, whatever it ticks at inside.
const TICK_US: f64 = 10_000.0;

/// Of this process with all its threads, µs.
pub fn own_us() -> f64 {
    of_us("self")
}

/// Of another process, µs; 0 when there is none.
pub fn of_us(pid: &str) -> f64 {
    fields(pid).take(2).sum::<f64>() * TICK_US
}

/// Of a process and those it has started, also if they have ended; not of those that these have started.
pub fn of_family_us(pid: &str) -> f64 {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    children.split_whitespace().map(of_us).sum::<f64>() + fields(pid).take(4).sum::<f64>() * TICK_US
}

/// In user mode and in the kernel, and the same of children that have ended.
fn fields(pid: &str) -> impl Iterator<Item = f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold anything.
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    after_name.split(' ').skip(11).map(|ticks| ticks.parse().unwrap_or(0.0)).collect::<Vec<_>>().into_iter()
}
