//! How much a client says over one socket.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::{FLOOD_RATE, MESSAGE_RATE};

/// What one socket has used of what it may say, and of what is borne beyond that. None: nothing yet.
#[derive(Default)]
pub(super) struct Flow {
    said: Option<Instant>,
    borne: Option<Instant>,
}

/// More than a socket may say.
#[derive(Debug, PartialEq)]
pub(super) enum Beyond {
    /// Until it may say something again.
    Wait(Duration),
    /// It goes on and on.
    Flood,
}

impl Flow {
    pub(super) fn hear(&mut self, now: Instant) -> Result<(), Beyond> {
        let wait = match MESSAGE_RATE.take(self.said.unwrap_or(now), now) {
            Ok(said) => {
                self.said = Some(said);
                return Ok(());
            }
            Err(wait) => wait,
        };
        match FLOOD_RATE.take(self.borne.unwrap_or(now), now) {
            Ok(borne) => self.borne = Some(borne),
            Err(_) => return Err(Beyond::Flood),
        }
        Err(Beyond::Wait(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_refused_first_and_then_closed() {
        let (mut flow, start) = (Flow::default(), Instant::now());
        for _ in 0..MESSAGE_RATE.burst {
            assert_eq!(flow.hear(start), Ok(()));
        }
        for _ in 0..FLOOD_RATE.burst {
            assert_eq!(flow.hear(start), Err(Beyond::Wait(MESSAGE_RATE.every)));
        }
        assert_eq!(flow.hear(start), Err(Beyond::Flood));
    }

    #[test]
    fn who_says_a_little_too_much_is_never_closed() {
        let (mut flow, mut now, mut refused) = (Flow::default(), Instant::now(), 0);
        for _ in 0..100_000 {
            // Fifty-one a second.
            now += Duration::from_micros(19_608);
            match flow.hear(now) {
                Ok(()) => {}
                Err(Beyond::Wait(_)) => refused += 1,
                Err(Beyond::Flood) => panic!("closed after {refused} refusals"),
            }
        }
        assert!(refused > 1000, "{refused}");
    }
}
