//! Keeping the rows of this node, and looking after those of nodes that are gone.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{ClaimError, LIVE_TERM, LiveHeld, LiveLapsed, ReadError, RoomAt};
use synctv_domain::command::EndLive;
use synctv_domain::{Command, Live, LiveEnd};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::on_air::OnAir;
use super::studio::Studio;

/// How often it is looked for publications that are no more this node's, or have no publisher.
const FENCE: Duration = Duration::from_millis(250);
/// How often it is looked at what operators want.
const LOOK: Duration = Duration::from_secs(1);
/// How often rows are renewed.
const RENEW: Duration = Duration::from_secs(5);

impl Studio {
    /// Keeps the publications of this node, as long as it is polled.
    pub async fn keep(self: Arc<Self>) {
        // A database that does not answer holds up no fence, and what others left behind no row of this node.
        tokio::join!(self.guard(), self.attend(), self.undertake());
    }

    async fn guard(self: &Arc<Self>) {
        let mut ticks = interval(FENCE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.fence();
        }
    }

    async fn attend(&self) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut renewed: Option<Instant> = None;
        loop {
            ticks.tick().await;
            if renewed.is_none_or(|renewed| renewed.elapsed() >= RENEW) {
                renewed = Some(Instant::now());
                if let Err(error) = self.renew().await {
                    tracing::warn!(%error, "live.unrenewed");
                    renewed = None;
                }
            }
            if let Err(error) = self.kick().await {
                tracing::debug!(%error, "live.kicks_unread");
            }
        }
    }

    async fn undertake(&self) {
        let mut ticks = interval(RENEW);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.bury().await {
                tracing::debug!(%error, "live.lapsed_unread");
            }
        }
    }

    /// Ends what is surely no more this node's, whoever can be asked about it.
    fn fence(self: &Arc<Self>) {
        for on_air in self.live() {
            if !on_air.is_held() {
                tracing::error!(room = %on_air.claim.room, "live.fenced: its claim could not be renewed in time");
                on_air.recall(LiveEnd::NodeGone, "this server cannot reach its database");
                on_air.stream.end();
            } else if on_air.is_deserted() {
                on_air.ends();
                let studio = Arc::clone(self);
                tokio::spawn(async move { studio.over(&on_air, LiveEnd::Disconnected).await });
            }
        }
    }

    async fn renew(&self) -> Result<(), ClaimError> {
        let (live, asked) = (self.live(), Instant::now());
        if live.is_empty() {
            return Ok(());
        }
        let held: Vec<_> = live.iter().map(|on_air| (held(on_air), on_air.report())).collect();
        let still = self.outside.claims.renew(&held).await?;
        for on_air in live {
            if still.contains(&self::held(&on_air)) {
                on_air.renewed(asked);
            } else if on_air.over_since().is_none() {
                on_air.recall(LiveEnd::Replaced, "the stream was taken over by another connection");
            }
        }
        Ok(())
    }

    async fn kick(&self) -> Result<(), ClaimError> {
        if self.live().is_empty() {
            return Ok(());
        }
        for room in self.outside.claims.kicked().await? {
            if let Some(on_air) = self.find(room) {
                on_air.recall(LiveEnd::Asked, "an operator ended the stream");
            }
        }
        Ok(())
    }

    /// Tells rooms of the end of what nodes had that are gone.
    async fn bury(&self) -> Result<(), ClaimError> {
        for lapsed in self.outside.claims.lapsed().await? {
            if self.tell_lapsed(&lapsed).await {
                self.outside.claims.forget(&lapsed).await?;
            }
        }
        Ok(())
    }

    /// Ends what is live where the row has lapsed; whether nothing is any more. What has just begun may still get its row.
    async fn tell_lapsed(&self, lapsed: &LiveLapsed) -> bool {
        let live = match self.outside.rooms.look(lapsed.room).await {
            Ok(RoomAt { room, .. }) => room.live(),
            Err(ReadError::RoomNotFound) => None,
            Err(_) => return false,
        };
        let Some(live) = live else { return true };
        if live.seq != lapsed.started && self.is_fresh(&live) {
            return false;
        }
        let end = EndLive { started: live.seq, reason: LiveEnd::NodeGone };
        match self.decide(lapsed.room, Command::EndLive(end)).await {
            Ok(reply) => {
                if !reply.events.is_empty() {
                    tracing::warn!(room = %lapsed.room, token = lapsed.token.0, "live.node_gone");
                }
                true
            }
            Err(error) => {
                tracing::warn!(room = %lapsed.room, %error, "live.end_untold");
                false
            }
        }
    }

    /// Whether it began so recently that its row may be on its way.
    pub(super) fn is_fresh(&self, live: &Live) -> bool {
        let term = i64::try_from(LIVE_TERM.as_micros()).unwrap_or(i64::MAX);
        live.started_at.0 + term > self.outside.clock.now().timestamp().0
    }

    fn live(&self) -> Vec<Arc<OnAir>> {
        self.all().into_iter().filter(|on_air| on_air.over_since().is_none()).collect()
    }
}

fn held(on_air: &OnAir) -> LiveHeld {
    LiveHeld { room: on_air.claim.room, token: on_air.claim.token }
}
