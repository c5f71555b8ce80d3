//! What guards a server towards its clients.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::crowd::{Crowd, Seat};
use crate::edge::Edge;
use crate::limits::{CONNECTIONS, OPENINGS};
use crate::meter::{Limited, Meter};
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::trusted::Trusted;

/// When somebody may come back who holds as many connections as an address may.
const COME_BACK: Duration = Duration::from_secs(5);

/// What is believed and admitted.
#[derive(Debug, Default)]
pub struct Guard {
    /// Proxies.
    pub trusted: Trusted,
    /// Whether anything is limited.
    pub limited: bool,
    /// Sockets and streams of each client's address.
    pub streams: Crowd,
}

impl Edge {
    /// A seat for a socket or a stream.
    ///
    /// # Errors
    /// When its address opens them too often, or holds as many as it may.
    pub async fn seat(&self, meter: &Meter, address: Option<IpAddr>) -> Result<Seat, Problem> {
        meter.take_of_address(&OPENINGS).await?;
        self.guard.streams.enter(address).ok_or_else(|| {
            self.metrics.limited(CONNECTIONS);
            Limited { limit: CONNECTIONS, wait: COME_BACK }.into()
        })
    }
}

/// Who is at the other end of a connection: what every request that comes over it is marked with.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Lets connections in.
#[derive(Clone)]
pub struct Door(Option<(Trusted, Crowd, Arc<Metrics>)>);

impl Door {
    /// One that is held to what an address may hold. Proxies hold as many as they like.
    #[must_use]
    pub fn guarded(trusted: Trusted, connections: Crowd, metrics: Arc<Metrics>) -> Self {
        Self(Some((trusted, connections, metrics)))
    }

    /// One that lets everybody in.
    #[must_use]
    pub fn open() -> Self {
        Self(None)
    }

    /// A seat for a connection; None when its address has as many as it may.
    #[must_use]
    pub fn enter(&self, peer: SocketAddr) -> Option<Seat> {
        let Some((trusted, connections, metrics)) = &self.0 else { return Crowd::default().enter(None) };
        let address = Some(peer.ip()).filter(|peer| !trusted.holds(*peer));
        let seat = connections.enter(address);
        if seat.is_none() {
            metrics.limited(CONNECTIONS);
        }
        seat
    }
}
