//! Somebody who commands at any of several nodes, and repeats what was not answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::{sleep, timeout};

use super::client::{Answer, Guest};
use super::ledger::{Address, Entry};

/// A node that does not answer in this time may be frozen.
const HANGS: Duration = Duration::from_secs(8);

/// What a writer did.
#[derive(Default)]
pub struct Deeds {
    /// Every command, with the answer that accepted it.
    pub entries: Vec<Entry>,
    /// What went wrong before.
    pub troubles: Vec<String>,
    /// How long a single try took at most.
    pub slowest: Duration,
}

/// One of them.
pub struct Writer {
    pub who: Guest,
    /// Keys begin with it.
    pub name: String,
    pub rooms: Vec<String>,
    pub places: Vec<Address>,
    /// At which of the places they are.
    pub at: usize,
    pub pause: Duration,
    /// How many commands at most.
    pub most: usize,
}

impl Writer {
    /// Commands that are valid whenever they are decided, mostly chat, now and then one that changes nothing; each is repeated
    /// under its key, at another node, until it is accepted.
    pub async fn run(mut self, stop: Arc<AtomicBool>) -> Deeds {
        let mut deeds = Deeds::default();
        let mut there = self.who.at(&self.places[self.at].get());
        while deeds.entries.len() < self.most && !stop.load(Ordering::Relaxed) {
            let number = deeds.entries.len();
            let body = match number % 7 {
                3 => json!({ "type": "playback.set_mode", "mode": "sequential" }),
                _ => json!({ "type": "chat.post", "text": format!("{} {number}", self.name) }),
            };
            let key = format!("{}-{number}", self.name);
            let mut entry = Entry::new(&self.who, &self.rooms[number % self.rooms.len()], body, key);
            while !entry.accepted() {
                let began = Instant::now();
                let tried = timeout(HANGS, there.try_keyed(&entry.room, &entry.body, &entry.key)).await;
                deeds.slowest = deeds.slowest.max(began.elapsed());
                match tried {
                    Ok(Ok(answer)) => entry.answer = Some(answer),
                    Ok(Err(error)) => deeds.troubles.push(format!("node {}: {error:?}", self.at)),
                    Err(_) => deeds.troubles.push(format!("node {}: no answer in {HANGS:?}", self.at)),
                }
                if !entry.accepted() {
                    deeds.troubles.extend(entry.answer.take().map(|answer| refused(&entry, &answer, self.at)));
                    self.at = (self.at + 1) % self.places.len();
                    there = self.who.at(&self.places[self.at].get());
                    sleep(Duration::from_millis(20)).await;
                }
            }
            deeds.entries.push(entry);
            sleep(self.pause).await;
        }
        deeds
    }
}

/// Nothing but "not now" is said to a valid command.
fn refused(entry: &Entry, answer: &Answer, node: usize) -> String {
    assert_eq!(answer.status, 503, "{} {}: {:#}", entry.key, entry.body, answer.body);
    format!("node {node}: {}", answer.code())
}
