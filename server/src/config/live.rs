//! The settings of live streams.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::{ConfigError, Given};

/// Whether streams are cut into segments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hls {
    /// As long as they are live.
    #[default]
    On,
    /// FLV is all there is.
    Off,
}

/// Certificate and key.
#[derive(Clone, Debug)]
pub(crate) struct RtmpTls {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

/// In force.
#[derive(Clone, Debug)]
pub(crate) struct LiveConfig {
    /// None: this node takes no live streams.
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) url: Option<String>,
    pub(crate) tls: Option<RtmpTls>,
    /// None: below the data directory.
    pub(crate) store: Option<String>,
    pub(crate) hls: Hls,
    pub(crate) merge: Duration,
    /// What a publisher may send, Mbit/s.
    pub(crate) mbits: u64,
}

pub(super) fn resolve(given: &Given, file: &Given) -> Result<LiveConfig, ConfigError> {
    let text = |one: &Option<String>, other: &Option<String>| {
        one.clone().or(other.clone()).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let cert = given.rtmp_tls_cert.clone().or(file.rtmp_tls_cert.clone());
    let key = given.rtmp_tls_key.clone().or(file.rtmp_tls_key.clone());
    let tls = match (cert, key) {
        (None, None) => None,
        (Some(cert), Some(key)) => Some(RtmpTls { cert, key }),
        _ => return invalid("rtmp_tls_cert", "rtmp_tls_cert and rtmp_tls_key go together"),
    };
    let url = text(&given.rtmp_url, &file.rtmp_url);
    if url.as_deref().is_some_and(|url| !url.starts_with("rtmp://") && !url.starts_with("rtmps://")) {
        return invalid("rtmp_url", "has to start with rtmp:// or rtmps://");
    }
    let merge = given.live_merge_ms.or(file.live_merge_ms).unwrap_or(20);
    if merge > 1000 {
        return invalid("live_merge_ms", "has to be between 0 and 1000");
    }
    let mbits = given.live_mbits.or(file.live_mbits).unwrap_or(64);
    if !(1..=10_000).contains(&mbits) {
        return invalid("live_mbits", "has to be between 1 and 10000");
    }
    Ok(LiveConfig {
        listen: given.rtmp_listen.or(file.rtmp_listen),
        url,
        tls,
        store: text(&given.live_store, &file.live_store),
        hls: given.live_hls.or(file.live_hls).unwrap_or_default(),
        merge: Duration::from_millis(merge),
        mbits,
    })
}

impl LiveConfig {
    /// How long sound waits for pictures: two steps are enough for 25 of them a second.
    pub(crate) fn hold_ms(&self) -> i64 {
        i64::try_from(self.merge.as_millis()).unwrap_or(0) * 2
    }

    /// For people, besides the others.
    pub(super) fn redacted(&self, others: Given) -> Given {
        Given {
            rtmp_listen: self.listen,
            rtmp_url: self.url.clone(),
            rtmp_tls_cert: self.tls.as_ref().map(|tls| tls.cert.clone()),
            rtmp_tls_key: self.tls.as_ref().map(|tls| tls.key.clone()),
            live_store: self.store.clone(),
            live_hls: Some(self.hls),
            live_merge_ms: u64::try_from(self.merge.as_millis()).ok(),
            live_mbits: Some(self.mbits),
            ..others
        }
    }
}

fn invalid<T>(setting: &'static str, reason: &str) -> Result<T, ConfigError> {
    Err(ConfigError::Invalid { setting, reason: reason.to_owned() })
}
