//! Playback waits for members who buffer, and nobody can keep it waiting.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Guest, Socket, World, assert_verified, eventually};

const STALL_MS: i64 = 1_500;
const PATIENCE_MS: i64 = 8_000;
/// What a busy machine may add, ms.
const SLACK_MS: i64 = 2_500;

/// A long film plays; Ann and Bob are connected.
struct Cinema {
    world: World,
    ann: Guest,
    bob: Guest,
    room: String,
    here: Socket,
    far: Option<Socket>,
}

impl Cinema {
    async fn new() -> Self {
        let world = World::new().await;
        let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
        let room = ann.room().await;
        bob.join(&room).await;
        let film = json!({ "type": "playlist.add", "url": "https://media.test/a.mp4", "duration_ms": 3_600_000 });
        ann.command(&room, film).await.ok();
        ann.command(&room, json!({ "type": "playback.play" })).await.ok();
        let here = ann.subscribed(&room, "now").await.0;
        let far = Some(bob.socket(&room).await);
        let cinema = Self { world, ann, bob, room, here, far };
        cinema.is("active").await
    }

    /// How Bob is, which the server has heard by the end of this.
    async fn is(mut self, state: &str) -> Self {
        let far = self.far.as_mut().expect("he is connected");
        far.tell(json!({ "presence": { "state": state } })).await;
        far.tell(json!({ "clock": { "t0": 0 } })).await;
        far.until("clock").await;
        self
    }

    async fn settings(&self, settings: Value) {
        let seq = self.ann.snapshot(&self.room).await.ok()["versions"]["settings"].clone();
        let mut update = json!({ "type": "room.update_settings", "expect": { "settings": seq } });
        update.as_object_mut().expect("an object").extend(settings.as_object().expect("an object").clone());
        self.ann.command(&self.room, update).await.ok();
    }

    /// The next event of a type; others are passed over.
    async fn next(&mut self, kind: &str) -> Value {
        loop {
            let event = self.here.until("event").await;
            if event["type"] == kind {
                return event;
            }
        }
    }

    /// Whatever happens within this time.
    async fn within(&mut self, ms: i64) -> Option<Value> {
        let time = Duration::from_millis(u64::try_from(ms).expect("positive"));
        timeout(time, self.here.until("event")).await.ok()
    }

    async fn now(&self) -> i64 {
        self.ann.get("/v1/time?t0=0").await.ok()["t1"].as_i64().expect("a number")
    }
}

fn anchor(event: &Value) -> i64 {
    event["data"]["anchor_ms"].as_i64().expect("a number")
}

#[track_caller]
fn assert_about(what: &str, ms: i64, wanted: i64) {
    assert!((wanted..wanted + SLACK_MS).contains(&ms), "{what} after {ms} ms instead of {wanted}");
}

#[tokio::test]
async fn scenario_05_a_member_who_stalls_for_ever_delays_the_room_once_and_until_the_deadline() {
    let cinema = Cinema::new().await;
    let from = cinema.now().await;
    let mut cinema = cinema.is("buffering").await;
    let held = cinema.next("playback.held").await;
    assert_about("held", anchor(&held) - from, STALL_MS);
    assert_eq!((&held["actor"]["kind"], &held["data"]["playing"]), (&json!("system"), &json!(false)));
    assert_eq!(held["data"]["members"], json!([cinema.bob.id]));
    assert_eq!(held["data"]["deadline_ms"], json!(anchor(&held) + PATIENCE_MS));
    let released = cinema.next("playback.released").await;
    assert_about("released", anchor(&released) - anchor(&held), PATIENCE_MS);
    assert_eq!((&released["data"]["by"], &released["data"]["playing"]), (&json!("deadline"), &json!(true)));
    assert_eq!(released["data"]["position_ms"], held["data"]["position_ms"], "it went on elsewhere");
    // Bob still buffers.
    assert_eq!(cinema.within(4_000).await, None);
    assert_verified(&cinema.world.database);
}

#[tokio::test]
async fn scenario_04_a_room_does_not_wait_for_a_member_who_vanished() {
    let mut cinema = Cinema::new().await.is("buffering").await;
    let held = cinema.next("playback.held").await;
    cinema.far = None;
    let released = cinema.next("playback.released").await;
    assert_eq!(released["data"]["by"], "ready");
    assert_about("released", anchor(&released) - anchor(&held), 0);
}

#[tokio::test]
async fn scenario_06_who_keeps_stalling_is_waited_for_no_longer() {
    let mut cinema = Cinema::new().await;
    for wait in 1..=3 {
        cinema = cinema.is("buffering").await;
        cinema.next("playback.held").await;
        cinema = cinema.is("ready").await;
        let released = cinema.next("playback.released").await;
        assert_eq!(released["data"]["by"], "ready");
        let exempt = if wait == 3 { json!([cinema.bob.id]) } else { json!([]) };
        assert_eq!(released["data"]["exempt"], exempt, "after wait {wait}");
    }
    let mut cinema = cinema.is("buffering").await;
    assert_eq!(cinema.within(2 * STALL_MS).await, None);
}

#[tokio::test]
async fn scenario_02_a_joiner_keeps_nobody_waiting_and_moves_nothing() {
    let mut cinema = Cinema::new().await;
    let before = cinema.ann.snapshot(&cinema.room).await.ok()["playback"].clone();
    let cat = cinema.world.guest("Cat").await;
    cat.join(&cinema.room).await;
    let mut socket = cat.socket(&cinema.room).await;
    socket.tell(json!({ "presence": { "state": "buffering" } })).await;
    assert_eq!(cinema.next("member.joined").await["data"]["member"], json!(cat.id));
    assert_eq!(cinema.within(2 * STALL_MS).await, None);
    assert_eq!(cinema.ann.snapshot(&cinema.room).await.ok()["playback"], before);
}

#[tokio::test]
async fn each_player_of_a_member_counts_by_itself() {
    let mut cinema = Cinema::new().await;
    // A second one that only loads keeps nobody waiting, and stands for nobody who waits.
    let mut second = cinema.bob.socket(&cinema.room).await;
    second.tell(json!({ "presence": { "state": "buffering" } })).await;
    let mut cinema = {
        assert_eq!(cinema.within(2 * STALL_MS).await, None);
        cinema.is("buffering").await
    };
    second.tell(json!({ "presence": { "state": "ready" } })).await;
    let held = cinema.next("playback.held").await;
    cinema.far = None;
    let released = cinema.next("playback.released").await;
    assert_eq!(released["data"]["by"], "ready");
    assert_about("released", anchor(&released) - anchor(&held), 0);
}

#[tokio::test]
async fn who_comes_back_within_the_patience_of_the_room_lets_it_go_on() {
    let mut cinema = Cinema::new().await.is("buffering").await;
    let held = cinema.next("playback.held").await;
    let view = cinema.ann.snapshot(&cinema.room).await.ok()["playback"]["hold"].clone();
    assert_eq!(view, json!({ "members": [cinema.bob.id], "deadline_ms": anchor(&held) + PATIENCE_MS }));
    let mut cinema = cinema.is("ready").await;
    let released = cinema.next("playback.released").await;
    assert_about("released", anchor(&released) - anchor(&held), 0);
    assert_eq!(cinema.ann.snapshot(&cinema.room).await.ok()["playback"]["hold"], Value::Null);
}

#[tokio::test]
async fn nobody_is_waited_for_who_does_not_look_or_where_nobody_ever_is() {
    let mut hidden = Cinema::new().await.is("buffering").await.is("away").await;
    let never = Cinema::new().await;
    never.settings(json!({ "barrier": "never" })).await;
    let mut never = never.is("buffering").await;
    never.next("room.settings_updated").await;
    let (hidden, never) = tokio::join!(hidden.within(2 * STALL_MS), never.within(2 * STALL_MS));
    assert_eq!((hidden, never), (None, None));
}

#[tokio::test]
async fn a_strict_room_waits_as_long_as_it_takes_or_until_somebody_plays() {
    let cinema = Cinema::new().await;
    cinema.settings(json!({ "barrier": "strict" })).await;
    let mut cinema = cinema.is("buffering").await;
    assert_eq!(cinema.next("playback.held").await["data"]["deadline_ms"], Value::Null);
    assert_eq!(cinema.within(PATIENCE_MS + SLACK_MS).await, None);
    cinema.ann.command(&cinema.room, json!({ "type": "playback.play" })).await.ok();
    cinema.next("playback.played").await;
    assert_eq!(cinema.ann.snapshot(&cinema.room).await.ok()["playback"]["hold"], Value::Null);
    // Bob still buffers.
    assert_eq!(cinema.within(2 * STALL_MS).await, None);
}

#[tokio::test]
async fn a_room_that_is_strict_no_longer_goes_on() {
    for barrier in ["never", "grace"] {
        let cinema = Cinema::new().await;
        cinema.settings(json!({ "barrier": "strict" })).await;
        let mut cinema = cinema.is("buffering").await;
        cinema.next("playback.held").await;
        cinema.settings(json!({ "barrier": barrier })).await;
        assert_eq!(cinema.next("playback.released").await["data"]["by"], "ready");
    }
}

#[tokio::test]
async fn a_strict_room_does_not_wait_for_who_stays_away_after_a_restart() {
    let cinema = Cinema::new().await;
    cinema.settings(json!({ "barrier": "strict" })).await;
    let mut cinema = cinema.is("buffering").await;
    let held = cinema.next("playback.held").await;
    let (other, _dir) = cinema.world.beside();
    let Cinema { world, ann, room, .. } = cinema;
    let World { server, .. } = world;
    server.kill();
    let (mut socket, _) = ann.at(&other.url).subscribed(&room, "now").await;
    let released = timeout(Duration::from_secs(25), async {
        loop {
            let event = socket.until("event").await;
            if event["type"] == "playback.released" {
                return event;
            }
        }
    });
    let released = released.await.expect("the room goes on");
    assert_about("released", anchor(&released) - anchor(&held), 15_000);
}

#[tokio::test]
async fn a_room_waits_and_goes_on_wherever_it_was_steered() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    for name in ["a", "b"] {
        let url = format!("https://media.test/{name}.mp4");
        ann.command(&room, json!({ "type": "playlist.add", "url": url, "duration_ms": 6_000 })).await.ok();
    }
    let elsewhere = ann.at(&other.url);
    let (mut here, _) = elsewhere.subscribed(&room, "now").await;
    here.tell(json!({ "presence": { "state": "active" } })).await;
    ann.command(&room, json!({ "type": "playback.play" })).await.ok();
    here.until("event").await;
    here.tell(json!({ "presence": { "state": "buffering" } })).await;
    assert_eq!(here.until("event").await["type"], "playback.held");
    here.tell(json!({ "presence": { "state": "ready" } })).await;
    assert_eq!(here.until("event").await["type"], "playback.released");
    assert_eq!(here.until("event").await["type"], "playback.item_selected");
}

#[tokio::test]
async fn a_wait_ends_though_the_server_that_began_it_is_gone() {
    let mut cinema = Cinema::new().await.is("buffering").await;
    let held = cinema.next("playback.held").await;
    let (other, _dir) = cinema.world.beside();
    let Cinema { world, ann, room, .. } = cinema;
    let World { server, .. } = world;
    server.kill();
    let ann = ann.at(&other.url);
    let (mut socket, _) = ann.subscribed(&room, "now").await;
    let released = eventually("the room goes on", async || {
        let event = timeout(Duration::from_secs(1), socket.until("event")).await.ok()?;
        (event["type"] == "playback.released").then_some(event)
    })
    .await;
    assert_about("released", anchor(&released) - anchor(&held), PATIENCE_MS);
}
