//! What follows the end of an item, while somebody watches.

use std::time::Duration;

use synctv_domain::command::Next;
use synctv_domain::{Actor, ActorId, Command, Expect, Seq};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{Charge, Claim, Lane, Pending};
use crate::error::CommandError;
use crate::request::{Caller, Request};

/// Until the end is looked at again: nobody watched, or the log could not take it.
const AGAIN: Duration = Duration::from_secs(1);
/// For a command that nobody waits for.
const DEADLINE: Duration = Duration::from_secs(10);
/// Of a command whose id nobody else has: it is compared with nothing.
const FINGERPRINT: [u8; 16] = [0; 16];

/// What a lane knows of ends.
#[derive(Default)]
pub(super) struct Ends {
    /// The playback whose end was followed by nothing.
    settled: Option<Seq>,
    /// Not before this.
    again: Option<Instant>,
}

impl Lane {
    /// How long until the current item's end has to be looked at. None: nothing plays that ends.
    pub(super) fn until_end(&self) -> Option<Duration> {
        let room = &self.state.as_ref()?.room;
        let end = room.ends_at().filter(|_| self.ends.settled != Some(room.versions().playback))?;
        let left = u64::try_from(end.0.saturating_sub(self.shared.clock.now().0)).unwrap_or(0);
        let again = self.ends.again.map_or(Duration::ZERO, |again| again.saturating_duration_since(Instant::now()));
        Some(Duration::from_millis(left).max(again))
    }

    pub(super) fn has_ended(&self) -> bool {
        self.until_end() == Some(Duration::ZERO)
    }

    /// Whether somebody waits here for what follows.
    pub(super) fn is_needed(&self) -> bool {
        self.until_end().is_some() && self.is_followed()
    }

    /// Whether somebody on this node watches.
    pub(super) fn is_followed(&self) -> bool {
        self.shared.fan_out.follows(self.id)
    }

    /// Nobody watches yet.
    pub(super) fn look_again(&mut self) {
        self.ends.again = Some(Instant::now() + AGAIN);
    }

    /// Lets the room itself go on to what follows. Every node that holds the room does so; the log takes one.
    pub(super) async fn go_on(&mut self) {
        let Some(current) = self.state.as_ref().and_then(|state| state.room.playback().motion.item_id) else { return };
        let (answer, answered) = oneshot::channel();
        let caller = Caller { actor: Actor { id: ActorId::System }, display_name: None };
        let command = Command::PlaybackNext(Next { expected_item: Some(current) });
        let request = Request { caller, command, key: None, expect: Expect::default(), if_match: None };
        let pending = Pending {
            charge: Charge::Free,
            request,
            command_id: self.shared.mint(),
            fingerprint: FINGERPRINT,
            fresh: self.shared.ids.ulid(),
            deadline: Instant::now() + DEADLINE,
            claim: Claim::default(),
            answer,
        };
        self.work(vec![pending]).await;
        self.ends.again = None;
        match answered.await {
            Ok(Ok(reply)) if !reply.events.is_empty() => {}
            // Nothing follows. If the room had moved on meanwhile, its end is another one.
            Ok(Ok(_) | Err(CommandError::Rejected(_))) if self.has_ended() => {
                self.ends.settled = self.state.as_ref().map(|state| state.room.versions().playback);
            }
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::warn!(room = %self.id, %error, "playback.not_advanced");
                let _ = self.loaded().await;
                self.look_again();
            }
            Err(_) => self.look_again(),
        }
    }
}
