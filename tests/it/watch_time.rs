//! How long was played and watched, to the millisecond of the events that it follows from.

use serde_json::{Value, json};
use synctv_domain::Timestamp;

use crate::support::{Guest, World, eventually};

/// How far a busy server's clock may be from PostgreSQL's, by which events are dated.
const SLACK_MS: i64 = 250;

/// A room with two items, of which the first plays.
struct Show {
    ann: Guest,
    room: String,
    items: Vec<Value>,
    /// When the first began to play.
    start_ms: i64,
}

fn event(done: &Value) -> &Value {
    done["events"].as_array().and_then(|events| events.last()).unwrap_or_else(|| panic!("no event in {done:#}"))
}

/// When a command's event was recorded.
fn at_ms(done: &Value) -> i64 {
    Timestamp::parse(event(done)["at"].as_str().expect("a text")).expect("a time").ms().0
}

/// When what a command started begins to move.
fn start_ms(done: &Value) -> i64 {
    event(done)["data"]["anchor_ms"].as_i64().expect("a number").max(at_ms(done))
}

impl Show {
    async fn new(world: &World) -> Self {
        let ann = world.guest("Ann").await;
        let room = ann.room().await;
        let mut items = Vec::new();
        for name in ["a", "b"] {
            let url = format!("https://media.test/{name}.mp4");
            let done = ann.command(&room, json!({ "type": "playlist.add", "url": url, "title": name })).await.ok();
            items.push(event(&done)["data"]["item_id"].clone());
        }
        let played = ann.command(&room, json!({ "type": "playback.play" })).await.ok();
        Self { start_ms: start_ms(&played), ann, room, items }
    }

    async fn did(&self, command: Value) -> Value {
        self.ann.command(&self.room, command).await.ok()
    }

    async fn now_ms(&self) -> i64 {
        self.ann.get("/v1/time").await.ok()["t1"].as_i64().expect("a number")
    }

    async fn rows(&self, list: &str, name: &str) -> Vec<Value> {
        let page = self.ann.get(&format!("/v1/rooms/{}/{list}", self.room)).await.ok();
        page[name].as_array().expect("a list").clone()
    }

    /// What somebody has watched.
    async fn watched(&self, who: &Guest) -> Option<(i64, bool)> {
        let rows = self.rows("watch-time", "watch_time").await;
        let row = rows.iter().find(|row| row["member"] == who.id.as_str())?;
        Some((row["watched_ms"].as_i64()?, row["present"].as_bool()?))
    }

    async fn newest(&self) -> Option<(Value, i64)> {
        let newest = self.rows("history", "history").await.into_iter().next()?;
        let played_ms = newest["played_ms"].as_i64()?;
        Some((newest, played_ms))
    }

    /// Waits until a number that grows with time has grown twice, and wants it to be the time since `start_ms`.
    async fn grows(&self, what: &str, start_ms: i64, read: impl AsyncFn() -> Option<i64>) {
        let mut last = 0;
        for _ in 0..2 {
            let (from, to, value) = eventually(what, async || {
                let from = self.now_ms().await;
                let value = read().await.filter(|value| *value > last)?;
                Some((from, self.now_ms().await, value))
            })
            .await;
            let bounds = from - start_ms - SLACK_MS..=to - start_ms + SLACK_MS;
            assert!(bounds.contains(&value), "{what}: {value}, not within {bounds:?}");
            last = value;
        }
    }

    /// Waits until time has passed.
    async fn later(&self) {
        let now = self.now_ms().await;
        eventually("time to pass", async || (self.now_ms().await > now + 100).then_some(())).await;
    }
}

#[tokio::test]
async fn the_history_tells_how_long_each_item_has_played() {
    let world = World::new().await;
    let show = Show::new(&world).await;
    show.grows("the first to play", show.start_ms, async || Some(show.newest().await?.1)).await;
    let selected = show.did(json!({ "type": "playback.select_item", "item_id": show.items[1] })).await;
    let history = show.ann.shown(&show.room, "history", &selected).await["history"].clone();
    assert_eq!(history.as_array().map(Vec::len), Some(2), "{history:#}");
    let (second, first) = (&history[0], &history[1]);
    let started = |row: &Value| [&row["item_id"], &row["title"], &row["started_by"]].map(Value::clone);
    assert_eq!(started(first), [show.items[0].clone(), json!("a"), json!(show.ann.id)]);
    assert_eq!(started(second), [show.items[1].clone(), json!("b"), json!(show.ann.id)]);
    assert_eq!(first["played_ms"], at_ms(&selected) - show.start_ms);
    assert_eq!((&first["ended_at"], &second["ended_at"]), (&event(&selected)["at"], &Value::Null));

    let start = start_ms(&selected);
    show.grows("the second to play", start, async || {
        let (row, played_ms) = show.newest().await?;
        (row["item_id"] == show.items[1]).then_some(played_ms)
    })
    .await;
    let paused = show.did(json!({ "type": "playback.pause" })).await;
    for _ in 0..2 {
        let history = show.ann.shown(&show.room, "history", &paused).await["history"].clone();
        assert_eq!(history[0]["played_ms"], at_ms(&paused) - start, "{history:#}");
        assert_eq!((&history[0]["steered"], &history[0]["ended_at"]), (&json!(1), &Value::Null));
        show.later().await;
    }
}

#[tokio::test]
async fn members_watch_while_they_are_there_and_something_plays() {
    let world = World::new().await;
    let show = Show::new(&world).await;
    let ben = world.guest("Ben").await;
    let joined = ben.command(&show.room, json!({ "type": "member.join" })).await.ok();
    let watched = async |who: &Guest| Some(show.watched(who).await?.0);
    show.grows("Ann to watch", show.start_ms, async || watched(&show.ann).await).await;
    show.grows("Ben to watch", at_ms(&joined).max(show.start_ms), async || watched(&ben).await).await;

    let left = ben.command(&show.room, json!({ "type": "member.leave" })).await.ok();
    let stay = at_ms(&left) - at_ms(&joined).max(show.start_ms);
    show.later().await;
    let paused = show.did(json!({ "type": "playback.pause" })).await;
    let once = at_ms(&paused) - show.start_ms;
    show.ann.shown(&show.room, "watch-time", &paused).await;
    for _ in 0..2 {
        assert_eq!(show.watched(&show.ann).await, Some((once, true)));
        assert_eq!(show.watched(&ben).await, Some((stay, false)));
        show.later().await;
    }
    let again = show.did(json!({ "type": "playback.play" })).await;
    show.grows("Ann to watch on", start_ms(&again) - once, async || {
        watched(&show.ann).await.filter(|watched| *watched > once)
    })
    .await;
    assert_eq!(show.watched(&ben).await, Some((stay, false)));
}
