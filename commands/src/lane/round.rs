//! Deciding a group of commands, each against what the ones before it would leave.

use std::sync::Arc;
use std::time::Duration;

use synctv_domain::{Context, Decision, Recorded, Rejection, Room, RoomId, decide};

use super::{Charge, Pending, Shared};
use crate::aggregate::provisional;
use crate::append::{Epoch, NewEvent, Submission};
use crate::request::Request;

/// Why a command is not accepted. Becomes an error when the room it was decided on is durable.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    Domain(Rejection),
    Stale(Rejection),
    IfMatch,
    /// Until there is one more.
    TooOften(Duration),
}

/// For each command of the group its place among the submissions, or why not.
pub(crate) struct Round {
    pub(crate) submissions: Vec<Submission>,
    pub(crate) verdicts: Vec<Result<usize, Refusal>>,
}

impl Round {
    /// Decides in order. The room is copied only when a second command needs to see what the first did.
    pub(crate) fn decide(shared: &Shared, id: RoomId, epoch: &Epoch, durable: &Arc<Room>, group: &[Pending]) -> Self {
        let mut room = Arc::clone(durable);
        let mut round =
            Self { submissions: Vec::with_capacity(group.len()), verdicts: Vec::with_capacity(group.len()) };
        for (index, pending) in group.iter().enumerate() {
            let context = pending.context(shared, id);
            let judged = match pending.charge {
                Charge::Refused(wait) => Err(Refusal::TooOften(wait)),
                Charge::Free | Charge::Due | Charge::Paid => judge(&room, epoch, &pending.request, &context),
            };
            let verdict = judged.map(|decision| {
                let events: Vec<NewEvent> =
                    decision.events.into_iter().map(|event| NewEvent { id: shared.ids.event(), event }).collect();
                if index + 1 < group.len() {
                    for new in &events {
                        let next =
                            provisional(&room, new.event.clone(), &context, &decision.decided_by, &pending.command_id);
                        Arc::make_mut(&mut room).apply(&Recorded { id: new.id, ..next });
                    }
                }
                round.submissions.push(Submission {
                    actor: pending.request.caller.actor,
                    command_id: pending.command_id.clone(),
                    fingerprint: pending.fingerprint,
                    decided_by: decision.decided_by,
                    events,
                });
                round.submissions.len() - 1
            });
            round.verdicts.push(verdict);
        }
        round
    }
}

/// Whether the command's expectations hold, and what the domain says. Expectations come first for a member, who may see
/// the current room; a stranger learns nothing from them.
pub(crate) fn judge(room: &Room, epoch: &Epoch, request: &Request, context: &Context) -> Result<Decision, Refusal> {
    let decided = || decide(room, &request.command, context).map_err(Refusal::Domain);
    if !room.is_member(context.actor.id) {
        let decision = decided()?;
        // What the versions are is not for them to know.
        return match expectations(room, epoch, request) {
            Ok(()) => Ok(decision),
            Err(Refusal::Stale(_)) => Err(Refusal::Domain(Rejection::Outdated)),
            Err(refusal) => Err(refusal),
        };
    }
    expectations(room, epoch, request)?;
    decided()
}

fn expectations(room: &Room, epoch: &Epoch, request: &Request) -> Result<(), Refusal> {
    if let Some(wanted) = &request.if_match
        && (*wanted.epoch != *epoch.name || wanted.seq != room.seq())
    {
        return Err(Refusal::IfMatch);
    }
    room.check(&request.expect).map_err(Refusal::Stale)?;
    if request.command.requires_precondition() && request.if_match.is_none() && request.expect.is_empty() {
        return Err(Refusal::Domain(Rejection::PreconditionRequired));
    }
    Ok(())
}
