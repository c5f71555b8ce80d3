//! A decision with every layer it passed.

use serde::Serialize;

use crate::ids::EventId;

/// What a layer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Yes, unless a later layer says no.
    Allow,
    /// No, unless a later layer says yes.
    Deny,
    /// Nothing.
    None,
}

impl Effect {
    /// Of a layer that only denies.
    pub(super) const fn unless(free: bool) -> Self {
        if free { Self::None } else { Self::Deny }
    }
}

/// One layer of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The layer and its value, for example `role:guest`.
    pub layer: String,
    /// `allow`, `deny` or `none`.
    pub effect: Effect,
    /// The event that gave the layer its value.
    pub event: Option<EventId>,
}

/// A decision about a right with every layer it passed; JSON `{allowed, steps}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// The outcome.
    pub allowed: bool,
    /// The layer that settled it.
    #[serde(skip)]
    pub decided_by: String,
    /// The layers in the order they were asked.
    pub steps: Vec<Step>,
}

impl Trace {
    /// The last layer that says anything settles it.
    pub(super) fn say(&mut self, layer: impl Into<String>, effect: Effect, event: Option<EventId>) {
        let layer = layer.into();
        if effect != Effect::None {
            self.allowed = effect == Effect::Allow;
            self.decided_by.clone_from(&layer);
        }
        self.steps.push(Step { layer, effect, event });
    }

    /// Refused by one more layer.
    pub(super) fn denied_by(mut self, layer: impl Into<String>, event: Option<EventId>) -> Self {
        self.say(layer, Effect::Deny, event);
        self
    }
}
