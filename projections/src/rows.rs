//! The rows of a read model while events are applied to them.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// A row of a table.
pub trait Row: Clone + PartialEq + Send + Sync + 'static {
    /// What tells it from the others.
    type Key: Clone + Eq + Hash + Ord + Send + Sync;

    /// Its key.
    fn key(&self) -> Self::Key;
}

/// Some rows of a table: what was stored, and what became of it.
///
/// A row that was never asked about may be stored or not. Whoever applies events looks at [`Rows::missed`] afterwards, supplies
/// those rows and applies the events again to what was stored: until nothing was missed, what came out means nothing.
#[derive(Clone, Debug)]
pub struct Rows<R: Row> {
    stored: HashMap<R::Key, Option<R>>,
    now: HashMap<R::Key, Option<R>>,
    missed: HashSet<R::Key>,
    fresh: bool,
}

impl<R: Row> Default for Rows<R> {
    fn default() -> Self {
        Self { stored: HashMap::new(), now: HashMap::new(), missed: HashSet::new(), fresh: false }
    }
}

impl<R: Row> Rows<R> {
    /// Says that nothing is stored: whatever is asked about does not exist.
    pub fn start_empty(&mut self) {
        self.fresh = true;
    }

    /// The row as it is by now.
    pub fn get(&mut self, key: &R::Key) -> Option<&R> {
        if !self.now.contains_key(key) && !self.stored.contains_key(key) && !self.fresh {
            self.missed.insert(key.clone());
        }
        self.now.get(key).or_else(|| self.stored.get(key))?.as_ref()
    }

    /// Stores a row in place of any other with its key.
    pub fn put(&mut self, row: R) {
        self.now.insert(row.key(), Some(row));
    }

    /// Changes a row, if there is one.
    pub fn edit(&mut self, key: &R::Key, change: impl FnOnce(&mut R)) {
        if let Some(Some(row)) = self.now.get_mut(key) {
            change(row);
        } else if let Some(mut row) = self.get(key).cloned() {
            change(&mut row);
            self.put(row);
        }
    }

    /// Changes a row, which is made first if there is none.
    pub fn make(&mut self, key: &R::Key, fresh: impl FnOnce() -> R, change: impl FnOnce(&mut R)) {
        if let Some(Some(row)) = self.now.get_mut(key) {
            change(row);
        } else {
            let mut row = self.get(key).cloned().unwrap_or_else(fresh);
            change(&mut row);
            self.put(row);
        }
    }

    /// Removes a row.
    pub fn remove(&mut self, key: &R::Key) {
        self.now.insert(key.clone(), None);
    }

    /// Whether nothing was asked about or changed.
    #[must_use]
    pub fn are_untouched(&self) -> bool {
        self.now.is_empty() && self.missed.is_empty()
    }

    /// Takes the keys of rows that were asked about and are not here.
    pub fn missed(&mut self) -> Vec<R::Key> {
        self.missed.drain().collect()
    }

    /// Says what is stored under these keys; a key without a row has none.
    pub fn supply(&mut self, keys: Vec<R::Key>, rows: Vec<R>) {
        self.stored.extend(keys.into_iter().map(|key| (key, None)));
        self.stored.extend(rows.into_iter().map(|row| (row.key(), Some(row))));
    }

    /// Forgets what became of the rows.
    pub fn rewind(&mut self) {
        self.now.clear();
    }

    /// Takes what is to be written, in the order of the keys: rows, and keys of rows to remove.
    pub fn changes(&mut self) -> (Vec<R>, Vec<R::Key>) {
        let (mut written, mut removed) = (Vec::new(), Vec::new());
        let fresh = self.fresh;
        for (key, row) in self.now.drain() {
            let before = self.stored.get(&key).and_then(Option::as_ref);
            match row {
                Some(row) if before != Some(&row) => written.push(row),
                None if !fresh => removed.push(key),
                _ => {}
            }
        }
        written.sort_unstable_by_key(Row::key);
        removed.sort_unstable();
        (written, removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Count(u8, i64);

    impl Row for Count {
        type Key = u8;

        fn key(&self) -> u8 {
            self.0
        }
    }

    fn add(rows: &mut Rows<Count>, key: u8) {
        let before = rows.get(&key).map_or(0, |row| row.1);
        rows.put(Count(key, before + 1));
    }

    #[test]
    fn what_was_missed_is_supplied_and_applied_again() {
        let mut rows = Rows::default();
        add(&mut rows, 1);
        add(&mut rows, 2);
        let mut missed = rows.missed();
        missed.sort_unstable();
        assert_eq!(missed, [1, 2]);
        rows.rewind();
        rows.supply(missed, vec![Count(1, 10)]);
        add(&mut rows, 1);
        add(&mut rows, 2);
        assert!(rows.missed().is_empty());
        assert_eq!(rows.changes(), (vec![Count(1, 11), Count(2, 1)], vec![]));
    }

    #[test]
    fn what_became_what_it_was_is_not_written() {
        let mut rows = Rows::default();
        rows.supply(vec![1, 2], vec![Count(1, 5), Count(2, 5)]);
        rows.edit(&1, |row| row.1 = 6);
        rows.edit(&1, |row| row.1 = 5);
        rows.remove(&2);
        assert_eq!(rows.changes(), (vec![], vec![2]));
    }

    #[test]
    fn in_an_empty_table_nothing_is_missed() {
        let mut rows: Rows<Count> = Rows::default();
        rows.start_empty();
        rows.edit(&1, |row| row.1 = 6);
        add(&mut rows, 2);
        rows.put(Count(3, 1));
        rows.remove(&3);
        assert_eq!((rows.missed(), rows.changes()), (vec![], (vec![Count(2, 1)], vec![])));
    }
}
