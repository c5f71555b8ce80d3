//! Hearing of what other nodes store.

use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join_all;
use redis::{FromRedisValue, Value};
use synctv_commands::{Carried, Hearing, LogError, Outbox, Unseal};
use synctv_domain::{Position, Recorded, RoomId};
use tokio::time::{Instant, sleep, timeout};

use super::entry::Sealed;
use super::relay::Relay;
use super::streams::{StreamError, Streams};

/// How long Redis waits for something to tell; so often the incarnation is looked at.
const WAIT: Duration = Duration::from_millis(250);
/// And how much longer it may take to say so.
const DEADLINE: Duration = Duration::from_millis(750);
/// Entries of a stream read at once.
const PAGE: usize = 500;
/// Before the next attempt: from here, doubled each time, to there.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// What lasted so long was good.
const GOOD: Duration = Duration::from_secs(10);

/// Reads the streams, and hands on what is new to those who follow it here.
///
/// A stream is a hint: what is missing in it, or not believed, is found in the log by whoever compares heads.
pub struct Feed {
    relay: Relay,
    outbox: Arc<dyn Outbox>,
    unseal: Arc<dyn Unseal>,
    hearing: Arc<dyn Hearing>,
}

impl Feed {
    /// Of the streams that `relay` writes.
    #[must_use]
    pub fn new(relay: Relay, outbox: Arc<dyn Outbox>, unseal: Arc<dyn Unseal>, hearing: Arc<dyn Hearing>) -> Self {
        Self { relay, outbox, unseal, hearing }
    }

    /// Until dropped.
    pub async fn run(&self) {
        let mut pause = PAUSES.0;
        loop {
            let began = Instant::now();
            let ended = self.read().await;
            self.expect(false);
            match ended {
                Err(StreamError::Log(LogError::EpochChanged)) => continue,
                Err(error) => tracing::debug!(%error, "feed.ended"),
                Ok(()) => {}
            }
            pause = if began.elapsed() >= GOOD { PAUSES.0 } else { (pause * 2).min(PAUSES.1) };
            sleep(pause).await;
        }
    }

    fn expect(&self, arriving: bool) {
        self.hearing.expect(arriving);
        self.relay.metrics().fed.set(arriving.into());
    }

    /// In one incarnation, until something fails.
    async fn read(&self) -> Result<(), StreamError> {
        let (epoch, n) = (self.outbox.epoch(), self.outbox.partitions());
        let keys = self.relay.keys(&epoch, n);
        // In a cluster a read that waits is for one key.
        let at_once = if self.relay.redis().link.is_cluster() { 1 } else { keys.len() };
        let mut readers = try_join_all(keys.chunks(at_once).map(|keys| self.reader(keys))).await?;
        self.expect(true);
        try_join_all(readers.iter_mut().map(Reader::follow)).await.map(drop)
    }

    /// Of these streams, over a connection of its own.
    async fn reader(&self, keys: &[String]) -> Result<Reader<'_>, StreamError> {
        let connection = self.relay.redis().link.dedicated().await?;
        let streams = self.relay.streams(&*self.outbox, connection);
        for key in keys {
            // What nobody can add to would be waited at in vain.
            streams.mend(key).await?;
        }
        let head = self.outbox.head().await?;
        let reached = self.hearing.reached(&streams.epoch).unwrap_or(head);
        let reached = Id { place: reached, number: 0 };
        Ok(Reader { feed: self, streams, places: keys.iter().map(|key| (key.clone(), reached)).collect() })
    }
}

/// Its id, and names and values of its fields in turn.
type Entry = (String, Vec<Vec<u8>>);

/// Of an entry: the position of its last event, and 0; of one that came late, the position of a later event, and more.
#[derive(Clone, Copy)]
struct Id {
    place: Position,
    number: u64,
}

impl Id {
    fn read(text: &str) -> Option<Self> {
        let (place, number) = text.split_once('-')?;
        Some(Self { place: Position(place.parse().ok()?), number: number.parse().ok()? })
    }
}

struct Reader<'a> {
    feed: &'a Feed,
    streams: Streams<'a>,
    /// Streams, and the last entry read of each.
    places: Vec<(String, Id)>,
}

impl Reader<'_> {
    /// Until something fails, or another incarnation begins.
    async fn follow(&mut self) -> Result<(), StreamError> {
        while self.feed.outbox.epoch() == self.streams.epoch {
            self.turn().await?;
            if self.streams.are_elsewhere(&self.feed.relay.redis().link) {
                return Err(StreamError::Elsewhere);
            }
        }
        Err(LogError::EpochChanged.into())
    }

    async fn turn(&mut self) -> Result<(), StreamError> {
        let mut fresh = Vec::new();
        for (key, entries) in self.wait().await? {
            let Some(place) = self.places.iter().position(|(known, _)| *known == key) else { continue };
            for entry in entries {
                match self.parse(&entry, self.places[place].1) {
                    Some((id, events)) => {
                        self.places[place].1 = id;
                        fresh.extend(events);
                    }
                    None => self.remove(&key, &entry.0).await?,
                }
            }
        }
        self.hand_on(fresh).await
    }

    /// What came behind the last positions.
    async fn wait(&mut self) -> Result<Vec<(String, Vec<Entry>)>, StreamError> {
        let mut command = redis::cmd("XREAD");
        let wait = u64::try_from(WAIT.as_millis()).unwrap_or_default();
        command.arg("COUNT").arg(PAGE).arg("BLOCK").arg(wait).arg("STREAMS");
        for (key, _) in &self.places {
            command.arg(key);
        }
        for (_, last) in &self.places {
            command.arg(format!("{}-{}", last.place.0, last.number));
        }
        let answer = timeout(WAIT + DEADLINE, command.query_async::<Value>(&mut self.streams.connection())).await;
        match answer.map_err(|_| StreamError::Silent)?? {
            Value::Nil => Ok(Vec::new()),
            some => Ok(Vec::from_redis_value(some).map_err(redis::RedisError::from)?),
        }
    }

    /// Its place, and what it says that is new to somebody here. None: no node of this log made it.
    fn parse(&self, (id, fields): &Entry, last: Id) -> Option<(Id, Vec<Carried>)> {
        let (id, entry) = (Id::read(id)?, Sealed::parse(fields)?);
        let in_place = id.number == 0 && entry.positions.last() == Some(&id.place);
        // Or it came behind an event that was there.
        if !in_place && (id.number == 0 || id.place > last.place) {
            return None;
        }
        let (epoch, hearing) = (&self.streams.epoch, &self.feed.hearing);
        // Stored here, or looked up before it came.
        let known = |position: &Position| hearing.knows(epoch, *position);
        let (mut events, mut new) = (Vec::new(), 0);
        if !entry.positions.iter().all(known) {
            let wanted = |position, stream: &str| {
                if known(&position) {
                    return false;
                }
                new += 1;
                let followed = stream.parse().is_ok_and(|room| hearing.follows(room));
                if !followed {
                    hearing.pass(epoch, position);
                }
                followed
            };
            events = self.streams.seal().read(&epoch.name, &entry, wanted)?;
        }
        self.feed.relay.metrics().heard("new", new);
        for position in &entry.positions {
            self.feed.relay.seen(epoch, *position);
        }
        Some((id, events))
    }

    async fn remove(&mut self, key: &str, id: &str) -> Result<(), StreamError> {
        self.feed.relay.metrics().heard("refused", 1);
        let mut command = redis::cmd("XDEL");
        command.arg(key).arg(id);
        let removed = timeout(DEADLINE, command.query_async::<u64>(&mut self.streams.connection())).await;
        self.feed.relay.metrics().removed(removed.map_err(|_| StreamError::Silent)??, key);
        // Its id may be where nothing can follow it.
        self.streams.mend(key).await
    }

    /// To those who follow the rooms of these events.
    async fn hand_on(&self, fresh: Vec<Carried>) -> Result<(), StreamError> {
        let (epoch, hearing) = (&self.streams.epoch, &self.feed.hearing);
        if fresh.is_empty() {
            return Ok(());
        }
        let events = self.feed.unseal.unseal(epoch, fresh).await?;
        let mut rest = events.into_iter().peekable();
        while let Some((room, first)) = rest.next() {
            let mut run: Vec<Recorded> = vec![first];
            while let Some((_, next)) = rest.next_if(|(next, event)| follows(*next, event, room, &run)) {
                run.push(next);
            }
            hearing.hear(room, epoch, run.into());
        }
        Ok(())
    }
}

/// Whether an event goes on where a run of the room's events ends.
fn follows(next: RoomId, event: &Recorded, room: RoomId, run: &[Recorded]) -> bool {
    next == room && run.last().is_some_and(|last| event.seq == last.seq.next())
}
