//! Texts that must not show up in logs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::InvalidText;

/// A token; hidden when printed for debugging.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps the text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The password of a room, 1 to 128 characters, taken as it is; hidden when printed for debugging.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Password(String);

impl Password {
    /// The greatest length in characters.
    pub const MAX_CHARS: usize = 128;

    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Password {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        let what = "password";
        match text.chars().count() {
            0 => Err(InvalidText::Empty { what }),
            1..=Self::MAX_CHARS => Ok(Self(text)),
            _ => Err(InvalidText::TooLong { what, max: Self::MAX_CHARS }),
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
