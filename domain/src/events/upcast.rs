//! Brings the payload of an older version up to the current one, step by step.

use serde_json::Value;

use super::DecodeError;

/// One step: the event's name, the version it reads, and the payload of the next version.
pub type Step = (&'static str, u16, fn(Value) -> Value);

/// The steps of this program. A step that has been released is never edited.
pub const STEPS: &[Step] = &[];

/// Applies the steps of `name` from `version` until `current` is reached.
///
/// # Errors
/// [`DecodeError::UnknownVersion`] if `version` is newer than `current` or a step is missing.
pub fn upcast(steps: &[Step], name: &str, version: u16, current: u16, payload: Value) -> Result<Value, DecodeError> {
    let unknown = || DecodeError::UnknownVersion { name: name.to_owned(), version };
    if version > current {
        return Err(unknown());
    }
    (version..current).try_fold(payload, |payload, from| {
        let step = steps.iter().find(|(of, reads, _)| *of == name && *reads == from);
        step.map(|(_, _, lift)| lift(payload)).ok_or_else(unknown)
    })
}
