//! What waits for one webhook: one event of a stream at a time, in the stream's order.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use synctv_commands::Waiting;
use synctv_domain::{Position, Seq};
use tokio::time::Instant;

/// Rows of a stream that are kept in memory. The others are read when these have gone, so that a stream that waits for long
/// takes no space from the others.
pub(crate) const KEPT: usize = 32;

/// The first event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) stream: Arc<str>,
    pub(crate) position: Position,
    /// How often it was tried in vain.
    pub(crate) attempts: u32,
}

struct Row {
    position: Position,
    seq: Seq,
    attempts: u32,
    due: Instant,
}

#[derive(Default)]
struct Stream {
    rows: VecDeque<Row>,
    /// Some were read and not kept.
    left_out: bool,
}

#[derive(Default)]
pub(crate) struct Backlog {
    streams: HashMap<Arc<str>, Stream>,
    /// Of streams with nothing under way, by the time they are due.
    heads: BTreeSet<(Instant, Position, Arc<str>)>,
    /// Streams whose kept rows have gone, and what they went up to.
    thin: Vec<(Arc<str>, Seq)>,
}

impl Backlog {
    /// Adds what follows everything that was added before.
    pub(crate) fn add(&mut self, rows: Vec<Waiting>, now: Instant) {
        for row in rows {
            let stream = self.streams.entry(Arc::clone(&row.stream)).or_insert_with(|| {
                self.heads.insert((now + row.wait, row.position, Arc::clone(&row.stream)));
                Stream::default()
            });
            if stream.left_out || stream.rows.len() >= KEPT {
                stream.left_out = true;
            } else {
                stream.rows.push_back(Row::new(&row, now));
            }
        }
    }

    /// The next event to be sent, which is under way from now on.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Head> {
        let (_, position, stream) = self.heads.first().filter(|(due, ..)| *due <= now)?.clone();
        self.heads.pop_first();
        let attempts = self.streams.get(&stream)?.rows.front()?.attempts;
        Some(Head { stream, position, attempts })
    }

    /// What was under way needs no more attempts.
    pub(crate) fn done(&mut self, name: &Arc<str>) {
        let Some(stream) = self.streams.get_mut(name) else { return };
        let Some(gone) = stream.rows.pop_front() else { return };
        match stream.rows.front() {
            Some(row) => drop(self.heads.insert((row.due, row.position, Arc::clone(name)))),
            None if stream.left_out => self.thin.push((Arc::clone(name), gone.seq)),
            None => drop(self.streams.remove(name)),
        }
    }

    /// What was under way has to be tried again.
    pub(crate) fn again(&mut self, name: &Arc<str>, attempts: u32, due: Instant) {
        let Some(row) = self.streams.get_mut(name).and_then(|stream| stream.rows.front_mut()) else { return };
        (row.attempts, row.due) = (attempts, due);
        self.heads.insert((due, row.position, Arc::clone(name)));
    }

    /// A stream that needs rows, and the seq that they follow.
    pub(crate) fn thin(&self) -> Option<&(Arc<str>, Seq)> {
        self.thin.last()
    }

    /// Gives the stream of [`Backlog::thin`] its rows; fewer than [`KEPT`]: all there are.
    pub(crate) fn refill(&mut self, rows: &[Waiting], now: Instant) {
        let Some((name, _)) = self.thin.pop() else { return };
        let Some(first) = rows.first() else {
            self.streams.remove(&name);
            return;
        };
        let Some(stream) = self.streams.get_mut(&name) else { return };
        stream.left_out = rows.len() >= KEPT;
        stream.rows.extend(rows.iter().map(|row| Row::new(row, now)));
        self.heads.insert((now + first.wait, first.position, name));
    }

    /// How many are due, counted up to `most`.
    pub(crate) fn due(&self, now: Instant, most: usize) -> usize {
        self.heads.iter().take(most).take_while(|(due, ..)| *due <= now).count()
    }

    /// When the next one is due.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.heads.first().map(|(due, ..)| *due)
    }
}

impl Row {
    fn new(row: &Waiting, now: Instant) -> Self {
        Self { position: row.position, seq: row.seq, attempts: row.attempts, due: now + row.wait }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn row(stream: &str, position: i64) -> Waiting {
        let (position, seq) = (Position(position), Seq(position));
        Waiting { position, stream: stream.into(), seq, attempts: 0, wait: Duration::ZERO }
    }

    fn name(head: Option<Head>) -> Option<(String, i64)> {
        head.map(|head| (head.stream.to_string(), head.position.0))
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_has_one_event_under_way_and_the_others_go_on() {
        let now = Instant::now();
        let mut backlog = Backlog::default();
        backlog.add(vec![row("a", 1), row("b", 2), row("a", 3), row("b", 4)], now);
        assert_eq!(backlog.due(now, 10), 2);
        let first = backlog.next(now).expect("it is due");
        assert_eq!(name(backlog.next(now)), Some(("b".to_owned(), 2)));
        assert_eq!(backlog.next(now), None);
        backlog.again(&first.stream, 1, now + Duration::from_secs(5));
        backlog.done(&"b".into());
        assert_eq!(name(backlog.next(now)), Some(("b".to_owned(), 4)));
        assert_eq!((backlog.next(now), backlog.next_at()), (None, Some(now + Duration::from_secs(5))));
        let again = backlog.next(now + Duration::from_secs(5)).expect("it is due");
        assert_eq!((again.position, again.attempts), (Position(1), 1));
        backlog.done(&again.stream);
        assert_eq!(name(backlog.next(now)), Some(("a".to_owned(), 3)));
        backlog.done(&"a".into());
        backlog.done(&"b".into());
        assert!(backlog.streams.is_empty() && backlog.heads.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_long_stream_leaves_out_is_read_when_the_rest_has_gone() {
        let now = Instant::now();
        let mut backlog = Backlog::default();
        let all: Vec<_> = (1..=100).map(|position| row("a", position)).collect();
        backlog.add(all[..70].to_vec(), now);
        backlog.add(vec![row("b", 71)], now);
        let (mut seen, mut added) = (Vec::new(), 70);
        while let Some(head) = backlog.next(now) {
            if &*head.stream == "a" {
                seen.push(head.position.0);
            }
            backlog.done(&head.stream);
            if let Some((_, after)) = backlog.thin().cloned() {
                let behind = usize::try_from(after.0).expect("a seq");
                backlog.refill(&all[behind..(behind + KEPT).min(added)], now);
            }
            if seen.len() == 50 {
                backlog.add(all[70..].to_vec(), now);
                added = 100;
            }
        }
        assert_eq!(seen, (1..=100).collect::<Vec<_>>());
        assert!(backlog.streams.is_empty() && backlog.thin.is_empty());
    }
}
