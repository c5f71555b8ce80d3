//! Those who write and those who follow.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

use super::follower::{Follower, Seen, Whereabouts};
use super::nodes::{NODES, Nodes};
use super::writer::{Acknowledged, Writer};
use crate::delivery::Guest;
use crate::failure::Failure;

/// Between two restarts.
const BETWEEN: Duration = Duration::from_secs(3);
/// For everybody to have everything.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between looks at where everybody is.
const LOOK: Duration = Duration::from_millis(20);

/// What everybody did: what was accepted, what was seen, and how many tries were in vain.
pub type Done = (Vec<Acknowledged>, Vec<Seen>, u64);

pub struct Load {
    pub rooms: Arc<[String]>,
    stop: Arc<AtomicBool>,
    accepted: Arc<AtomicU64>,
    tried_again: Arc<AtomicU64>,
    delivered: Arc<AtomicU64>,
    writers: JoinSet<Result<Vec<Acknowledged>, Failure>>,
    followers: JoinSet<Result<Seen, Failure>>,
    at: Vec<(usize, Arc<Whereabouts>)>,
    ends: Vec<Arc<AtomicI64>>,
}

impl Load {
    /// So many rooms, writers and followers, the same number at each node.
    pub async fn start(nodes: &Nodes, (rooms, writers, followers): (u32, u32, u32)) -> Result<Self, Failure> {
        let ann = Guest::new(&nodes.places.get(0)).await?;
        let (mut made, mut epoch) = (Vec::new(), String::new());
        for _ in 0..rooms {
            let room = ann.room().await?;
            epoch = ann.place(&room).await?.0;
            made.push(room);
        }
        let ends = made.iter().map(|_| Arc::default()).collect();
        let mut load = Self {
            rooms: made.into(),
            stop: Arc::default(),
            accepted: Arc::default(),
            tried_again: Arc::default(),
            delivered: Arc::default(),
            writers: JoinSet::new(),
            followers: JoinSet::new(),
            at: Vec::new(),
            ends,
        };
        for number in 0..followers as usize {
            load.follow(nodes, &ann, (number, &epoch));
        }
        for number in 0..writers as usize {
            load.write(nodes, &ann, number);
        }
        Ok(load)
    }

    fn follow(&mut self, nodes: &Nodes, who: &Guest, (number, epoch): (usize, &str)) {
        let (room, at) = (number % self.rooms.len(), Arc::<Whereabouts>::default());
        let follower = Follower {
            who: who.apart(),
            node: number % NODES,
            room,
            rooms: Arc::clone(&self.rooms),
            epoch: epoch.to_owned(),
            places: nodes.places.clone(),
            at: Arc::clone(&at),
            delivered: Arc::clone(&self.delivered),
            last: Arc::clone(&self.ends[room]),
        };
        self.at.push((room, at));
        self.followers.spawn(follower.run());
    }

    fn write(&mut self, nodes: &Nodes, who: &Guest, number: usize) {
        let writer = Writer {
            who: who.apart(),
            number,
            rooms: Arc::clone(&self.rooms),
            places: nodes.places.clone(),
            stop: Arc::clone(&self.stop),
            accepted: Arc::clone(&self.accepted),
            tried_again: Arc::clone(&self.tried_again),
        };
        self.writers.spawn(writer.run());
    }

    /// Lets it go on for a while.
    pub async fn some_more(&mut self) -> Result<(), Failure> {
        tokio::select! {
            () = tokio::time::sleep(BETWEEN) => Ok(()),
            // Nobody ends before they are told to.
            Some(ended) = self.writers.join_next() => ended?.map(drop),
            Some(ended) = self.followers.join_next() => ended?.map(drop),
        }
    }

    /// How far it is.
    pub fn progress(&self) -> String {
        let (accepted, delivered) = (self.accepted.load(Ordering::Relaxed), self.delivered.load(Ordering::Relaxed));
        let live = self.at.iter().filter(|(_, at)| at.connected.load(Ordering::Relaxed)).count();
        format!("{accepted} commands accepted, {delivered} events delivered, {live} followers connected")
    }

    /// Waits until every follower is connected and has what is stored by now.
    pub async fn settled(&self, database: &str) -> Result<(), Failure> {
        let (heads, began) = (self.heads(database).await?, Instant::now());
        let there = |(room, at): &(usize, Arc<Whereabouts>)| {
            at.connected.load(Ordering::Relaxed) && at.seq.load(Ordering::Relaxed) >= heads[*room]
        };
        while !self.at.iter().all(there) {
            if began.elapsed() > PATIENCE {
                let missing = self.at.iter().filter(|at| !there(at)).count();
                return Err(Failure::Delivery(format!("{missing} followers do not come back")));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    async fn heads(&self, database: &str) -> Result<Vec<i64>, Failure> {
        let (mut connection, mut heads) = (PgConnection::connect(database).await?, Vec::new());
        for room in &*self.rooms {
            let sql = sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM events WHERE stream_id = $1");
            heads.push(sql.bind(room).fetch_one(&mut connection).await?);
        }
        Ok(heads)
    }

    /// Stops the writers, lets the followers see the end, and gives back what they did.
    pub async fn finish(mut self, database: &str) -> Result<Done, Failure> {
        self.stop.store(true, Ordering::Relaxed);
        let (mut acknowledged, mut seen) = (Vec::new(), Vec::new());
        while let Some(done) = self.writers.join_next().await {
            acknowledged.extend(done??);
        }
        self.settled(database).await?;
        for (end, head) in self.ends.iter().zip(self.heads(database).await?) {
            end.store(head, Ordering::Relaxed);
        }
        while let Some(done) = self.followers.join_next().await {
            seen.push(done??);
        }
        Ok((acknowledged, seen, self.tried_again.load(Ordering::Relaxed)))
    }
}
