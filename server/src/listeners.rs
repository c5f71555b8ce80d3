//! The ports of a server.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::config::Config;
use crate::serve::ServeError;

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
    pub(crate) async fn bind(config: &Config) -> Result<Self, ServeError> {
        let http = bind(config.listen).await?;
        let metrics = bind_if_set(config.metrics_listen).await?;
        let management = bind_if_set(config.management_listen).await?;
        let cluster = bind_if_set(config.cluster.listen).await?;
        let rtmp = bind_if_set(config.live.listen).await?;
        Ok(Self { http, metrics, management, cluster, rtmp })
    }
}

async fn bind_if_set(address: Option<SocketAddr>) -> Result<Option<Bound>, ServeError> {
    match address {
        Some(address) => bind(address).await.map(Some),
        None => Ok(None),
    }
}

/// With the port that was given, if any would do.
async fn bind(address: SocketAddr) -> Result<Bound, ServeError> {
    let failed = |error| ServeError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let given = listener.local_addr().map_err(failed)?;
    Ok((listener, given))
}
