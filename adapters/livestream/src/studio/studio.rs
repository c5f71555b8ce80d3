//! The publications of this node.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use synctv_commands::{
    Caller, Clock, CommandError, Limiter, LiveClaims, LiveHeld, Reply, Request, Rooms, SignedTokens, Subscriptions,
};
use synctv_domain::command::EndLive;
use synctv_domain::{Actor, ActorId, Command, Expect, LiveEnd, RoomId};
use tokio::time::{Instant, sleep};

use super::on_air::OnAir;
use super::segments::Segments;
use crate::hub::Settings;

/// How long viewers of a publication wait whose publisher is gone: encoders come back by themselves.
pub(super) const GRACE: Duration = Duration::from_secs(10);
/// How often it is tried to tell a room of an end. What is not told is told by whoever finds the row lapsed.
const TRIES: u32 = 10;
const AGAIN: Duration = Duration::from_millis(500);
/// Said to publishers when this node goes.
pub(super) const CLOSED: &str = "this server stops; come back";

/// What a studio needs from outside.
pub struct Outside {
    /// Rooms.
    pub rooms: Rooms,
    /// What happens in them.
    pub events: Arc<dyn Subscriptions>,
    /// Stream keys.
    pub keys: SignedTokens,
    /// Counts wrong ones.
    pub limiter: Arc<dyn Limiter>,
    /// Which node has what.
    pub claims: Arc<dyn LiveClaims>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where segments are kept; None: there is no HLS.
    pub segments: Option<Segments>,
}

/// The publications of this node.
pub struct Studio {
    pub(super) outside: Outside,
    pub(super) settings: Settings,
    on_air: Mutex<HashMap<RoomId, Arc<OnAir>>>,
    /// Nobody publishes here any more.
    closed: AtomicBool,
}

impl Studio {
    /// None so far.
    #[must_use]
    pub fn new(outside: Outside, settings: Settings) -> Arc<Self> {
        Arc::new(Self { outside, settings, on_air: Mutex::default(), closed: AtomicBool::new(false) })
    }

    /// The segments, if there are any.
    #[must_use]
    pub fn segments(&self) -> Option<&Segments> {
        self.outside.segments.as_ref()
    }

    /// All publications, those among them whose publisher has just gone.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<OnAir>> {
        self.on_air().values().cloned().collect()
    }

    /// The publication in a room, if it is this node's.
    #[must_use]
    pub fn find(&self, room: RoomId) -> Option<Arc<OnAir>> {
        self.on_air().get(&room).cloned()
    }

    /// Publishers have to go, because this node does.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        for on_air in self.all() {
            on_air.recall(LiveEnd::NodeGone, CLOSED);
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Puts a publication in the place of the one before, unless a later one is there: then the room has ended this one already.
    pub(super) fn insert(&self, on_air: &Arc<OnAir>) {
        let mut all = self.on_air();
        let present = all.get(&on_air.claim.room);
        if present.is_none_or(|present| present.claim.token < on_air.claim.token)
            && let Some(before) = all.insert(on_air.claim.room, Arc::clone(on_air))
        {
            before.gives_way();
        }
    }

    /// Nobody waits for a publication any more.
    pub(super) fn remove(&self, on_air: &Arc<OnAir>) {
        let mut all = self.on_air();
        if all.get(&on_air.claim.room).is_some_and(|present| Arc::ptr_eq(present, on_air)) {
            all.remove(&on_air.claim.room);
        }
    }

    fn on_air(&self) -> MutexGuard<'_, HashMap<RoomId, Arc<OnAir>>> {
        self.on_air.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the room decide something that nobody but the server asks.
    pub(super) async fn decide(&self, room: RoomId, command: Command) -> Result<Reply, CommandError> {
        let caller = Caller { actor: Actor { id: ActorId::System }, display_name: None, address: None };
        let (key, expect, if_match, within) = (None, Expect::default(), None, None);
        self.outside.rooms.execute(room, Request { caller, command, key, expect, if_match, within }).await
    }

    /// Tells the room that a publication has ended, and gives its row back.
    pub(super) async fn conclude(&self, on_air: &OnAir, reason: LiveEnd) {
        let (room, started) = (on_air.claim.room, on_air.claim.started);
        let mut tries = TRIES;
        while let Err(error) = self.decide(room, Command::EndLive(EndLive { started, reason })).await {
            tracing::warn!(%room, %error, "live.end_untold");
            tries -= 1;
            if tries == 0 {
                // Its row lapses, and with that it is told.
                return;
            }
            sleep(AGAIN).await;
        }
        // Whoever came instead takes the row over; should they not, it lapses.
        if reason == LiveEnd::Replaced {
            return;
        }
        if let Err(error) = self.outside.claims.release(LiveHeld { room, token: on_air.claim.token }).await {
            tracing::debug!(%room, %error, "live.unreleased");
        }
    }

    /// Until when those wait who watched a publication.
    pub(super) fn patience(over: Instant) -> Instant {
        over + GRACE
    }
}

impl std::fmt::Debug for Studio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Studio").field("on_air", &self.on_air().len()).finish_non_exhaustive()
    }
}
