//! Payloads of `ready.*`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::actor::ActorId;
use crate::time::ServerMs;

/// `ready.started`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyStarted {
    /// When nobody is waited for any longer.
    pub deadline_ms: ServerMs,
    /// Who is asked.
    pub members: BTreeSet<ActorId>,
}

/// `ready.marked`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyMarked {
    /// Who.
    pub member: ActorId,
    /// Whether they can start.
    pub ready: bool,
}

/// `ready.cancelled`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyCancelled {
    /// Why.
    pub reason: ReadyEnd,
}

/// What ends a check before playback starts by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadyEnd {
    /// Somebody called it off.
    Asked,
    /// Nobody was ready in time.
    Deadline,
    /// Somebody started or stopped playback instead.
    Overtaken,
    /// The playlist is empty by now.
    NothingToPlay,
}
