//! What the tests share.

pub(crate) mod documents;
pub(crate) mod generated;
