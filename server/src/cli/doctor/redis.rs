//! How Redis is set up.

use synctv_redis::{Examined, examine};

use super::check::Checks;
use super::words::bytes;
use crate::config::Config;

const REDIS: &str = "Redis";

/// The oldest one that is supported.
const OLDEST: u32 = 6;
/// Beyond this a limit is counted by each node alone, ms.
const SLOW: f64 = 25.0;

/// What it says, if there is one.
pub(super) async fn look(config: &Config, checks: &mut Checks) -> Option<Examined> {
    if config.redis_url.is_none() {
        checks.ok(REDIS, "none is set: each node counts by itself, and reads the log for what others wrote");
        return None;
    }
    let asked = match config.redis() {
        Ok(Some(redis)) => examine(&redis).await,
        Ok(None) => return None,
        Err(error) => Err(error.to_string()),
    };
    let found = match asked {
        Ok(found) => found,
        Err(error) => {
            checks.wrong(
                REDIS,
                format!("it does not answer: {error}"),
                "mend it, or its address and password in REDIS_URL; nothing is lost meanwhile, it only takes longer",
            );
            return None;
        }
    };
    told(&found, checks);
    Some(found)
}

fn told(found: &Examined, checks: &mut Checks) {
    let version = if found.version.is_empty() { "of an unknown version" } else { &found.version };
    checks.ok(REDIS, format!("{version} answers in {:.1} ms", found.round_trip_ms));
    let major = found.version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_some_and(|major| major < OLDEST) {
        checks.wrong(REDIS, format!("version {} is too old", found.version), format!("use {OLDEST} or later"));
    }
    if found.round_trip_ms > SLOW {
        let says = format!("an answer takes {:.0} ms; beyond 50 nodes go on by themselves", found.round_trip_ms);
        checks.warning(REDIS, says, "run it near the servers");
    }
    if found.role == "slave" {
        let says = "it is a replica, which cannot be written";
        checks.wrong(REDIS, says, "give the address of its master, or of its sentinels");
    }
    if found.maxmemory > 0 && found.used_memory * 10 > found.maxmemory * 9 {
        let says = format!("{} of {} are used", bytes(found.used_memory), bytes(found.maxmemory));
        checks.warning(REDIS, says, "give it more memory (maxmemory)");
    }
    if found.maxmemory > 0 && found.maxmemory_policy.starts_with("allkeys") {
        checks.warning(
            REDIS,
            format!("when it is full it throws away keys that are in use ({})", found.maxmemory_policy),
            "set maxmemory-policy to volatile-ttl; what is kept there expires by itself",
        );
    }
}
