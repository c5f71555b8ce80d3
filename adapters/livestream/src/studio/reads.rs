//! Segments that are being read, once for all who read them.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use tokio::sync::OnceCell;

/// What is there under a name; None: nothing.
type Cell = OnceCell<Option<Bytes>>;

/// Those who ask for the same segment wait for one answer of the store, and share the memory of it for as long as one of them
/// still has something of it to send: however many and however slow they are, a segment is in memory once.
#[derive(Debug, Default)]
pub(super) struct Reads {
    cells: Mutex<HashMap<String, Weak<Cell>>>,
}

/// A part of a cell that has something.
struct Held(Arc<Cell>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        self.0.get().and_then(Option::as_deref).unwrap_or_default()
    }
}

impl Reads {
    /// What `read` finds under this name.
    pub(super) async fn get<E>(
        &self,
        name: String,
        read: impl Future<Output = Result<Option<Bytes>, E>>,
    ) -> Result<Option<Bytes>, E> {
        let cell = self.cell(name);
        let found = cell.get_or_try_init(|| read).await?.is_some();
        Ok(found.then(|| Bytes::from_owner(Held(cell))))
    }

    fn cell(&self, name: String) -> Arc<Cell> {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = cells.get(&name).and_then(Weak::upgrade) {
            return cell;
        }
        cells.retain(|_, cell| cell.strong_count() > 0);
        let cell = Arc::new(Cell::new());
        cells.insert(name, Arc::downgrade(&cell));
        cell
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    async fn read(bytes: &'static [u8]) -> Result<Option<Bytes>, Infallible> {
        Ok(Some(Bytes::from_static(bytes)))
    }

    #[tokio::test]
    async fn what_is_being_read_is_in_memory_once_and_forgotten_with_its_last_reader() {
        let reads = Reads::default();
        let first = reads.get("a".to_owned(), read(b"one")).await.expect("it is there");
        let other = reads.get("b".to_owned(), read(b"other")).await.expect("it is there");
        let second = reads.get("a".to_owned(), read(b"two")).await.expect("it is there");
        assert_eq!((first.as_deref(), other.as_deref()), (Some(&b"one"[..]), Some(&b"other"[..])));
        assert_eq!(first.as_ref().map(|bytes| bytes.as_ptr()), second.as_ref().map(|bytes| bytes.as_ptr()));
        drop((first, second));
        let third = reads.get("a".to_owned(), read(b"three")).await.expect("it is there");
        assert_eq!(third.as_deref(), Some(&b"three"[..]));
        drop((third, other));
        reads.cell("c".to_owned());
        assert_eq!(reads.cells.lock().expect("nobody panicked").len(), 1);
    }

    #[tokio::test]
    async fn what_failed_or_was_not_there_is_read_again() {
        let reads = Reads::default();
        let failed = reads.get("a".to_owned(), async { Err::<Option<Bytes>, _>("silent") }).await;
        assert_eq!(failed, Err("silent"));
        assert_eq!(reads.get("a".to_owned(), async { Ok::<_, Infallible>(None) }).await, Ok(None));
        assert_eq!(reads.get("a".to_owned(), read(b"one")).await, Ok(Some(Bytes::from_static(b"one"))));
    }
}
