//! The listener: HTTP/1 and HTTP/2 on one port, with limits against clients that dawdle.

use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use synctv_edge::{Door, Peer, Sockets};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tower_layer::Layer;

use crate::connections::Connections;
use crate::patience::Patience;

/// How long a client may take to begin, and for the headers of a request.
const HEADERS: Duration = Duration::from_secs(10);

/// What who is not let in is told: a whole answer of HTTP/1.
const FULL: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nretry-after: 5\r\n\
    cache-control: no-store\r\nconnection: close\r\n\r\n";

/// What a connection of HTTP/2 begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Serves until `draining`, then lets what is under way finish, for at most `grace`.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    mut draining: watch::Receiver<bool>,
    (door, sockets, connections): (Door, Sockets, Connections),
    grace: Duration,
) {
    let (builder, graceful) = (builder(), GracefulShutdown::new());
    loop {
        let slot = tokio::select! {
            // The next ones wait in the kernel.
            slot = connections.slot() => slot,
            _ = draining.wait_for(|draining| *draining) => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = draining.wait_for(|draining| *draining) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, or a peer that went away: neither ends the server.
                tracing::warn!(%error, "listener.refused");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let Some(seat) = door.enter(peer) else {
            // Told, if the kernel takes it at once; nobody waits for who holds too much already.
            let _ = stream.try_write(FULL);
            continue;
        };
        let connection = slot.taken();
        let _ = stream.set_nodelay(true);
        let service = Extension(Peer(peer)).layer(router.clone());
        let (service, builder) = (TowerToHyperService::new(service), builder.clone());
        let (watcher, mut draining) = (graceful.watcher(), draining.clone());
        tokio::spawn(async move {
            let speaks = tokio::select! {
                speaks = timeout(HEADERS, speaks(&stream)) => matches!(speaks, Ok(true)),
                _ = draining.wait_for(|draining| *draining) => false,
            };
            if speaks {
                let served =
                    builder.serve_connection_with_upgrades(TokioIo::new(Patience::new(stream)), service).into_owned();
                if let Err(error) = watcher.watch(served).await {
                    tracing::debug!(%error, "connection.failed");
                }
            }
            drop((connection, seat));
        });
    }
    drop(listener);
    let finished = async {
        graceful.shutdown().await;
        // Sockets outlive the connections they began as.
        sockets.gone().await;
    };
    if timeout(grace, finished).await.is_err() {
        tracing::warn!(grace_secs = grace.as_secs(), "drain.cut_short");
    }
}

/// Waits until a client has said enough to tell HTTP/1 from HTTP/2; from there on hyper has its own timeouts.
async fn speaks(stream: &TcpStream) -> bool {
    let mut first = [0; PREFACE.len()];
    loop {
        match stream.peek(&mut first).await {
            Ok(0) | Err(_) => return false,
            Ok(count) if count == PREFACE.len() || !PREFACE.starts_with(&first[..count]) => return true,
            // Peeking returns at once while there is anything: the rest is waited for.
            Ok(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// With limits against clients that dawdle.
pub(crate) fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        // More than an address may have streams: who opens too many is told so, and does not wait for nothing.
        .max_concurrent_streams(1000)
        // For each stream whose client takes nothing.
        .max_send_buf_size(64 * 1024)
        .max_header_list_size(32 * 1024)
        .keep_alive_interval(Some(Duration::from_secs(20)))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}
