//! Live streams: the listener of encoders, and what they come to.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use synctv_edge::Door;
use synctv_http::Ingest;
use synctv_livestream::rtmp::{Pace, Paced, Patience, serve};
use synctv_livestream::studio::{Segments, Studio};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::{Config, Hls};
use crate::listeners::Bound;

/// Segments in a list.
const LISTED: usize = 6;
/// Encoders that are connected at once.
const ENCODERS: usize = 2000;
/// How long an encoder may take to begin, and for the handshake of TLS.
const BEGIN: Duration = Duration::from_secs(5);
/// What a connection with TLS begins with.
const TLS: u8 = 0x16;

/// Why live streams cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The certificate, or its key.
    #[error("the certificate for RTMPS cannot be used: {0}")]
    Tls(String),
    /// Where segments are kept.
    #[error("live_store: {0}")]
    Store(String),
}

/// Where segments are kept; None: nowhere.
pub(crate) fn segments(config: &Config, data_dir: &Path) -> Result<Option<Segments>, LiveError> {
    if config.live.hls == Hls::Off {
        return Ok(None);
    }
    let kept = config.live.store.clone().unwrap_or_else(|| format!("file:{}", data_dir.join("live").display()));
    let store =
        synctv_livestream::hls::open(&kept, std::env::vars()).map_err(|error| LiveError::Store(error.to_string()))?;
    Ok(Some(Segments::new(store, LISTED)))
}

/// Where encoders publish.
pub(crate) fn ingest(config: &Config, bound: Option<SocketAddr>) -> Ingest {
    let port = bound.map(|bound| bound.port());
    Ingest { port, tls: config.live.tls.is_some(), url: config.live.url.clone() }
}

/// The listener of encoders.
pub(crate) struct Encoders {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    pace: Pace,
    studio: Arc<Studio>,
    door: Door,
}

impl Encoders {
    pub(crate) fn new(config: &Config, bound: Bound, studio: Arc<Studio>, door: Door) -> Result<Self, LiveError> {
        let (listener, address) = bound;
        let tls = config.live.tls.as_ref().map(|tls| acceptor(&tls.cert, &tls.key)).transpose()?;
        tracing::info!(%address, tls = tls.is_some(), "live.ready: publish to rtmp://{address}/live");
        let pace = Pace { step: config.live.merge, origin: Instant::now(), most: config.live.mbits * 1_000_000 / 8 };
        Ok(Self { listener, tls, pace, studio, door })
    }

    /// Takes encoders in until `draining`; then they are told to go, and their ends are told to the rooms.
    pub(crate) async fn serve(self, mut draining: watch::Receiver<bool>) {
        let (places, mut served) = (Arc::new(Semaphore::new(ENCODERS)), JoinSet::new());
        loop {
            let place = Arc::clone(&places).acquire_owned();
            let accepted = tokio::select! {
                accepted = async { (place.await, self.listener.accept().await) } => accepted,
                Some(_) = served.join_next() => continue,
                _ = draining.wait_for(|draining| *draining) => break,
            };
            let (stream, peer) = match accepted {
                (_, Ok(accepted)) => accepted,
                (_, Err(error)) => {
                    tracing::warn!(%error, "live.listener_refused");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            };
            let Some(seat) = self.door.enter(peer) else { continue };
            let (studio, tls, pace) = (Arc::clone(&self.studio), self.tls.clone(), self.pace);
            served.spawn(async move {
                attend((stream, peer), pace, tls, &studio).await;
                drop((accepted.0, seat));
            });
        }
        drop(self.listener);
        self.studio.close();
        while served.join_next().await.is_some() {}
    }
}

async fn attend((stream, peer): (TcpStream, SocketAddr), pace: Pace, tls: Option<TlsAcceptor>, studio: &Arc<Studio>) {
    let _ = stream.set_nodelay(true);
    let mut first = [0];
    let speaks = timeout(BEGIN, stream.peek(&mut first)).await;
    let watched = Arc::new(AtomicBool::new(true));
    let stream = Paced::new(stream, pace, Arc::clone(&watched));
    let served = match (speaks, tls) {
        (Ok(Ok(1)), Some(tls)) if first[0] == TLS => match timeout(BEGIN, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve(stream, peer, studio, Patience::default(), &watched).await,
            failed => return tracing::debug!(%peer, failed = failed.is_ok(), "live.no_tls"),
        },
        (Ok(Ok(1)), _) => serve(stream, peer, studio, Patience::default(), &watched).await,
        _ => return,
    };
    if let Err(error) = served {
        tracing::debug!(%peer, %error, "live.not_published");
    }
}

fn acceptor(cert: &Path, key: &Path) -> Result<TlsAcceptor, LiveError> {
    let failed = |error: &dyn std::fmt::Display| LiveError::Tls(error.to_string());
    let chain = CertificateDer::pem_file_iter(cert).map_err(|error| failed(&error))?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(|error| failed(&error))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| failed(&error))?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    Ok(TlsAcceptor::from(Arc::new(config.map_err(|error| failed(&error))?)))
}
