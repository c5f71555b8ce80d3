//! `grpc.health.v1`: whether the server can append and read, for the whole and for each service.

use std::sync::Arc;
use std::time::Duration;

use synctv_edge::Edge;
use tokio::time::{sleep, timeout};
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::{HealthReporter, health_reporter};

use crate::services::NAMES;

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a look may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts to look; that ends with the server.
pub(crate) fn service(edge: &Arc<Edge>) -> HealthServer<impl Health> {
    let (reporter, service) = health_reporter();
    tokio::spawn(report(Arc::clone(edge), reporter));
    service
}

async fn report(edge: Arc<Edge>, reporter: HealthReporter) {
    let (mut leaving, mut told) = (edge.leaving.clone(), None);
    loop {
        let serving = tokio::select! {
            biased;
            _ = leaving.wait_for(|leaving| *leaving) => false,
            looked = timeout(PATIENCE, edge.ready()) => matches!(looked, Ok(Ok(_))),
        };
        let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
        // Whoever watches is told whatever is set, also when it is nothing new.
        if told.replace(status) != Some(status) {
            for name in NAMES.iter().copied().chain([""]) {
                reporter.set_service_status(name, status).await;
            }
        }
        if *leaving.borrow() {
            return;
        }
        tokio::select! {
            () = sleep(LOOK_EVERY) => {}
            _ = leaving.wait_for(|leaving| *leaving) => {}
        }
    }
}
