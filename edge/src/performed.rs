//! Commands within what their caller may ask.

use std::time::Duration;

use synctv_commands::{CommandError, Reply};
use synctv_domain::{ActorId, Rejection};

use crate::limits::{REPEATS, ROOM, STEERING};
use crate::meter::{Limited, Meter};
use crate::metrics::{Commands, Metrics};
use crate::problem::Problem;

/// Asks, when it was admitted; else looks whether it was answered before, if its key could have been. What turns out to
/// have cost nothing is given back.
pub async fn perform<F>(
    (meter, metrics, timer): (&Meter, &Metrics, &Commands),
    (actor, keyed, joins): (ActorId, bool, bool),
    admitted: Result<(), Limited>,
    ask: impl FnOnce(Option<Duration>) -> F,
) -> Result<Reply, Problem>
where
    F: Future<Output = Result<Reply, CommandError>>,
{
    let Err(limited) = admitted else {
        let answer = timer.timed(ask(None)).await;
        let repeated = answer.as_ref().is_ok_and(|reply| reply.repeated);
        if repeated && meter.take_of_actor(&REPEATS, actor).await.is_ok() {
            meter.give_back(|limit| *limit != REPEATS).await;
        }
        match &answer {
            Err(CommandError::TooManyPasswords { limit, .. }) => metrics.limited(limit),
            Err(CommandError::TooOften(_)) => metrics.limited(STEERING),
            _ => {}
        }
        // Neither strangers nor who is held back use up what the room may have.
        if !repeated && is_nothing_to_the_room(&answer, joins) {
            meter.give_back(|limit| *limit == ROOM).await;
        }
        return Ok(answer?);
    };
    let recalled = keyed && meter.take_of_actor(&REPEATS, actor).await.is_ok();
    let answer = timer.timed(async {
        if recalled { ask(Some(limited.wait)).await } else { Err(CommandError::TooOften(limited.wait)) }
    });
    match answer.await {
        Ok(reply) => {
            meter.give_back(|limit| *limit != REPEATS).await;
            Ok(reply)
        }
        Err(CommandError::TooOften(_)) => Err(limited.into()),
        Err(error) => Err(error.into()),
    }
}

/// Whether it was refused to a stranger, or held back. Nobody who asks to come in is inside yet.
fn is_nothing_to_the_room(answer: &Result<Reply, CommandError>, joins: bool) -> bool {
    match answer {
        Ok(reply) => joins && reply.events.is_empty(),
        Err(CommandError::TooManyPasswords { .. } | CommandError::TooOften(_)) => true,
        Err(CommandError::Rejected(Rejection::NotAMember)) => true,
        Err(_) => joins,
    }
}
