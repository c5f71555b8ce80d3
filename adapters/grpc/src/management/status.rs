//! How a server is.

use std::time::Duration;

use synctv_commands::LogError;
use synctv_edge::{Degraded, Edge, Problem};
use tokio::time::timeout;

use super::node::{Node, Running};
use super::opened::Opened;
use super::state::{DegradedProjection, Head, Phase, Status};

/// How long the database may take to tell the head of the log.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn look(node: &dyn Node) -> Status {
    let (phase, running) = (node.life().borrow().phase, node.running());
    let opened = Opened::of(node);
    let mut status = Status {
        version: node.build().version.to_owned(),
        pid: std::process::id(),
        uptime_ms: millis(node.uptime()),
        phase,
        connections: opened.connections,
        sockets: opened.sockets,
        streams: opened.streams,
        ..Status::default()
    };
    let found = match &running {
        Some(running) => {
            describe(&mut status, running);
            let (head, degraded) = tokio::join!(head(&running.edge), degraded(&running.edge));
            status.degraded_projections = degraded.into_iter().map(told).collect();
            head.map(Some)
        }
        None => Ok(None),
    };
    let not_ready = match (phase, found) {
        (Phase::Starting, _) => Some("starting"),
        (Phase::Draining | Phase::Closing | Phase::Stopped, found) => {
            status.head = found.ok().flatten();
            Some("draining")
        }
        (Phase::Serving, Ok(found)) => {
            status.head = found;
            status.head.is_none().then_some("unavailable")
        }
        (Phase::Serving, Err(problem)) => Some(problem.code()),
    };
    status.ready = not_ready.is_none();
    not_ready.unwrap_or_default().clone_into(&mut status.not_ready);
    status
}

/// Whether it can append and read.
pub(super) async fn is_ready(node: &dyn Node) -> bool {
    let Some(running) = node.running().filter(|_| node.life().borrow().phase == Phase::Serving) else { return false };
    head(&running.edge).await.is_ok()
}

fn describe(status: &mut Status, running: &Running) {
    status.started_at = Some(running.started_at);
    status.node_id.clone_from(&running.node_id);
    status.http_address = running.address.to_string();
    if let Some(cluster) = &running.cluster {
        cluster.address().clone_into(&mut status.cluster_address);
        status.members = cluster.members();
    }
    status.rooms = i64::try_from(running.edge.rooms.active()).unwrap_or(i64::MAX);
}

async fn head(edge: &Edge) -> Result<Head, Problem> {
    let silent = |_| LogError::Unavailable("no answer in time".to_owned());
    let head = timeout(PATIENCE, edge.tail.head()).await.map_err(silent)??;
    Ok(Head { epoch: head.epoch.name.to_string(), position: head.position.0 })
}

async fn degraded(edge: &Edge) -> Vec<Degraded> {
    edge.health.degraded(edge.projections.list()).await
}

fn told(Degraded { projection, reason, position, lag_seconds, detail }: Degraded) -> DegradedProjection {
    DegradedProjection { projection, reason, position: position.0, lag_seconds, detail }
}

pub(super) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
