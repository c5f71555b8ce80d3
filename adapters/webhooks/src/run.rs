//! One dispatcher for each webhook.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{Clock, Deliveries, Target};
use synctv_domain::WebhookId;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use crate::dispatcher::Dispatcher;
use crate::metrics::Metrics;
use crate::sender::Sender;

/// How soon a node learns of a webhook that was added, changed or removed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What dispatchers share.
#[derive(Clone)]
pub(crate) struct Outside {
    pub(crate) deliveries: Arc<dyn Deliveries>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sender: Sender,
    pub(crate) draining: watch::Receiver<bool>,
}

struct Running {
    target: watch::Sender<Target>,
    handle: AbortHandle,
}

/// Delivers, as long as this node has the leases; until dropped. When draining begins nothing more is sent, and this ends
/// once what is under way has been answered.
pub async fn run(
    deliveries: Arc<dyn Deliveries>,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    mut draining: watch::Receiver<bool>,
) {
    let outside = Outside { deliveries, clock, sender: Sender::default(), draining: draining.clone() };
    let (mut tasks, mut running) = (JoinSet::new(), HashMap::new());
    let mut failing = false;
    while !*draining.borrow_and_update() {
        match outside.deliveries.targets().await {
            Ok(targets) => {
                failing = false;
                reconcile(&outside, &metrics, &mut tasks, &mut running, targets);
            }
            Err(error) if !failing => {
                tracing::error!(%error, "webhooks.unread");
                failing = true;
            }
            Err(_) => {}
        }
        tokio::select! {
            () = sleep(LOOK_EVERY) => {}
            Ok(()) = draining.changed() => {}
        }
    }
    while tasks.join_next().await.is_some() {}
}

fn reconcile(
    outside: &Outside,
    metrics: &Metrics,
    tasks: &mut JoinSet<()>,
    running: &mut HashMap<WebhookId, Running>,
    targets: Vec<Target>,
) {
    while tasks.try_join_next().is_some() {}
    running.retain(|id, one| {
        let wanted = targets.iter().any(|target| target.id == *id);
        if !wanted {
            one.handle.abort();
        }
        wanted && !one.handle.is_finished()
    });
    for target in targets {
        if let Some(one) = running.get(&target.id) {
            let changed = |known: &mut Target| std::mem::replace(known, target.clone()) != target;
            one.target.send_if_modified(changed);
            continue;
        }
        let (id, counted) = (target.id, metrics.of(target.id));
        let sender = watch::Sender::new(target);
        let dispatcher = Dispatcher::new(outside.clone(), counted, sender.subscribe());
        let handle = tasks.spawn(dispatcher.run());
        running.insert(id, Running { target: sender, handle });
    }
}
