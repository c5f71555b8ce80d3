//! How often one member may steer a room: the others shall see something of the film.

use std::collections::HashMap;
use std::time::Duration;

use synctv_domain::ActorId;
use tokio::time::Instant;

use crate::rate::Rate;

/// Entries beyond which those that say nothing any more are dropped.
const KEPT: usize = 64;

/// What members of a room have used: the time until which each has used up what is theirs.
#[derive(Default)]
pub(super) struct Quotas(HashMap<ActorId, Instant>);

impl Quotas {
    /// Uses one. Otherwise: how long until there is one.
    pub(super) fn take(&mut self, rate: Rate, actor: ActorId, now: Instant) -> Result<(), Duration> {
        if self.0.len() > KEPT {
            self.0.retain(|_, used| *used > now);
        }
        let used = self.0.entry(actor).or_insert(now);
        *used = rate.take(*used, now)?;
        Ok(())
    }

    /// It was no new one after all.
    pub(super) fn give_back(&mut self, rate: Rate, actor: ActorId) {
        if let Some(used) = self.0.get_mut(&actor) {
            *used = rate.give_back(*used);
        }
    }
}

#[cfg(test)]
mod tests {
    use synctv_domain::ActorId;

    use super::*;

    const RATE: Rate = Rate { burst: 3, every: Duration::from_millis(200) };

    #[test]
    fn a_burst_then_one_in_each_interval() {
        let (mut quotas, actor, start) = (Quotas::default(), ActorId::System, Instant::now());
        let mut at = |ms| quotas.take(RATE, actor, start + Duration::from_millis(ms));
        assert_eq!([at(0), at(0), at(0)], [Ok(()); 3]);
        assert_eq!(at(0), Err(Duration::from_millis(200)));
        assert_eq!(at(150), Err(Duration::from_millis(50)));
        assert_eq!([at(200), at(399)], [Ok(()), Err(Duration::from_millis(1))]);
        assert_eq!([at(5000), at(5000), at(5000)], [Ok(()); 3]);
        assert!(at(5000).is_err());
    }

    #[test]
    fn what_is_given_back_can_be_used_again() {
        let (mut quotas, actor, now) = (Quotas::default(), ActorId::System, Instant::now());
        while quotas.take(RATE, actor, now).is_ok() {}
        quotas.give_back(RATE, actor);
        assert_eq!(quotas.take(RATE, actor, now), Ok(()));
        assert!(quotas.take(RATE, actor, now).is_err());
    }
}
