//! Payloads of `projection.*`: what operators do with read models.

use serde::{Deserialize, Serialize};

use crate::order::Position;

/// `projection.event_skipped`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectionEventSkipped {
    /// The read model.
    pub projection: String,
    /// The event that it leaves out.
    pub position: Position,
    /// Why.
    pub reason: String,
}
