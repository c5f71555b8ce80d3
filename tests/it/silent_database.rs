//! Connections to the database that fall silent without an end.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Cluster, Guest, Passage, Server, Stream, TempDir, To, eventually, rounds, within};

/// What somebody says gets to who follows elsewhere; its seq.
async fn gets_over(from: &Guest, room: &str, text: &str, stream: &mut Stream) -> Value {
    let last = from.keyed(room, &json!({ "type": "chat.post", "text": text }), text).await.ok()["seq"].clone();
    stream.seqs_until(last.as_i64().expect("a number")).await;
    last
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_connections_to_the_database_fall_silent_goes_on_over_new_ones() {
    let cluster = Cluster::shared();
    let database = cluster.database().await;
    let passage = Passage::new(IpAddr::V4(Ipv4Addr::LOCALHOST), To::Socket(cluster.socket())).await;
    let name = database.split(['/', '?']).nth(3).expect("it has a name");
    let dirs = [TempDir::new(), TempDir::new()];
    let server = Server::start(&format!("postgres://synctv@{}/{name}", passage.address), dirs[0].path());
    let other = Server::start(&database, dirs[1].path());
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    let (there, mut stream) = (ann.at(&other.url), ann.follow(&room, "0").await);
    // A stream that cannot begin to read ends: who follows it comes back. This one reads.
    let mut said = vec![(gets_over(&there, &room, "before", &mut stream).await, "before".to_owned())];
    for round in 0..rounds(1, 4) {
        passage.strand();
        let key = format!("silent-{round}");
        let command = json!({ "type": "chat.post", "text": key });
        let (not_ready, repeated) = tokio::join!(
            eventually("the node not to be ready", async || (ann.get("/readyz").await.status == 503).then_some(())),
            within(Duration::from_secs(90), "the command to be stored", async || {
                let answer = ann.try_keyed(&room, &command, &key).await.ok()?;
                (answer.status == 200).then(|| answer.ok()["seq"].clone())
            }),
        );
        let () = not_ready;
        said.push((repeated, key));
        eventually("the node to be ready", async || (ann.get("/readyz").await.status == 200).then_some(())).await;
        // What others say gets to who follows here.
        let key = format!("other-{round}");
        said.push((gets_over(&there, &room, &key, &mut stream).await, key));
    }
    let events = there.events(&room).await;
    let posted: Vec<_> = events.iter().filter(|event| event["type"] == "chat.posted").collect();
    let found: Vec<_> = posted.iter().map(|event| (event["seq"].clone(), event["data"]["text"].clone())).collect();
    let expected: Vec<_> = said.into_iter().map(|(seq, text)| (seq, json!(text))).collect();
    assert_eq!(found, expected, "each once");
}
