//! The figures, what each is compared with, and what is asked of it.

/// Whether more is better.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Better {
    Higher,
    Lower,
}

/// What a figure is compared with.
pub enum Peer {
    /// Another measurement of the same round: its name for readers, and its key.
    Measured(&'static str, &'static str),
    /// A fixed bound.
    Limit(&'static str, f64),
    /// Nothing: told for information.
    None,
}

/// One line of the results.
pub struct Goal {
    pub name: &'static str,
    pub unit: &'static str,
    /// Key of our sample.
    pub ours: &'static str,
    pub peer: Peer,
    pub better: Better,
    /// The ratio that must be reached.
    pub floor: Option<f64>,
    /// The ratio aimed at.
    pub aim: Option<f64>,
}

impl Goal {
    /// The samples it needs.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        let peer = match self.peer {
            Peer::Measured(_, key) => Some(key),
            Peer::Limit(..) | Peer::None => None,
        };
        [Some(self.ours), peer].into_iter().flatten()
    }

    const fn asks(self, floor: f64) -> Self {
        Self { floor: Some(floor), ..self }
    }

    const fn aims(self, aim: f64) -> Self {
        Self { aim: Some(aim), ..self }
    }
}

/// Those whose name starts with one of these; all when there are none.
pub fn matching(only: &[String]) -> Vec<&'static Goal> {
    let wanted = |goal: &&Goal| only.is_empty() || only.iter().any(|start| begins(goal.name, start));
    GOALS.iter().filter(wanted).collect()
}

/// Whole words only: `append.many.6` is not the beginning of `append.many.64`.
fn begins(name: &str, start: &str) -> bool {
    name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

const BARE: &str = "bare XADD to XREAD";
const ONE: &str = "one node";
const STOCK: &str = "stock postgres-es";
const NGINX: &str = "nginx-rtmp";

const fn rate(name: &'static str, ours: &'static str, peer: &'static str, key: &'static str) -> Goal {
    goal(name, "commands/s", ours, Peer::Measured(peer, key), Better::Higher)
}

const fn time(name: &'static str, ours: &'static str, peer: &'static str, key: &'static str) -> Goal {
    goal(name, "ms", ours, Peer::Measured(peer, key), Better::Lower)
}

const fn batch(name: &'static str, ours: &'static str) -> Goal {
    goal(name, "events/append", ours, Peer::None, Better::Higher)
}

const fn cpu(name: &'static str, ours: &'static str) -> Goal {
    goal(name, "us/command", ours, Peer::None, Better::Lower)
}

/// One way in against another, on the same server.
const fn way(name: &'static str, ours: &'static str, peer: &'static str, key: &'static str) -> Goal {
    rate(name, ours, peer, key)
}

const fn server_cpu(name: &'static str, ours: &'static str, peer: &'static str, key: &'static str) -> Goal {
    goal(name, "us/command", ours, Peer::Measured(peer, key), Better::Lower)
}

/// CPU time of the server for each viewer or stream, where that much may be needed for what the peer does with 1.
const fn share(name: &'static str, ours: &'static str, key: &'static str, (limit, aim): (f64, f64)) -> Goal {
    goal(name, "ms/s", ours, Peer::Measured(NGINX, key), Better::Lower).asks(1.0 / limit).aims(1.0 / aim)
}

/// At most that, and better that.
const fn most(name: &'static str, unit: &'static str, ours: &'static str, (limit, aim): (f64, f64)) -> Goal {
    goal(name, unit, ours, Peer::Limit("limit", limit), Better::Lower).asks(1.0).aims(limit / aim)
}

/// Memory is measured in these, and limited in what is a little less.
const KIB: f64 = 1024.0;
const MIB: f64 = KIB * KIB;

/// Memory of the server, whatever it does.
const fn peak(name: &'static str, ours: &'static str) -> Goal {
    goal(name, "MiB", ours, Peer::Limit("limit", 512e6 / MIB), Better::Lower).asks(1.0)
}

const fn told(name: &'static str, unit: &'static str, ours: &'static str) -> Goal {
    goal(name, unit, ours, Peer::None, Better::Lower)
}

const fn goal(name: &'static str, unit: &'static str, ours: &'static str, peer: Peer, better: Better) -> Goal {
    Goal { name, unit, ours, peer, better, floor: None, aim: None }
}

static GOALS: &[Goal] = &[
    rate("append.many.8", "many.8/rate", STOCK, "stock.8/rate"),
    time("append.many.8.p50", "many.8/p50", STOCK, "stock.8/p50"),
    time("append.many.8.p99", "many.8/p99", STOCK, "stock.8/p99"),
    batch("append.many.8.batch", "many.8/batch"),
    rate("append.many.64", "many.64/rate", STOCK, "stock.64/rate").asks(3.0).aims(6.0),
    time("append.many.64.p50", "many.64/p50", STOCK, "stock.64/p50"),
    time("append.many.64.p99", "many.64/p99", STOCK, "stock.64/p99"),
    batch("append.many.64.batch", "many.64/batch"),
    cpu("append.many.64.backend_cpu", "many.64/backend_cpu"),
    cpu("append.many.64.process_cpu", "many.64/process_cpu"),
    rate("append.many.256", "many.256/rate", STOCK, "stock.256/rate").asks(5.0).aims(10.0),
    time("append.many.256.p50", "many.256/p50", STOCK, "stock.256/p50"),
    time("append.many.256.p99", "many.256/p99", STOCK, "stock.256/p99"),
    batch("append.many.256.batch", "many.256/batch"),
    cpu("append.many.256.backend_cpu", "many.256/backend_cpu"),
    cpu("append.many.256.process_cpu", "many.256/process_cpu"),
    rate("append.pgbench", "many.64/rate", "pgbench, one row per transaction", "pgbench/rate").asks(1.0).aims(1.5),
    rate("append.hot", "hot/rate", "append.many.64", "many.64/rate").asks(0.7),
    goal("append.hot.batch", "events/append", "hot/batch", Peer::Limit("goal", 16.0), Better::Higher).asks(1.0),
    rate("append.hot.stock", "hot/rate", STOCK, "stock.hot/rate"),
    time("append.single", "single/p50", "bare insert", "bare/p50").asks(0.5),
    goal("cold.load.read", "ms", "cold/read", Peer::Limit("limit", 50.0), Better::Lower).asks(1.0),
    goal("cold.load.command", "ms", "cold/command", Peer::Limit("limit", 50.0), Better::Lower).asks(1.0),
    goal("verify", "events/s", "verify/rate", Peer::Measured("reading the rows", "read/rate"), Better::Higher)
        .asks(0.8),
    goal("deliver.latency.p50", "ms", "latency/p50", Peer::Limit("aim", 5.0), Better::Lower).aims(1.0),
    goal("deliver.latency.p99", "ms", "latency/p99", Peer::Limit("aim", 25.0), Better::Lower).aims(1.0),
    time("deliver.latency.bare", "latency/p50", "a channel in one process", "broadcast/p50"),
    goal("deliver.core", "1/s", "deliver/core", Peer::Measured("bare broadcaster", "broadcaster/core"), Better::Higher)
        .asks(0.8),
    goal("deliver.core.aim", "1/s", "deliver/core", Peer::Limit("aim", 50_000.0), Better::Higher).aims(1.0),
    goal("deliver.rate", "1/s", "deliver/rate", Peer::Measured("bare broadcaster", "broadcaster/rate"), Better::Higher),
    goal("deliver.memory.socket", "KiB", "idle/socket", Peer::Limit("limit", 16.0), Better::Lower).asks(1.0).aims(1.33),
    goal("deliver.memory.stream", "KiB", "idle/stream", Peer::None, Better::Lower),
    goal("deliver.recovery", "ms", "recovery/ms", Peer::Limit("limit", 50.0), Better::Lower).asks(1.0),
    goal("deliver.storm", "s", "storm/s", Peer::None, Better::Lower),
    goal("deliver.storm.pages", "/room", "storm/pages", Peer::Limit("limit", 1.0), Better::Lower).asks(1.0),
    time("deliver.sleepers.p99", "sleepers/p99", "without them", "sleepers/alone").asks(0.5),
    goal("deliver.sleepers.memory", "KiB", "sleepers/kib", Peer::None, Better::Lower),
    goal("rebuild", "events/s", "rebuild/rate", Peer::Limit("floor", 30_000.0), Better::Higher).asks(1.0).aims(3.33),
    goal(
        "rebuild.parse",
        "events/s",
        "rebuild/rate",
        Peer::Measured("reading and parsing", "parse/rate"),
        Better::Higher,
    )
    .asks(0.2),
    goal("project.lag.p99", "ms", "lag/p99", Peer::Limit("limit", 100.0), Better::Lower).asks(1.0),
    goal("project.lag.p50", "ms", "lag/p50", Peer::None, Better::Lower),
    goal("project.lag.rate", "commands/s", "lag/rate", Peer::Limit("load", 1000.0), Better::Higher).asks(0.95),
    time("pages.directory.p99", "pages/directory", "bare SQL", "pages/bare_directory"),
    time("pages.chat.p99", "pages/chat", "bare SQL", "pages/bare_chat"),
    way("grpc.call.1", "ways/grpc.1.rate", "REST", "ways/rest.1.rate").asks(0.7),
    way("grpc.call.64.hot", "ways/grpc.64.hot.rate", "REST", "ways/rest.64.hot.rate").asks(0.7),
    way("grpc.call.64.many", "ways/grpc.64.many.rate", "REST", "ways/rest.64.many.rate").asks(0.7),
    way("grpc.session.1", "ways/session.1.rate", "WebSocket", "ways/socket.1.rate").asks(0.7),
    way("grpc.session.64.hot", "ways/session.64.hot.rate", "WebSocket", "ways/socket.64.hot.rate").asks(0.7),
    way("grpc.session.64.many", "ways/session.64.many.rate", "WebSocket", "ways/socket.64.many.rate").asks(0.7),
    time("grpc.call.1.p50", "ways/grpc.1.p50", "REST", "ways/rest.1.p50"),
    time("grpc.session.1.p50", "ways/session.1.p50", "WebSocket", "ways/socket.1.p50"),
    server_cpu("grpc.call.64.many.cpu", "ways/grpc.64.many.cpu", "REST", "ways/rest.64.many.cpu"),
    server_cpu("grpc.session.64.many.cpu", "ways/session.64.many.cpu", "WebSocket", "ways/socket.64.many.cpu"),
    // At most one and a half times as long.
    time("grpc.deliver.p50", "told/grpc.p50", "WebSocket", "told/socket.p50").asks(0.67),
    time("grpc.deliver.p99", "told/grpc.p99", "WebSocket", "told/socket.p99"),
    // At most three times as long.
    time("nodes.hop.p50", "nodes.hop/hop.p50", BARE, "nodes.hop/bare.p50").asks(0.33),
    time("nodes.hop.p99", "nodes.hop/hop.p99", BARE, "nodes.hop/bare.p99"),
    time("nodes.age.p50", "nodes.hop/age.p50", "where it was stored", "nodes.hop/near.p50"),
    time("nodes.age.p99", "nodes.hop/age.p99", "where it was stored", "nodes.hop/near.p99"),
    goal("nodes.poll.p50", "ms", "nodes.poll/age.p50", Peer::None, Better::Lower),
    goal("nodes.poll.p99", "ms", "nodes.poll/age.p99", Peer::Limit("limit", 400.0), Better::Lower).asks(1.0),
    rate("nodes.load.many", "nodes.load/three.many.rate", ONE, "nodes.load/one.many.rate").asks(0.8),
    rate("nodes.load.shared", "nodes.load/three.shared.rate", ONE, "nodes.load/one.shared.rate"),
    rate("nodes.load.hot", "nodes.load/three.hot.rate", ONE, "nodes.load/one.hot.rate"),
    rate("nodes.load.alone", "nodes.load/three.many.rate", "one without Redis", "nodes.load/alone.many.rate"),
    time("nodes.load.many.p99", "nodes.load/three.many.p99", ONE, "nodes.load/one.many.p99"),
    server_cpu("nodes.load.many.cpu", "nodes.load/three.many.cpu", ONE, "nodes.load/one.many.cpu"),
    server_cpu("nodes.load.many.redis", "nodes.load/three.many.redis", ONE, "nodes.load/one.many.redis"),
    server_cpu("nodes.load.hot.cpu", "nodes.load/three.hot.cpu", ONE, "nodes.load/one.hot.cpu"),
    goal("nodes.roll", "s", "nodes.roll/s", Peer::None, Better::Lower),
    goal("nodes.roll.total", "s", "nodes.roll/total", Peer::None, Better::Lower),
    goal("nodes.roll.pages", "pages", "nodes.roll/pages", Peer::None, Better::Lower),
    goal("nodes.roll.failed", "attempts", "nodes.roll/failed", Peer::None, Better::Lower),
    goal("nodes.roll.delivered", "events", "nodes.roll/delivered", Peer::None, Better::Higher),
    share("live.fan.cpu", "live.fan/ours.cpu", "live.fan/peer.cpu", (0.85, 0.75)),
    told("live.fan.postgres", "ms/s", "live.fan/ours.postgres"),
    told("live.fan.idle", "ms/s", "live.fan/ours.idle"),
    told("live.fan.alone", "ms/s", "live.fan/ours.alone"),
    time("live.fan.first.p50", "live.fan/ours.first.p50", NGINX, "live.fan/peer.first.p50"),
    most("live.fan.first.p99", "ms", "live.fan/ours.first.p99", (100.0, 20.0)),
    time("live.fan.delay.p50", "live.fan/ours.delay.p50", NGINX, "live.fan/peer.delay.p50"),
    most("live.fan.delay.p99", "ms", "live.fan/ours.delay.p99", (80.0, 45.0)),
    time("live.fan.gap", "live.fan/ours.gap", NGINX, "live.fan/peer.gap"),
    most("live.fan.memory", "KiB", "live.fan/ours.kib", (60e3 / KIB, 40e3 / KIB)),
    peak("live.fan.peak", "live.fan/ours.peak"),
    share("live.ingest.cpu", "live.ingest/ours.cpu", "live.ingest/peer.cpu", (1.6, 1.2)),
    told("live.ingest.postgres", "ms/s", "live.ingest/ours.postgres"),
    peak("live.ingest.peak", "live.ingest/ours.peak"),
    share("live.hls.cpu", "live.hls/ours.cpu", "live.hls/peer.cpu", (1.5, 1.1)),
    told("live.hls.postgres", "ms/s", "live.hls/ours.postgres"),
    peak("live.hls.peak", "live.hls/ours.peak"),
    time("live.slow.delay.p99", "live.slow/p99", "while all read", "live.slow/alone").asks(0.5),
    time("live.slow.gap", "live.slow/gap", "while all read", "live.slow/gap.alone").asks(0.5),
    most("live.slow.memory", "MiB", "live.slow/mib", (50.0, 10.0)),
    told("live.slow.closed", "viewers", "live.slow/closed"),
    peak("live.slow.peak", "live.slow/peak"),
    goal("live.crowd.accepted", "streams", "live.crowd/accepted", Peer::Limit("all", 100.0), Better::Higher).asks(1.0),
    told("live.crowd.time", "s", "live.crowd/s"),
    told("live.crowd.cpu", "ms/s", "live.crowd/cpu"),
    told("live.crowd.memory", "MiB/stream", "live.crowd/mib"),
    peak("live.crowd.peak", "live.crowd/peak"),
    rate("append.empty.64", "empty.64/rate", STOCK, "stock.64/rate").asks(3.0).aims(6.0),
    rate("append.empty.256", "empty.256/rate", STOCK, "stock.256/rate").asks(5.0).aims(10.0),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Cell;

    #[test]
    fn every_goal_is_fed_by_exactly_one_cell_for_each_sample() {
        for goal in GOALS {
            for key in goal.keys() {
                let cells = Cell::ALL.iter().filter(|cell| cell.gives(key)).count();
                assert_eq!(cells, 1, "{}: {key}", goal.name);
            }
        }
    }

    #[test]
    fn a_filter_selects_by_whole_words() {
        let names = |only: &str| matching(&[only.to_owned()]).iter().map(|goal| goal.name).collect::<Vec<_>>();
        assert_eq!(names("append.many.6"), [""; 0]);
        assert_eq!(names("verify"), ["verify"]);
        assert_eq!(names("cold"), ["cold.load.read", "cold.load.command"]);
    }
}
