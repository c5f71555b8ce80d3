//! Somebody who follows a room over a socket, at whichever node there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::nodes::Places;
use crate::delivery::{Guest, Socket};
use crate::failure::Failure;

/// For a connection.
const OPENING: Duration = Duration::from_secs(5);
/// Between looks at whether it is over.
const LOOK: Duration = Duration::from_millis(100);

/// What a follower saw: seq and id of every event, as they came.
pub struct Seen {
    pub room: usize,
    pub events: Vec<(i64, Box<str>)>,
    /// How often they connected.
    pub connections: usize,
}

/// Where a follower is.
#[derive(Default)]
pub struct Whereabouts {
    /// The last seq that they have.
    pub seq: AtomicI64,
    pub connected: AtomicBool,
}

pub struct Follower {
    pub who: Guest,
    pub node: usize,
    pub room: usize,
    pub rooms: Arc<[String]>,
    pub epoch: String,
    pub places: Places,
    pub at: Arc<Whereabouts>,
    /// Of all followers.
    pub delivered: Arc<AtomicU64>,
    /// More than 0: the last seq that is waited for.
    pub last: Arc<AtomicI64>,
}

impl Follower {
    /// Follows from the first event to the last; goes on at another node when one ends the connection.
    pub async fn run(mut self) -> Result<Seen, Failure> {
        let mut seen = Seen { room: self.room, events: Vec::new(), connections: 0 };
        while !self.done() {
            let from = format!("{}:{}", self.epoch, self.at.seq.load(Ordering::Relaxed));
            let there = self.who.at(&self.places.get(self.node));
            let opened = timeout(OPENING, subscribed(&there, &self.rooms[self.room], &from)).await;
            let mut wait = LOOK;
            if let Ok(Ok(mut socket)) = opened {
                seen.connections += 1;
                self.at.connected.store(true, Ordering::Relaxed);
                wait = self.read(&mut socket, &mut seen).await?;
                self.at.connected.store(false, Ordering::Relaxed);
            }
            self.node += 1;
            if !self.done() {
                sleep(wait).await;
            }
        }
        Ok(seen)
    }

    fn done(&self) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        last > 0 && self.at.seq.load(Ordering::Relaxed) >= last
    }

    /// Until the connection ends; when to come back.
    async fn read(&self, socket: &mut Socket, seen: &mut Seen) -> Result<Duration, Failure> {
        let mut wait = LOOK;
        while !self.done() {
            let Ok(heard) = timeout(LOOK, socket.hear()).await else { continue };
            let Ok(text) = heard else { break };
            let said: Value = serde_json::from_str(&text)?;
            if let Some(seq) = said["event"]["seq"].as_i64() {
                seen.events.push((seq, said["event"]["id"].as_str().unwrap_or_default().into()));
                self.at.seq.store(seq, Ordering::Relaxed);
                self.delivered.fetch_add(1, Ordering::Relaxed);
            } else if let Some(told) = said["drain"]["retry_after_ms"].as_u64() {
                wait = Duration::from_millis(told);
                self.at.connected.store(false, Ordering::Relaxed);
            } else if said["reply"]["problem"].is_object() {
                // Not now: nothing is followed.
                break;
            } else if said["reset"].is_object() {
                return Err(Failure::Delivery(format!("a follower was reset: {text}")));
            }
        }
        Ok(wait)
    }
}

async fn subscribed(who: &Guest, room: &str, from: &str) -> Result<Socket, Failure> {
    let mut socket = who.socket(room).await?;
    socket.tell(json!({ "subscribe": { "from": from } }).to_string()).await?;
    Ok(socket)
}
