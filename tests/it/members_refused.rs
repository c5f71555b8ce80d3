//! Who is no member: another log, incarnation, schema or secret, and callers who are no nodes at all.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use synctv_commands::{Clock, Epoch};
use synctv_domain::{Room, ServerMs, Timestamp};
use synctv_grpc::cluster::{Cluster as Node, Identity, Key, Misfit, Unwelcome};
use synctv_proto::cluster::v1::GreetRequest;
use synctv_proto::cluster::v1::peer_client::PeerClient;
use tokio::sync::watch;
use tonic::{Code, Request};

use crate::support::{Cluster, METRICS, Peer, TempDir, channel, eventually, number, outcome, synctv, verb};

const SECRET: &str = "a secret that all nodes of the tests know";

/// The database's, at one moment.
struct At(i64);

impl Clock for At {
    fn now(&self) -> ServerMs {
        ServerMs(self.0)
    }
}

/// Another node of a server's log, made by hand; dropped, its epoch changes no more.
async fn by_hand(database: &str, secret: &str, change: impl FnOnce(&mut Identity)) -> Arc<Node> {
    let now = number(database, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint").await;
    let shown = synctv(&["log", "head", "--json", "--data-dir", "/nowhere"]).env("DATABASE_URL", database).output();
    let head: Value = serde_json::from_slice(&shown.expect("the binary runs").stdout).expect("JSON");
    let head = head.get("head").unwrap_or(&head).clone();
    let text = |name: &str| head[name].as_str().unwrap_or_else(|| panic!("{name}: {head:#}")).to_owned();
    let generation = head["generation"].as_i64().expect("a number");
    let epoch = watch::Sender::new(Epoch { name: text("epoch").into(), generation });
    let mut identity = Identity {
        node_id: "by-hand".to_owned(),
        instance: "by-hand-1".to_owned(),
        version: "0.0.1",
        schema: Room::SCHEMA,
        log_id: text("log_id"),
        epoch: epoch.subscribe(),
        address: String::new(),
        started_at: Timestamp(now * 1000),
        settings: Vec::new(),
        clock: Arc::new(At(now)),
    };
    change(&mut identity);
    Node::new(identity, Key::new(secret.as_bytes()), None)
}

#[track_caller]
fn refused(looked: Result<synctv_grpc::cluster::Greeted, Unwelcome>) -> (Misfit, String) {
    match looked {
        Err(Unwelcome::Refused(misfit, why, _)) => (misfit, why),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn stranger(looked: Result<synctv_grpc::cluster::Greeted, Unwelcome>) -> String {
    match looked {
        Err(Unwelcome::Stranger(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_of_another_schema_or_incarnation_or_name_is_refused_and_both_say_why() {
    let database = Cluster::shared().database().await;
    let peer = Peer::start(&database, &[("SYNCTV_CLUSTER_SECRET", SECRET), ("SYNCTV_NODE_ID", "one"), METRICS]);
    let fits = by_hand(&database, SECRET, |_| {}).await;
    let greeted = fits.look(&peer.address).await.expect("it belongs to it");
    assert_eq!((&*greeted.hello.node_id, greeted.hello.schema), ("one", Room::SCHEMA));

    let older = by_hand(&database, SECRET, |me| (me.schema, me.instance) = (Room::SCHEMA - 1, "older".into())).await;
    let (misfit, why) = refused(older.look(&peer.address).await);
    assert_eq!(misfit, Misfit::OtherSchema);
    let wanted = format!("at {} runs schema {}", peer.address, Room::SCHEMA);
    assert!(why.starts_with("node one ") && why.contains(&wanted) && why.contains("rolling upgrade"), "{why}");
    let words = format!("cluster.refused: node by-hand runs schema {}", Room::SCHEMA - 1);
    assert_eq!(peer.logs(&words).await["level"], "ERROR");

    let same = by_hand(&database, SECRET, |me| (me.node_id, me.instance) = ("one".into(), "other".into())).await;
    assert_eq!(refused(same.look(&peer.address).await).0, Misfit::SameName);
    let past = Epoch { name: "past".into(), generation: 0 };
    let past = by_hand(&database, SECRET, |me| me.epoch = watch::Sender::new(past).subscribe()).await;
    assert_eq!(refused(past.look(&peer.address).await).0, Misfit::OtherEpoch);

    // One that listens is greeted back, and shown as refused.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let newer = |me: &mut Identity| {
        (me.schema, me.instance, me.address) = (Room::SCHEMA + 1, "newer".into(), address.clone());
    };
    let newer = by_hand(&database, SECRET, newer).await;
    tokio::spawn(Arc::clone(&newer).serve(listener));
    let listed = [("SYNCTV_CLUSTER_SECRET", SECRET), ("SYNCTV_CLUSTER_PEERS", &*address), METRICS];
    let other = Peer::start(&database, &listed);
    let member = other.sees(&address, "refused").await;
    assert_eq!((&member["node_id"], &member["schema"]), (&json!("by-hand"), &json!(Room::SCHEMA + 1)));
    assert!(member["reason"].as_str().is_some_and(|why| why.contains("finish the rolling upgrade")), "{member:#}");
    other.server.reaches("synctv_cluster_members{state=\"refused\"}", 1.0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_of_two_databases_do_not_mix() {
    let (one, other) = (Cluster::shared().database().await, Cluster::shared().database().await);
    let secret = ("SYNCTV_CLUSTER_SECRET", SECRET);
    let first = Peer::start(&one, &[secret]);
    let second = Peer::start(&other, &[secret, ("SYNCTV_CLUSTER_PEERS", &first.address)]);
    let member = second.sees(&first.address, "refused").await;
    assert!(member["reason"].as_str().is_some_and(|why| why.contains("the same DATABASE_URL")), "{member:#}");
    second.logs("cluster.refused: node ").await;
    first.logs("cluster.refused: node ").await;
    assert_eq!(first.sees(&second.address, "refused").await["found_by"], json!(["told"]));
    // Without the setting each database has a secret of its own.
    let third = Peer::start(&other, &[("SYNCTV_CLUSTER_PEERS", &first.address)]);
    let member = third.sees(&first.address, "unreachable").await;
    assert!(member["reason"].as_str().is_some_and(|why| why.contains("SYNCTV_CLUSTER_SECRET differs")), "{member:#}");
    first.logs("cluster.strangers").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_stay_together_over_a_restore() {
    let database = Cluster::shared().database().await;
    let first = Peer::start(&database, &[]);
    let second = Peer::start(&database, &[("SYNCTV_CLUSTER_PEERS", &first.address)]);
    let before = first.sees(&second.address, "alive").await["epoch"].clone();
    let empty = TempDir::new();
    let mut restored = synctv(&["log", "restored", "--json", "--data-dir"]);
    let (code, done) = outcome(restored.arg(empty.path()).env("DATABASE_URL", &database));
    assert_eq!(code, Some(0), "{done:#}");
    let after = &done["after"]["epoch"];
    assert_ne!(*after, before);
    for (one, other) in [(&first, &second), (&second, &first)] {
        let there = |member: &Value| member["state"] == "alive" && member["epoch"] == *after;
        eventually("both are there", async || one.member(&other.address).filter(there)).await;
        assert!(!one.server.log().contains("cluster.refused"), "{}", one.server.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_differ_are_shown() {
    let database = Cluster::shared().database().await;
    let first = Peer::start(&database, &[]);
    let keys = "another key that signs the tokens of one";
    let second = Peer::start(&database, &[("SYNCTV_CLUSTER_PEERS", &first.address), ("SYNCTV_JWT_SECRET", keys)]);
    for (one, other) in [(&first, &second), (&second, &first)] {
        let member = one.sees(&other.address, "alive").await;
        assert_eq!(member["differing_settings"], json!(["jwt_secret"]), "{member:#}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_know_the_secret_is_refused_and_counted() {
    let database = Cluster::shared().database().await;
    let peer = Peer::start(&database, &[("SYNCTV_CLUSTER_SECRET", SECRET), METRICS]);
    let strangers = async |count: f64| peer.server.reaches("synctv_cluster_strangers_total", count).await;
    // Unsigned, and signed with something.
    let url = format!("http://{}", peer.address);
    let mut client = PeerClient::new(channel(&url).await);
    let plain = client.greet(GreetRequest { hello: None }).await.expect_err("refused");
    assert_eq!(plain.code(), Code::Unauthenticated);
    let mut signed = Request::new(GreetRequest { hello: None });
    let header = format!("1.{}.{}", "00".repeat(16), "00".repeat(32));
    signed.metadata_mut().insert("synctv-peer", header.parse().expect("ASCII"));
    assert_eq!(client.greet(signed).await.expect_err("refused").code(), Code::Unauthenticated);
    strangers(2.0).await;
    // Another secret; the right one of another time.
    let other = by_hand(&database, "another secret that the node does not know", |_| {}).await;
    assert!(stranger(other.look(&peer.address).await).contains("SYNCTV_CLUSTER_SECRET differs"));
    for distance in [-31_000, 31_000] {
        let late = by_hand(&database, SECRET, |me| me.clock = Arc::new(At(me.clock.now().0 + distance))).await;
        assert!(stranger(late.look(&peer.address).await).contains("does not accept"));
    }
    strangers(5.0).await;
    by_hand(&database, SECRET, |_| {}).await.look(&peer.address).await.expect("it is a node");
    strangers(5.0).await;
    let told = peer.server.log().matches("cluster.strangers").count();
    assert_eq!(told, 1, "{}", peer.server.log());
    // Nothing of it is served to clients, nor described to them.
    let mut public = PeerClient::new(channel(&peer.server.url).await);
    assert_eq!(public.greet(GreetRequest { hello: None }).await.expect_err("refused").code(), Code::Unimplemented);
}

#[test]
fn who_says_nothing_is_not_waited_for() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = runtime.block_on(Cluster::shared().database());
    let peer = Peer::start(&database, &[]);
    for said in [&b""[..], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", b"GET / HTTP/1.1\r\n\r\n"] {
        let mut stream = TcpStream::connect(&peer.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("it can be set");
        stream.write_all(said).expect("it is taken");
        // It ends, whatever was said until then.
        let ended = stream.read_to_end(&mut Vec::new());
        let reset = |error: &std::io::Error| error.kind() == std::io::ErrorKind::ConnectionReset;
        assert!(ended.as_ref().is_ok() || ended.as_ref().is_err_and(reset), "{said:?}: {ended:?}");
    }
    assert_eq!(verb(&["status", "--data-dir", peer.dir.path().to_str().expect("UTF-8")]).status.code(), Some(0));
}

/// An authority, and a certificate of it: paths of the certificate, its key, and the authority.
fn certificate(dir: &Path, name: &str) -> [String; 3] {
    let script = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca -keyout $1.ca.key \
        -out $1.ca -addext basicConstraints=critical,CA:TRUE && \
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=node -keyout $1.key -out $1.csr && \
        printf 'subjectAltName=DNS:node.test\\nextendedKeyUsage=serverAuth,clientAuth\\n' > $1.ext && \
        openssl x509 -req -in $1.csr -CA $1.ca -CAkey $1.ca.key -CAcreateserial -days 2 -extfile $1.ext -out $1.crt";
    let output = Command::new("sh").args(["-ec", script, "sh", name]).current_dir(dir).output().expect("sh runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    ["crt", "key", "ca"].map(|end| dir.join(format!("{name}.{end}")).display().to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_certificates_nodes_speak_tls_and_to_nobody_else() {
    let (database, dir) = (Cluster::shared().database().await, TempDir::new());
    let (ours, foreign) = (certificate(dir.path(), "ours"), certificate(dir.path(), "foreign"));
    let start = |files: Option<&[String; 3]>, peers: &str| {
        let mut settings = vec![("SYNCTV_CLUSTER_PEERS", peers), METRICS];
        if let Some([cert, key, ca]) = files {
            let files =
                [("SYNCTV_CLUSTER_TLS_CERT", cert), ("SYNCTV_CLUSTER_TLS_KEY", key), ("SYNCTV_CLUSTER_TLS_CA", ca)];
            settings.extend(files.map(|(name, file)| (name, &**file)));
        }
        Peer::start(&database, &settings)
    };
    let first = start(Some(&ours), "");
    let (second, stranger, plain) =
        (start(Some(&ours), &first.address), start(Some(&foreign), &first.address), start(None, &first.address));
    for (one, other) in [(&first, &second), (&second, &first)] {
        one.sees(&other.address, "alive").await;
    }
    for other in [&stranger, &plain] {
        let member = other.sees(&first.address, "unreachable").await;
        assert_ne!(member["reason"], "", "{member:#}");
    }
    assert!(
        stranger
            .member(&first.address)
            .is_some_and(|member| member["reason"].as_str().is_some_and(|why| why.contains("certificate")))
    );
    assert_eq!(first.members().len(), 1, "{:#?}", first.members());
    first.logs("cluster.no_tls").await;
}
