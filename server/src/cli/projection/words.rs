//! How far something is, in words.

use synctv_projections::operate::{RebuildState, RebuildStatus};

/// What is being done.
pub(super) fn phase(state: RebuildState) -> &'static str {
    match state {
        RebuildState::Copying => "copying",
        RebuildState::Indexing => "indexing",
        RebuildState::CatchingUp => "catching up",
        RebuildState::Swapping => "swapping",
        RebuildState::Done => "done",
        RebuildState::Cancelled => "cancelled",
        RebuildState::Failed => "failed",
    }
}

/// A rebuild, in a line.
pub(super) fn rebuild(status: &RebuildStatus) -> String {
    let RebuildStatus { name, generation, state, started_at, .. } = status;
    let ended = status.ended_at.map_or_else(String::new, |at| at.to_string());
    match state {
        RebuildState::Done => format!("{name}: generation {generation} is in place since {ended}; {}", pace(status)),
        RebuildState::Cancelled => format!("{name}: the rebuild was called off at {ended}; nothing has changed"),
        RebuildState::Failed => {
            let error = status.error.as_deref().unwrap_or("nobody knows why");
            format!("{name}: the rebuild failed at {ended}; nothing has changed: {error}")
        }
        _ => format!("{name}: generation {generation} is being made since {started_at}: {}", progress(status)),
    }
}

/// How far a rebuild is that has not ended.
pub(super) fn progress(status: &RebuildStatus) -> String {
    let RebuildStatus { state, done, of, .. } = status;
    let mut text = phase(*state).to_owned();
    if *state == RebuildState::Copying {
        text += &format!(", {done} of {of} events ({} %)", done * 100 / (*of).max(1));
        if let (Some(rate), Some(left)) = (status.rate, status.eta_seconds) {
            text += &format!(", {rate:.0} events/s, {} left", time(left));
        }
    }
    match &status.owner {
        Some(owner) => text + &format!(", by {owner}"),
        None => text + ", waits for somebody to go on with it",
    }
}

/// Events, time and rate of a rebuild that has ended.
pub(super) fn pace(status: &RebuildStatus) -> String {
    format!("{} events in {} ({:.0} events/s)", status.done, time(seconds(status)), rate(status))
}

/// From its beginning to its end.
pub(super) fn seconds(status: &RebuildStatus) -> f64 {
    let micros = status.ended_at.map_or(0, |end| (end.0 - status.started_at.0).max(0));
    std::time::Duration::from_micros(u64::try_from(micros).unwrap_or(0)).as_secs_f64()
}

/// Events a second, from its beginning to its end.
pub(super) fn rate(status: &RebuildStatus) -> f64 {
    let events = u32::try_from(status.done).unwrap_or(u32::MAX);
    f64::from(events) / seconds(status).max(0.001)
}

pub(in crate::cli) fn time(seconds: f64) -> String {
    match seconds {
        short if short < 10.0 => format!("{short:.1} s"),
        some if some < 120.0 => format!("{some:.0} s"),
        long if long < 7200.0 => format!("{:.0} min", long / 60.0),
        very_long => format!("{:.1} h", very_long / 3600.0),
    }
}
