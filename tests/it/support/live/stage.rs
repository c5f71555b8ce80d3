//! A server that takes live streams, and a room for them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::encoder::{Encoder, OnAir};
use super::film::Viewer;
use crate::support::{Guest, Server, World, within};

/// The setting that lets encoders in.
pub const RTMP: (&str, &str) = ("SYNCTV_RTMP_LISTEN", "127.0.0.1:0");

/// A server, and Ann, who has made a room.
pub struct Stage {
    pub world: World,
    pub ann: Guest,
    pub room: String,
}

/// What an encoder shows.
#[derive(Clone)]
pub struct StreamKey {
    pub id: String,
    pub secret: String,
    pub room: String,
}

impl StreamKey {
    /// As it is typed in.
    pub fn text(&self) -> String {
        format!("{}?key={}", self.room, self.secret)
    }
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let settings: Vec<_> = [RTMP].into_iter().chain(settings.iter().copied()).collect();
        let world = World::with(&settings).await;
        let ann = world.guest("Ann").await;
        let room = ann.room().await;
        Self { world, ann, room }
    }

    pub fn rtmp(&self) -> SocketAddr {
        self.world.server.rtmp()
    }

    /// Somebody who may publish.
    pub async fn publisher(&self, name: &str) -> Guest {
        let guest = self.world.guest(name).await;
        guest.join(&self.room).await;
        let role = json!({ "type": "member.set_role", "member": guest.id, "role": "moderator" });
        self.ann.command(&self.room, role).await.ok();
        guest
    }

    /// Publishes the clip with this key until the value is dropped.
    pub async fn on_air(&self, key: &StreamKey) -> OnAir {
        self.on_air_at(key, 1).await
    }

    /// As [`Stage::on_air`], so many times as fast.
    pub async fn on_air_at(&self, key: &StreamKey, speed: u32) -> OnAir {
        Encoder::publish(self.rtmp(), &key.text()).await.on_air_at(speed)
    }

    /// Waits until the log has so many stops, and gives their reasons.
    pub async fn stops(&self, count: usize, patience: Duration) -> Vec<String> {
        told(&self.ann, &self.room, "live.stopped", count, patience).await;
        stopped(&self.ann, &self.room).await
    }
}

impl Server {
    /// Where encoders publish.
    pub fn rtmp(&self) -> SocketAddr {
        let log = self.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let ready = |line: &Value| line["message"].as_str().is_some_and(|text| text.starts_with("live.ready"));
        let line = lines.into_iter().find(ready).expect("live streams are on");
        line["address"].as_str().expect("a text").parse().expect("an address")
    }
}

impl Guest {
    /// Makes a key.
    pub async fn stream_key(&self, room: &str) -> StreamKey {
        let made = self.command(room, json!({ "type": "live.create_key" })).await.ok();
        StreamKey::of(room, &made)
    }

    /// The address of the stream over this: `flv` or `hls`.
    pub async fn live_url(&self, room: &str, format: &str) -> String {
        let found = self.get(&format!("/v1/rooms/{room}/playback")).await.ok();
        let sources = found["sources"].as_array().expect("a list");
        let source = sources.iter().find(|source| source["format"] == format);
        let url = source.unwrap_or_else(|| panic!("no {format}: {found:#}"))["url"].as_str().expect("a text");
        format!("{}{url}", self.url)
    }

    /// Watches over FLV, as soon as the room is live.
    pub async fn view(&self, room: &str) -> Viewer {
        Viewer::over_http(&self.live_url(room, "flv").await).await.expect("it is live")
    }
}

impl StreamKey {
    /// From the answer to the command.
    pub fn of(room: &str, made: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{made:#}")).to_owned();
        let id = text(&made["events"][0]["data"]["key_id"]);
        Self { id, secret: text(&made["secret"]["key"]), room: room.to_owned() }
    }
}

/// How long it took until the room's log had `count` events of a type.
pub async fn told(guest: &Guest, room: &str, kind: &str, count: usize, patience: Duration) -> Duration {
    let began = Instant::now();
    within(patience, &format!("{count} {kind}"), async || {
        let events = guest.events(room).await;
        let found = events.iter().filter(|event| event["type"] == kind).count();
        assert!(found <= count, "{kind} is there {found} times: {events:#?}");
        (found == count).then_some(())
    })
    .await;
    began.elapsed()
}

/// Why streams of a room ended, in order.
pub async fn stopped(guest: &Guest, room: &str) -> Vec<String> {
    let events = guest.events(room).await;
    let stops = events.iter().filter(|event| event["type"] == "live.stopped");
    stops.map(|event| event["data"]["reason"].as_str().expect("a reason").to_owned()).collect()
}
