//! Keeping read models in tables: moving them forward, and making them anew.

mod model;
mod operate;
mod pages;
mod projector;
mod rebuild;
mod schema;
mod share;
mod skip;
mod table;

pub use operate::PgProjections;
pub use pages::PgPages;
pub use projector::PgProjector;
pub use rebuild::{RebuildError, RebuildProgress, Rebuilder, keep_rebuilding};
pub use schema::prepare;
pub use skip::{Skipped, skip};

pub(crate) use model::{Model, Of, Store, stored};
pub(crate) use share::{is_projection, should_have, should_share};
pub(crate) use table::{Column, Field, Place, StoredRow, Table, array, column, copy, load, nullable, save};
