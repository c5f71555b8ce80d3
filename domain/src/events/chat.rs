//! Payloads of `chat.*`. The texts stay in the log; the folded room keeps only heads.

use serde::{Deserialize, Serialize};

use crate::actor::ActorId;
use crate::ids::MessageId;
use crate::personal::{Personal, present};
use crate::text::Reaction;

/// `chat.posted`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatPosted {
    /// The new message.
    pub message_id: MessageId,
    /// Who wrote it.
    pub author: ActorId,
    /// What it says; the author's.
    pub text: Personal,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
}

/// `chat.edited`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatEdited {
    /// The message.
    pub message_id: MessageId,
    /// The new text; the author's.
    pub text: Personal,
    /// Who wrote it.
    pub author: ActorId,
}

/// `chat.redacted`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatRedacted {
    /// The message.
    pub message_id: MessageId,
    /// Who wrote it, not who withdrew it.
    pub author: ActorId,
    /// Why; about the author, and theirs.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub reason: Option<Personal>,
}

/// `chat.reacted`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatReacted {
    /// The message.
    pub message_id: MessageId,
    /// Who reacts.
    pub member: ActorId,
    /// With what.
    pub reaction: Reaction,
    /// Added, or taken back.
    pub on: bool,
}
