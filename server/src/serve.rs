//! The life of a server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use synctv_edge::OperatorToken;
use synctv_grpc::Grpc;
use synctv_http::{Http, router};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::data_dir::{DataDir, DataDirError};
use crate::database::{self, DatabaseError};
use crate::embedded::EmbeddedPostgres;
use crate::front::front;
use crate::listeners::Listeners;
use crate::wiring::{App, WiringError};
use crate::{listen, witness};

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

/// Runs until SIGTERM or SIGINT, drains, and leaves everything durable and stopped.
pub(crate) async fn serve(config: &Config) -> Result<(), ServeError> {
    let mut stop = Stop::listen()?;
    raise_open_files();
    let held = DataDir::hold(&config.data_dir)?;
    let operator = OperatorToken::new(held.operator_token()?);
    // A port that is taken is told before a database is started.
    let listeners = Listeners::bind(config).await?;
    let embedded = match &config.database_url {
        Some(_) => None,
        None => Some(database::embedded(held.path()).await?),
    };
    let result = tokio::select! {
        result = run(config, (&held, operator), embedded.as_ref(), listeners, &mut stop) => result,
        () = supervise(embedded.as_ref()) => Ok(()),
    };
    if let Some(embedded) = embedded {
        tokio::select! {
            stopped = embedded.stop() => stopped.map_err(DatabaseError::from)?,
            // It goes on shutting down by itself.
            () = stop.asked() => {}
        }
    }
    result
}

async fn run(
    config: &Config,
    (held, operator): (&DataDir, OperatorToken),
    embedded: Option<&EmbeddedPostgres>,
    listeners: Listeners,
    stop: &mut Stop,
) -> Result<(), ServeError> {
    let url = config.database_url.as_deref().or(embedded.map(EmbeddedPostgres::url)).unwrap_or_default();
    let pool = tokio::select! {
        pool = database::wait_for(url) => pool?,
        () = stop.asked() => return Ok(()),
    };
    let (drain, draining) = watch::channel(false);
    let app = App::wire(config, (held.path(), operator), &pool, draining.clone()).await?;
    // Ends with this run: a drain can be watched.
    let mut metrics = JoinSet::new();
    if let Some((listener, address)) = listeners.metrics {
        tracing::info!(%address, "metrics.ready: http://{address}/metrics");
        metrics.spawn(app.exporter.clone().serve(listener));
    }
    let (listener, address) = listeners.http;
    let http = Http { edge: Arc::clone(&app.edge), origins: Arc::new(config.cors_origins.clone()) };
    tracing::info!(%address, "server.ready: open http://{address}/");
    let serving = listen::serve(
        listener,
        front(router(http), Grpc::new(&app.edge)),
        draining,
        (app.door.clone(), app.edge.sockets.clone()),
        Duration::from_secs(config.drain_secs),
    );
    let asked = async {
        stop.asked().await;
        tracing::info!("server.draining");
        drain.send_replace(true);
        // Asked again: at once.
        stop.asked().await;
    };
    tokio::select! {
        () = serving => {}
        () = asked => {}
    }
    witness::save(held.path(), &app.incarnation);
    let leases = Arc::clone(&app.leases);
    drop((metrics, app));
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

/// SIGTERM and SIGINT.
struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Stop {
    fn listen() -> Result<Self, ServeError> {
        let on = |kind| signal(kind).map_err(ServeError::Signals);
        Ok(Self { terminate: on(SignalKind::terminate())?, interrupt: on(SignalKind::interrupt())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
