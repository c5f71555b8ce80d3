//! From untyped fields to a command.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Why fields are not a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// No command has this name.
    #[error("unknown command {name}")]
    UnknownCommand {
        /// The name as given.
        name: String,
    },
    /// A field the command does not have.
    #[error("{message}")]
    UnknownField {
        /// Which field, and which are known.
        message: String,
    },
    /// A required field is absent.
    #[error("{message}")]
    MissingField {
        /// Which field.
        message: String,
    },
    /// A field has a value it cannot have.
    #[error("{message}")]
    Invalid {
        /// What is wrong.
        message: String,
    },
}

impl ParseError {
    /// The stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownCommand { .. } => "unknown_command",
            Self::UnknownField { .. } => "unknown_field",
            Self::MissingField { .. } => "missing_field",
            Self::Invalid { .. } => "invalid_field",
        }
    }
}

impl From<serde_json::Error> for ParseError {
    fn from(error: serde_json::Error) -> Self {
        // The parser's errors are told apart by their text alone.
        let message = error.to_string();
        if message.starts_with("unknown field") {
            Self::UnknownField { message }
        } else if message.starts_with("missing field") {
            Self::MissingField { message }
        } else {
            Self::Invalid { message }
        }
    }
}

/// A command without fields.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoFields {}

pub(super) fn read<T: DeserializeOwned>(fields: Value) -> Result<T, ParseError> {
    // A struct can also be read from an array; only objects are wanted.
    if !fields.is_object() {
        let message = "the fields of a command are an object".to_owned();
        return Err(ParseError::Invalid { message });
    }
    Ok(serde_json::from_value(fields)?)
}

/// Reads a field that may be `null` but not absent.
pub(super) fn nullable<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(from)
}
