//! `grpc.health.v1` of the management: whether the server can append and read, and that its management answers.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::sleep;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::{HealthReporter, health_reporter};

use super::node::Node;
use super::service::NAME;
use super::status::is_ready;

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Starts to look; that ends with the node.
pub(super) fn service(node: &Arc<dyn Node>) -> HealthServer<impl Health> {
    let (reporter, service) = health_reporter();
    tokio::spawn(report(Arc::downgrade(node), reporter));
    service
}

async fn report(node: Weak<dyn Node>, reporter: HealthReporter) {
    reporter.set_service_status(NAME, ServingStatus::Serving).await;
    let Some(mut life) = node.upgrade().map(|node| node.life()) else { return };
    let mut told = None;
    while let Some(node) = node.upgrade() {
        // What changes from here on is looked at anew.
        life.mark_unchanged();
        let status = if is_ready(&*node).await { ServingStatus::Serving } else { ServingStatus::NotServing };
        drop(node);
        // Whoever watches is told whatever is set, also when it is nothing new.
        if told.replace(status) != Some(status) {
            reporter.set_service_status("", status).await;
        }
        tokio::select! {
            () = sleep(LOOK_EVERY) => {}
            _ = life.changed() => {}
        }
    }
}
