//! Read models with their tables.

use std::marker::PhantomData;

use async_trait::async_trait;
use sqlx::PgConnection;
use synctv_projections::{Entry, Poison, ReadModel};

use super::table::{Place, Table};

/// The tables of a read model, as the database has them.
pub(crate) trait Store: Default + Send {
    const TABLES: &'static [Table];

    /// Supplies the rows that were missed. False: there were none.
    fn load(&mut self, from: &mut PgConnection, place: Place)
    -> impl Future<Output = Result<bool, sqlx::Error>> + Send;
    /// Whether no row was asked about or changed.
    fn are_untouched(&self) -> bool;
    /// Forgets what became of the rows.
    fn rewind(&mut self);
    /// Writes what became of the rows.
    fn save(&mut self, to: &mut PgConnection, place: Place) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
    /// Says that nothing is stored.
    fn start_empty(&mut self);
    /// Adds the rows to a buffer for each table.
    fn copy(&mut self, out: &mut [String]);
}

/// Names the rows of each table of a read model.
macro_rules! stored {
    ($tables:ty { $($rows:ident: $row:ty),+ }) => {
        impl $crate::projections::Store for $tables {
            const TABLES: &'static [$crate::projections::Table] =
                &[$(<$row as $crate::projections::StoredRow>::TABLE),+];

            async fn load(&mut self, from: &mut sqlx::PgConnection, place: $crate::projections::Place) -> Result<bool, sqlx::Error> {
                let mut any = false;
                $(any |= $crate::projections::load(&mut self.$rows, from, place).await?;)+
                Ok(any)
            }

            fn are_untouched(&self) -> bool {
                $(self.$rows.are_untouched())&&+
            }

            fn rewind(&mut self) {
                $(self.$rows.rewind();)+
            }

            async fn save(&mut self, to: &mut sqlx::PgConnection, place: $crate::projections::Place) -> Result<(), sqlx::Error> {
                $($crate::projections::save(&mut self.$rows, to, place).await?;)+
                Ok(())
            }

            fn start_empty(&mut self) {
                $(self.$rows.start_empty();)+
            }

            fn copy(&mut self, out: &mut [String]) {
                let mut out = out.iter_mut();
                $(if let Some(out) = out.next() {
                    $crate::projections::copy(&mut self.$rows, out);
                })+
            }
        }
    };
}
pub(crate) use stored;

/// A read model, whichever it is.
#[async_trait]
pub(crate) trait Model: Send + Sync {
    fn name(&self) -> &'static str;
    fn tables(&self) -> &'static [Table];
    /// Whether it looks at the words of messages.
    fn reads_words(&self) -> bool;
    /// Whether these events mean nothing to it.
    fn ignores(&self, page: &[Entry]) -> bool;
    /// Takes events in, up to the first that cannot be.
    async fn apply(&self, to: &mut PgConnection, place: Place, page: &[Entry]) -> Result<Option<Poison>, sqlx::Error>;
    /// Folds streams in memory, each from its beginning.
    fn fold(&self) -> Box<dyn Fold>;
}

/// Streams being folded in memory.
pub(crate) trait Fold: Send {
    /// The next event of a stream.
    fn apply(&mut self, entry: &Entry) -> Result<(), Poison>;
    /// The stream has ended: adds its rows to a buffer for each table.
    fn finish(&mut self, out: &mut [String]);
}

pub(crate) struct Of<M>(pub(crate) PhantomData<M>);

#[async_trait]
impl<M: ReadModel<Tables: Store>> Model for Of<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn tables(&self) -> &'static [Table] {
        M::Tables::TABLES
    }

    fn reads_words(&self) -> bool {
        M::WORDS
    }

    fn ignores(&self, page: &[Entry]) -> bool {
        let mut tables = M::Tables::default();
        page.iter().all(|entry| M::apply(entry, &mut tables).is_ok() && tables.are_untouched())
    }

    async fn apply(&self, to: &mut PgConnection, place: Place, page: &[Entry]) -> Result<Option<Poison>, sqlx::Error> {
        let mut tables = M::Tables::default();
        let poison = loop {
            let poison = page.iter().find_map(|entry| M::apply(entry, &mut tables).err());
            if !tables.load(to, place).await? {
                break poison;
            }
            tables.rewind();
        };
        tables.save(to, place).await?;
        Ok(poison)
    }

    fn fold(&self) -> Box<dyn Fold> {
        Box::new(Folding::<M>(fresh()))
    }
}

struct Folding<M: ReadModel>(M::Tables);

impl<M: ReadModel<Tables: Store>> Fold for Folding<M> {
    fn apply(&mut self, entry: &Entry) -> Result<(), Poison> {
        M::apply(entry, &mut self.0)
    }

    fn finish(&mut self, out: &mut [String]) {
        self.0.copy(out);
        self.0 = fresh();
    }
}

fn fresh<T: Store>() -> T {
    let mut tables = T::default();
    tables.start_empty();
    tables
}
