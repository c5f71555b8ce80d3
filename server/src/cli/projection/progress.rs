//! How far a rebuild is, on a terminal.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use synctv_postgres::RebuildProgress;
use synctv_projections::operate::{RebuildState, RebuildStatus};

use super::words;
use crate::cli::Failure;
use crate::cli::log::progress_bar;

const TICK: Duration = Duration::from_millis(200);

/// A bar while the log is read, then a line that says what is being done with which read model.
pub(super) struct Progress {
    bar: ProgressBar,
    then: ProgressStyle,
    shown: Mutex<Shown>,
}

#[derive(Default)]
struct Shown {
    begun: bool,
    /// Once the log is read, by read model.
    phases: BTreeMap<String, RebuildState>,
}

impl Progress {
    pub(super) fn new() -> Result<Self, Failure> {
        let then = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}")?;
        Ok(Self { bar: progress_bar()?, then, shown: Mutex::default() })
    }

    /// Of the work of this process.
    pub(super) fn tell(&self, progress: &RebuildProgress) {
        match progress.name {
            Some(name) => self.phase(name, progress.state),
            None => self.read(progress.done, progress.of),
        }
    }

    /// Of the work of another process, if there is something left to do.
    pub(super) fn watch(&self, under_way: &[RebuildStatus]) {
        for status in under_way {
            match status.state {
                RebuildState::Copying => self.read(status.done, status.of),
                later => self.phase(&status.name, later),
            }
        }
        // What has ended is not told of.
        let is_left = |name: &String| under_way.iter().any(|status| status.name == *name);
        self.shown().phases.retain(|name, _| is_left(name));
    }

    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn read(&self, done: i64, of: i64) {
        let number = |number| u64::try_from(number).unwrap_or(0);
        self.bar.set_length(number(of));
        self.bar.set_position(number(done));
        if !std::mem::replace(&mut self.shown().begun, true) {
            // What was read before this process came is not its pace.
            self.bar.reset_eta();
        }
    }

    fn phase(&self, name: &str, state: RebuildState) {
        let mut shown = self.shown();
        if shown.phases.is_empty() {
            self.bar.set_style(self.then.clone());
            self.bar.enable_steady_tick(TICK);
        }
        if state.is_over() {
            shown.phases.remove(name);
        } else {
            shown.phases.insert(name.to_owned(), state);
        }
        let all: Vec<_> = shown.phases.iter().map(|(name, state)| format!("{} {name}", words::phase(*state))).collect();
        self.bar.set_message(all.join(", "));
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
