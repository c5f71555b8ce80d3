//! A field that belongs to a person and can be sealed or erased.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A personal text. JSON: clear is a string, sealed `{"sealed":"…"}`, erased `null`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Personal {
    /// Readable.
    Clear(String),
    /// Encrypted under the key of its subject.
    Sealed(String),
    /// The key is gone, and the text with it.
    Erased,
}

impl Personal {
    /// The text if it is readable.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Clear(text) => Some(text),
            Self::Sealed(_) | Self::Erased => None,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form<T> {
    Clear(T),
    Sealed { sealed: T },
    Erased(()),
}

impl Serialize for Personal {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Clear(text) => Form::Clear(text.as_str()),
            Self::Sealed(sealed) => Form::Sealed { sealed: sealed.as_str() },
            Self::Erased => Form::Erased(()),
        }
        .serialize(to)
    }
}

impl<'de> Deserialize<'de> for Personal {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(match Form::<String>::deserialize(from)? {
            Form::Clear(text) => Self::Clear(text),
            Form::Sealed { sealed } => Self::Sealed(sealed),
            Form::Erased(()) => Self::Erased,
        })
    }
}

/// Reads an optional personal field whose key is present: `null` means erased, not absent.
pub(crate) fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Personal>, D::Error> {
    Personal::deserialize(from).map(Some)
}
