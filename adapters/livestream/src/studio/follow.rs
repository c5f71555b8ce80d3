//! What happens in the room of a publication.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{RoomAt, Subscription};
use synctv_domain::command::CheckLive;
use synctv_domain::{Command, LiveEnd, Room, Seq};
use tokio::time::{sleep, timeout};

use super::on_air::OnAir;
use super::studio::Studio;

/// The room is looked at so often even when nothing is heard of it: what was to be heard may be lost.
const LOOK: Duration = Duration::from_secs(30);
/// Between two looks at a room in which a lot happens.
const SETTLE: Duration = Duration::from_millis(100);

impl Studio {
    /// Ends a publication as soon as the room says so, and says who is in the room, until it is over.
    pub(super) async fn follow(self: Arc<Self>, on_air: Arc<OnAir>) {
        let (mut checked, mut events) = ((Seq(0), Seq(0)), None);
        while on_air.over_since().is_none() {
            let Ok(RoomAt { room, .. }) = self.outside.rooms.look(on_air.claim.room).await else {
                sleep(SETTLE).await;
                continue;
            };
            if let Some(ending) = ended(&room, &on_air) {
                return on_air.recall(ending, told(ending));
            }
            self.check(&room, &on_air, &mut checked).await;
            on_air.learn(&room);
            self.news(&on_air, &room, &mut events).await;
        }
    }

    /// Whether the publisher may go on is asked again when rights have changed, and when the key is over.
    async fn check(&self, room: &Room, on_air: &OnAir, checked: &mut (Seq, Seq)) {
        let versions = room.versions();
        let now = (versions.settings, versions.members);
        if *checked == now && room.live_key(on_air.claim.key, self.outside.clock.now()).is_some() {
            return;
        }
        match self.decide(on_air.claim.room, Command::CheckLive(CheckLive {})).await {
            Ok(_) => *checked = now,
            Err(error) => tracing::debug!(room = %on_air.claim.room, %error, "live.unchecked"),
        }
    }

    /// Waits until something happens in the room, or the key is over.
    async fn news(&self, on_air: &OnAir, room: &Room, events: &mut Option<Box<dyn Subscription>>) {
        let now = self.outside.clock.now();
        let over = room.live_key(on_air.claim.key, now).map_or(0, |key| key.expires_at.0 - now.timestamp().0);
        let over = Duration::from_micros(u64::try_from(over).unwrap_or(0));
        let news = async {
            match events {
                Some(events) => events.next().await,
                None => events.insert(self.outside.events.subscribe(on_air.claim.room, room.seq()).await?).next().await,
            }
        };
        // Where much happens it begins anew from what the room is by then.
        if timeout(over.clamp(SETTLE, LOOK), news).await.is_ok() {
            *events = None;
        }
        sleep(SETTLE).await;
    }
}

/// How the publication ended, if the room is in another one, or in none.
fn ended(room: &Room, on_air: &OnAir) -> Option<LiveEnd> {
    match room.live() {
        Some(live) if live.seq == on_air.claim.started => None,
        Some(_) => Some(LiveEnd::Replaced),
        // The room has said why.
        None => Some(LiveEnd::Asked),
    }
}

fn told(ending: LiveEnd) -> &'static str {
    match ending {
        LiveEnd::Replaced => "the key is used by another connection",
        _ => "the stream was stopped",
    }
}
