//! Answering: from what was just stored, from what was stored before, or with a refusal.

use std::collections::HashSet;
use std::sync::Arc;

use synctv_domain::ActorId;

use super::{Lane, Pending, Refusal, repeatable};
use crate::append::{Append, Outcome};
use crate::error::{CommandError, LogError};
use crate::request::Reply;

type Verdict = Result<usize, Refusal>;

impl Lane {
    /// After an accepted append, which also proved that the refusals were decided on the log's present state.
    pub(super) async fn answer(&mut self, group: Vec<Pending>, verdicts: Vec<Verdict>, replies: &[Reply]) {
        let (mut refused, mut reasons) = (Vec::new(), Vec::new());
        for (pending, verdict) in group.into_iter().zip(verdicts) {
            match verdict {
                Ok(index) => pending.resolve(Ok(replies[index].clone())),
                Err(refusal) => {
                    refused.push(pending);
                    reasons.push(refusal);
                }
            }
        }
        self.refuse_unless_known(refused, reasons).await;
    }

    /// A group of refusals only: they stand if the room has not moved and none of them was accepted before.
    pub(super) async fn refuse(&mut self, group: Vec<Pending>, verdicts: Vec<Verdict>) -> Vec<Pending> {
        let ids = repeatable(&group);
        if !ids.is_empty() {
            match self.fence().await {
                Ok(()) => {}
                Err(LogError::EpochChanged) => {
                    self.state = None;
                    return group;
                }
                Err(error) => return fail(group, &error),
            }
        }
        let check = match self.shared.log.check(self.id, &ids).await {
            Ok(check) => check,
            Err(error) => return fail(group, &error),
        };
        let decided_on = self.state.as_ref().map(|state| state.room.seq());
        if decided_on != Some(check.head) {
            return match self.catch_up(check.head).await {
                Ok(()) => group,
                Err(error) => fail(group, &error),
            };
        }
        let reasons = verdicts.into_iter().filter_map(Result::err).collect();
        self.settle_refused(group, reasons, check.outcomes).await;
        Vec::new()
    }

    /// A server that was killed may have left an append that still waits for its turn, with a command that is repeated
    /// here. An append of nothing goes behind it: what is read after that is final.
    async fn fence(&self) -> Result<(), LogError> {
        let Some(state) = &self.state else { return Err(LogError::EpochChanged) };
        let fence = state.append(self.id, Vec::new());
        self.shared.log.append(&fence).await.map(drop)
    }

    async fn refuse_unless_known(&mut self, refused: Vec<Pending>, reasons: Vec<Refusal>) {
        let ids = repeatable(&refused);
        let outcomes = if ids.is_empty() {
            Vec::new()
        } else {
            match self.shared.log.check(self.id, &ids).await {
                Ok(check) => check.outcomes,
                Err(error) => {
                    fail(refused, &error);
                    return;
                }
            }
        };
        self.settle_refused(refused, reasons, outcomes).await;
    }

    async fn settle_refused(&mut self, refused: Vec<Pending>, reasons: Vec<Refusal>, outcomes: Vec<Option<Outcome>>) {
        let mut outcomes = outcomes.into_iter();
        for (pending, reason) in refused.into_iter().zip(reasons) {
            let known = if pending.may_repeat() { outcomes.next().flatten() } else { None };
            let answer = match known {
                Some(outcome) => {
                    self.give_back(&pending);
                    self.stored(&pending, outcome).await
                }
                None => Err(self.error(&pending, reason)),
            };
            pending.resolve(answer);
        }
    }

    /// Answers those that the log knows; gives the others back.
    pub(super) async fn answer_known(&mut self, group: Vec<Pending>) -> Vec<Pending> {
        let ids: Vec<_> = group.iter().map(Pending::scoped_id).collect();
        let outcomes = match self.shared.log.check(self.id, &ids).await {
            Ok(check) => check.outcomes,
            Err(error) => return fail(group, &error),
        };
        let mut rest = Vec::new();
        for (pending, outcome) in group.into_iter().zip(outcomes) {
            match outcome {
                Some(outcome) => {
                    self.give_back(&pending);
                    let answer = self.stored(&pending, outcome).await;
                    pending.resolve(answer);
                }
                None => rest.push(pending),
            }
        }
        rest
    }

    /// Somebody's key is gone: what they would say about themselves fails, unless it was stored before; the rest of the
    /// group comes back.
    pub(super) async fn fail_erased(
        &mut self,
        group: Vec<Pending>,
        verdicts: &[Verdict],
        mut append: Append,
        subject: ActorId,
    ) -> Vec<Pending> {
        let mut says = |pending: &Pending, verdict: &Verdict| {
            let own = pending.request.caller.actor.id == subject;
            own && verdict.as_ref().is_ok_and(|index| append.submissions[*index].tells(subject))
        };
        let (mut told, mut rest) = (Vec::new(), Vec::new());
        for (pending, verdict) in group.into_iter().zip(verdicts) {
            if says(&pending, verdict) { told.push(pending) } else { rest.push(pending) }
        }
        let error = LogError::Erased(subject);
        if told.is_empty() {
            return fail(rest, &error);
        }
        fail(self.answer_known(told).await, &error);
        rest
    }

    /// The answer that was given before, from the log.
    async fn stored(&self, pending: &Pending, outcome: Outcome) -> Result<Reply, CommandError> {
        if outcome.fingerprint != pending.fingerprint {
            return Err(CommandError::Mismatch);
        }
        let events = if outcome.first > outcome.last {
            Vec::new()
        } else {
            self.shared.log.read_span(outcome.room, outcome.first, outcome.last).await?
        };
        let (events, secret, repeated) = (events.into(), None, true);
        Ok(Reply { room: outcome.room, seq: outcome.seq, position: outcome.last, events, secret, repeated })
    }

    fn error(&self, pending: &Pending, refusal: Refusal) -> CommandError {
        let Some(state) = &self.state else { return CommandError::Log(LogError::EpochChanged) };
        let may_see = state.room.is_member(pending.request.caller.actor.id);
        let (epoch, room) = (state.epoch.clone(), may_see.then(|| Arc::clone(&state.room)));
        match refusal {
            Refusal::Domain(rejection) => CommandError::Rejected(rejection),
            Refusal::Stale(rejection) => CommandError::Stale { rejection, epoch, room },
            Refusal::IfMatch => CommandError::PreconditionFailed { epoch, room },
            Refusal::TooOften(wait) => CommandError::TooOften(wait),
        }
    }
}

/// Splits off commands whose id an earlier one of the group carries: they get its answer, from the log.
pub(super) fn set_aside_repeats(waiting: Vec<Pending>) -> (Vec<Pending>, Vec<Pending>) {
    let mut seen = HashSet::new();
    waiting.into_iter().partition(|pending| !pending.may_repeat() || seen.insert(pending.scoped_id()))
}

/// The log's failure is the answer for all.
pub(super) fn fail(group: Vec<Pending>, error: &LogError) -> Vec<Pending> {
    for pending in group {
        pending.resolve(Err(CommandError::Log(error.clone())));
    }
    Vec::new()
}

/// Those that would have been stored fail; the refusals among them were decided on what is now not so, and come back.
pub(super) fn fail_accepted(group: Vec<Pending>, verdicts: &[Verdict], error: &LogError) -> Vec<Pending> {
    let mut refused = Vec::new();
    for (pending, verdict) in group.into_iter().zip(verdicts) {
        match verdict {
            Ok(_) => pending.resolve(Err(CommandError::Log(error.clone()))),
            Err(_) => refused.push(pending),
        }
    }
    refused
}
