//! Somebody is kicked while nobody can tell who is a member: their stream ends, and what follows is not for them.

use reqwest::Method;
use serde_json::json;
use sqlx::{Executor, PgConnection};
use tokio::time::timeout;

use crate::support::{
    Answer, Cluster, Guest, Held, KINDS, Kind, SOON, Stream, Typed, World, blocked, eventually, number, open, run, send,
};

/// Where the kick waits until what is to break is next in the queue for the table.
const KICK: i64 = 4711;

/// Keeps new sessions out of a database, and ends those that read. The append's own goes on.
struct Unreachable {
    foreign: PgConnection,
    name: String,
}

impl Unreachable {
    async fn make(database: &str) -> Self {
        let name = sqlx::query_scalar("SELECT current_database()");
        let name: String = name.fetch_one(&mut open(database).await).await.expect("it is up");
        let mut cut = Self { foreign: open(&Cluster::shared().url("postgres")).await, name };
        cut.admit(false).await;
        let end = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'synctv'";
        let ended = sqlx::query_scalar(end).bind(&cut.name).fetch_one(&mut cut.foreign);
        assert!(ended.await.is_ok_and(|sessions: i64| sessions > 0), "nobody read");
        cut
    }

    async fn admit(&mut self, sessions: bool) {
        let alter = format!("ALTER DATABASE {} ALLOW_CONNECTIONS {sessions}", self.name);
        self.foreign.execute(&*alter).await.expect("it is altered");
    }
}

/// The next seqs are these, and then the stream ends by itself.
async fn assert_ends_after(stream: &mut Stream, seqs: &[i64], what: &str) {
    let last = *seqs.last().expect("there is one");
    assert_eq!(timeout(SOON, stream.seqs_until(last)).await.expect("they arrive"), seqs, "{what}");
    let after = timeout(SOON, stream.next()).await.unwrap_or_else(|_| panic!("{what}: the stream stays open"));
    assert_eq!(after, None, "{what}: the stream goes on");
}

/// The same of a typed stream; it is told why.
async fn assert_typed_ends_after(mut stream: Typed, seqs: &[i64], what: &str) {
    let (heard, ended) = stream.rest().await;
    let told: Vec<_> = heard.iter().filter_map(|message| message["event"]["seq"].as_i64()).collect();
    assert_eq!(told, seqs, "{what}: {heard:?}");
    assert_eq!(ended.close_code(), Some(4403), "{what}: {ended:?}");
}

/// Comes back to the stream as a browser does.
async fn again(reader: &Guest, room: &str) -> Answer {
    let request = reader.request(Method::GET, &format!("/v1/rooms/{room}/events?after=3"));
    send(request.header("accept", "text/event-stream")).await
}

async fn refused_as_stranger(reader: &Guest, room: &str) {
    let asked = async || Some(again(reader, room).await).filter(|answer| answer.code() != "unavailable");
    assert_eq!(eventually("an answer", asked).await.code(), "not_a_member");
    assert_eq!(reader.snapshot(room).await.code(), "not_a_member");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_kicked_while_the_database_cannot_be_reached_gets_nothing_of_what_is_stored_meanwhile() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = ann.room().await;
    ben.join(&room).await;
    let (mut kicked, mut member) = (ben.follow(&room, "0").await, ann.follow(&room, "0").await);
    assert_eq!(kicked.seqs_until(3).await, [1, 2, 3]);
    let mut typed = Vec::new();
    for kind in KINDS {
        typed.push(kind.open(&ben, &room, "3").await.0);
    }
    let mut cut = Unreachable::make(&world.database).await;
    assert_eq!(ben.snapshot(&room).await.code(), "unavailable", "membership can still be read");

    assert_eq!(ann.command(&room, json!({ "type": "member.kick", "member": ben.id })).await.seqs(), [4]);
    for seq in 5..8 {
        let said = ann.command(&room, json!({ "type": "chat.post", "text": "without him" })).await;
        assert_eq!(said.seqs(), [seq], "{:#}", said.body);
    }
    assert_eq!(member.seqs_until(7).await, [1, 2, 3, 4, 5, 6, 7], "whoever is a member gets them");
    assert_ends_after(&mut kicked, &[4], "unreachable").await;
    for (kind, stream) in KINDS.iter().zip(typed) {
        assert_typed_ends_after(stream, &[4], &format!("unreachable, {kind:?}")).await;
    }
    let refused = again(&ben, &room).await;
    assert_eq!((refused.status, refused.code()), (503, "unavailable"), "{:#}", refused.body);
    cut.admit(true).await;
    refused_as_stranger(&ben, &room).await;
}

/// Kicks `who`, and runs `breaks` as soon as the kick is durable, before anything else reads the table.
async fn kick_and_break(world: &World, ann: &Guest, who: &Guest, room: &str, breaks: &'static str) -> PgConnection {
    let held = Held::new(&world.database, KICK).await;
    let (sender, to, kick) = (ann.clone(), room.to_owned(), json!({ "type": "member.kick", "member": who.id }));
    let sent = tokio::spawn(async move { sender.command(&to, kick).await });
    blocked(&world.database, KICK, &[]).await;
    let mut foreign = open(&world.database).await;
    let breaking = tokio::spawn(async move { foreign.execute(breaks).await.map(|_| foreign) });
    let queued = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock' AND relation = 'events'::regclass";
    eventually("it is next", async || (number(&world.database, queued).await == 1).then_some(())).await;
    held.release().await;
    let foreign = timeout(SOON, breaking).await.expect("in time").expect("no panic").expect("it is run");
    // What it is answered is not the point, and too late on a busy machine: the stream tells.
    sent.await.expect("no panic");
    foreign
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_kicked_when_the_events_go_away_or_do_not_answer_gets_nothing_that_is_stored_later() {
    let world = World::with(&[("SYNCTV_COMMAND_TIMEOUT_MS", "1000")]).await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let waits = format!(
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN PERFORM pg_advisory_xact_lock({KICK}); RETURN NEW; END $$;
         CREATE TRIGGER wait BEFORE INSERT ON events
           FOR EACH ROW WHEN (NEW.type = 'member.kicked') EXECUTE FUNCTION wait()"
    );
    run(&world.database, &waits).await;
    for (breaks, mends) in [
        ("ALTER TABLE events RENAME TO elsewhere", "ALTER TABLE elsewhere RENAME TO events"),
        ("BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE", "ROLLBACK"),
    ] {
        let room = ann.room().await;
        ben.join(&room).await;
        let mut stream = ben.follow(&room, "3").await;
        let (watch, _) = Kind::Watch.open(&ben, &room, "3").await;
        let mut foreign = kick_and_break(&world, &ann, &ben, &room, breaks).await;
        assert_ends_after(&mut stream, &[4], breaks).await;
        assert_typed_ends_after(watch, &[4], breaks).await;
        assert_eq!(again(&ben, &room).await.code(), "unavailable", "{breaks}");
        foreign.execute(mends).await.expect("it is mended");
        let says =
            async || Some(ann.command(&room, json!({ "type": "chat.post", "text": "without him" })).await.status);
        eventually("the room goes on", async || says().await.filter(|status| *status == 200)).await;
        refused_as_stranger(&ben, &room).await;
    }
}
