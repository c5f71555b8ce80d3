//! Texts with a length and without control characters, checked where they enter.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing is left after trimming.
    #[error("the {what} is empty")]
    Empty {
        /// Which text.
        what: &'static str,
    },
    /// More characters than allowed.
    #[error("the {what} is longer than {max} characters")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// The limit in characters.
        max: usize,
    },
    /// A control character, NUL among them.
    #[error("the {what} holds a control character")]
    Control {
        /// Which text.
        what: &'static str,
    },
    /// Not an absolute http or https URL with a host.
    #[error("not an absolute http or https URL with a host")]
    NotAUrl,
}

fn check(text: &str, what: &'static str, max: usize, keeps: &[char]) -> Result<String, InvalidText> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(InvalidText::Empty { what });
    }
    if trimmed.chars().nth(max).is_some() {
        return Err(InvalidText::TooLong { what, max });
    }
    if trimmed.chars().any(|c| c.is_control() && !keeps.contains(&c)) {
        return Err(InvalidText::Control { what });
    }
    Ok(trimmed.to_owned())
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal, $keeps:expr, $shape:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The greatest length in characters.
            pub const MAX_CHARS: usize = $max;

            /// Trims and checks the text.
            ///
            /// # Errors
            /// [`InvalidText`] says what is wrong with it.
            pub fn parse(text: &str) -> Result<Self, InvalidText> {
                let checked = check(text, $what, $max, $keeps)?;
                let shape: fn(&str) -> Result<(), InvalidText> = $shape;
                shape(&checked)?;
                Ok(Self(checked))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidText;

            fn from_str(text: &str) -> Result<Self, InvalidText> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidText;

            fn try_from(text: String) -> Result<Self, InvalidText> {
                Self::parse(&text)
            }
        }
    };
}

text!(
    /// What a person is called in rooms, up to 64 characters.
    DisplayName, "display name", 64, &[], |_| Ok(())
);
text!(
    /// The name of a room, up to 100 characters.
    RoomName, "room name", 100, &[], |_| Ok(())
);
text!(
    /// The title of a playlist item, up to 200 characters.
    Title, "title", 200, &[], |_| Ok(())
);
text!(
    /// An absolute http or https URL with a host, up to 2048 characters, without whitespace.
    MediaUrl, "URL", 2048, &[], check_url
);
text!(
    /// A chat message, up to 4000 characters; may hold line breaks and tabs.
    ChatText, "message", 4000, &['\n', '\t'], |_| Ok(())
);
text!(
    /// Why a moderator did something, up to 500 characters.
    Reason, "reason", 500, &[], |_| Ok(())
);
text!(
    /// A reaction to a message, an emoji as a rule, up to 16 characters.
    Reaction, "reaction", 16, &[], |_| Ok(())
);

fn check_url(text: &str) -> Result<(), InvalidText> {
    let spaceless = !text.contains(char::is_whitespace);
    if spaceless && has_host(text) { Ok(()) } else { Err(InvalidText::NotAUrl) }
}

fn has_host(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    // A backslash counts as a slash in browsers, so the two sides would disagree about the host.
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (place, ""),
    };
    web && !matches!(host, "" | "[]") && port.bytes().all(|byte| byte.is_ascii_digit())
}
