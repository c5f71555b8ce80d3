//! Those who watch over FLV.

use std::sync::Arc;

use bytes::Bytes;
use synctv_domain::{ActorId, Room, RoomId};
use tokio::sync::watch;
use tokio::time::{Duration, Instant, sleep};

use super::on_air::OnAir;
use super::studio::Studio;
use crate::hub::{BEGINNING, Viewer};

/// How often it is looked for a publication that goes on.
const LOOK: Duration = Duration::from_millis(100);

/// Everybody hears of a stream as soon as its event is stored, which is before its node has it.
const SOON: Duration = Duration::from_secs(1);

/// Somebody who watches a room's stream, also across publications that follow each other soon.
pub struct Audience {
    studio: Arc<Studio>,
    actor: ActorId,
    on_air: Arc<OnAir>,
    viewer: Viewer,
    room: watch::Receiver<Arc<Room>>,
    /// What was sent last belongs to a publication before.
    goes_on: bool,
}

/// What a room has for who wants to watch here.
pub enum Found {
    /// It is live.
    Here(Box<Audience>),
    /// Another node has it.
    Elsewhere,
    /// Nobody publishes.
    Nothing,
}

impl Studio {
    /// Somebody wants to watch who is a member of this room.
    pub async fn watch(self: &Arc<Self>, id: RoomId, room: &Arc<Room>, actor: ActorId) -> Found {
        let Some(live) = room.live() else { return Found::Nothing };
        let until = Instant::now() + if self.is_fresh(&live) { SOON } else { Duration::ZERO };
        loop {
            if let Some(on_air) = self.find(id).filter(|on_air| on_air.over_since().is_none()) {
                // Who has just come in is not known here yet.
                on_air.learn(room);
                let mut room = on_air.room.subscribe();
                // Members may have changed since the caller looked.
                room.mark_changed();
                return Found::Here(Box::new(Audience {
                    studio: Arc::clone(self),
                    actor,
                    viewer: on_air.stream.watch(),
                    room,
                    on_air,
                    goes_on: false,
                }));
            }
            if Instant::now() >= until {
                return Found::Elsewhere;
            }
            sleep(LOOK).await;
        }
    }
}

impl Audience {
    /// What comes next, and what has to come before it. None: it has ended, or this viewer may not go on.
    pub async fn next(&mut self) -> Option<(Option<Bytes>, Bytes)> {
        loop {
            let Some(watched) = self.viewer.next().await else {
                self.follow().await?;
                continue;
            };
            if !self.may_go_on() {
                return None;
            }
            let goes_on = std::mem::take(&mut self.goes_on);
            let headers = watched.headers.map(|headers| if goes_on { without_beginning(headers) } else { headers });
            return Some((headers, watched.tags));
        }
    }

    /// Asked before anything is shown: what nobody sends nobody has to be kept from.
    fn may_go_on(&mut self) -> bool {
        if !self.room.has_changed().unwrap_or(false) {
            return true;
        }
        let room = self.room.borrow_and_update();
        room.is_member(self.actor) && !room.is_closed()
    }

    /// Goes on with the publication that follows; None: none does.
    async fn follow(&mut self) -> Option<()> {
        let over = self.on_air.over_since().unwrap_or_else(Instant::now);
        let until = Studio::patience(over);
        while Instant::now() < until {
            let next = self.studio.find(self.on_air.claim.room).filter(|next| !Arc::ptr_eq(next, &self.on_air));
            if let Some(next) = next {
                if !next.room.borrow().is_member(self.actor) {
                    return None;
                }
                (self.viewer, self.room, self.goes_on) = (next.stream.watch(), next.room.subscribe(), true);
                self.on_air = next;
                return Some(());
            }
            sleep(LOOK).await;
        }
        None
    }
}

/// What describes a stream, for who has the beginning of the file.
fn without_beginning(headers: Bytes) -> Bytes {
    if headers.starts_with(b"FLV") && headers.len() >= BEGINNING { headers.slice(BEGINNING..) } else { headers }
}
