//! Somebody who follows a room at any of several nodes, and keeps what they saw.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::client::{Guest, Stream, try_send};
use super::ledger::Address;
use super::socket::Socket;
use super::typed::{Ended, Typed};

/// For a connection; a node that is frozen takes for ever.
const OPENING: Duration = Duration::from_secs(3);
/// Between looks at whether it is over.
const LOOK: Duration = Duration::from_millis(100);

/// What a subscriber has.
#[derive(Default)]
pub struct Record {
    pub room: String,
    /// Seq and id of every event, as they came.
    pub events: Vec<(i64, String)>,
    /// How often they came back, and how often they had to begin again.
    pub returns: usize,
    pub resets: usize,
    /// In which time nodes that stopped wanted them back, ms.
    pub drains: Vec<i64>,
}

/// The ways to follow.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    Sse,
    Socket,
    Watch,
}

/// All of them.
pub const WAYS: [Way; 3] = [Way::Sse, Way::Socket, Way::Watch];

enum Open {
    Sse(Stream),
    Socket(Socket),
    Watch(Box<Typed>),
}

enum Heard {
    Event { seq: i64, id: String, cursor: String },
    Reset,
    Drain(i64),
    Other,
    Ended,
}

/// One of them, from the room's first event on.
pub struct Subscriber {
    way: Way,
    who: Guest,
    places: Vec<Address>,
    /// At which of the places they are.
    at: usize,
    /// Of the room, as sockets do not tell it with each event; empty until it is known.
    epoch: String,
    /// To go on with.
    cursor: String,
    record: Record,
    /// The last seq that came.
    progress: Arc<AtomicI64>,
}

impl Subscriber {
    pub fn new(way: Way, who: &Guest, room: &str, (places, at): (Vec<Address>, usize)) -> Self {
        let record = Record { room: room.to_owned(), ..Record::default() };
        let (epoch, cursor) = (String::new(), "0".to_owned());
        Self { way, who: who.clone(), places, at, epoch, cursor, record, progress: Arc::default() }
    }

    pub fn progress(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.progress)
    }

    /// Follows until `last`, if that is more than 0, has come; goes on at the next node when one ends the stream.
    pub async fn until(mut self, last: Arc<AtomicI64>) -> Record {
        let over = |progress: &AtomicI64| {
            let last = last.load(Ordering::Relaxed);
            last > 0 && progress.load(Ordering::Relaxed) >= last
        };
        while !over(&self.progress) {
            let url = self.places[self.at].get();
            if let Ok(Some(mut open)) = timeout(OPENING, self.open(&url)).await {
                self.record.returns += 1;
                while !over(&self.progress) {
                    let Ok(heard) = timeout(LOOK, self.hear(&mut open)).await else { continue };
                    if !self.keep(heard).await {
                        break;
                    }
                }
            } else {
                sleep(Duration::from_millis(20)).await;
            }
            self.at = (self.at + 1) % self.places.len();
        }
        self.record
    }

    async fn open(&mut self, url: &str) -> Option<Open> {
        let (there, room) = (self.who.at(url), self.record.room.clone());
        match self.way {
            Way::Sse => there.try_follow(&room, &self.cursor).await.map(Open::Sse),
            Way::Watch => {
                let watch = there.grpc().watch(&room, &self.cursor).await;
                watch.ok().map(|watch| Open::Watch(Box::new(watch)))
            }
            Way::Socket => {
                if self.epoch.is_empty() {
                    let shown =
                        try_send(there.request(reqwest::Method::GET, &format!("/v1/rooms/{room}"))).await.ok()?;
                    shown.body["epoch"].as_str()?.clone_into(&mut self.epoch);
                    self.cursor = format!("{}:0", self.epoch);
                }
                let ticket = there.request(reqwest::Method::POST, &format!("/v1/rooms/{room}/tickets"));
                let ticket = try_send(ticket.json(&json!({ "use": "ws" }))).await.ok()?;
                let mut socket = Socket::try_open(url, &room, ticket.body["ticket"].as_str()?).await?;
                socket.try_tell(json!({ "subscribe": { "from": self.cursor } })).await.then_some(Open::Socket(socket))
            }
        }
    }

    async fn hear(&mut self, open: &mut Open) -> Heard {
        match open {
            Open::Sse(stream) => {
                let Some(sent) = stream.next().await else { return Heard::Ended };
                match (sent.event.as_deref(), sent.id) {
                    (None, Some(cursor)) => event(&sent.data, cursor),
                    (Some("reset"), _) => Heard::Reset,
                    (Some("drain"), _) => Heard::Drain(sent.data["retry_after_ms"].as_i64().expect("a number")),
                    _ => Heard::Other,
                }
            }
            Open::Socket(socket) => match socket.heard().await {
                Err(closed) => self.ended(closed.as_ref()),
                Ok(said) => self.socket_said(&said),
            },
            Open::Watch(watch) => match watch.heard().await {
                Err(Ended::Call(failure)) => {
                    assert!(["", "draining", "unavailable", "log_rewound"].contains(&&*failure.reason), "{failure:?}");
                    Heard::Ended
                }
                Err(Ended::Socket(_)) => unreachable!("it is a call"),
                Ok(said) => watch_said(&said),
            },
        }
    }

    fn socket_said(&self, said: &Value) -> Heard {
        match said {
            _ if said["event"].is_object() => event(&said["event"], format!("{}:{}", self.epoch, said["event"]["seq"])),
            _ if said["reset"].is_object() => Heard::Reset,
            _ if said["drain"].is_object() => Heard::Drain(said["drain"]["retry_after_ms"].as_i64().expect("a number")),
            // Not now: nothing is followed.
            _ if said["reply"]["problem"].is_object() => Heard::Ended,
            _ => Heard::Other,
        }
    }

    fn ended(&self, closed: Option<&(u16, String)>) -> Heard {
        let code = closed.map(|(code, _)| *code);
        assert!(code.is_none_or(|code| code < 4400), "{}: {closed:?}", self.record.room);
        Heard::Ended
    }

    /// Whether the stream may go on.
    async fn keep(&mut self, heard: Heard) -> bool {
        match heard {
            Heard::Event { seq, id, cursor } => {
                self.record.events.push((seq, id));
                self.cursor = cursor;
                self.progress.store(seq, Ordering::Relaxed);
            }
            Heard::Reset => {
                self.record.resets += 1;
                self.record.events.clear();
                self.progress.store(0, Ordering::Relaxed);
                (self.epoch, self.cursor) = (String::new(), "0".to_owned());
                return false;
            }
            Heard::Drain(wait) => {
                self.record.drains.push(wait);
                sleep(Duration::from_millis(u64::try_from(wait).expect("a time"))).await;
                return false;
            }
            Heard::Other => {}
            Heard::Ended => return false,
        }
        true
    }
}

fn event(event: &Value, cursor: String) -> Heard {
    let (seq, id) = (event["seq"].as_i64(), event["id"].as_str());
    Heard::Event { seq: seq.expect("a number"), id: id.unwrap_or_default().to_owned(), cursor }
}

fn watch_said(said: &Value) -> Heard {
    match said {
        _ if said["event"].is_object() => {
            event(&said["event"], said["resume_token"].as_str().unwrap_or_default().into())
        }
        _ if said["reset"].is_object() => Heard::Reset,
        _ if said["drain"].is_object() => Heard::Drain(said["drain"]["retry_after_ms"].as_i64().unwrap_or(0)),
        _ => Heard::Other,
    }
}
