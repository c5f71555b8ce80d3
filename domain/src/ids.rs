//! Ids: a prefix and a ULID in its canonical spelling, and the client's command id.

use std::fmt;
use std::str::FromStr;

use ulid::Ulid;

/// The text is not the canonical spelling of the id it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}")]
pub struct InvalidId {
    /// Which kind of id was expected.
    pub what: &'static str,
}

/// Reads `<prefix><26 upper-case Crockford digits>`; `None` for any other spelling.
pub(crate) fn parse_prefixed(text: &str, prefix: &str) -> Option<Ulid> {
    let digits = text.strip_prefix(prefix)?;
    let ulid = Ulid::from_string(digits).ok()?;
    // The decoder is lenient (lower case, overflow): only what would be written is accepted.
    let mut buffer = [0; ulid::ULID_LEN];
    (ulid.array_to_str(&mut buffer) == digits).then_some(ulid)
}

/// Serde as the string of `Display` and `FromStr`.
macro_rules! serde_as_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use serde_as_text;

macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// The id with this ULID.
            #[must_use]
            pub const fn new(ulid: Ulid) -> Self {
                Self(ulid)
            }

            /// The ULID without the prefix.
            #[must_use]
            pub const fn ulid(self) -> Ulid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse_prefixed(text, $prefix).map(Self).ok_or(InvalidId { what: $what })
            }
        }

        serde_as_text!($name);
    };
}

ulid_id!(
    /// A room: `room_…`.
    RoomId, "room_", "room id"
);
ulid_id!(
    /// An entry of a playlist: `itm_…`.
    ItemId, "itm_", "item id"
);
ulid_id!(
    /// A chat message: `msg_…`.
    MessageId, "msg_", "message id"
);
ulid_id!(
    /// An invite: `inv_…`.
    InviteId, "inv_", "invite id"
);
ulid_id!(
    /// A key to publish a live stream with: `lky_…`.
    LiveKeyId, "lky_", "live key id"
);
ulid_id!(
    /// A kept password, which is never in the log: `crd_…`.
    CredentialId, "crd_", "credential id"
);
ulid_id!(
    /// An event of the log: `evt_…`.
    EventId, "evt_", "event id"
);
ulid_id!(
    /// An address that events are sent to, which is never in the log: `whk_…`.
    WebhookId, "whk_", "webhook id"
);

/// The name a client gave its command: 1 to 255 printable ASCII characters, scoped to the actor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(String);

impl CommandId {
    /// Checks length and characters (0x20 to 0x7e).
    ///
    /// # Errors
    /// [`InvalidId`] for any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let printable = text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
        if printable && (1..=255).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId { what: "command id" })
        }
    }

    /// The text as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CommandId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::parse(text)
    }
}

serde_as_text!(CommandId);
