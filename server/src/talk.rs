//! What the nodes of one log tell each other of their members.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{EventLog, NodeId};
use synctv_realtime::Gatherings;
use synctv_redis::{Ephemera, Redis, Refused};
use tokio::task::JoinSet;
use tokio::time::timeout;
use ulid::Ulid;

/// For the last words.
const FAREWELL: Duration = Duration::from_millis(500);

/// This node's part, if there is a Redis that carries it.
pub(crate) struct Talk {
    carrier: Option<Arc<Ephemera>>,
    members: Arc<Gatherings>,
}

impl Talk {
    /// Begins it, and gives who is connected. `fresh` is an id that no node had before, `secret` the same on all nodes.
    pub(crate) fn begin(
        redis: Option<&Redis>,
        (fresh, secret): (Ulid, &[u8]),
        log: Arc<dyn EventLog>,
        refused: Refused,
        background: &mut JoinSet<()>,
    ) -> (Arc<Gatherings>, Self) {
        let Some(redis) = redis else {
            let members = Gatherings::new();
            return (Arc::clone(&members), Self { carrier: None, members });
        };
        let members = Gatherings::among_nodes(NodeId(fresh));
        let epoch = move || log.epoch().name;
        let carrier = Arc::new(Ephemera::new(redis.clone(), secret, epoch, refused));
        let (carried, talking, aging) = (Arc::clone(&carrier), Arc::clone(&members), Arc::clone(&members));
        background.spawn(async move { carried.carry(&*talking).await });
        background.spawn(async move { aging.expire().await });
        (Arc::clone(&members), Self { carrier: Some(carrier), members })
    }

    /// Others need not wait to learn that this node ends.
    pub(crate) async fn farewell(&self) {
        if let Some(carrier) = &self.carrier {
            let _ = timeout(FAREWELL, carrier.farewell(&*self.members)).await;
        }
    }
}
