//! A backup that is older than what servers have seen.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Cluster, Guest, Server, TempDir, assert_verified, eventually, head, synctv};

pub(crate) fn say(text: &str) -> Value {
    json!({ "type": "chat.post", "text": text })
}

/// Tries until that answer; nothing but 503 may come before it.
pub(crate) async fn until(guest: &Guest, room: &str, code: &str) -> Answer {
    eventually(code, || async {
        let answer = guest.command(room, say("after")).await;
        assert!(answer.code() == code || answer.status == 503, "{} {:#}", answer.status, answer.body);
        (answer.code() == code).then_some(answer)
    })
    .await
}

pub(crate) fn restored(database: &str) -> Value {
    let dir = TempDir::new();
    let mut command = synctv(&["log", "restored", "--json", "--data-dir"]);
    let output = command.arg(dir.path()).env("DATABASE_URL", database).output().expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A room with four events in the backup and two after it.
pub(crate) struct Past {
    pub(crate) cluster: Cluster,
    pub(crate) database: String,
    pub(crate) servers: Vec<(Server, TempDir)>,
    pub(crate) ann: Guest,
    ben: Guest,
    pub(crate) room: String,
    epoch: String,
}

impl Past {
    pub(crate) async fn new(servers: usize) -> Self {
        let cluster = Cluster::private();
        let database = cluster.database().await;
        let start = |_| {
            let dir = TempDir::new();
            (Server::start(&database, dir.path()), dir)
        };
        let servers: Vec<_> = (0..servers).map(start).collect();
        let url = &servers[0].0.url;
        let (ann, ben) = (Guest::new(url, "Ann").await, Guest::new(url, "Ben").await);
        let room = ann.room().await;
        for text in ["one", "two"] {
            ann.command(&room, say(text)).await.ok();
        }
        let epoch = ann.snapshot(&room).await.ok()["epoch"].as_str().expect("a string").to_owned();
        cluster.backup();
        let join = json!({ "type": "member.join" });
        eventually("the database after the backup", || async {
            let answer = ben.keyed(&room, &join, "join").await;
            (answer.status == 200).then_some(())
        })
        .await;
        let last = ann.command(&room, say("lost")).await.ok();
        assert_eq!(last["seq"], 6);
        for (server, _) in &servers {
            let seen = ann.at(&server.url).snapshot(&room).await.ok();
            assert_eq!(seen["seq"], 6);
        }
        Self { cluster, database, servers, ann, ben, room, epoch }
    }

    /// What holds at a server once the log was declared restored.
    async fn assert_goes_on(&self, url: &str, seq: i64) {
        let (ann, ben) = (self.ann.at(url), self.ben.at(url));
        let (room, old) = (&self.room, &self.epoch);
        let events = ann.events(room).await;
        let texts: Vec<_> = events.iter().filter_map(|event| event["data"]["text"].as_str()).collect();
        assert_eq!(&texts[..2], ["one", "two"]);
        assert!(!texts.contains(&"lost"), "{texts:?}");
        let now = ann.snapshot(room).await.ok();
        assert_eq!((now["seq"].as_i64(), events.len() as i64), (Some(seq), seq));
        assert_ne!(now["epoch"], json!(old));
        assert_eq!(now["members"].as_array().map(Vec::len), Some(1), "somebody joined in the lost time: {now:#}");
        assert_eq!(ben.snapshot(room).await.code(), "not_a_member");
        for after in [format!("{old}:2"), format!("{old}:6"), format!("{old}:{seq}")] {
            let page = ann.get(&format!("/v1/rooms/{room}/events?after={after}")).await;
            assert_eq!((page.status, page.code()), (410, "cursor_reset"), "{after}");
            assert_eq!(page.body["head"], json!({ "epoch": now["epoch"], "seq": seq }), "{after}");
            let sent = ann.follow(room, &after).await.next().await.expect("a message");
            assert_eq!((sent.event.as_deref(), &sent.data["epoch"]), (Some("reset"), &now["epoch"]), "{after}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_backup_is_refused_until_it_is_declared_restored() {
    let past = Past::new(1).await;
    let (ann, room) = (&past.ann, &past.room);
    let mut open = ann.follow(room, "6").await;
    past.cluster.restore();
    let refused = until(ann, room, "log_rewound").await;
    assert_eq!(refused.status, 503);
    eventually("reads to be refused", || async { (ann.snapshot(room).await.code() == "log_rewound").then_some(()) })
        .await;
    assert_eq!(ann.get("/readyz").await.status, 503);
    assert_eq!(
        ann.post("/v1/rooms", &json!({ "name": "r", "join_rule": "public", "visibility": "listed" })).await.code(),
        "log_rewound"
    );
    assert_eq!(head(&past.database).await, 4, "something was stored in a rewound log");

    let told = restored(&past.database);
    assert_eq!((&told["before"]["epoch"], &told["before"]["position"]), (&json!(past.epoch), &json!(4)));
    let answer = until(ann, room, "ok").await;
    assert_eq!(answer.body["seq"], 5);
    assert_eq!(ann.snapshot(room).await.ok()["epoch"], told["after"]["epoch"]);
    past.assert_goes_on(&ann.url, 5).await;
    let reset = tokio::time::timeout(Duration::from_secs(30), open.next()).await.expect("in time").expect("a message");
    assert_eq!(reset.event.as_deref(), Some("reset"), "{reset:?}");
    assert_eq!(open.next().await, None);
    let again = past.ben.keyed(room, &json!({ "type": "member.join" }), "join").await.ok();
    assert_eq!(again["seq"], 6, "what the backup lost is done again under the same key");
    assert_verified(&past.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_servers_notice_a_restored_backup() {
    let past = Past::new(2).await;
    let (one, two) = (past.ann.clone(), past.ann.at(&past.servers[1].0.url));
    past.cluster.restore();
    // The one that is asked nothing notices as well.
    until(&one, &past.room, "log_rewound").await;
    eventually("the other to notice", || async { (two.get("/readyz").await.code() == "log_rewound").then_some(()) })
        .await;
    until(&two, &past.room, "log_rewound").await;
    restored(&past.database);
    assert_eq!(until(&two, &past.room, "ok").await.body["seq"], 5);
    assert_eq!(until(&one, &past.room, "ok").await.body["seq"], 6);
    let both: Vec<_> = (0..40)
        .map(|number| {
            let (guest, room) = (if number % 2 == 0 { one.clone() } else { two.clone() }, past.room.clone());
            tokio::spawn(async move { guest.command(&room, say("together")).await.ok() })
        })
        .collect();
    for sent in both {
        sent.await.expect("no panic");
    }
    for guest in [&one, &two] {
        past.assert_goes_on(&guest.url, 46).await;
    }
    assert_verified(&past.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_stopped_meanwhile_notices_by_its_witness() {
    let mut past = Past::new(1).await;
    let (server, dir) = past.servers.pop().expect("there is one");
    assert!(server.terminate().success());
    past.cluster.restore();
    let server = Server::start(&past.database, dir.path());
    let ann = past.ann.at(&server.url);
    for _ in 0..3 {
        assert_eq!(ann.command(&past.room, say("x")).await.code(), "log_rewound");
        assert_eq!(ann.snapshot(&past.room).await.code(), "log_rewound");
    }
    assert_eq!(ann.get("/readyz").await.code(), "log_rewound");
    let flaw = synctv(&["log", "verify", "--json", "--data-dir"])
        .arg(dir.path())
        .env("DATABASE_URL", &past.database)
        .output()
        .expect("the binary runs");
    let flaw: Value = serde_json::from_slice(&flaw.stdout).expect("JSON");
    assert_eq!((&flaw["ok"], &flaw["flaw"]["position"]), (&json!(false), &json!(5)), "{flaw:#}");
    restored(&past.database);
    assert_eq!(until(&ann, &past.room, "ok").await.body["seq"], 5);
    past.assert_goes_on(&server.url, 5).await;
    assert!(server.terminate().success());
    let server = Server::start(&past.database, dir.path());
    past.assert_goes_on(&server.url, 5).await;
}
