//! Both servers, as the load sees them.

use std::time::{Duration, Instant};

use super::nginx::{HLS, LIVE, Nginx};
use super::orders::{Group, Publish, Watch, Way};
use super::ours::{Ours, Room};
use super::{Stage, failed};
use crate::cpu;
use crate::failure::Failure;

/// What is expected of most publishers.
const CHUNK: u32 = 4096;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Ours,
    Peer,
}

impl Side {
    /// One after the other, so that both see the same minutes.
    pub const ORDER: [Self; 4] = [Self::Ours, Self::Peer, Self::Peer, Self::Ours];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Peer => "peer",
        }
    }
}

/// A server with rooms that can be published to, or names.
pub enum Server {
    Ours(Ours, Vec<Room>),
    Peer { nginx: Nginx, app: &'static str, streams: usize },
}

impl Server {
    /// Perhaps with every stream cut into segments.
    pub async fn start(side: Side, stage: &Stage<'_>, (streams, segments): (usize, bool)) -> Result<Self, Failure> {
        if side == Side::Peer {
            let app = if segments { HLS } else { LIVE };
            return Ok(Self::Peer { nginx: Nginx::start().await?, app, streams });
        }
        let ours = Ours::start(stage, segments).await?;
        let mut rooms = Vec::new();
        for _ in 0..streams {
            rooms.push(ours.room().await?);
        }
        Ok(Self::Ours(ours, rooms))
    }

    /// To all streams.
    pub fn publish(&self, stage: &Stage<'_>, within: Duration) -> Publish {
        let (address, app, keys) = match self {
            Self::Ours(ours, rooms) => {
                let keys = rooms.iter().map(|room| format!("{}?key={}", room.id, room.key)).collect();
                (&ours.rtmp, LIVE, keys)
            }
            Self::Peer { nginx, app, streams } => {
                (&nginx.rtmp, *app, (0..*streams).map(|number| format!("s{number}")).collect())
            }
        };
        let within_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        let (film, app, address) = (stage.film.clone(), app.to_owned(), address.clone());
        Publish { film, address, app, keys, within_ms, chunk: CHUNK }
    }

    /// The first stream, as each is watched best.
    pub fn watch(&self, count: u32, within: Duration, group: Group) -> Result<Watch, Failure> {
        let (address, way) = match self {
            Self::Ours(ours, rooms) => {
                let room = rooms.first().ok_or_else(|| failed("there is no room"))?;
                let path = format!("/live/{}.flv", room.id);
                (&ours.process.host, Way::Flv { path, token: ours.guest.token.clone() })
            }
            Self::Peer { nginx, app, .. } => (&nginx.rtmp, Way::Rtmp { app: (*app).to_owned(), key: "s0".to_owned() }),
        };
        let within_ms = u32::try_from(within.as_millis()).unwrap_or(u32::MAX);
        Ok(Watch { address: address.clone(), way, count, within_ms, group })
    }

    pub fn pid(&self) -> String {
        match self {
            Self::Ours(ours, _) => ours.process.pid(),
            Self::Peer { nginx, .. } => nginx.worker().to_owned(),
        }
    }

    pub fn segments(&self) -> usize {
        match self {
            Self::Ours(ours, _) => ours.segments(),
            Self::Peer { nginx, .. } => nginx.segments(),
        }
    }

    /// Of its process, KiB: now (`VmRSS`), or at most (`VmHWM`).
    pub fn memory_kib(&self, which: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(which)?.strip_prefix(':'));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(f64::NAN)
    }

    pub fn peak_mib(&self) -> f64 {
        self.memory_kib("VmHWM") / 1024.0
    }

    /// Of ours without PostgreSQL; of the peer with the process that removes segments.
    fn cpu_us(&self) -> f64 {
        match self {
            Self::Ours(ours, _) => cpu::of_us(&ours.process.pid()),
            Self::Peer { nginx, .. } => cpu::of_family_us(&nginx.master()),
        }
    }

    /// What it and its PostgreSQL use in a window: ms of CPU time a second.
    pub async fn work(&self, stage: &Stage<'_>, window: Duration) -> Work {
        let postgres = stage.postgres.pid();
        let used = || (self.cpu_us(), cpu::of_family_us(&postgres));
        let (began, before) = (Instant::now(), used());
        tokio::time::sleep(window).await;
        let (after, seconds) = (used(), began.elapsed().as_secs_f64());
        Work { server: (after.0 - before.0) / 1000.0 / seconds, postgres: (after.1 - before.1) / 1000.0 / seconds }
    }
}

/// ms of CPU time a second.
#[derive(Default, Clone, Copy)]
pub struct Work {
    pub server: f64,
    pub postgres: f64,
}
