//! Somebody who writes, and repeats at another node what was not answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::nodes::Places;
use crate::delivery::Guest;
use crate::failure::Failure;

/// Between two commands.
const PAUSE: Duration = Duration::from_millis(30);
/// Between two tries.
const AGAIN: Duration = Duration::from_millis(50);

/// A command that was accepted: in which room, under which key, and the seqs of its events.
pub struct Acknowledged {
    pub room: usize,
    pub key: String,
    pub seqs: Vec<i64>,
}

pub struct Writer {
    pub who: Guest,
    pub number: usize,
    pub rooms: Arc<[String]>,
    pub places: Places,
    pub stop: Arc<AtomicBool>,
    /// Commands that were accepted, and tries that were not answered so, of all writers.
    pub accepted: Arc<AtomicU64>,
    pub tried_again: Arc<AtomicU64>,
}

impl Writer {
    /// Writes until it is stopped.
    pub async fn run(self) -> Result<Vec<Acknowledged>, Failure> {
        let (mut all, mut node) = (Vec::new(), self.number);
        let mut there = self.who.at(&self.places.get(node));
        while !self.stop.load(Ordering::Relaxed) {
            let (room, key) = ((self.number + all.len()) % self.rooms.len(), format!("w{}-{}", self.number, all.len()));
            let command = json!({ "type": "chat.post", "text": format!("{key} says something") });
            loop {
                match there.keyed(&self.rooms[room], &command, &key).await {
                    Ok((200, answer)) => {
                        all.push(Acknowledged { room, key, seqs: seqs(&answer) });
                        break;
                    }
                    // Nothing else is said to a valid command, and no answer is an answer.
                    Ok((503, _)) | Err(Failure::Delivery(_)) => {}
                    Ok((status, answer)) => return Err(Failure::Delivery(format!("{status} {answer}"))),
                    Err(failure) => return Err(failure),
                }
                self.tried_again.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(AGAIN).await;
                node += 1;
                there = self.who.at(&self.places.get(node));
            }
            self.accepted.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(PAUSE).await;
        }
        Ok(all)
    }
}

fn seqs(answer: &Value) -> Vec<i64> {
    answer["events"].as_array().into_iter().flatten().filter_map(|event| event["seq"].as_i64()).collect()
}
