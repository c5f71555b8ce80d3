//! What is exported about the other nodes.

use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntCounter, IntGaugeVec, Opts};
use synctv_grpc::cluster::{Cluster, MemberState};

const VALID: &str = "constant names are valid";

/// Looked at when somebody asks; all 0 without other nodes.
pub(crate) struct Members {
    cluster: Option<Arc<Cluster>>,
    members: IntGaugeVec,
    strangers: IntCounter,
}

impl Members {
    pub(crate) fn new(cluster: Option<Arc<Cluster>>) -> Self {
        let members = Opts::new("synctv_cluster_members", "Other nodes that this one knows, by how they are");
        let strangers = Opts::new(
            "synctv_cluster_strangers_total",
            "Calls of nodes that were not signed with the cluster's secret",
        );
        Self {
            cluster,
            members: IntGaugeVec::new(members, &["state"]).expect(VALID),
            strangers: IntCounter::with_opts(strangers).expect(VALID),
        }
    }
}

impl Collector for Members {
    fn desc(&self) -> Vec<&Desc> {
        self.members.desc().into_iter().chain(self.strangers.desc()).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        for state in MemberState::ALL {
            let count = self.cluster.as_ref().map_or(0, |cluster| cluster.count(state));
            self.members.with_label_values(&[state.name()]).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        let strangers = self.cluster.as_ref().map_or(0, |cluster| cluster.strangers());
        self.strangers.inc_by(strangers.saturating_sub(self.strangers.get()));
        self.members.collect().into_iter().chain(self.strangers.collect()).collect()
    }
}
