//! The documents are what is committed, and what they describe is what the domain does.

mod codes;
mod domain;
mod fits;
mod listings;
mod reference;
mod snapshots;

use serde_json::Value;

pub(crate) use self::domain::room;
pub(crate) use super::catalogue::example;
use super::catalogue::{schemas, spoken};
use super::socket::SHAPES;
pub(crate) use super::socket::{ASKED, CLOSED, TOLD};

/// That the value is as the shape with that name is described.
#[track_caller]
pub(crate) fn assert_fits(name: &str, value: &Value) {
    let mut shapes = schemas();
    shapes.extend(spoken());
    fits::fits(value, &shapes[name], &shapes).unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// The fields of a shape of the socket, and whether each is always there.
#[track_caller]
pub(crate) fn fields(name: &str) -> Vec<(&'static str, bool)> {
    let shape = SHAPES.iter().find(|shape| shape.name == name).expect("it is described");
    shape.fields.iter().map(|field| (field.name, field.required)).collect()
}
