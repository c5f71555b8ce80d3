//! What was asked and what was answered, to be compared with the log.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::client::{Answer, Guest};
use super::database::stored;
use super::wait::eventually;

/// Where the server is now; changes when it is started again.
#[derive(Clone)]
pub struct Address(Arc<Mutex<String>>);

impl Address {
    pub fn new(url: &str) -> Self {
        Self(Arc::new(Mutex::new(url.to_owned())))
    }

    pub fn get(&self) -> String {
        self.0.lock().expect("nobody panics with it").clone()
    }

    pub fn set(&self, url: &str) {
        url.clone_into(&mut self.0.lock().expect("nobody panics with it"));
    }
}

/// A command under its key, and the last answer to it (None: the connection ended first).
#[derive(Clone)]
pub struct Entry {
    pub who: Guest,
    pub room: String,
    pub body: Value,
    pub key: String,
    pub answer: Option<Answer>,
}

impl Entry {
    pub fn new(who: &Guest, room: &str, body: Value, key: String) -> Self {
        Self { who: who.clone(), room: room.to_owned(), body, key, answer: None }
    }

    pub fn accepted(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.status == 200)
    }

    pub fn code(&self) -> &str {
        self.answer.as_ref().map_or("no answer", Answer::code)
    }

    /// Sends it, again under the same key if it was sent before.
    pub async fn send(&mut self, url: &str) {
        self.answer = self.who.at(url).try_keyed(&self.room, &self.body, &self.key).await.ok();
    }

    /// Repeats it until it is accepted.
    pub async fn insist(&mut self, address: &Address) {
        let entry = Mutex::new(self.clone());
        let answer = eventually(&format!("{} is accepted", self.key), async || {
            let mut again = entry.lock().expect("nobody panics with it").clone();
            again.send(&address.get()).await;
            let answer = again.answer.clone()?;
            assert!(
                [200, 503].contains(&answer.status),
                "{} {}: {} {:#}",
                again.key,
                again.body,
                answer.status,
                answer.body
            );
            again.accepted().then_some(answer)
        })
        .await;
        self.answer = Some(answer);
    }
}

/// Commands of one sender, each valid whenever it is decided: mostly chat, now and then one that changes nothing.
pub async fn write(
    who: Guest,
    rooms: Vec<String>,
    address: Address,
    name: String,
    stop: Arc<AtomicBool>,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let number = entries.len();
        let body = match number % 7 {
            3 => json!({ "type": "playback.set_mode", "mode": "sequential" }),
            _ => json!({ "type": "chat.post", "text": format!("{name} {number}") }),
        };
        let mut entry = Entry::new(&who, &rooms[number % rooms.len()], body, format!("{name}-{number}"));
        entry.send(&address.get()).await;
        if !entry.accepted() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        entries.push(entry);
    }
    entries
}

/// Every accepted command is in the log once, under the seqs of its answer; none of the others is there at all.
pub async fn compare(database: &str, entries: &[Entry]) {
    let mut rooms: BTreeMap<&str, HashMap<String, Vec<i64>>> = BTreeMap::new();
    for entry in entries {
        rooms.entry(&entry.room).or_default();
    }
    for (room, commands) in &mut rooms {
        let events = stored(database, room).await;
        let seqs: Vec<i64> = events.iter().map(|event| event.1).collect();
        assert!(seqs.iter().copied().eq(1..=seqs.len() as i64), "{room} has holes: {seqs:?}");
        for (command, seq, _) in events {
            commands.entry(command).or_default().push(seq);
        }
    }
    for entry in entries {
        let in_log = rooms[&*entry.room].get(&entry.key).cloned().unwrap_or_default();
        let told = entry.answer.as_ref().filter(|_| entry.accepted()).map(Answer::seqs).unwrap_or_default();
        assert_eq!(told, in_log, "{} {} was answered {:?}", entry.key, entry.body, entry.answer);
    }
}
