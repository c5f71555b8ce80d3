//! Commands within what their caller may ask.

use std::time::Duration;

use synctv_commands::{CommandError, Reply};
use synctv_domain::{ActorId, Rejection};

use crate::limits::{self, REPEATS};
use crate::meter::{Limited, Meter};
use crate::metrics::{Commands, Metrics};
use crate::problem::Problem;

/// Asks, when it was admitted; else looks whether it was answered before, if its key could have been. What turns out to
/// have cost nothing is given back.
pub(crate) async fn perform<F>(
    (meter, metrics, timer): (&Meter, &Metrics, &Commands),
    (actor, keyed): (ActorId, bool),
    admitted: Result<(), Limited>,
    ask: impl FnOnce(Option<Duration>) -> F,
) -> Result<Reply, Problem>
where
    F: Future<Output = Result<Reply, CommandError>>,
{
    let answer = match admitted {
        Ok(()) => timer.timed(ask(None)).await,
        Err(limited) if keyed && meter.take_of_actor(&REPEATS, actor).await.is_ok() => {
            match timer.timed(ask(Some(limited.wait))).await {
                Err(CommandError::TooOften(_)) => return Err(limited.into()),
                answer => answer,
            }
        }
        Err(limited) => {
            return timer.timed(async { Err(CommandError::TooOften(limited.wait)) }).await.map_err(|_| limited.into());
        }
    };
    match &answer {
        Ok(reply) if reply.repeated => meter.give_back(|_| true).await,
        // Strangers do not use up what the room may have.
        Err(CommandError::Rejected(rejection)) if is_of_a_stranger(rejection) => {
            meter.give_back(|limit| *limit == limits::ROOM).await;
        }
        Err(CommandError::TooManyPasswords { limit, .. }) => {
            metrics.limited(limit);
            meter.give_back(|limit| *limit == limits::ROOM).await;
        }
        Err(CommandError::TooOften(_)) => metrics.limited(limits::STEERING),
        _ => {}
    }
    Ok(answer?)
}

fn is_of_a_stranger(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::NotAMember
            | Rejection::JoinRefused { .. }
            | Rejection::WrongPassword
            | Rejection::PasswordMoved
            | Rejection::InvalidInvite { .. }
            | Rejection::Banned { .. }
            | Rejection::Cooldown { .. }
    )
}
