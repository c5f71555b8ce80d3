//! How a running server is managed: on a socket in its data directory, and on a port if that is wanted.

mod socket;
mod unix;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use synctv_edge::{Door, OperatorToken, Sockets};
use synctv_grpc::management::{self, Management};
use tokio::sync::watch;
use tokio::task::JoinSet;

pub(crate) use self::socket::{NAME, short};
use crate::connections::{Connections, FEW};
use crate::data_dir::DataDir;
use crate::listen;
use crate::listeners::Bound;
use crate::node::Node;

/// How long whoever is told how the stop goes has to hear its end.
const FAREWELL: Duration = Duration::from_secs(2);

/// Answers until it is finished; ends with the value at the latest.
pub(crate) struct Managing {
    node: Arc<Node>,
    closing: watch::Sender<bool>,
    tasks: JoinSet<()>,
    socket: Option<PathBuf>,
}

impl Managing {
    /// From the first moment: a server that waits for its database can be looked at and stopped.
    pub(crate) fn start(node: &Arc<Node>, data_dir: &Path, port: Option<Bound>, operator: OperatorToken) -> Self {
        let management = Management::new(&(Arc::clone(node) as Arc<dyn management::Node>));
        let (closing, closes) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let socket = match socket::bind(data_dir) {
            Ok((listener, path)) => {
                tasks.spawn(unix::serve(listener, router(management.clone()), closes.clone(), FAREWELL));
                Some(path)
            }
            Err(error) => {
                // Such as on a file system without sockets: rooms are served all the same.
                tracing::warn!(%error, data_dir = %data_dir.display(), "management.no_socket");
                None
            }
        };
        if let Some((listener, address)) = port {
            tracing::info!(%address, "management.ready");
            let uncounted = (Door::open(), Sockets::default(), Connections::of(FEW));
            tasks.spawn(listen::serve(listener, router(management.guarded(operator)), closes, uncounted, FAREWELL));
        }
        Self { node: Arc::clone(node), closing, tasks, socket }
    }

    /// Lets the next server have the directory, tells whoever listens that all is done, and waits until they heard it.
    pub(crate) async fn finish(mut self, held: DataDir) {
        self.closing.send_replace(true);
        if let Some(path) = &self.socket
            && let Err(error) = std::fs::remove_file(path)
        {
            tracing::debug!(%error, "management.socket_kept");
        }
        drop(held);
        self.node.ends();
        while self.tasks.join_next().await.is_some() {}
    }
}

fn router(management: Management) -> Router {
    Router::new().fallback(move |request: Request| async move { management.answer(request).await.map(Body::new) })
}
