//! Connections of members to rooms, as others see them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use synctv_commands::{Attendance, Audience, Ephemeral, Presence, Signal};
use synctv_domain::{ActorId, Company, RoomId};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::gathering::{GRACE, Gathering, TYPES_FOR};
use crate::locked;

/// In this time every reader who is not too slow learns who is gone.
const TOLD: Duration = Duration::from_secs(120);
/// Between two deliveries to one reader.
const PAUSE: Duration = Duration::from_millis(100);

/// The gatherings of this node.
pub struct Gatherings {
    own: Weak<Self>,
    rooms: Mutex<HashMap<RoomId, Arc<Gathering>>>,
}

impl Gatherings {
    /// Nobody is here.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new_cyclic(|own| Self { own: Weak::clone(own), rooms: Mutex::default() })
    }

    fn gathering(&self, room: RoomId) -> Option<Arc<Gathering>> {
        locked(&self.rooms).get(&room).cloned()
    }

    /// After the grace, and once more after everybody has had time to learn it.
    async fn conclude(self: Arc<Self>, room: RoomId, gathering: Arc<Gathering>, member: ActorId) {
        sleep(GRACE).await;
        gathering.conclude(member);
        sleep(TOLD).await;
        gathering.forget(member);
        let mut rooms = locked(&self.rooms);
        if gathering.is_empty() && rooms.get(&room).is_some_and(|kept| Arc::ptr_eq(kept, &gathering)) {
            rooms.remove(&room);
        }
    }
}

impl Audience for Gatherings {
    fn delay_ms(&self, room: RoomId) -> Option<i64> {
        self.gathering(room)?.delay_ms()
    }

    fn company(&self, room: RoomId) -> Company {
        self.gathering(room).map_or_else(Company::default, |gathering| gathering.company())
    }

    fn stalled(&self, room: RoomId) -> Vec<(ActorId, Duration)> {
        self.gathering(room).map_or_else(Vec::new, |gathering| gathering.stalled())
    }

    fn changes(&self, room: RoomId) -> Option<watch::Receiver<u64>> {
        Some(self.gathering(room)?.attention())
    }
}

impl Presence for Gatherings {
    fn attend(&self, room: RoomId, member: ActorId) -> Box<dyn Attendance> {
        let (gathering, number) = {
            let mut rooms = locked(&self.rooms);
            let gathering = Arc::clone(rooms.entry(room).or_default());
            // Under the lock: a gathering with somebody in it is not removed.
            let number = gathering.enter(member);
            (gathering, number)
        };
        Box::new(Connection { all: Weak::clone(&self.own), room, member, number, gathering })
    }
}

/// One connection of a member.
struct Connection {
    all: Weak<Gatherings>,
    room: RoomId,
    member: ActorId,
    number: u64,
    gathering: Arc<Gathering>,
}

impl Attendance for Connection {
    fn tell(&self, signal: Signal) {
        self.gathering.tell(self.member, self.number, signal);
        if signal == Signal::Typing(true) {
            let (gathering, member, at) = (Arc::clone(&self.gathering), self.member, Instant::now());
            tokio::spawn(async move {
                sleep(TYPES_FOR).await;
                gathering.stop_typing(member, at);
            });
        }
    }

    fn news(&self) -> BoxStream<'static, Vec<Arc<Ephemeral>>> {
        let gathering = Arc::clone(&self.gathering);
        let news = News { changed: gathering.watch(), gathering, reader: self.member, seen: 0, next: Instant::now() };
        stream::unfold(news, News::wait).boxed()
    }
}

/// How far somebody knows the news.
struct News {
    gathering: Arc<Gathering>,
    changed: watch::Receiver<u64>,
    reader: ActorId,
    /// The last change delivered; 0: none.
    seen: u64,
    /// No delivery before this.
    next: Instant,
}

impl News {
    async fn wait(mut self) -> Option<(Vec<Arc<Ephemeral>>, Self)> {
        loop {
            let seen = self.seen;
            // The gathering is held by this: it does not go away.
            self.changed.wait_for(|change| *change > seen).await.ok()?;
            sleep_until(self.next).await;
            let (seen, news) = self.gathering.since(self.seen, self.reader);
            self.seen = seen;
            if !news.is_empty() {
                self.next = Instant::now() + PAUSE;
                return Some((news, self));
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.gathering.leave(self.member, self.number)
            && let Some(all) = self.all.upgrade()
        {
            tokio::spawn(all.conclude(self.room, Arc::clone(&self.gathering), self.member));
        }
    }
}
