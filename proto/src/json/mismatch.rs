//! Why JSON is no message.

use std::fmt;

/// JSON of another shape than the schema says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// From the outermost field to the one at fault, the last one first.
    path: Vec<String>,
    why: String,
}

impl Mismatch {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { path: Vec::new(), why: why.into() }
    }

    /// The same, seen from the field around it.
    pub(super) fn within(mut self, field: &str) -> Self {
        self.path.push(field.to_owned());
        self
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for field in self.path.iter().rev() {
            write!(formatter, "{field}: ")?;
        }
        formatter.write_str(&self.why)
    }
}

impl std::error::Error for Mismatch {}
