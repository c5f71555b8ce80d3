//! What the room itself does: go on at the end of an item, wait for members who buffer, end a ready check.

use std::time::Duration;

use synctv_domain::command::{Hold, Next, ReadySettle, Release};
use synctv_domain::{Actor, ActorId, Barrier, Command, Expect, Proof, ReleasedBy, Room, ServerMs};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep};

use super::{Charge, Claim, Lane, Pending, judge};
use crate::error::CommandError;
use crate::request::{Caller, Reply, Request};

/// So long somebody may buffer before the others wait, in ms.
const STALL_MS: i64 = 1_500;
/// So long members who are not seen to be connected may be so at the node that began the wait, in ms.
const ELSEWHERE_MS: i64 = 15_000;
/// Whoever watches sees each item for this long, in ms: a list of empty ones must not fill the log.
const SHORTEST_MS: i64 = 1_000;
/// Until a duty is looked at again: nobody watched, or the log could not take it.
const AGAIN: Duration = Duration::from_secs(1);
/// More duties one after the other are none: something is wrong with them.
const AT_ONCE: usize = 8;
/// Changes of the audience within this time are looked at together.
const TOGETHER: Duration = Duration::from_millis(20);
/// For a command that nobody waits for.
const DEADLINE: Duration = Duration::from_secs(10);
/// Of a command whose id nobody else has: it is compared with nothing.
const FINGERPRINT: [u8; 16] = [0; 16];

/// What a lane knows of its duties.
#[derive(Default)]
pub(super) struct Duties {
    /// When the members who are connected, or how they follow, change.
    audience: Option<watch::Receiver<u64>>,
    /// The wait began here, or all whom it is for were seen since: who is not connected is gone.
    holds: bool,
    /// Not before this.
    again: Option<Instant>,
}

impl Duties {
    /// Returns when the audience changed, however often at once.
    pub(super) async fn roused(&mut self) {
        match &mut self.audience {
            Some(changes) => {
                if changes.changed().await.is_err() {
                    self.audience = None;
                }
                sleep(TOGETHER).await;
            }
            None => std::future::pending().await,
        }
    }
}

/// When, and what.
type Duty = (ServerMs, Command);

impl Lane {
    /// Does what is due; then tells how long there is nothing to do. None: as long as nobody asks anything.
    pub(super) async fn attend(&mut self) -> Option<Duration> {
        self.listen();
        self.look();
        let again = self.duties.again.map(|again| again.saturating_duration_since(Instant::now()));
        if let Some(wait) = again.filter(|wait| !wait.is_zero()) {
            return Some(wait);
        }
        self.duties.again = None;
        for _ in 0..AT_ONCE {
            let Some(pending) = self.due() else { return self.until_next() };
            if !self.perform(pending).await {
                break;
            }
            self.look();
        }
        self.duties.again = Some(Instant::now() + AGAIN);
        Some(AGAIN)
    }

    /// Whether all whom the room waits for are or were seen to be connected.
    fn look(&mut self) {
        let hold = self.state.as_ref().and_then(|state| state.room.playback().hold());
        let seen = |members| self.shared.audience.company(self.id).here.is_superset(members);
        self.duties.holds = hold.is_some_and(|hold| self.duties.holds || seen(&hold.members));
    }

    /// Whether there is something to do for the room sooner or later.
    pub(super) fn is_needed(&self) -> bool {
        let Some(room) = self.state.as_ref().map(|state| &*state.room).filter(|room| !room.is_closed()) else {
            return false;
        };
        let waits = room.playback().hold().is_some();
        let checks = room.ready_check(self.shared.clock.now()).is_some_and(|check| !check.counting);
        waits || checks || (self.is_followed() && (room.ends_at().is_some() || may_stall(room)))
    }

    /// Whether somebody on this node watches.
    fn is_followed(&self) -> bool {
        self.shared.fan_out.follows(self.id)
    }

    fn listen(&mut self) {
        if self.duties.audience.is_none() && self.is_needed() {
            self.duties.audience = self.shared.audience.changes(self.id);
        }
    }

    fn until_next(&self) -> Option<Duration> {
        let room = &self.state.as_ref()?.room;
        let now = self.shared.clock.now();
        let next = self.planned(room, now).into_iter().map(|(at, _)| at).filter(|at| *at > now).min();
        let next = next.and_then(|at| u64::try_from(at.0 - now.0).ok()).map(Duration::from_millis);
        // Nobody is connected, or nobody follows: what is due waits until somebody comes.
        let alone = self.duties.audience.is_none() && self.is_needed();
        let late = room.ends_at().is_some_and(|end| end <= now) && !self.is_followed();
        if alone || late { Some(next.map_or(AGAIN, |next| next.min(AGAIN))) } else { next }
    }

    /// The command that would change something now.
    fn due(&self) -> Option<Pending> {
        let state = self.state.as_ref()?;
        let now = self.shared.clock.now();
        let due = self.planned(&state.room, now).into_iter().filter(|(at, _)| *at <= now);
        due.map(|(_, command)| self.own(command)).find(|pending| {
            let context = pending.context(&self.shared, self.id);
            let decided = judge(&state.room, &state.epoch, &pending.request, &context);
            decided.is_ok_and(|decision| !decision.events.is_empty())
        })
    }

    /// What may have to be done, and when.
    fn planned(&self, room: &Room, now: ServerMs) -> Vec<Duty> {
        if room.is_closed() {
            return Vec::new();
        }
        let end = room.ends_at().filter(|_| self.is_followed()).map(|end| {
            let motion = room.playback().motion;
            let expected_item = motion.item_id;
            (end.max(motion.anchor_ms.plus(SHORTEST_MS)), Command::PlaybackNext(Next { expected_item }))
        });
        let check = room.ready_check(now).filter(|check| !check.counting).map(|check| check.deadline_ms);
        let settle = |at| (at, Command::ReadySettle(ReadySettle {}));
        let checks = check.into_iter().flat_map(|deadline| [settle(now), settle(deadline)]);
        end.into_iter().chain(self.release(room, now)).chain(self.hold(room, now)).chain(checks).collect()
    }

    fn release(&self, room: &Room, now: ServerMs) -> Option<Duty> {
        let hold = room.playback().hold()?;
        let stalled = self.shared.audience.stalled(self.id);
        let here = self.shared.audience.company(self.id).here;
        let known = room.playback().motion.anchor_ms.plus(ELSEWHERE_MS);
        let elsewhere = !self.duties.holds && known > now;
        let awaited = hold.members.iter().any(|member| {
            let stalls = stalled.iter().any(|(stalled, _)| stalled == member);
            stalls || (elsewhere && !here.contains(member))
        });
        // The room was told to wait less since.
        let lifted = match room.settings().barrier {
            Barrier::Never => true,
            Barrier::Grace => hold.deadline_ms.is_none(),
            Barrier::Strict => false,
        };
        let release = |by| Command::PlaybackRelease(Release { by });
        if lifted || !awaited {
            return Some((now, release(ReleasedBy::Ready)));
        }
        match hold.deadline_ms {
            Some(deadline) => Some((deadline, release(ReleasedBy::Deadline))),
            None => elsewhere.then(|| (known, release(ReleasedBy::Ready))),
        }
    }

    fn hold(&self, room: &Room, now: ServerMs) -> Option<Duty> {
        if !may_stall(room) {
            return None;
        }
        let playback = room.playback();
        let begun = |(member, stalled): (ActorId, Duration)| {
            let since = now.plus(-i64::try_from(stalled.as_millis()).unwrap_or(i64::MAX));
            let counts = since > playback.waived_ms();
            counts.then(|| (since.max(playback.motion.anchor_ms).plus(STALL_MS), member))
        };
        let stalls: Vec<_> = self.shared.audience.stalled(self.id).into_iter().filter_map(begun).collect();
        let at = stalls.iter().map(|(at, _)| *at).min()?.max(now);
        let members = stalls.iter().filter(|(due, _)| *due <= at).map(|(_, member)| *member).collect();
        Some((at, Command::PlaybackHold(Hold { members })))
    }

    /// A command of the room itself.
    fn own(&self, command: Command) -> Pending {
        let caller = Caller { actor: Actor { id: ActorId::System }, display_name: None, address: None };
        Pending {
            charge: Charge::Free,
            request: Request { caller, command, key: None, expect: Expect::default(), if_match: None, within: None },
            command_id: self.shared.mint(),
            fingerprint: FINGERPRINT,
            fresh: self.shared.ids.ulid(),
            proof: Proof::default(),
            deadline: Instant::now() + DEADLINE,
            claim: Claim::default(),
            answer: oneshot::channel().0,
        }
    }

    /// Whether the log could take it. Every node that holds the room does the same; the log takes one.
    async fn perform(&mut self, pending: Pending) -> bool {
        let holds = matches!(pending.request.command, Command::PlaybackHold(_));
        let (answer, answered) = oneshot::channel();
        self.work(vec![Pending { answer, ..pending }]).await;
        match answered.await {
            Ok(Ok(Reply { events, .. })) => {
                self.duties.holds |= holds && !events.is_empty();
                true
            }
            // The room had moved on.
            Ok(Err(CommandError::Rejected(_))) => true,
            Ok(Err(error)) => {
                tracing::warn!(room = %self.id, %error, "room.duty_failed");
                let _ = self.loaded().await;
                false
            }
            Err(_) => false,
        }
    }
}

/// Whether playback may have to wait for somebody.
fn may_stall(room: &Room) -> bool {
    room.playback().motion.playing && room.settings().barrier != Barrier::Never
}
