//! A node in a network of its own, with a cable each to its clients, to PostgreSQL and to Redis.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::passage::{Passage, To};
use super::server::{BINARY, program};

/// Addresses for measuring devices (RFC 2544): nobody else uses them.
const FIRST: u32 = u32::from_be_bytes([198, 18, 0, 0]);
/// How many networks fit, of 16 addresses each.
const NETWORKS: u32 = 8192;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// What a cable leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cable {
    Clients,
    Postgres,
    Redis,
}

const CABLES: [Cable; 3] = [Cable::Clients, Cable::Postgres, Cable::Redis];

/// A network namespace, or passages in its place where none can be made. Gone with the value.
pub struct Network {
    /// None: no namespace.
    space: Option<String>,
    number: u32,
    postgres: Passage,
    redis: Passage,
}

impl Network {
    /// Beside a PostgreSQL at this socket and a Redis there.
    pub async fn new(postgres: &Path, redis: String) -> Self {
        let number = (std::process::id().wrapping_mul(7) + COUNT.fetch_add(1, Ordering::Relaxed)) % NETWORKS;
        let name = format!("tv{number}");
        let space = made(&name, number).then_some(name);
        println!("the network is {}", if space.is_some() { "a namespace" } else { "made of passages" });
        let at = |cable| if space.is_some() { here(number, cable) } else { Ipv4Addr::LOCALHOST };
        let postgres = Passage::new(IpAddr::V4(at(Cable::Postgres)), To::Socket(postgres.to_owned())).await;
        let redis = Passage::new(IpAddr::V4(at(Cable::Redis)), To::Address(redis)).await;
        Self { postgres, redis, space, number }
    }

    /// The server's command in this network.
    pub fn command(&self, database: &str) -> Command {
        let mut command = match &self.space {
            Some(space) => program(Path::new("ip"), &["netns", "exec", space, BINARY]),
            None => program(Path::new(BINARY), &[]),
        };
        let (postgres, redis) = (self.postgres.address, self.redis.address);
        command.env("DATABASE_URL", format!("postgres://synctv@{postgres}/{database}"));
        command.env("REDIS_URL", format!("redis://{redis}"));
        command
    }

    /// Where a server in it listens.
    pub fn listen(&self) -> String {
        let at = if self.space.is_some() { there(self.number, Cable::Clients) } else { Ipv4Addr::LOCALHOST };
        format!("{at}:0")
    }

    /// Cuts a cable, or mends it.
    pub fn cut(&self, cable: Cable, cut: bool) {
        match (&self.space, cable) {
            (Some(space), cable) => {
                let device = outer(space, cable);
                assert!(ip(&["link", "set", &device, if cut { "down" } else { "up" }]), "{device}");
            }
            (None, Cable::Postgres) => self.postgres.darken(cut),
            (None, Cable::Redis) => self.redis.darken(cut),
            (None, Cable::Clients) => unreachable!("nobody cuts it"),
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if let Some(space) = &self.space {
            unmake(space);
        }
    }
}

/// Whether there is a namespace of this name now, with all its cables.
fn made(space: &str, number: u32) -> bool {
    let whole = ip(&["netns", "add", space])
        && ip(&["-n", space, "link", "set", "lo", "up"])
        && CABLES.iter().all(|cable| laid(space, number, *cable));
    if !whole {
        unmake(space);
    }
    whole
}

/// Whether a cable leads into it now.
fn laid(space: &str, number: u32, cable: Cable) -> bool {
    let (outer, inner) = (outer(space, cable), format!("{space}i{}", cable as u32));
    let (here, there) = (format!("{}/30", here(number, cable)), format!("{}/30", there(number, cable)));
    ip(&["link", "add", &outer, "type", "veth", "peer", "name", &inner, "netns", space])
        && ip(&["addr", "add", &here, "dev", &outer])
        && ip(&["link", "set", &outer, "up"])
        && ip(&["-n", space, "addr", "add", &there, "dev", &inner])
        && ip(&["-n", space, "link", "set", &inner, "up"])
}

fn unmake(space: &str) {
    for cable in CABLES {
        ip(&["link", "del", &outer(space, cable)]);
    }
    ip(&["netns", "del", space]);
}

fn outer(space: &str, cable: Cable) -> String {
    format!("{space}o{}", cable as u32)
}

fn here(number: u32, cable: Cable) -> Ipv4Addr {
    Ipv4Addr::from(FIRST + number * 16 + cable as u32 * 4 + 1)
}

fn there(number: u32, cable: Cable) -> Ipv4Addr {
    Ipv4Addr::from(FIRST + number * 16 + cable as u32 * 4 + 2)
}

/// Whether it was done.
fn ip(arguments: &[&str]) -> bool {
    let mut command = Command::new("ip");
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
