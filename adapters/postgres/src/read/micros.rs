//! timestamptz as a number, without a calendar in between.

use sqlx::error::BoxDynError;
use sqlx::postgres::{PgTypeInfo, PgValueRef};
use sqlx::{Decode, Postgres, Type};

/// PostgreSQL counts from 2000-01-01.
const EPOCH_2000_US: i64 = 946_684_800_000_000;

/// µs since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Micros(pub(crate) i64);

impl Type<Postgres> for Micros {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("timestamptz")
    }
}

impl Decode<'_, Postgres> for Micros {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let bytes: [u8; 8] = value.as_bytes()?.try_into()?;
        Ok(Self(i64::from_be_bytes(bytes).saturating_add(EPOCH_2000_US)))
    }
}
