//! Why bytes are no message.

/// Why bytes are no message of the schema, and where. What is given back never holds what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A field that the message does not have.
    #[error("field {number} of {message}")]
    UnknownField {
        /// The message, such as `synctv.v1.PlaybackSeekCommand`.
        message: String,
        /// The number of the field.
        number: u32,
    },
    /// A field that is there twice, or beside another one that excludes it.
    #[error("{field} is there twice, or beside another one that excludes it")]
    DuplicateField {
        /// The field, such as `synctv.v1.PlaybackSeekCommand.position_ms`.
        field: String,
    },
    /// A number that is none of the choices, or no instant, or too great.
    #[error("{field} has a value that it cannot have")]
    InvalidField {
        /// The field, such as `synctv.v1.RoomSetJoinRuleCommand.join_rule`.
        field: String,
    },
    /// A text with U+0000.
    #[error("{field} holds U+0000")]
    InvalidText {
        /// The field, such as `synctv.v1.ChatPostCommand.text`.
        field: String,
    },
    /// Messages too deep in each other.
    #[error("too many messages in each other")]
    TooDeep,
    /// Not the format at all.
    #[error("{0}")]
    Unreadable(String),
}

impl Malformed {
    /// The stable code, one of those that REST has.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownField { .. } => "unknown_field",
            Self::DuplicateField { .. } => "duplicate_field",
            Self::InvalidField { .. } => "invalid_field",
            Self::InvalidText { .. } => "invalid_text",
            Self::TooDeep | Self::Unreadable(_) => "invalid_message",
        }
    }

    /// Which field, where one is at fault.
    #[must_use]
    pub fn field(&self) -> Option<String> {
        match self {
            Self::UnknownField { message, number } => Some(format!("{message}.{number}")),
            Self::DuplicateField { field } | Self::InvalidField { field } | Self::InvalidText { field } => {
                Some(field.clone())
            }
            Self::TooDeep | Self::Unreadable(_) => None,
        }
    }

    pub(super) fn unreadable(why: &str) -> Self {
        Self::Unreadable(why.to_owned())
    }
}
