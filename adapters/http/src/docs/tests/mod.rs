//! The documents are what is committed, and what they describe is what the domain does.

mod codes;
mod domain;
mod fits;
mod snapshots;

use serde_json::Value;

use super::catalogue::{schemas, spoken};

/// That the value is as the shape with that name is described.
#[track_caller]
pub(crate) fn assert_fits(name: &str, value: &Value) {
    let mut shapes = schemas();
    shapes.extend(spoken());
    fits::fits(value, &shapes[name], &shapes).unwrap_or_else(|error| panic!("{name}: {error}"));
}
