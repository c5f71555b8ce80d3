//! Who a node is, and what it says about itself.

use std::sync::Arc;

use synctv_commands::{Clock, Epoch};
use synctv_domain::Timestamp;
use synctv_edge::typed::timestamp;
use synctv_proto::cluster::v1;
use tokio::sync::watch;

/// Who this node is, among those of its log.
#[derive(Clone)]
pub struct Identity {
    /// Its name.
    pub node_id: String,
    /// Another one with each start.
    pub instance: String,
    /// Of the program.
    pub version: &'static str,
    /// Of what it makes of events.
    pub schema: i32,
    /// The log that it works on.
    pub log_id: String,
    /// The incarnation of the log that it serves.
    pub epoch: watch::Receiver<Epoch>,
    /// Where others reach it, as `host:port`; empty: nowhere, it only looks.
    pub address: String,
    /// By PostgreSQL's clock.
    pub started_at: Timestamp,
    /// Digests of what has to be the same on all nodes, by the name of the setting.
    pub settings: Vec<(&'static str, String)>,
    /// PostgreSQL's.
    pub clock: Arc<dyn Clock>,
}

impl Identity {
    /// What it says now. `peers`: who it hears from.
    pub(super) fn hello(&self, peers: Vec<String>) -> v1::Hello {
        let epoch = self.epoch.borrow().clone();
        v1::Hello {
            node_id: self.node_id.clone(),
            instance: self.instance.clone(),
            version: self.version.to_owned(),
            schema: self.schema,
            log_id: self.log_id.clone(),
            epoch: epoch.name.to_string(),
            generation: epoch.generation,
            address: self.address.clone(),
            started_at: Some(timestamp(self.started_at)),
            peers,
            sent_at_ms: self.clock.now().0,
            settings: self.settings.iter().map(shared).collect(),
        }
    }

    /// Settings in which another node differs, among those that both tell.
    pub(super) fn differing(&self, other: &v1::Hello) -> Vec<String> {
        let ours = |theirs: &v1::SharedSetting| self.settings.iter().find(|(name, _)| *name == theirs.name);
        let differs = |theirs: &&v1::SharedSetting| ours(theirs).is_some_and(|(_, digest)| *digest != theirs.digest);
        other.settings.iter().filter(differs).map(|setting| setting.name.clone()).collect()
    }
}

fn shared((name, digest): &(&'static str, String)) -> v1::SharedSetting {
    v1::SharedSetting { name: (*name).to_owned(), digest: digest.clone() }
}
