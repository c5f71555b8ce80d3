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
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold anything.
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    after_name.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * TICK_US
}
