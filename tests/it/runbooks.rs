//! The runbooks, as they are written: what an operator would type is run, in order, against a real server.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{
    BINARY, Guest, Hook, MODELS, Receiver, TempDir, World, assert_verified, caught_up, count, digests, ended,
    eventually, head, management, number, poison, programs, run, said, say, shown,
};

/// A shell that has been given a runbook. What a block exports, the next ones have.
struct Operator {
    blocks: VecDeque<String>,
    shell: Vec<(&'static str, String)>,
    dir: TempDir,
}

impl Operator {
    fn new(runbook: &str, world: &World, variables: &[(&'static str, &str)]) -> Self {
        let dir = TempDir::new();
        std::os::unix::fs::symlink(BINARY, dir.path().join("synctv")).expect("it is fresh");
        let path = std::env::var("PATH").expect("there is one");
        let shown = |path: &Path| path.display().to_string();
        let mut shell = vec![
            ("PATH", format!("{}:{}:{path}", shown(dir.path()), shown(&programs()))),
            ("DATABASE_URL", world.database.clone()),
            ("SYNCTV_DATA_DIR", shown(world.dir.path())),
        ];
        shell.extend(variables.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let blocks = blocks(runbook);
        assert!(!blocks.is_empty(), "{runbook} has nothing to type");
        Self { blocks, shell, dir }
    }

    /// Types the blocks up to the one with this text; what that one printed.
    #[track_caller]
    fn until(&mut self, text: &str) -> String {
        loop {
            let block = self.blocks.pop_front().unwrap_or_else(|| panic!("no block is left with {text}"));
            let printed = self.run(&block);
            if block.contains(text) {
                return printed;
            }
        }
    }

    #[track_caller]
    fn rest(&mut self) {
        while let Some(block) = self.blocks.pop_front() {
            self.run(&block);
        }
    }

    #[track_caller]
    fn run(&self, block: &str) -> String {
        let state = self.dir.path().join("exported");
        let script = format!("[ ! -e '{0}' ] || . '{0}'\n{block}export -p > '{0}'\n", state.display());
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", &script]).stdin(Stdio::null()).env_clear();
        let output = bash.envs(self.shell.iter().cloned()).output().expect("bash runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (printed, told) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{}:\n{block}\n{printed}\n{told}", output.status);
        printed
    }
}

/// What stands between "```sh" and "```".
fn blocks(runbook: &str) -> VecDeque<String> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../runbooks")).join(runbook);
    let text = std::fs::read_to_string(path).expect("there is such a runbook");
    let parts = text.split("```sh\n").skip(1);
    parts.map(|part| part.split_once("```").expect("a block ends").0.to_owned()).collect()
}

async fn list_room(owner: &Guest, name: &str) -> String {
    let room = json!({ "name": name, "join_rule": "public", "visibility": "listed" });
    let made = owner.post("/v1/rooms", &room).await.ok();
    made["room_id"].as_str().expect("a string").to_owned()
}

#[tokio::test]
async fn the_runbook_on_rebuilding_makes_a_damaged_read_model_whole() {
    let world = World::new().await;
    let (ann, room) = said(&world.server.url).await;
    caught_up(&world.database).await;
    run(&world.database, "DELETE FROM chat_messages WHERE seq > 3").await;
    assert_eq!(count(&world.database, "chat_messages").await, 1);

    let mut operator = Operator::new("rebuild.md", &world, &[("NAME", "chat_messages")]);
    let told = operator.until("projection rebuild \"$NAME\"");
    assert!(told.starts_with("chat_messages: generation 2 is in place; 5 events in "), "{told}");
    assert_eq!(count(&world.database, "chat_messages").await, 3);
    let told = operator.until("projection status \"$NAME\"");
    assert!(
        told.contains("generation 2 is in place since ") && told.contains("kept until drop-old: generation 1"),
        "{told}"
    );
    assert_eq!(operator.until("drop-old \"$NAME\""), "dropped chat_messages_g1\n");
    operator.rest();
    for name in MODELS {
        let (one, generation) = (shown(&world.database, name), if name == "chat_messages" { 3 } else { 2 });
        assert_eq!((&one["generation"], &one["kept"]), (&json!(generation), &json!([])), "{one:#}");
    }
    say(&ann, &room, "four").await;
    caught_up(&world.database).await;
    assert_eq!(count(&world.database, "chat_messages").await, 4);
}

#[tokio::test]
async fn the_runbook_on_a_poison_event_lets_the_projection_go_on_and_the_log_say_so() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let bad = poison(&world.database, &ann.room().await).await;
    say(&ann, &room, "behind it").await;
    eventually("the projection to stop", async || {
        (shown(&world.database, "chat_messages")["state"] == "stopped").then_some(())
    })
    .await;

    // Name and position are found as the runbook says.
    let mut operator = Operator::new("poison.md", &world, &[("REASON", "a fault of old")]);
    let told = operator.until("projection list");
    assert!(told.contains(&format!("stopped by event {bad} since ")), "{told}");
    eventually("/readyz to say so", async || {
        let ready = ann.get("/readyz").await.ok();
        (ready["degraded"][0]["projection"] == "chat_messages").then_some(())
    })
    .await;
    let told = operator.until("log export");
    let (stored, verified) = told.split_once('\n').expect("two lines and more");
    let stored: Value = serde_json::from_str(stored).expect("a line of an export");
    assert_eq!((&stored["position"], &stored["payload"]), (&json!(bad), &json!("{\"broken\":true}")));
    assert!(verified.starts_with("ok: "), "{verified}");
    assert_eq!(count(&world.database, "chat_messages").await, 0);
    let told = operator.until("projection skip");
    assert!(told.starts_with(&format!("chat_messages goes on behind event {bad}; event ")), "{told}");
    let told = operator.until("projection.event_skipped");
    let skipped = format!("{{\"projection\":\"chat_messages\",\"position\":{bad},\"reason\":\"a fault of old\"}}");
    assert!(told.contains(&skipped), "{told}");
    operator.rest();
    caught_up(&world.database).await;
    assert_eq!(count(&world.database, "chat_messages").await, 1);
    eventually("/readyz to say so no more", async || (ann.get("/readyz").await.body["status"] == "ok").then_some(()))
        .await;
    assert_verified(&world.database);
}

async fn rooms(guest: &Guest, min_position: &Value) -> Vec<String> {
    let page = guest.get(&format!("/v1/rooms?min_position={min_position}")).await.ok();
    let rooms = page["rooms"].as_array().expect("a list").iter();
    rooms.map(|room| room["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn the_runbook_on_restoring_brings_back_the_log_and_what_is_derived_from_it() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = list_room(&ann, "kept").await;
    say(&ann, &room, "one").await;
    caught_up(&world.database).await;
    let backup = world.dir.path().join("backup");
    let mut operator = Operator::new("restore.md", &world, &[("BACKUP", backup.to_str().expect("UTF-8"))]);
    operator.until("pg_dump");
    let last_kept = head(&world.database).await;
    let epoch = ann.snapshot(&room).await.ok()["epoch"].clone();

    // This will be lost; the server and its read models have seen it.
    ben.join(&room).await;
    list_room(&ann, "lost").await;
    let last = say(&ann, &room, "lost").await;
    assert_eq!(rooms(&ben, &last["position"]).await, ["lost", "kept"]);
    caught_up(&world.database).await;

    let told = operator.until("log verify --head");
    assert!(told.starts_with(&format!("ok: {last_kept} events")), "{told}");
    operator.until("lost.ndjson");
    let lost = std::fs::read_to_string(backup.join("lost.ndjson")).expect("it was written");
    assert_eq!(lost.lines().count(), 4, "{lost}");
    operator.until("ALTER DATABASE");
    eventually("the server to notice", async || (ann.get("/readyz").await.code() == "log_rewound").then_some(())).await;
    assert_eq!(ann.snapshot(&room).await.code(), "log_rewound");
    // Its projections find the restored tables, too, and take in nothing that the restored log lacks.
    let taken =
        "SELECT count(*) FROM leases WHERE name LIKE 'projection/%' AND until > clock_timestamp() + interval '4.5 s'";
    eventually("projections to be at work", async || (number(&world.database, taken).await == 7).then_some(())).await;
    operator.until("log restored");
    let again = eventually("the server to go on", async || {
        let answer = ann.command(&room, json!({ "type": "chat.post", "text": "after" })).await;
        (answer.status == 200).then_some(answer.body)
    })
    .await;
    assert_eq!((&again["position"], &again["seq"]), (&json!(last_kept + 1), &json!(4)));
    let now = ann.snapshot(&room).await.ok();
    assert_ne!(now["epoch"], epoch);
    assert_eq!(now["members"].as_array().map(Vec::len), Some(1), "Ben joined in the lost time: {now:#}");
    assert_eq!(rooms(&ben, &again["position"]).await, ["kept"]);
    caught_up(&world.database).await;
    assert_eq!(count(&world.database, "chat_messages").await, 2);
    let followed = digests(&world.database).await;
    operator.rest();
    assert_eq!(digests(&world.database).await, followed, "what was followed differs from what the log says");
    assert_verified(&world.database);
}

#[tokio::test]
async fn the_runbook_on_management_shows_a_server_from_here_and_from_elsewhere_and_stops_it() {
    let mut world = World::with(&[("SYNCTV_MANAGEMENT_LISTEN", "127.0.0.1:0")]).await;
    let (node, token) = (management(&world.server), world.dir.path().join("operator.token"));
    let given = [("NODE", &*node), ("TOKEN_FILE", token.to_str().expect("UTF-8"))];
    let mut operator = Operator::new("management.md", &world, &given);
    let here = operator.until("synctv status");
    assert!(here.contains("state        ready\n"), "{here}");
    operator.until("until synctv status");
    let elsewhere = operator.until("--management-address");
    assert!(elsewhere.contains(&format!("serves       {}\n", world.server.url)), "{elsewhere}");
    let told = operator.until("synctv stop");
    assert!(told.starts_with("stopped after "), "{told}");
    assert_eq!(ended(&mut world.server, std::time::Duration::from_secs(10)).await, Some(0));
    operator.rest();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_runbook_on_webhooks_sends_events_that_its_example_verifies() {
    let world = World::new().await;
    let receiver = Receiver::willing().await;
    let hook = Hook::new(&world.database, &receiver.url, &[]);
    let mut operator = Operator::new("webhooks.md", &world, &[("URL", &receiver.url), ("ID", &hook.id)]);
    let listed = operator.until("webhook list");
    assert!(listed.contains("chat.posted,room.created") && listed.contains(&hook.id), "{listed}");
    let told = operator.until("outbox status");
    assert!(told.starts_with(&format!("{}: taken\n", hook.id)), "{told}");
    assert_eq!(operator.until("list-dead"), "there are no dead letters\n");
    operator.rest();

    let delivery = receiver.takes(1).await.remove(0);
    let runbook = include_str!("../../runbooks/webhooks.md");
    let example = runbook.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers: Value = headers.iter().map(|name| (*name, delivery.header(name))).collect();
    let verify = |secret: &str, body: &[u8]| {
        let script =
            format!("{example}\nimport json, sys\nverify(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3].encode())");
        let body = std::str::from_utf8(body).expect("JSON");
        let output = Command::new("python3").args(["-c", &script, secret, &headers.to_string(), body]).output();
        let output = output.expect("python3 runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(verify(&hook.secret, &delivery.raw), (true, String::new()));
    let changed = [&delivery.raw[..], b" "].concat();
    for (secret, body) in [(&*hook.secret, &changed[..]), ("whsec_AAAA", &delivery.raw)] {
        let (taken, why) = verify(secret, body);
        assert!(!taken && why.contains("not signed by the secret"), "{why}");
    }
}
