//! A command that waits for its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use synctv_domain::{ActorId, CommandId, Context, Proof, RoomId};
use tokio::sync::oneshot;
use tokio::time::Instant;
use ulid::Ulid;

use super::Shared;
use crate::append::Fingerprint;
use crate::error::CommandError;
use crate::request::{Reply, Request};

/// Decides between the caller, who stops waiting, and the lane, which takes the command up: only one of them wins, so that
/// "nothing was stored" is said only when it is so.
#[derive(Clone, Default)]
pub(crate) struct Claim(Arc<AtomicU8>);

const TAKEN: u8 = 1;
const ABANDONED: u8 = 2;

impl Claim {
    /// The lane takes the command up. Once taken, it stays so.
    pub(crate) fn take(&self) -> bool {
        self.0.compare_exchange(0, TAKEN, Ordering::AcqRel, Ordering::Acquire).map_or_else(|now| now == TAKEN, |_| true)
    }

    /// The caller gives up. False: too late.
    pub(crate) fn abandon(&self) -> bool {
        self.0.compare_exchange(0, ABANDONED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// Whether a command counts for how often its actor may steer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charge {
    Free,
    Due,
    Paid,
    /// Until there is one more.
    Refused(Duration),
}

impl Charge {
    pub(crate) fn of(request: &Request) -> Self {
        let steers = request.command.steers() && request.caller.actor.id != ActorId::System;
        if steers { Self::Due } else { Self::Free }
    }
}

/// In a lane's hands.
pub(crate) struct Pending {
    pub(crate) charge: Charge,
    pub(crate) request: Request,
    pub(crate) command_id: CommandId,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) fresh: Ulid,
    pub(crate) proof: Proof,
    pub(crate) deadline: Instant,
    pub(crate) claim: Claim,
    pub(crate) answer: oneshot::Sender<Result<Reply, CommandError>>,
}

impl Pending {
    pub(crate) fn scoped_id(&self) -> (ActorId, CommandId) {
        (self.request.caller.actor.id, self.command_id.clone())
    }

    /// Only a client's own id can have been used before.
    pub(crate) fn may_repeat(&self) -> bool {
        self.request.key.is_some()
    }

    pub(crate) fn resolve(self, answer: Result<Reply, CommandError>) {
        // A caller who went away needs no answer.
        let _ = self.answer.send(answer);
    }

    pub(crate) fn context(&self, shared: &Shared, room_id: RoomId) -> Context {
        shared.context(room_id, &self.request, self.fresh, self.proof)
    }
}
