//! How much of the log this node writes.

/// Events of the log over which it is counted.
const SPAN: i64 = 512;

/// Of the events that were stored lately.
#[derive(Default)]
pub(super) struct Share {
    /// Where the log stood when the count began.
    since: i64,
    /// Events of this node since.
    own: i64,
    small: bool,
}

impl Share {
    /// This node has stored so many events, and the log ended there.
    pub(super) fn stored(&mut self, head: i64, events: i64) {
        self.own += events;
        let span = head - self.since;
        if !(0..SPAN).contains(&span) {
            self.small = self.own * 4 < span * 3;
            (self.since, self.own) = (head, 0);
        }
    }

    /// Whether other nodes write more than a quarter of it.
    pub(super) fn is_small(&self) -> bool {
        self.small
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of these batches, each with what others stored before it.
    fn share(before: i64, batches: impl IntoIterator<Item = (i64, i64)>) -> bool {
        let (mut share, mut head) = (Share { since: before, ..Share::default() }, before);
        for (others, own) in batches {
            head += others + own;
            share.stored(head, own);
        }
        share.is_small()
    }

    #[test]
    fn a_node_that_writes_alone_has_all_of_it() {
        assert!(!share(0, [(0, 60); 40]));
        assert!(!share(100_000, [(0, 1); 2000]));
    }

    #[test]
    fn of_several_nodes_each_has_a_part() {
        assert!(share(0, [(60, 60); 40]));
        assert!(share(7, [(2, 1); 2000]));
        assert!(!share(0, [(1, 9); 400]), "hardly anybody else");
    }

    #[test]
    fn what_others_wrote_before_a_pause_is_soon_forgotten() {
        assert!(!share(0, [(60, 60); 40].into_iter().chain([(0, 60); 20])));
    }

    #[test]
    fn a_log_that_was_restored_begins_anew() {
        let mut share = Share::default();
        for head in [10_000, 50, 100, 700] {
            share.stored(head, 650.min(head));
        }
        assert!(!share.is_small());
    }
}
