//! Connections of members to rooms, as others see them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use synctv_commands::{Attendance, Audience, Ephemeral, NodeId, Presence, Signal, Stance};
use synctv_domain::{ActorId, Company, RoomId};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::gathering::{GRACE, Gathering};
use crate::locked;
use crate::talk::Talk;

/// Somebody who types says so again before this.
const TYPES_FOR: Duration = Duration::from_secs(5);
/// In this time every reader who is not too slow learns who is gone.
const TOLD: Duration = Duration::from_secs(120);
/// Between two deliveries to one reader.
const PAUSE: Duration = Duration::from_millis(100);

/// The gatherings of all rooms, as far as this node knows.
pub struct Gatherings {
    own: Weak<Self>,
    pub(crate) node: NodeId,
    rooms: Mutex<HashMap<RoomId, Arc<Gathering>>>,
    /// The last place in the order of what all nodes told.
    place: AtomicU64,
    /// With other nodes, if there may be any.
    pub(crate) talk: Option<Talk>,
}

impl Gatherings {
    /// Nobody is here, and no other node is heard of.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Self::with(NodeId::default(), None)
    }

    /// Nobody is here; other nodes tell who is connected to them.
    #[must_use]
    pub fn among_nodes(node: NodeId) -> Arc<Self> {
        Self::with(node, Some(Talk::new(node)))
    }

    fn with(node: NodeId, talk: Option<Talk>) -> Arc<Self> {
        let (rooms, place) = (Mutex::default(), AtomicU64::new(0));
        Arc::new_cyclic(|own| Self { own: Weak::clone(own), node, rooms, place, talk })
    }

    fn gathering(&self, room: RoomId) -> Option<Arc<Gathering>> {
        locked(&self.rooms).get(&room).cloned()
    }

    /// The room's gathering, after somebody came: under the lock, because one with somebody in it is not removed.
    fn come<T>(&self, room: RoomId, come: impl FnOnce(&Gathering) -> T) -> (Arc<Gathering>, T) {
        let mut rooms = locked(&self.rooms);
        let gathering = Arc::clone(rooms.entry(room).or_insert_with(|| Arc::new(Gathering::new(self.node))));
        let come = come(&gathering);
        (gathering, come)
    }

    /// What other nodes are told of a member. None: not connected here.
    pub(crate) fn here(&self, room: RoomId, member: ActorId) -> Option<Stance> {
        self.gathering(room)?.here(member)
    }

    /// What another node says of a member who is connected to it.
    pub(crate) fn attends(&self, room: RoomId, member: ActorId, node: NodeId, stance: Stance) {
        let places = [stance.presence.map(|it| it.1), stance.typing.map(|it| it.1), stance.report.map(|it| it.1)];
        let last = places.into_iter().flatten().max().unwrap_or(0);
        self.place.fetch_max(last, Ordering::Relaxed);
        self.come(room, |gathering| gathering.attends(member, node, stance));
    }

    /// A member is no longer connected to another node since then.
    pub(crate) fn leaves(&self, room: RoomId, member: ActorId, node: NodeId, since: Instant) {
        if let Some(gathering) = self.gathering(room)
            && let Some(since) = gathering.leaves(member, node, since)
        {
            self.mind(room, gathering, member, since);
        }
    }

    /// Other nodes have to be told what became of a member here.
    fn touch(&self, room: RoomId, member: ActorId) {
        if let Some(talk) = &self.talk {
            talk.touch(room, member);
        }
    }

    /// The next place in the order of what all nodes told.
    fn next_place(&self) -> u64 {
        self.place.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    /// Nobody is connected as this member any more, since then.
    fn mind(&self, room: RoomId, gathering: Arc<Gathering>, member: ActorId, since: Instant) {
        if let Some(all) = self.own.upgrade() {
            tokio::spawn(all.conclude(room, gathering, member, since));
        }
    }

    /// After the grace, and once more after everybody has had time to learn it.
    async fn conclude(self: Arc<Self>, room: RoomId, gathering: Arc<Gathering>, member: ActorId, since: Instant) {
        sleep_until(since + GRACE).await;
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
        let (gathering, number) = self.come(room, |gathering| gathering.enter(member));
        self.touch(room, member);
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
        let Some(all) = self.all.upgrade() else { return };
        let (room, member, place) = (self.room, self.member, all.next_place());
        self.gathering.tell(member, self.number, signal, place);
        all.touch(room, member);
        if signal == Signal::Typing(true) {
            let gathering = Arc::clone(&self.gathering);
            tokio::spawn(async move {
                sleep(TYPES_FOR).await;
                if gathering.stop_typing(member, place) {
                    all.touch(room, member);
                }
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
        let gone = self.gathering.leave(self.member, self.number);
        let Some(all) = self.all.upgrade() else { return };
        all.touch(self.room, self.member);
        if let Some(since) = gone {
            all.mind(self.room, Arc::clone(&self.gathering), self.member, since);
        }
    }
}
