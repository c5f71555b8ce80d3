//! The life of a server.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use synctv_edge::OperatorToken;
use synctv_grpc::Grpc;
use synctv_http::{Http, router};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::data_dir::{DataDir, DataDirError};
use crate::database::{self, DatabaseError};
use crate::embedded::EmbeddedPostgres;
use crate::front::front;
use crate::listeners::Listeners;
use crate::live::{self, Encoders};
use crate::management::Managing;
use crate::node::Node;
use crate::signals::stop_by_signals;
use crate::wiring::{App, WiringError};
use crate::{listen, witness};

/// How long the embedded PostgreSQL that is not waited for has to hear of its end; usually enough to reach it.
const MOMENT: Duration = Duration::from_secs(2);

/// How long rooms may take to hear that their streams have ended.
const ENDINGS: Duration = Duration::from_secs(3);

/// Why a server did not start, or did not stop well.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Its directory.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// Its database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Its parts.
    #[error(transparent)]
    Wiring(#[from] WiringError),
    /// Its port.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The signals.
    #[error("signals cannot be received: {0}")]
    Signals(std::io::Error),
}

/// Runs until it is asked to stop, drains, and leaves everything durable and stopped.
pub(crate) async fn serve(config: &Config) -> Result<(), ServeError> {
    let node =
        Node::new(config.connections, Duration::from_secs(config.drain_lead_secs.saturating_add(config.drain_secs)));
    let node = Arc::new(node);
    stop_by_signals(&node)?;
    raise_open_files();
    let held = DataDir::hold(&config.data_dir)?;
    let token = held.operator_token()?;
    // A port that is taken is told before a database is started.
    let mut listeners = Listeners::bind(config)?;
    let port = listeners.management.take();
    let managing = Managing::start(&node, held.path(), port, OperatorToken::new(token.clone()));
    let result = live(config, (held.path(), OperatorToken::new(token)), listeners, &node).await;
    node.closes();
    managing.finish(held).await;
    result
}

/// With its database.
async fn live(
    config: &Config,
    (data_dir, operator): (&Path, OperatorToken),
    listeners: Listeners,
    node: &Node,
) -> Result<(), ServeError> {
    let embedded = match &config.database_url {
        Some(_) => None,
        None => tokio::select! {
            embedded = database::embedded(data_dir) => Some(embedded?),
            () = node.asked() => return give_up(data_dir, node).await,
        },
    };
    let result = tokio::select! {
        result = run(config, (data_dir, operator), embedded.as_ref(), listeners, node) => result,
        () = supervise(embedded.as_ref()) => Ok(()),
    };
    node.closes();
    if let Some(embedded) = embedded {
        tokio::select! {
            stopped = embedded.stop() => stopped.map_err(DatabaseError::from)?,
            // It goes on shutting down by itself.
            () = hurried(node) => {}
        }
    }
    result
}

/// Asked once more than when it began to close, or to stop at once, and the database had its moment.
async fn hurried(node: &Node) {
    tokio::select! {
        () = node.asked_anew() => {}
        () = node.asked_again() => {}
    }
    tokio::time::sleep(MOMENT).await;
}

/// Asked to stop while the database was being started: nobody was served, so nothing is waited for.
async fn give_up(data_dir: &Path, node: &Node) -> Result<(), ServeError> {
    node.closes();
    match tokio::time::timeout(MOMENT, database::stop_embedded(data_dir)).await {
        Ok(stopped) => Ok(stopped?),
        // It goes on shutting down by itself.
        Err(_) => Ok(()),
    }
}

async fn run(
    config: &Config,
    (data_dir, operator): (&Path, OperatorToken),
    embedded: Option<&EmbeddedPostgres>,
    listeners: Listeners,
    node: &Node,
) -> Result<(), ServeError> {
    let url = config.database_url.as_deref().or(embedded.map(EmbeddedPostgres::url)).unwrap_or_default();
    let pool = tokio::select! {
        pool = database::wait_for(url) => pool?,
        () = node.asked() => return Ok(()),
    };
    let ((leave, leaving), (drain, draining)) = (watch::channel(false), watch::channel(false));
    let mut app = tokio::select! {
        app = App::wire(config, (data_dir, operator), &pool, (leaving, draining.clone()), listeners.cluster) => app?,
        // A database that hangs must not keep the process.
        () = node.asked() => return Ok(()),
    };
    // Ends with this run: a drain can be watched.
    let mut metrics = JoinSet::new();
    if let Some((listener, address)) = listeners.metrics {
        tracing::info!(%address, "metrics.ready: http://{address}/metrics");
        metrics.spawn(app.exporter.clone().serve(listener));
    }
    let (listener, address) = listeners.http;
    let ingest = live::ingest(config, listeners.rtmp.as_ref().map(|(_, address)| *address));
    let http = Http {
        edge: Arc::clone(&app.edge),
        origins: Arc::new(config.cors_origins.clone()),
        studio: Arc::clone(&app.studio),
        ingest: Arc::new(ingest),
    };
    let encoders = listeners.rtmp.map(|bound| Encoders::new(config, bound, Arc::clone(&app.studio), app.door.clone()));
    let encoders = encoders.transpose().map_err(WiringError::from)?;
    let mut publishing = JoinSet::new();
    if let Some(encoders) = encoders {
        publishing.spawn(encoders.serve(draining.clone()));
    }
    node.serves(&app, address);
    tracing::info!(%address, "server.ready: open http://{address}/");
    let serving = listen::serve(
        listener,
        front(router(http), Grpc::new(&app.edge)),
        draining,
        (app.door.clone(), app.edge.sockets.clone(), node.connections().clone()),
        Duration::from_secs(config.drain_secs),
    );
    let asked = async {
        node.asked().await;
        leave.send_replace(true);
        tracing::info!(lead_secs = config.drain_lead_secs, "server.leaving");
        // Whoever sends clients here has time to notice.
        let _ = tokio::time::timeout(Duration::from_secs(config.drain_lead_secs), node.asked_again()).await;
        tracing::info!("server.draining");
        drain.send_replace(true);
        // Asked again: at once.
        node.asked_again().await;
    };
    tokio::select! {
        () = serving => {}
        () = asked => {}
    }
    node.closes();
    app.talk.farewell().await;
    // Rooms are told of the ends of their streams; those that are not hear it from another node.
    let _ = tokio::time::timeout(ENDINGS, publishing.join_next()).await;
    // What was sent and not answered is sent again by another node.
    let _ = tokio::time::timeout(Duration::from_secs(1), app.delivering.join_next()).await;
    witness::save(data_dir, &app.incarnation);
    let (leases, registry) = (Arc::clone(&app.leases), app.registry.clone());
    drop((metrics, app));
    if let Some(registry) = registry {
        registry.leave().await;
    }
    // Others go on at once; without an answer they wait for the end of the leases.
    let _ = tokio::time::timeout(Duration::from_secs(1), leases.give_up()).await;
    // A session that hangs must not keep the process.
    let _ = tokio::time::timeout(Duration::from_secs(2), pool.close()).await;
    tracing::info!("server.stopped");
    Ok(())
}

async fn supervise(embedded: Option<&EmbeddedPostgres>) {
    match embedded {
        Some(embedded) => embedded.supervise().await,
        None => std::future::pending().await,
    }
}

/// Every connection is an open file, and the usual limit is a tenth of the connections that are held.
fn raise_open_files() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(files) => tracing::debug!(files, "server.open_files"),
        Err(error) => tracing::warn!(%error, "server.open_files_unchanged"),
    }
}
