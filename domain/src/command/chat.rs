//! Fields of `chat.*`.

use serde::{Deserialize, Serialize};

use crate::ids::MessageId;
use crate::text::{ChatText, Reaction, Reason};

/// `chat.post`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatPost {
    /// What to say.
    pub text: ChatText,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
}

/// `chat.edit`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatEdit {
    /// The message.
    pub message_id: MessageId,
    /// The new text.
    pub text: ChatText,
}

/// `chat.redact`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatRedact {
    /// The message.
    pub message_id: MessageId,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// `chat.react`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatReact {
    /// The message.
    pub message_id: MessageId,
    /// With what.
    pub reaction: Reaction,
    /// Add, or take back.
    pub on: bool,
}
