//! The ports of a server.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

use crate::config::Config;
use crate::serve::ServeError;

/// Connections that wait in the kernel until they are taken; it may allow fewer (`net.core.somaxconn`). Where more come at
/// once than may wait, the kernel forgets some that their clients believe to have.
const WAITING: u32 = 4096;

/// Taken before anything else: one that is in use is told at once.
pub(crate) struct Listeners {
    pub(crate) http: Bound,
    /// Off unless set.
    pub(crate) metrics: Option<Bound>,
    /// Off unless set.
    pub(crate) management: Option<Bound>,
    /// Off unless set.
    pub(crate) cluster: Option<Bound>,
    /// Off unless set.
    pub(crate) rtmp: Option<Bound>,
}

/// With its address.
pub(crate) type Bound = (TcpListener, SocketAddr);

impl Listeners {
    pub(crate) fn bind(config: &Config) -> Result<Self, ServeError> {
        let http = bind(config.listen)?;
        let metrics = config.metrics_listen.map(bind).transpose()?;
        let management = config.management_listen.map(bind).transpose()?;
        let cluster = config.cluster.listen.map(bind).transpose()?;
        let rtmp = config.live.listen.map(bind).transpose()?;
        Ok(Self { http, metrics, management, cluster, rtmp })
    }
}

/// With the port that was given, if any would do.
fn bind(address: SocketAddr) -> Result<Bound, ServeError> {
    let failed = |error| ServeError::Listen { address, error };
    let listener = listen(address).map_err(failed)?;
    let given = listener.local_addr().map_err(failed)?;
    Ok((listener, given))
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // The next server need not wait until the connections of the last one are forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}
