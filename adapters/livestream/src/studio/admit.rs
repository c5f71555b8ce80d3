//! Who may publish.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rand::Rng;
use synctv_commands::{CommandError, LIVE_LIMITS, LiveClaim, RoomAt, network};
use synctv_domain::command::{EndLive, Secret, StartLive};
use synctv_domain::{Command, Event, LiveEnd, LiveKeyId, Rejection, Room, RoomId};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::on_air::OnAir;
use super::studio::{CLOSED, Studio};
use crate::desk::{Admitted, Desk, End, Refusal};
use crate::hub::Stream;

/// Who shows a wrong key waits at most so long, ms: guesses take time, and how long says nothing.
const DAWDLE: u64 = 1000;

const DENIED: &str = "NetStream.Publish.Denied";
const TAKEN: &str = "NetStream.Publish.BadName";
const FAILED: &str = "NetStream.Publish.Failed";

#[async_trait]
impl Desk for Arc<Studio> {
    async fn admit(&self, name: &str, peer: SocketAddr) -> Result<Admitted, Refusal> {
        if self.is_closed() {
            return Err(Refusal { code: FAILED, description: CLOSED.to_owned() });
        }
        let address = network(peer.ip()).to_string();
        let Some((room, key)) = self.shown(name) else { return Err(self.wrong(None, &address).await) };
        if let Some(wait) = self.outside.limiter.take(&LIVE_LIMITS[0], &key.to_string()).await.wait {
            let description = format!("too many streams began with this key: try again in {} s", wait.as_secs() + 1);
            return Err(Refusal { code: FAILED, description });
        }
        match self.claim(room, key).await {
            Ok((on_air, recalled)) => {
                tracing::info!(%room, token = on_air.claim.token.0, %peer, "live.started");
                Ok(Admitted { stream: Arc::clone(&on_air.stream), recalled, room, token: on_air.claim.token })
            }
            Err(Denied::Key) => Err(self.wrong(Some(room), &address).await),
            Err(Denied::Refused(refusal)) => {
                tracing::info!(%room, why = refusal.description, "live.refused");
                Err(refusal)
            }
        }
    }

    async fn ended(&self, admitted: Admitted, end: End) {
        let of = self.find(admitted.room).filter(|on_air| on_air.claim.token == admitted.token);
        admitted.stream.end();
        // Another one took its place already, and its end was told with that.
        let Some(on_air) = of else { return };
        self.over(&on_air, reason(&on_air, end)).await;
    }
}

/// A publication, and what recalls its publisher.
type Begun = (Arc<OnAir>, watch::Receiver<Option<String>>);

/// Why somebody may not publish.
enum Denied {
    /// There is no such key that is good.
    Key,
    /// For another reason.
    Refused(Refusal),
}

impl Denied {
    fn taken() -> Self {
        Self::refused(TAKEN, "the key is used by another connection")
    }

    fn refused(code: &'static str, description: impl Into<String>) -> Self {
        Self::Refused(Refusal { code, description: description.into() })
    }
}

impl Studio {
    /// The room, and the key for it, that a stream key names: `{room}?key={key}`.
    fn shown(&self, name: &str) -> Option<(RoomId, LiveKeyId)> {
        let (room, query) = name.trim().split_once('?')?;
        let room = room.parse().ok()?;
        let key = query.split('&').find_map(|pair| pair.strip_prefix("key="))?;
        let id = self.outside.keys.read(room, &Secret::new(key.to_owned()))?;
        Some((room, LiveKeyId::new(id)))
    }

    /// What is said about a room that does not exist, a key that never was, and one that is over: the same.
    async fn wrong(&self, room: Option<RoomId>, address: &str) -> Refusal {
        let dawdle = rand::rng().random_range(0..DAWDLE);
        sleep(Duration::from_millis(dawdle)).await;
        let [_, by_address, by_room] = &LIVE_LIMITS;
        let mut waits = vec![self.outside.limiter.take(by_address, address).await.wait];
        if let Some(room) = room {
            waits.push(self.outside.limiter.take(by_room, &room.to_string()).await.wait);
        }
        tracing::info!(address, "live.wrong_key");
        let description = match waits.into_iter().flatten().max() {
            Some(wait) => format!("too many wrong stream keys: try again in {} s", wait.as_secs() + 1),
            None => "the stream key is wrong or over: it is {room}?key={key}, as the room shows it".to_owned(),
        };
        Refusal { code: DENIED, description }
    }

    async fn claim(self: &Arc<Self>, room: RoomId, key: LiveKeyId) -> Result<Begun, Denied> {
        let unavailable = |error: &dyn std::fmt::Display| {
            tracing::warn!(%room, %error, "live.unclaimed");
            Denied::refused(FAILED, "the server cannot take streams now; try again soon")
        };
        self.outside.claims.announce(room).await.map_err(|error| unavailable(&error))?;
        let asked = Instant::now();
        let start = || self.decide(room, Command::StartLive(StartLive { key_id: key }));
        let reply = match start().await {
            Err(CommandError::Rejected(Rejection::AlreadyLive { .. })) if self.is_orphaned(room).await => start().await,
            decided => decided,
        };
        let reply = reply.map_err(|error| match error {
            CommandError::Rejected(Rejection::LiveKeyNotFound | Rejection::RoomNotFound) => Denied::Key,
            CommandError::Rejected(Rejection::AlreadyLive { .. }) => {
                Denied::refused(TAKEN, "somebody else is live in this room")
            }
            CommandError::Rejected(rejection) => Denied::refused(DENIED, rejection.to_string()),
            error => unavailable(&error),
        })?;
        let started = reply.events.iter().find_map(|recorded| match &recorded.event {
            Event::LiveStarted(started) => Some((recorded, started.by)),
            _ => None,
        });
        let (begun, by) = started.ok_or_else(|| unavailable(&"no start was decided"))?;
        let claim = LiveClaim { room, token: begun.position, started: begun.seq, by, key };
        let taken = self.outside.claims.take(&claim).await;
        let at = self.outside.rooms.look(room).await;
        match (taken, at) {
            (Ok(true), Ok(RoomAt { room: at, .. })) => self.begin(claim, at, asked).ok_or_else(Denied::taken),
            (Ok(false), _) => Err(Denied::taken()),
            (taken, at) => {
                let error = taken.err().map(|error| error.to_string()).or(at.err().map(|error| error.to_string()));
                // What cannot be told now is told by whoever finds the row lapsed.
                let end = EndLive { started: claim.started, reason: LiveEnd::Disconnected };
                let _ = self.decide(room, Command::EndLive(end)).await;
                Err(unavailable(&error.unwrap_or_default()))
            }
        }
    }

    /// Whether the node is gone that had the stream which is under way; then its end is told.
    async fn is_orphaned(&self, room: RoomId) -> bool {
        let Ok(RoomAt { room: at, .. }) = self.outside.rooms.look(room).await else { return false };
        let Some(live) = at.live() else { return true };
        match self.outside.claims.is_held(room).await {
            // Its row may be on its way.
            Ok(None) if self.is_fresh(&live) => return false,
            Ok(None | Some(false)) => {}
            Ok(Some(true)) | Err(_) => return false,
        }
        let end = EndLive { started: live.seq, reason: LiveEnd::NodeGone };
        self.decide(room, Command::EndLive(end)).await.is_ok()
    }

    /// A publication is this node's. Who watched the one before in the room goes on with it. None: a later one was faster.
    fn begin(self: &Arc<Self>, claim: LiveClaim, room: Arc<Room>, asked: Instant) -> Option<Begun> {
        let before = self.find(claim.room);
        let stream = match &before {
            Some(before) if before.claim.token > claim.token => return None,
            Some(before) => {
                // First: what it would still send would be later than where this one begins.
                before.gives_way();
                Stream::after(self.settings, &before.stream)
            }
            None => Stream::new(self.settings),
        };
        let segments = self.outside.segments.as_ref().map_or(0, |segments| segments.listed);
        let on_air = Arc::new(OnAir::new(claim, stream, room, segments, asked));
        // Before anybody sees it: without somebody to recall it would be deserted.
        let recalled = on_air.recall.subscribe();
        self.insert(&on_air);
        tokio::spawn(Arc::clone(self).follow(Arc::clone(&on_air)));
        if let Some(segments) = &self.outside.segments {
            tokio::spawn(segments.clone().cut(Arc::clone(&on_air), before, Arc::clone(&self.outside.clock)));
        }
        if self.is_closed() {
            on_air.recall(LiveEnd::NodeGone, CLOSED);
        }
        Some((on_air, recalled))
    }

    /// A publication of this node has ended: viewers wait for a moment, everybody else is told at once.
    pub(super) async fn over(self: &Arc<Self>, on_air: &Arc<OnAir>, reason: LiveEnd) {
        on_air.ends();
        tracing::info!(room = %on_air.claim.room, token = on_air.claim.token.0, ?reason, "live.stopped");
        self.conclude(on_air, reason).await;
        let (studio, on_air) = (Arc::clone(self), Arc::clone(on_air));
        tokio::spawn(async move {
            if let Some(over) = on_air.over_since() {
                tokio::time::sleep_until(Self::patience(over)).await;
            }
            studio.remove(&on_air);
        });
    }
}

fn reason(on_air: &OnAir, end: End) -> LiveEnd {
    match end {
        End::Finished => LiveEnd::Finished,
        End::Gone => LiveEnd::Disconnected,
        End::Silent => LiveEnd::Silent,
        End::Malformed => LiveEnd::Malformed,
        End::Recalled => on_air.ending().unwrap_or(LiveEnd::Asked),
    }
}
