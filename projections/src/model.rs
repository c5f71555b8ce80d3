//! What a read model is: a pure function from events to rows.

use crate::entry::{Entry, Poison};

/// A read model.
pub trait ReadModel: Send + Sync + 'static {
    /// What its tables, its checkpoint and operators call it.
    const NAME: &'static str;

    /// Whether it looks at the words of messages.
    const WORDS: bool = false;

    /// Its tables, empty by default.
    type Tables: Default + Send;

    /// Takes an event in. Most events change nothing.
    ///
    /// # Errors
    /// [`Poison`], when it cannot be taken in; the tables are as before.
    fn apply(entry: &Entry, tables: &mut Self::Tables) -> Result<(), Poison>;
}
