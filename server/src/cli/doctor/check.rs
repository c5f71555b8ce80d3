//! What was looked at, and what it means.

use serde::Serialize;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Ok,
    /// It works, and will not for ever, or not as well as it might.
    Warning,
    /// It does not work, or loses something.
    Wrong,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    /// Of what it is a part.
    pub(super) area: &'static str,
    pub(super) verdict: Verdict,
    /// What was found, as a sentence.
    pub(super) says: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) todo: Option<String>,
}

/// All that was looked at so far.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<Check>);

impl Checks {
    pub(super) fn ok(&mut self, area: &'static str, says: impl Into<String>) {
        self.0.push(Check { area, verdict: Verdict::Ok, says: says.into(), todo: None });
    }

    pub(super) fn warning(&mut self, area: &'static str, says: impl Into<String>, todo: impl Into<String>) {
        self.0.push(Check { area, verdict: Verdict::Warning, says: says.into(), todo: Some(todo.into()) });
    }

    pub(super) fn wrong(&mut self, area: &'static str, says: impl Into<String>, todo: impl Into<String>) {
        self.0.push(Check { area, verdict: Verdict::Wrong, says: says.into(), todo: Some(todo.into()) });
    }

    pub(super) fn all(&self) -> &[Check] {
        &self.0
    }

    /// The worst of all.
    pub(super) fn verdict(&self) -> Verdict {
        self.0.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Ok)
    }
}
