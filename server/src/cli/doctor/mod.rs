//! `synctv doctor`: what is wrong with a deployment.

mod check;
mod data;
mod log;
mod machine;
mod peers;
mod postgres;
mod redis;
mod server;
mod words;

use std::io::IsTerminal;

use serde_json::json;
use synctv_grpc::management::Status;

use self::check::{Checks, Verdict};
use super::{Failure, Outcome, say};
use crate::config::{Config, ConfigError, Hls, RateLimits};

/// Looks at everything that this node needs.
pub(super) async fn doctor(config: &Config, as_json: bool) -> Result<Outcome, Failure> {
    let mut checks = Checks::default();
    settings(config, &mut checks);
    machine::look(config, &mut checks);
    let status = server::look(config, &mut checks).await;
    let redis = redis::look(config, &mut checks).await;
    data::look(config, status.as_ref(), &redis, &mut checks).await;
    tell(&checks, as_json)
}

/// The settings cannot be read: nothing else can be looked at.
pub(super) fn misconfigured(error: &ConfigError, as_json: bool) -> Result<Outcome, Failure> {
    let mut checks = Checks::default();
    checks.wrong("settings", error.to_string(), "mend it; `synctv serve --help` lists all settings");
    tell(&checks, as_json)
}

fn tell(checks: &Checks, as_json: bool) -> Result<Outcome, Failure> {
    if as_json {
        say(json!({ "verdict": checks.verdict(), "checks": checks.all() }))?;
    } else {
        let coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        say(words::text(checks, coloured))?;
    }
    Ok(if checks.verdict() == Verdict::Wrong { Outcome::Found } else { Outcome::Done })
}

const SETTINGS: &str = "settings";

fn settings(config: &Config, checks: &mut Checks) {
    checks.ok(SETTINGS, "they can be used; `synctv config check` shows them");
    if config.rate_limits == RateLimits::Off {
        checks.warning(SETTINGS, "nobody is held to limits (SYNCTV_RATE_LIMITS=off)", "turn them on outside of tests");
    }
    let cluster = &config.cluster;
    if cluster.listen.is_none() && (!cluster.peers.is_empty() || cluster.dns.is_some() || cluster.tls.is_some()) {
        checks.warning(
            SETTINGS,
            "other nodes are named, and this one speaks to none",
            "set SYNCTV_CLUSTER_LISTEN, such as 0.0.0.0:7946",
        );
    }
    let live = &config.live;
    let own = live.store.as_deref().is_none_or(|store| store == "memory");
    if own && live.listen.is_some() && live.hls == Hls::On && cluster.listen.is_some() {
        checks.warning(
            SETTINGS,
            "segments of live streams are kept where only this node reads them",
            "set SYNCTV_LIVE_STORE to what all nodes share, such as s3://bucket/prefix",
        );
    }
}

/// Whether a server runs, and serves.
fn serves(status: Option<&Status>) -> bool {
    status.is_some_and(|status| status.started_at.is_some())
}
