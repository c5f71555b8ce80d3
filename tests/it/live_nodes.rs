//! Two servers over one database and one store: a room has one publisher, whichever server it comes to and whatever happens to
//! that one.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::sleep;

use crate::support::live::{Encoder, OnAir, Player, RTMP, Said, Stage, StreamKey, numbers_until_cut, stopped, told};
use crate::support::{Guest, SOON, Server, TempDir, assert_verified, eventually, number, rounds, synctv, within};

/// A node that does not renew its stream loses it after so long; and what a busy machine adds.
const TERM: Duration = Duration::from_secs(15);
const SLACK: Duration = Duration::from_secs(10);
const PROMPT: Duration = Duration::from_secs(2);

struct Nodes {
    stage: Stage,
    other: Server,
    store: TempDir,
    _dir: TempDir,
}

impl Nodes {
    async fn new() -> Self {
        let (store, dir) = (TempDir::new(), TempDir::new());
        let kept = format!("file:{}", store.path().display());
        let settings = [RTMP, ("SYNCTV_LIVE_STORE", kept.as_str())];
        let stage = Stage::with(&settings[1..]).await;
        let mut command = synctv(&[]);
        command.env("DATABASE_URL", &stage.world.database).envs(settings);
        Self { other: Server::spawn(&mut command, dir.path()), stage, store, _dir: dir }
    }

    fn rtmp(&self) -> [SocketAddr; 2] {
        [self.stage.rtmp(), self.other.rtmp()]
    }

    /// Ann at the other server.
    fn ann(&self) -> Guest {
        self.stage.ann.at(&self.other.url)
    }

    async fn keys(&self) -> [StreamKey; 2] {
        let Stage { ann, room, .. } = &self.stage;
        [ann.stream_key(room).await, ann.stream_key(room).await]
    }

    /// Both at once, each at its own server.
    async fn race(&self, keys: [&StreamKey; 2]) -> [Result<Encoder, Said>; 2] {
        let [here, there] = self.rtmp();
        let names = keys.map(StreamKey::text);
        let both = tokio::join!(Encoder::try_publish(here, &names[0]), Encoder::try_publish(there, &names[1]));
        both.into()
    }

    async fn count(&self, kind: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM events WHERE type = '{kind}' AND stream_id = '{}'", self.stage.room);
        number(&self.stage.world.database, &sql).await
    }

    /// Until all streams that began have ended.
    async fn all_ended(&self) {
        eventually("the end of all streams", async || {
            (self.count("live.stopped").await == self.count("live.started").await).then_some(())
        })
        .await;
    }

    /// Publishes at the other server as soon as that is possible.
    async fn take_over(&self, key: &StreamKey) -> OnAir {
        let rtmp = self.other.rtmp();
        let encoder = within(TERM + SLACK, "the stream to be free", async || {
            let tried = Encoder::try_publish(rtmp, &key.text()).await;
            if let Err(said) = &tried {
                assert_eq!(said.code, "NetStream.Publish.BadName", "{said:?}");
                sleep(Duration::from_millis(200)).await;
            }
            tried.ok()
        });
        encoder.await.on_air()
    }

    /// What is kept of a publication.
    fn kept(&self, token: &str) -> BTreeSet<OsString> {
        let folder = self.store.path().join("live").join(&self.stage.room).join(token);
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect()
    }

    /// Whose the list of segments is that is kept.
    fn token(&self) -> Option<String> {
        let list = self.store.path().join("live").join(&self.stage.room).join("list.json");
        let list: Value = serde_json::from_slice(&std::fs::read(list).ok()?).expect("it is written at once");
        Some(list["token"].to_string())
    }
}

#[tokio::test]
async fn of_two_publishers_at_once_one_wins() {
    let nodes = Nodes::new().await;
    let keys = nodes.keys().await;
    let mut won = [0, 0];
    for round in 1..=i64::try_from(rounds(10, 200)).expect("few") {
        let raced = nodes.race(keys.each_ref()).await;
        let winners: Vec<_> = raced.iter().map(Result::is_ok).collect();
        let refusal = raced.iter().find_map(|raced| raced.as_ref().err());
        assert!(winners == [true, false] || winners == [false, true], "round {round}: {winners:?} {refusal:?}");
        assert_eq!(refusal.map(|said| said.code.as_str()), Some("NetStream.Publish.BadName"), "{refusal:?}");
        won[usize::from(winners[1])] += 1;
        assert_eq!(nodes.count("live.started").await, round, "one stream began");
        drop(raced);
        nodes.all_ended().await;
    }
    println!("won by each node: {won:?}");
    assert_verified(&nodes.stage.world.database);
}

#[tokio::test]
async fn of_two_publishers_with_one_key_one_remains() {
    let nodes = Nodes::new().await;
    let [key, _] = nodes.keys().await;
    for round in 0..rounds(10, 200) {
        let raced = nodes.race([&key, &key]).await.map(|raced| raced.ok().map(Encoder::on_air));
        let over = |on_air: &Option<OnAir>| on_air.as_ref().is_none_or(OnAir::is_over);
        eventually("the end of one of them", async || raced.iter().any(over).then_some(())).await;
        let [started, stopped] = [nodes.count("live.started").await, nodes.count("live.stopped").await];
        assert_eq!(started - stopped, 1, "round {round}: {started} began, {stopped} ended");
        assert_eq!(raced.iter().filter(|on_air| !over(on_air)).count(), 1, "round {round}");
        drop(raced);
        nodes.all_ended().await;
    }
    assert_verified(&nodes.stage.world.database);
}

/// What players got before and after another one went on with the stream.
fn assert_goes_on(player: &Player) {
    let sequences: Vec<_> = player.pieces.iter().map(|piece| piece.sequence).collect();
    assert!(sequences.is_sorted_by(|one, next| one + 1 == *next), "{sequences:?}");
    let runs = player.runs();
    assert_eq!(runs.len(), 2, "one interruption: {:#?}", player.list);
    for run in runs {
        let numbers = numbers_until_cut(&run);
        let all: Vec<_> = (0..u32::try_from(numbers.len()).expect("few")).collect();
        assert_eq!(numbers, all, "every publication begins with picture 0");
    }
}

#[tokio::test]
async fn another_node_goes_on_when_the_first_is_killed_or_sleeps() {
    // Both take as long as a term: they are waited for at the same time.
    let (killed, asleep) = (Nodes::new().await, Nodes::new().await);
    tokio::join!(goes_on_when_killed(killed), writes_nothing_after_its_term(asleep));
}

async fn goes_on_when_killed(mut nodes: Nodes) {
    let [first, second] = nodes.keys().await;
    let (ann, room) = (nodes.ann(), nodes.stage.room.clone());
    let on_air = nodes.stage.on_air(&first).await;
    let mut viewer = nodes.stage.ann.view(&room).await;
    viewer.sees(1).await;
    let mut player = Player::new(&ann.live_url(&room, "hls").await);
    player.until("two segments", |player| player.pieces.len() >= 2).await;
    let killed = Instant::now();
    nodes.stage.world.server.halt();
    tokio::join!(viewer.end(), on_air.ended());
    let before = player.pieces.len();
    let again = nodes.take_over(&second).await;
    let took = killed.elapsed();
    println!("published on the other node {took:?} after the first was killed");
    assert!(took < TERM + SLACK, "{took:?}");
    assert_eq!(stopped(&ann, &room).await, ["node_gone"]);
    player.until("two more segments", |player| player.pieces.len() >= before + 2).await;
    ann.view(&room).await.sees(1).await;
    assert_goes_on(&player);
    drop(again);
    told(&ann, &room, "live.stopped", 2, SOON).await;
    assert_eq!(stopped(&ann, &room).await, ["node_gone", "disconnected"]);
    player.until("the end of the list", |player| player.list.as_ref().is_some_and(|list| list.ended)).await;
    assert_verified(&nodes.stage.world.database);
}

/// A node that slept longer than its term ends its stream when it wakes up.
async fn writes_nothing_after_its_term(nodes: Nodes) {
    let [first, second] = nodes.keys().await;
    let (ann, room) = (nodes.ann(), nodes.stage.room.clone());
    let on_air = nodes.stage.on_air(&first).await;
    let mut player = Player::new(&ann.live_url(&room, "hls").await);
    player.until("two segments", |player| player.pieces.len() >= 2).await;
    let asleep = Instant::now();
    nodes.stage.world.server.signal("STOP");
    let slept = nodes.token().expect("it has a list");
    let mut again = nodes.take_over(&second).await;
    println!("published on the other node {:?} after the first fell asleep", asleep.elapsed());
    let before = player.pieces.len();
    player.until("a segment of the other", |player| player.pieces.len() > before).await;
    let (token, kept) = (nodes.token(), nodes.kept(&slept));
    assert!(!kept.is_empty(), "segments stay a while");
    nodes.stage.world.server.signal("CONT");
    let said = on_air.ended().await;
    let why = ["the stream was taken over", "the key is used by another", "cannot reach its database", "nothing came"];
    let log = nodes.stage.world.server.log();
    assert!(why.iter().any(|why| said.description.contains(why)), "{said:?}: {log}");
    let shown = again.sent.borrow().len();
    let more = before + 4;
    player
        .until("more segments of the other", |player| {
            assert_eq!(nodes.token(), token, "the list is of another stream");
            player.pieces.len() >= more
        })
        .await;
    let late: Vec<_> = nodes.kept(&slept).difference(&kept).cloned().collect();
    assert!(late.is_empty(), "it wrote {late:?} when it woke up");
    again.shows(shown + 1).await;
    assert!(!again.is_over(), "the second publisher goes on");
    assert_eq!(stopped(&ann, &room).await, ["node_gone"]);
    assert_eq!(nodes.count("live.started").await, 2);
    assert_goes_on(&player);
    // The first node serves the stream of the other like any.
    let mut here = Player::new(&nodes.stage.ann.live_url(&room, "hls").await);
    here.until("a segment", |player| !player.pieces.is_empty()).await;
    assert_verified(&nodes.stage.world.database);
}

#[tokio::test]
async fn a_node_that_stops_tells_its_publishers_and_rooms() {
    let mut nodes = Nodes::new().await;
    let [first, second] = nodes.keys().await;
    let (ann, room) = (nodes.ann(), nodes.stage.room.clone());
    let on_air = nodes.stage.on_air(&first).await;
    let mut player = Player::new(&ann.live_url(&room, "hls").await);
    player.until("a segment", |player| !player.pieces.is_empty()).await;
    let began = Instant::now();
    nodes.stage.world.server.signal("TERM");
    let said = on_air.ended().await;
    told(&ann, &room, "live.stopped", 1, SOON).await;
    let took = began.elapsed();
    assert!(took < PROMPT, "{took:?}");
    assert!(said.description.contains("this server stops"), "{said:?}");
    assert_eq!(stopped(&ann, &room).await, ["node_gone"]);
    // Nobody has to wait for the end of a term.
    let before = player.pieces.len();
    let _again = Encoder::publish(nodes.other.rtmp(), &second.text()).await.on_air();
    player.until("two more segments", |player| player.pieces.len() >= before + 3).await;
    assert_goes_on(&player);
    let ended = eventually("the end of the server", async || nodes.stage.world.server.ended()).await;
    assert!(ended.success(), "{ended}: {}", nodes.stage.world.server.log());
}
