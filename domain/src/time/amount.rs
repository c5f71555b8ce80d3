//! Numbers with bounds: milliseconds of the server and of media, the playback rate, sizes.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// An instant of the database's clock, in ms since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerMs(pub i64);

impl ServerMs {
    /// The instant this many ms later.
    #[must_use]
    pub const fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// The same instant as it is spelled in events.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(1000))
    }
}

/// A number is outside the range of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {min} to {max}")]
pub struct OutOfRange {
    what: &'static str,
    min: i64,
    max: i64,
}

macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident, $what:literal, $min:expr, $max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "i64")]
        pub struct $name(i64);

        impl $name {
            /// The smallest value.
            pub const MIN: Self = Self($min);
            /// The greatest value.
            pub const MAX: Self = Self($max);

            /// The number.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = OutOfRange;

            fn try_from(value: i64) -> Result<Self, OutOfRange> {
                if (($min)..=($max)).contains(&value) {
                    Ok(Self(value))
                } else {
                    Err(OutOfRange { what: $what, min: $min, max: $max })
                }
            }
        }
    };
}

bounded!(
    /// A place in a medium or its length, in ms: 0 to 2^53.
    MediaMs, "a media time", 0, 1 << 53
);
bounded!(
    /// Playback speed in thousandths: 250 to 4000.
    RatePermille, "a rate", 250, 4000
);

bounded!(
    /// How many members a room may have: 1 to 1000.
    RoomSize, "a room size", 1, 1000
);
bounded!(
    /// How often an invite can be used: 1 to 1000.
    InviteUses, "max_uses", 1, 1000
);

impl MediaMs {
    /// The nearest media time to a number of ms.
    #[must_use]
    pub fn saturating(ms: i128) -> Self {
        let clamped = ms.clamp(0, i128::from(Self::MAX.0));
        Self(i64::try_from(clamped).unwrap_or(Self::MAX.0))
    }
}

impl Default for MediaMs {
    fn default() -> Self {
        Self::MIN
    }
}

impl RatePermille {
    /// Natural speed.
    pub const NORMAL: Self = Self(1000);
}

impl Default for RatePermille {
    fn default() -> Self {
        Self::NORMAL
    }
}
