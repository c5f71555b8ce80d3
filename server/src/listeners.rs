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
}

/// With its address.
type Bound = (TcpListener, SocketAddr);

impl Listeners {
    pub(crate) async fn bind(config: &Config) -> Result<Self, ServeError> {
        let http = bind(config.listen).await?;
        let metrics = match config.metrics_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        Ok(Self { http, metrics })
    }
}

/// With the port that was given, if any would do.
async fn bind(address: SocketAddr) -> Result<Bound, ServeError> {
    let failed = |error| ServeError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let given = listener.local_addr().map_err(failed)?;
    Ok((listener, given))
}
