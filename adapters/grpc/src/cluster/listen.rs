//! The listener for other nodes.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use synctv_proto::cluster::v1::peer_server::{Peer, PeerServer};
use synctv_proto::cluster::v1::{GreetRequest, GreetResponse};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tonic::service::Routes;
use tonic::{Request as Asked, Response as Answer, Status};
use tower::service_fn;

use super::cluster::Cluster;
use super::guard::Guard;
use super::tls::Io;
use super::whole::MOST;

/// Connections of nodes, and of callers who have not shown yet that they are one.
const CONNECTIONS: usize = 512;
/// How long a caller may take to show that it is a node.
const STRANGER: Duration = Duration::from_secs(5);

struct Greeter(Arc<Cluster>);

#[tonic::async_trait]
impl Peer for Greeter {
    async fn greet(&self, request: Asked<GreetRequest>) -> Result<Answer<GreetResponse>, Status> {
        let hello = request.into_inner().hello.unwrap_or_default();
        Ok(Answer::new(GreetResponse { hello: Some(self.0.greeted(&hello)?) }))
    }
}

impl Cluster {
    /// Answers other nodes. Runs until dropped, and cuts its connections with that.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        let guard = Guard::new(self.key.clone(), Arc::clone(&self.identity.clock), Arc::clone(&self.strangers));
        let service = PeerServer::new(Greeter(Arc::clone(&self))).max_decoding_message_size(MOST);
        let routes = Routes::new(service).prepare();
        let (slots, mut connections) = (Arc::new(Semaphore::new(CONNECTIONS)), JoinSet::new());
        loop {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
            while connections.try_join_next().is_some() {}
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "cluster.unaccepted");
                    sleep(Duration::from_millis(20)).await;
                    continue;
                }
            };
            let (cluster, guard, routes) = (Arc::clone(&self), guard.clone(), routes.clone());
            connections.spawn(async move {
                cluster.connected(stream, guard, routes).await;
                drop(slot);
            });
        }
    }

    async fn connected(&self, stream: TcpStream, guard: Guard, routes: Routes) {
        let _ = stream.set_nodelay(true);
        let stream: Io = match &self.tls {
            None => Box::new(stream),
            Some(tls) => match timeout(STRANGER, tls.accept(stream)).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => return tracing::warn!(%error, "cluster.no_tls"),
                Err(_) => return,
            },
        };
        let known = Arc::new(AtomicBool::new(false));
        let answering = Arc::clone(&known);
        let service = service_fn(move |request: Request<Incoming>| {
            let (guard, routes, known) = (guard.clone(), routes.clone(), Arc::clone(&answering));
            async move {
                let (is_node, response) = guard.answer(routes, request).await;
                known.fetch_or(is_node, Ordering::Relaxed);
                Ok::<_, Infallible>(response)
            }
        });
        let builder = builder();
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        tokio::pin!(connection);
        let late = tokio::select! {
            ended = &mut connection => return told(ended),
            () = sleep(STRANGER) => !known.load(Ordering::Relaxed),
        };
        if !late {
            told(connection.await);
        }
    }
}

fn told<E: std::fmt::Display>(ended: Result<(), E>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "cluster.connection_failed");
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new()).http2_only();
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(16)
        .max_send_buf_size(64 * 1024)
        .max_header_list_size(16 * 1024)
        .keep_alive_interval(Some(Duration::from_secs(10)))
        .keep_alive_timeout(Duration::from_secs(10));
    builder
}
