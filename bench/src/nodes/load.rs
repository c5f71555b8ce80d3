//! Commands a second of one node, and of three.

use std::time::Duration;

use futures::future::try_join_all;

use super::Figure;
use super::cluster::Cluster;
use crate::delivery::Guest;
use crate::drive::drive;
use crate::failure::Failure;
use crate::postgres::PrivatePostgres;
use crate::redis::PrivateRedis;
use crate::ways::{Way, Writer};
use crate::{projections, schema};

/// In all, however many nodes there are: each writer has a socket, and gives its next command when the last is answered.
const IN_FLIGHT: usize = 256;
const MANY: usize = 3;
/// Writers of a room who also hear of it: where there are several nodes, one at each.
const FOLLOWING: usize = MANY;

/// Rooms that the writers are spread over: next to each other, writers are of different nodes.
const LOADS: [(usize, &str); 3] = [(IN_FLIGHT, "many"), (IN_FLIGHT / MANY, "shared"), (1, "hot")];

/// One node without Redis, one with it, and three, one after the other, each over an empty log. Of each load: commands/s, and µs of
/// CPU time of all nodes and of Redis for each command.
pub async fn load(postgres: &PrivatePostgres, redis: &PrivateRedis, length: Duration) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for (nodes, redis, who) in [(1, None, "alone"), (1, Some(redis), "one"), (MANY, Some(redis), "three")] {
        let database = &*schema::fresh(postgres, "load").await?;
        let cluster = Cluster::start(database, redis, nodes).await?;
        for (rooms, load) in LOADS {
            let used = || (cluster.cpu_s(), redis.map_or(0.0, PrivateRedis::cpu_s));
            let writers = writers(&cluster, rooms).await?;
            // What was stored before is not this load's.
            projections::idle(database).await?;
            let before = used();
            let done = drive(writers, length).await?;
            let after = used();
            #[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
            let each = |seconds: f64| seconds * 1e6 / done.accepted as f64;
            let name = |figure: &str| format!("{who}.{load}.{figure}");
            figures.push(Figure { name: name("rate"), value: done.rate() });
            figures.push(Figure { name: name("p50"), value: done.latency_ms(0.5) });
            figures.push(Figure { name: name("p99"), value: done.latency_ms(0.99) });
            figures.push(Figure { name: name("cpu"), value: each(after.0 - before.0) });
            figures.push(Figure { name: name("redis"), value: each(after.1 - before.1) });
        }
        cluster.stop().await?;
    }
    Ok(figures)
}

async fn writers(cluster: &Cluster<'_>, rooms: usize) -> Result<Vec<Writer>, Failure> {
    let guest = Guest::new(&cluster.nodes[0].host).await?;
    let at = |number: usize| guest.at(&cluster.nodes[number % cluster.nodes.len()].host);
    let made = try_join_all((0..rooms).map(|room| {
        let guest = at(room);
        async move { guest.room().await }
    }));
    let made = &made.await?;
    let open = |writer: usize| {
        let guest = at(writer);
        async move {
            let mut socket = Writer::open(Way::Socket, &guest, made[writer % made.len()].clone()).await?;
            if writer / made.len() < FOLLOWING {
                socket.follow().await?;
            }
            Ok(socket)
        }
    };
    try_join_all((0..IN_FLIGHT).map(open)).await
}
