//! Who had a webhook and has it no more changes nothing; and an event without its rows is not stored.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use synctv_commands::{Claim, Deliveries, Settlement};
use synctv_domain::Position;
use synctv_postgres::{Incarnation, PgDeliveries, PgLeases, PgPool, Secrets, Vault};

use crate::support::{
    Address, Entry, Frozen, Hook, Receiver, Reply, Server, World, compare, eventually, number, open, rows, run, said,
};

/// A node's deliveries, without the node.
async fn deliveries(database: &str, pool: &PgPool, name: &str) -> PgDeliveries {
    let secrets = Secrets::load(pool, None, None).await.expect("a server made them");
    let incarnation = Arc::new(Incarnation::existing(pool).await.expect("there is a log"));
    let vault = Arc::new(Vault::new(pool.clone(), &secrets.credential, Arc::clone(&incarnation)));
    let leases = Arc::new(PgLeases::new(pool.clone(), name.to_owned()));
    let own = synctv_postgres::connect(database, 2).await.expect("it is up");
    PgDeliveries::new(own, leases, vault, incarnation, &secrets.credential)
}

/// All that is kept of deliveries.
async fn kept(database: &str) -> String {
    let sql = "SELECT concat((SELECT string_agg(o::text, ';' ORDER BY topic, position) FROM outbox o WHERE topic LIKE 'webhook/%'), ' / ', \
         (SELECT string_agg(a::text, ';') FROM outbox_attempts a), ' / ', (SELECT string_agg(d::text, ';') FROM dead_letters d), ' / ', \
         (SELECT string_agg(concat(w.paused_at, w.pause), ';') FROM webhooks w))";
    sqlx::query_scalar(sql).fetch_one(&mut open(database).await).await.expect("the tables are there")
}

#[tokio::test]
async fn nothing_is_written_under_a_lease_that_somebody_else_has_taken() {
    let World { server, database, dir: _dir } = World::new().await;
    let receiver = Receiver::new(|_| Reply::With(503, "retry-after", "3600".to_owned())).await;
    let hook = Hook::new(&database, &receiver.url, &[]);
    said(&server.url).await;
    hook.becomes("a failure", |status| status["failing"] == 1 && status["waiting"] == 5).await;
    assert!(server.terminate().success());
    let pool = synctv_postgres::connect(&database, 2).await.expect("it is up");
    let (one, two) = (deliveries(&database, &pool, "one").await, deliveries(&database, &pool, "two").await);
    let id = hook.id.parse().expect("an id");
    let stale: Claim = one.claim(id).await.expect("it answers").expect("nobody has it");
    assert_eq!(two.claim(id).await.expect("it answers"), None, "two have it");
    run(&database, "UPDATE leases SET until = '-infinity' WHERE name LIKE 'outbox/webhook/%'").await;
    let good = two.claim(id).await.expect("it answers").expect("it is free");
    assert!(good.token > stale.token);

    let before = kept(&database).await;
    let wait = Duration::from_secs(1);
    let writes = [
        Settlement::Delivered,
        Settlement::Failed { attempts: 7, error: "late".to_owned(), wait },
        Settlement::Dead { attempts: 12, error: "late".to_owned() },
    ];
    // A restored backup gives tokens again that were given after it was made.
    let of_another_log = Claim { generation: good.generation - 1, ..good };
    for (node, claim) in [(&one, &stale), (&two, &of_another_log)] {
        for settlement in &writes {
            assert!(!node.settle(claim, Position(1), settlement).await.expect("it answers"), "{settlement:?}");
            assert_eq!(kept(&database).await, before, "{settlement:?}");
        }
        assert!(!node.pause(claim, "late").await.expect("it answers"));
        assert_eq!(kept(&database).await, before, "it was paused");
    }
    let count = |table: &'static str| {
        let database = database.clone();
        async move { number(&database, &format!("SELECT count(*) FROM {table}")).await }
    };
    assert!(two.settle(&good, Position(2), &writes[1]).await.expect("it answers"));
    assert_eq!(count("outbox_attempts").await, 2);
    assert!(two.settle(&good, Position(2), &writes[2]).await.expect("it answers"));
    assert_eq!((count("outbox_attempts").await, count("dead_letters").await), (1, 1));
    assert!(two.settle(&good, Position(1), &writes[0]).await.expect("it answers"));
    assert_eq!((count("outbox_attempts").await, hook.status()["waiting"].clone()), (0, json!(3)));
    assert!(two.pause(&good, "why").await.expect("it answers"));
    assert_eq!(hook.status()["paused"], "why");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_frozen_while_it_delivered_changes_nothing_when_it_wakes() {
    let world = World::new().await;
    let mut replies = vec![Reply::With(503, "retry-after", "3600".to_owned()), Reply::Held(200)];
    let receiver = Receiver::new(move |_| replies.pop().expect("nobody asks a third time")).await;
    let hook = Hook::new(&world.database, &receiver.url, &["room.created"]);
    let ann = world.guest("Ann").await;
    ann.room().await;
    receiver.sees(1).await;
    let owner = hook.owner().await;
    let frozen = Frozen::with_children(world.server.id());
    let (other, _dir) = world.beside();
    let status = hook
        .becomes("the other to have tried", |status| status["failing"] == 1 && status["owner"] != owner.as_str())
        .await;
    assert_eq!(status["last_error"], "answered 503 Service Unavailable");
    let before = kept(&world.database).await;
    // The first attempt is answered now, and its node can read that.
    receiver.release();
    eventually("the answer", async || receiver.seen()[0].taken().then_some(())).await;
    drop(frozen);
    // It says again and again that it is here: before that it has come to what it missed.
    for _ in 0..3 {
        let sql =
            format!("SELECT (extract(epoch FROM until) * 1000000)::bigint FROM leases WHERE name = 'node/{owner}'");
        let seen = number(&world.database, &sql).await;
        eventually("a sign of life", async || (number(&world.database, &sql).await > seen).then_some(())).await;
    }
    assert_eq!(kept(&world.database).await, before, "it wrote under a lease that it had lost");
    drop::<Server>(other);
}

#[tokio::test]
async fn without_its_row_for_a_webhook_an_event_is_not_stored() {
    let world = World::new().await;
    let receiver = Receiver::willing().await;
    let hook = Hook::new(&world.database, &receiver.url, &[]);
    let (ann, room) = said(&world.server.url).await;
    receiver.takes(5).await;
    hook.becomes("nothing to wait", |status| status["waiting"] == 0).await;
    run(
        &world.database,
        "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF NEW.topic LIKE 'webhook/%' THEN RAISE EXCEPTION 'imitated' USING ERRCODE = '53100'; END IF;
           RETURN NEW;
         END $$;
         CREATE TRIGGER fault BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION fault()",
    )
    .await;
    let before = rows(&world.database).await;
    let mut entry = Entry::new(&ann, &room, json!({ "type": "chat.post", "text": "x" }), "k".to_owned());
    entry.send(&world.server.url).await;
    assert_eq!(entry.code(), "unavailable", "one event");
    // A room is made by two events at once, which are stored in another way than one.
    let made = ann.post("/v1/rooms", &json!({ "name": "r", "join_rule": "public", "visibility": "unlisted" })).await;
    assert_eq!((made.status, made.code()), (503, "unavailable"), "{:#}", made.body);
    assert_eq!(rows(&world.database).await, before);
    run(&world.database, "DROP TRIGGER fault ON outbox").await;
    entry.insist(&Address::new(&world.server.url)).await;
    compare(&world.database, &[entry]).await;
    let last = receiver.takes(6).await.remove(5);
    assert_eq!((last.room(), last.seq(), last.text()), (room.as_str(), 6, "x"));
}
