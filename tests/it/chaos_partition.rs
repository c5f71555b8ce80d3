//! One node is cut from Redis, or from PostgreSQL; the others are not.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::support::{Cable, Cluster, Crowd, Fleet, Network, Redis, rounds, synctv, within};

/// The node that is cut.
const CUT: usize = 1;
/// Far more than Redis may cost a command; the machine is busy.
const LONGEST: Duration = Duration::from_secs(6);
/// After a cable was mended, what was under way is sent again after ever longer pauses.
const MENDED: Duration = Duration::from_secs(60);

fn away() -> Duration {
    Duration::from_secs(rounds(5, 20) as u64)
}

/// A fleet of which one node is in a network of its own.
async fn fleet(cluster: &Cluster) -> (Fleet, Arc<Network>) {
    let (database, redis) = (cluster.database().await, Redis::start().await);
    let network = Arc::new(Network::new(&cluster.socket(), redis.host()).await);
    let (inner, url, shared) = (Arc::clone(&network), redis.url(), database.clone());
    let name = database.split("localhost/").nth(1).and_then(|rest| rest.split('?').next()).expect("a name").to_owned();
    let prepare = move |node| {
        if node == CUT {
            return inner.command(&name);
        }
        let mut command = synctv(&[]);
        command.env("DATABASE_URL", &shared).env("REDIS_URL", &url);
        command
    };
    let listen = |node| if node == CUT { network.listen() } else { "127.0.0.1:0".to_owned() };
    (Fleet::made(database, redis, listen, Box::new(prepare)), network)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_cut_from_redis_alone_serves_on() {
    let cluster = Cluster::private();
    let (fleet, network) = fleet(&cluster).await;
    fleet.connected().await;
    let crowd = Crowd::new(&fleet).await;
    for _ in 0..rounds(1, 3) {
        crowd.goes_on(50).await;
        network.cut(Cable::Redis, true);
        sleep(away()).await;
        // Its own followers too.
        crowd.caught_up().await;
        network.cut(Cable::Redis, false);
        crowd.goes_on(100).await;
        crowd.caught_up().await;
    }
    crowd.finish("cut from Redis").await.assert_untroubled(LONGEST);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_cut_from_postgresql_alone_takes_nothing_and_comes_back() {
    let cluster = Cluster::private();
    let (fleet, network) = fleet(&cluster).await;
    fleet.connected().await;
    let crowd = Crowd::new(&fleet).await;
    let say = json!({ "type": "chat.post", "text": "x" });
    for round in 0..rounds(1, 3) {
        crowd.goes_on(50).await;
        network.cut(Cable::Postgres, true);
        let there = crowd.people[CUT].at(&fleet.url(CUT));
        let key = format!("cut-{round}");
        let refused = timeout(away() + Duration::from_secs(15), there.keyed(&crowd.rooms[0], &say, &key)).await;
        let refused = refused.expect("an answer in time");
        assert_eq!(refused.status, 503, "{:#}", refused.body);
        // The others do not wait for it.
        crowd.goes_on(100).await;
        network.cut(Cable::Postgres, false);
        within(MENDED, "the node takes commands again", async || {
            let answer = there.keyed(&crowd.rooms[0], &say, &key).await;
            assert!([200, 503].contains(&answer.status), "{:#}", answer.body);
            (answer.status == 200).then_some(())
        })
        .await;
        crowd.caught_up().await;
    }
    crowd.finish("cut from PostgreSQL").await;
}
