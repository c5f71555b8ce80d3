//! Limits on how often somebody may ask, whoever counts them.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::rate::{Quota, Rate};

/// A limit on something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is limited; limits of different names count apart.
    pub name: &'static str,
    /// How often.
    pub rate: Rate,
}

/// Counts. Never fails, and answers soon: what cannot be counted in one place is counted in another.
#[async_trait]
pub trait Limiter: Send + Sync {
    /// Uses one of what `key` may have, if there is one.
    async fn take(&self, limit: &Limit, key: &str) -> Quota;
    /// One that was granted was not used after all.
    async fn give_back(&self, limit: &Limit, key: &str);
}

/// What an address counts as: IPv6 by the /64, which one customer has whole, and IPv4 in whatever form it comes.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Grants everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unlimited;

#[async_trait]
impl Limiter for Unlimited {
    async fn take(&self, limit: &Limit, _: &str) -> Quota {
        Quota { remaining: limit.rate.burst, reset: std::time::Duration::ZERO, wait: None }
    }

    async fn give_back(&self, _: &Limit, _: &str) {}
}

/// Parts that are counted apart, so that few wait for each other.
const SHARDS: usize = 16;
/// Keys of one part that are kept at most. Beyond it those are forgotten who used least.
const MOST: usize = 65_536;
/// Keys of one part below which nobody looks for those that say nothing any more.
const FEW: usize = 64;

/// Counts on this node alone, in bounded memory.
#[derive(Debug, Default)]
pub struct LocalLimiter {
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

/// Until when each has used up what is theirs, by the hash of limit and key: nobody outside can make two of them meet.
#[derive(Debug, Default)]
struct Shard {
    used: HashMap<u64, Instant>,
    /// How many there may be before the next look.
    enough: usize,
}

impl LocalLimiter {
    /// Uses one of what `key` may have, if there is one.
    pub fn take_now(&self, limit: &Limit, key: &str) -> Quota {
        let now = Instant::now();
        self.with(limit, key, |shard, id| shard.take(limit.rate, id, now))
    }

    /// One that was granted was not used after all.
    pub fn give_back_now(&self, limit: &Limit, key: &str) {
        self.with(limit, key, |shard, id| shard.give_back(limit.rate, id));
    }

    fn with<T>(&self, limit: &Limit, key: &str, act: impl FnOnce(&mut Shard, u64) -> T) -> T {
        let id = self.hasher.hash_one((limit.name, key));
        let shard = &self.shards[usize::from(id.to_le_bytes()[7]) % SHARDS];
        // Nothing is left half done in there.
        act(&mut shard.lock().unwrap_or_else(PoisonError::into_inner), id)
    }
}

#[async_trait]
impl Limiter for LocalLimiter {
    async fn take(&self, limit: &Limit, key: &str) -> Quota {
        self.take_now(limit, key)
    }

    async fn give_back(&self, limit: &Limit, key: &str) {
        self.give_back_now(limit, key);
    }
}

impl Shard {
    fn take(&mut self, rate: Rate, id: u64, now: Instant) -> Quota {
        if self.used.len() >= self.enough.max(FEW) {
            self.forget(now);
        }
        let used = self.used.get(&id).copied().unwrap_or(now);
        match rate.take(used, now) {
            Ok(used) => {
                self.used.insert(id, used);
                rate.quota(used - now, None)
            }
            Err(wait) => rate.quota(used - now, Some(wait)),
        }
    }

    fn give_back(&mut self, rate: Rate, id: u64) {
        if let Some(used) = self.used.get_mut(&id) {
            *used = rate.give_back(*used);
        }
    }

    /// Drops those that say nothing any more, and of too many the half that is the next to say nothing.
    fn forget(&mut self, now: Instant) {
        self.used.retain(|_, used| *used > now);
        if self.used.len() >= MOST {
            let mut times: Vec<_> = self.used.values().copied().collect();
            let (_, middle, _) = times.select_nth_unstable(MOST / 2);
            let middle = *middle;
            self.used.retain(|_, used| *used > middle);
        }
        self.enough = (self.used.len() * 2).clamp(FEW, MOST);
        self.used.shrink_to(self.enough);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    const LIMIT: Limit = Limit { name: "x", rate: Rate { burst: 3, every: Duration::from_secs(2) } };

    #[tokio::test(start_paused = true)]
    async fn what_is_left_and_when_it_is_whole_again_is_told() {
        let limiter = LocalLimiter::default();
        let seconds = Duration::from_secs;
        for (remaining, reset) in [(2, 2), (1, 4), (0, 6)] {
            let quota = Quota { remaining, reset: seconds(reset), wait: None };
            assert_eq!(limiter.take(&LIMIT, "a").await, quota);
        }
        let refused = limiter.take(&LIMIT, "a").await;
        assert_eq!(refused, Quota { remaining: 0, reset: seconds(6), wait: Some(seconds(2)) });
        assert_eq!(limiter.take(&LIMIT, "b").await.remaining, 2, "another one's");
        assert_eq!(limiter.take(&Limit { name: "y", ..LIMIT }, "a").await.remaining, 2, "of something else");
        advance(seconds(2)).await;
        assert_eq!(limiter.take(&LIMIT, "a").await.wait, None);
        assert_eq!(limiter.take(&LIMIT, "a").await.wait, Some(seconds(2)));
        limiter.give_back(&LIMIT, "a").await;
        assert_eq!(limiter.take(&LIMIT, "a").await.wait, None);
        assert_eq!(limiter.take(&LIMIT, "a").await.wait, Some(seconds(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_says_nothing_any_more_takes_no_memory() {
        let limiter = LocalLimiter::default();
        let kept = || limiter.shards.iter().map(|shard| shard.lock().expect("it is whole").used.len()).sum::<usize>();
        for second in 0..200 {
            for key in 0..100 {
                limiter.take(&LIMIT, &format!("{second}:{key}")).await;
            }
            advance(Duration::from_secs(1)).await;
        }
        // Those of the last two seconds say something; as many again wait for the next look.
        assert!(kept() <= SHARDS * FEW + 400, "{}", kept());
    }

    #[tokio::test(start_paused = true)]
    async fn of_too_many_those_are_kept_who_used_most() {
        let (mut shard, now) = (Shard::default(), Instant::now());
        for _ in 0..3 {
            shard.take(LIMIT.rate, 0, now);
        }
        for id in 1..3 * MOST as u64 {
            shard.take(LIMIT.rate, id, now + Duration::from_nanos(id));
            assert!(shard.used.len() <= MOST);
        }
        assert!(shard.take(LIMIT.rate, 0, now).wait.is_some());
    }

    #[test]
    fn who_has_many_addresses_is_counted_once() {
        for (address, counted) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
        ] {
            assert_eq!(network(address.parse().expect("an address")).to_string(), counted);
        }
    }
}
