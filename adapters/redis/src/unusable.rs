//! A setting that cannot be used.

/// What is wrong with a setting. Never holds a secret.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct Unusable {
    /// Which setting.
    pub setting: &'static str,
    /// Why.
    pub reason: String,
}

impl Unusable {
    pub(crate) fn new(setting: &'static str, reason: impl Into<String>) -> Self {
        Self { setting, reason: reason.into() }
    }
}
