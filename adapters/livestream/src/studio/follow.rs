//! What happens in the room of a publication.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{Delivery, RoomAt};
use synctv_domain::command::CheckLive;
use synctv_domain::{Command, LiveEnd, Room, Seq};
use tokio::time::{sleep, timeout};

use super::on_air::OnAir;
use super::studio::Studio;

/// The room is looked at so often even when nothing is heard of it: keys expire, and what was to be heard may be lost.
const LOOK: Duration = Duration::from_secs(3);
/// Between two looks at a room in which a lot happens.
const SETTLE: Duration = Duration::from_millis(100);

impl Studio {
    /// Ends a publication as soon as the room says so, and says who is in the room, until it is over.
    pub(super) async fn follow(self: Arc<Self>, on_air: Arc<OnAir>) {
        let mut checked = (Seq(0), Seq(0));
        while on_air.over_since().is_none() {
            let Ok(RoomAt { room, .. }) = self.outside.rooms.look(on_air.claim.room).await else {
                sleep(SETTLE).await;
                continue;
            };
            if let Some(ending) = ended(&room, &on_air) {
                return on_air.recall(ending, told(ending));
            }
            self.check(&room, &on_air, &mut checked).await;
            on_air.room.send_if_modified(|known| {
                let news = known.versions().members != room.versions().members || known.is_closed() != room.is_closed();
                if news {
                    *known = Arc::clone(&room);
                }
                news
            });
            self.news(&on_air, room.seq()).await;
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

    /// Waits until something happens in the room.
    async fn news(&self, on_air: &OnAir, after: Seq) {
        let news = async {
            match self.outside.events.subscribe(on_air.claim.room, after).await {
                Ok(mut events) => matches!(events.next().await, Ok(Delivery::Frames(_))),
                Err(_) => false,
            }
        };
        let _ = timeout(LOOK, news).await;
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
