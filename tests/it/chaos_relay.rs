//! Whoever takes events to Redis is killed at the worst moment, or loses its connection at any byte.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::support::{
    Cluster, Crowd, Fleet, Held, NODES, Passage, Redis, To, blocked, eventually, number, random, rounds, run, synctv,
    terminate,
};

/// Far more than Redis may cost a command; the machine is busy.
const LONGEST: Duration = Duration::from_secs(6);
/// What a removal of rows waits for.
const GATE: i64 = 78;
const WAITS: &str = "CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM pg_advisory_xact_lock_shared(78);
      RETURN NULL;
    END $$;
    CREATE TRIGGER wait_at_gate BEFORE DELETE ON outbox FOR EACH STATEMENT EXECUTE FUNCTION wait_at_gate()";
const ROWS: &str = "SELECT count(*) FROM outbox";

/// Who works the outbox off.
async fn keeper(fleet: &Fleet) -> usize {
    eventually("somebody who has the outbox", async || {
        for node in 0..NODES {
            if fleet.server(node).scrape().await.value("synctv_relay_holds") == 1.0 {
                return Some(node);
            }
        }
        None
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_killed_between_adding_and_removing_loses_and_doubles_nothing() {
    let mut fleet = Fleet::new().await;
    fleet.fed().await;
    run(&fleet.database, WAITS).await;
    let crowd = Crowd::new(&fleet).await;
    for _ in 0..rounds(2, 20) {
        crowd.goes_on(30).await;
        let gate = Held::new(&fleet.database, GATE).await;
        let removal = blocked(&fleet.database, GATE, &[]).await;
        let keeper = keeper(&fleet).await;
        // In Redis, and in the outbox.
        let added: i64 = fleet.streams().iter().map(|key| fleet.count(key)).sum();
        assert!(added > 0 && number(&fleet.database, ROWS).await > 0, "{added} entries");
        fleet.kill(keeper);
        terminate(&fleet.database, removal).await;
        gate.release().await;
        crowd.goes_on(30).await;
        let few = async || (number(&fleet.database, ROWS).await < 200).then_some(());
        eventually("another one works the outbox off", few).await;
        fleet.start(keeper);
    }
    crowd.caught_up().await;
    crowd.finish("relay killed").await;
    let none = async || (number(&fleet.database, ROWS).await == 0).then_some(());
    eventually("an empty outbox", none).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_to_redis_cut_at_any_byte_lose_and_double_nothing() {
    let (database, redis) = (Cluster::shared().database().await, Redis::start().await);
    let bears = || 500 + usize::try_from(random(30_000)).expect("small");
    let passage = Passage::breaking(IpAddr::V4(Ipv4Addr::LOCALHOST), To::Address(redis.host()), bears).await;
    let (shared, url) = (database.clone(), format!("redis://{}", passage.address));
    let prepare = move |_| {
        let mut command = synctv(&[]);
        command.env("DATABASE_URL", &shared).env("REDIS_URL", &url);
        command
    };
    let fleet = Fleet::made(database, redis, |_| "127.0.0.1:0".to_owned(), Box::new(prepare));
    let crowd = Crowd::new(&fleet).await;
    while passage.breaks() < rounds(15, 300) {
        let before = passage.breaks();
        eventually("a cut", async || (passage.breaks() > before).then_some(())).await;
        crowd.goes_on(1).await;
    }
    crowd.caught_up().await;
    println!("{} cuts", passage.breaks());
    crowd.finish("cut at any byte").await.assert_untroubled(LONGEST);
}
