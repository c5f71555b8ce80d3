//! Values of columns.

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_domain::Timestamp;

use crate::projections::Field;
use crate::read::Micros;

/// A value as its text.
pub(super) fn text(value: impl Display) -> Field {
    Some(value.to_string())
}

/// A value that may be absent.
pub(super) fn optional(value: Option<impl Display>) -> Field {
    value.map(|value| value.to_string())
}

/// A value as a document.
pub(super) fn json(value: &impl Serialize) -> Field {
    Some(serde_json::to_string(value).expect("rows hold strings, numbers and lists of them: nothing can fail"))
}

/// Reads what [`text`] wrote.
pub(super) fn parsed<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &PgRow,
    name: &str,
) -> Result<T, sqlx::Error> {
    wrap(name, row.try_get::<&str, _>(name)?.parse())
}

/// Reads what [`optional`] wrote.
pub(super) fn perhaps<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &PgRow,
    name: &str,
) -> Result<Option<T>, sqlx::Error> {
    wrap(name, row.try_get::<Option<&str>, _>(name)?.map(str::parse).transpose())
}

/// Reads what [`json`] wrote.
pub(super) fn document<T: DeserializeOwned>(row: &PgRow, name: &str) -> Result<T, sqlx::Error> {
    wrap(name, serde_json::from_str(row.try_get_unchecked::<&str, _>(name)?))
}

/// Reads a document that may be absent.
pub(super) fn perhaps_document<T: DeserializeOwned>(row: &PgRow, name: &str) -> Result<Option<T>, sqlx::Error> {
    wrap(name, row.try_get_unchecked::<Option<&str>, _>(name)?.map(serde_json::from_str).transpose())
}

/// Reads a time.
pub(super) fn time(row: &PgRow, name: &str) -> Result<Timestamp, sqlx::Error> {
    Ok(Timestamp(row.try_get::<Micros, _>(name)?.0))
}

/// Reads a time that may be absent.
pub(super) fn perhaps_time(row: &PgRow, name: &str) -> Result<Option<Timestamp>, sqlx::Error> {
    Ok(row.try_get::<Option<Micros>, _>(name)?.map(|micros| Timestamp(micros.0)))
}

/// Names the column that could not be read.
fn wrap<T, E: std::error::Error + Send + Sync + 'static>(name: &str, read: Result<T, E>) -> Result<T, sqlx::Error> {
    read.map_err(|error| sqlx::Error::ColumnDecode { index: name.to_owned(), source: Box::new(error) })
}
