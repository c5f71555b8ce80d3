//! Servers over one database and one Redis, and people who meet in a room of theirs.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::Guest;
use super::redis::Redis;
use super::server::{Server, TempDir, synctv};
use super::socket::Socket;
use super::wait::eventually;
use super::{METRICS, World};

pub struct Party {
    pub redis: Redis,
    pub world: World,
    /// Besides that of the world.
    pub others: Vec<(Server, TempDir)>,
}

impl Party {
    /// With so many servers, all of which hear each other.
    pub async fn new(servers: usize) -> Self {
        let redis = Redis::start().await;
        let world = World::with(&[METRICS, ("REDIS_URL", &redis.url())]).await;
        let mut party = Self { redis, world, others: Vec::new() };
        for _ in 1..servers {
            party.another();
        }
        party.connected().await;
        party
    }

    /// One more server.
    pub fn another(&mut self) {
        let dir = TempDir::new();
        let url = self.redis.url();
        let mut command = synctv(&[]);
        command.env("DATABASE_URL", &self.world.database).envs([METRICS, ("REDIS_URL", &*url)]);
        self.others.push((Server::spawn(&mut command, dir.path()), dir));
    }

    /// Until all have subscribed.
    pub async fn connected(&self) {
        let servers = 1 + self.others.len();
        eventually("everybody listens", async || {
            let listening = self.redis.say(&["PUBSUB", "NUMSUB", "synctv:eph:0"]);
            (listening.lines().last() == Some(&servers.to_string())).then_some(())
        })
        .await;
    }

    pub fn server(&self, number: usize) -> &Server {
        if number == 0 { &self.world.server } else { &self.others[number - 1].0 }
    }

    /// People, each at their own server, in a room of the first.
    pub async fn people<const N: usize>(&self) -> ([Guest; N], String) {
        let mut guests = Vec::new();
        for number in 0..N {
            guests.push(Guest::new(&self.server(number).url, &format!("g{number}")).await);
        }
        let guests: [Guest; N] = guests.try_into().ok().expect("so many");
        let room = guests[0].room().await;
        for guest in &guests[1..] {
            guest.join(&room).await;
        }
        (guests, room)
    }
}

impl Socket {
    pub async fn presence(&mut self, state: &str) {
        self.tell(json!({ "presence": { "state": state } })).await;
    }

    /// Until somebody is told to be so.
    pub async fn sees(&mut self, who: &Guest, state: &str) {
        self.told(who, "presence", &json!({ "state": state })).await;
    }

    /// Until all of them are told to be so, in whichever order.
    pub async fn sees_all(&mut self, wanted: &[(&Guest, &str)]) {
        let mut missing = wanted.to_vec();
        while !missing.is_empty() {
            let told = self.until("ephemeral").await;
            missing.retain(|(who, state)| {
                told != json!({ "kind": "presence", "member": who.id, "value": { "state": state } })
            });
        }
    }

    /// Until somebody is told to do so.
    pub async fn told(&mut self, who: &Guest, kind: &str, value: &Value) {
        let wanted = json!({ "kind": kind, "member": who.id, "value": value });
        while self.until("ephemeral").await != wanted {}
    }

    /// All that is told of somebody's presence for some time.
    pub async fn watches(&mut self, who: &Guest, time: Duration) -> Vec<Value> {
        let (began, mut told) = (Instant::now(), Vec::new());
        while let Some(left) = time.checked_sub(began.elapsed()) {
            let Some(message) = self.soon(left).await else { break };
            let ephemeral = message.expect("it stays open")["ephemeral"].clone();
            if ephemeral["kind"] == "presence" && ephemeral["member"] == json!(who.id) {
                told.push(ephemeral["value"]["state"].clone());
            }
        }
        told
    }

    /// The next event of a type; others are passed over.
    pub async fn event(&mut self, kind: &str) -> Value {
        loop {
            let event = self.until("event").await;
            if event["type"] == kind {
                return event;
            }
        }
    }
}
