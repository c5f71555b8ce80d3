//! How far something is done, of a log that has no holes.

use std::collections::BTreeMap;

use synctv_domain::Position;

/// Positions that are done: all up to one, and some beyond it.
#[derive(Debug, Default)]
pub struct Frontier {
    upto: i64,
    /// Runs beyond, by their first position: their last one.
    beyond: BTreeMap<i64, i64>,
}

impl Frontier {
    /// Everything up to there is done, and nothing beyond.
    #[must_use]
    pub fn at(upto: Position) -> Self {
        Self { upto: upto.0, beyond: BTreeMap::new() }
    }

    /// Everything up to here is done.
    #[must_use]
    pub fn upto(&self) -> Position {
        Position(self.upto)
    }

    /// Whether this one is done.
    #[must_use]
    pub fn holds(&self, position: Position) -> bool {
        position.0 <= self.upto
            || self.beyond.range(..=position.0).next_back().is_some_and(|(_, last)| *last >= position.0)
    }

    /// These are done. Whether everything up to a later position is done now.
    pub fn add(&mut self, first: Position, last: Position) -> bool {
        let (mut first, mut last) = (first.0, last.0);
        if last <= self.upto || last < first {
            return false;
        }
        // Runs that overlap it or touch it become one with it.
        while let Some((&start, &end)) = self.beyond.range(..=last.saturating_add(1)).next_back() {
            if end < first - 1 {
                break;
            }
            (first, last) = (first.min(start), last.max(end));
            self.beyond.remove(&start);
        }
        if first > self.upto + 1 {
            self.beyond.insert(first, last);
            return false;
        }
        self.upto = last;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_a_set_would(runs in proptest::collection::vec((1_i64..60, 0_i64..8), 0..40), start in 0_i64..10) {
            let mut frontier = Frontier::at(Position(start));
            let mut set: BTreeSet<i64> = (1..=start).collect();
            for (first, more) in runs {
                let before = frontier.upto();
                let moved = frontier.add(Position(first), Position(first + more));
                set.extend(first..=first + more);
                let upto = (1..).find(|position| !set.contains(position)).unwrap_or(0) - 1;
                prop_assert_eq!(frontier.upto(), Position(upto));
                prop_assert_eq!(moved, before != frontier.upto());
                for position in 1..80 {
                    prop_assert_eq!(frontier.holds(Position(position)), set.contains(&position), "{}", position);
                }
                prop_assert!(frontier.beyond.iter().all(|(first, last)| upto + 1 < *first && first <= last));
            }
        }
    }
}
