//! Fields of `ready.*`.

use serde::{Deserialize, Serialize};

/// `ready.start`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadyStart {
    /// When nobody is waited for any longer, in ms: an instant, or up to 600,000 a span from now. A minute unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<i64>,
}

/// `ready.mark`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadyMark {
    /// Whether one can start.
    pub ready: bool,
}

/// `ready.settle`: the room itself looks whether a ready check is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadySettle {}
