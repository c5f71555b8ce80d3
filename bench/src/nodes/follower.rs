//! Somebody who follows a room through everything.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use rand::Rng;
use serde::Deserialize;

use super::clients::Clients;
use crate::delivery::{Guest, Socket};
use crate::failure::Failure;

/// After an attempt that failed: as long, at random up to twice as long.
const PAUSE: Duration = Duration::from_millis(250);

/// Who follows, where, and how far they have come.
pub struct Follower {
    pub guest: Guest,
    pub room: String,
    pub epoch: String,
    /// Of the last event seen.
    pub seq: Arc<AtomicI64>,
    pub number: usize,
    pub clients: Arc<Clients>,
}

/// What a socket tells that matters here.
#[derive(Deserialize)]
struct Told {
    event: Option<Placed>,
    resumed: Option<Resumed>,
    drain: Option<Drain>,
}

#[derive(Deserialize)]
struct Placed {
    seq: i64,
}

#[derive(Deserialize)]
struct Resumed {
    to: i64,
}

#[derive(Deserialize)]
struct Drain {
    retry_after_ms: u64,
}

impl Follower {
    /// Until dropped. Ends when an event is missing, doubled or out of order.
    pub async fn run(self) -> Result<(), Failure> {
        let mut node = self.number % self.clients.nodes();
        loop {
            let mut pause = PAUSE.mul_f64(1.0 + rand::rng().random::<f64>());
            match self.subscribe(node).await {
                Ok(mut socket) => {
                    pause = self.follow(&mut socket, node).await?.unwrap_or(pause);
                    self.clients.left(self.number);
                }
                Err(failure) => self.clients.fail(&failure),
            }
            tokio::time::sleep(pause).await;
            // What is in front of the nodes sends people to one of the others.
            node = (node + 1 + usize::from(rand::rng().random::<bool>())) % self.clients.nodes();
        }
    }

    async fn subscribe(&self, node: usize) -> Result<Socket, Failure> {
        let mut socket = self.guest.at(self.clients.host(node)).socket(&self.room).await?;
        let from = format!("{}:{}", self.epoch, self.seq.load(Ordering::Relaxed));
        socket.tell(format!("{{\"subscribe\":{{\"from\":\"{from}\"}}}}")).await?;
        Ok(socket)
    }

    /// To the end of the connection; gives what the server said about when to come back.
    async fn follow(&self, socket: &mut Socket, node: usize) -> Result<Option<Duration>, Failure> {
        let (mut live, mut wait) = (None, None);
        while let Ok(text) = socket.hear().await {
            let told: Told = serde_json::from_str(&text)?;
            let seq = self.seq.load(Ordering::Relaxed);
            if let Some(event) = told.event {
                if event.seq != seq + 1 {
                    let told = format!("{} is followed by {} in {}", seq, event.seq, self.room);
                    return Err(Failure::Delivery(told));
                }
                self.seq.store(event.seq, Ordering::Relaxed);
                self.clients.delivered.fetch_add(1, Ordering::Relaxed);
            } else if let Some(resumed) = told.resumed {
                live = Some(resumed.to);
            } else if let Some(drain) = told.drain {
                wait = Some(Duration::from_millis(drain.retry_after_ms));
            } else if text.starts_with("{\"reset\"") {
                return Err(Failure::Delivery(format!("{} was reset: {text}", self.room)));
            }
            if live.is_some_and(|to| self.seq.load(Ordering::Relaxed) >= to) {
                live = None;
                self.clients.live(self.number, node, Instant::now());
            }
        }
        Ok(wait)
    }
}
