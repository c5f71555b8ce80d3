//! What was told and what was seen, compared with the log.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::{Connection, PgConnection};

use super::Restart;
use super::follower::Seen;
use super::writer::Acknowledged;
use crate::failure::Failure;

/// The books of a run.
#[derive(serde::Serialize)]
pub struct Ledger {
    /// Commands that were accepted.
    acknowledged: usize,
    /// Those that are in the log once, at the seqs of their answer.
    stored: usize,
    /// Tries that were answered by nobody, or with "not now", and were repeated.
    tried_again: u64,
    followers: usize,
    /// How often followers connected.
    connections: usize,
    /// Events that followers saw, all together.
    seen: usize,
    /// Acknowledged but not stored, or stored but not seen by a follower of the room.
    lost: usize,
    /// Stored or seen more than once.
    doubled: usize,
    /// Seen after a later one, or not what the log has there.
    reordered: usize,
    /// Whether the hashes of the log hold.
    log_verified: bool,
    restarts: Vec<Restart>,
}

type Log = BTreeMap<String, Vec<(i64, String, String)>>;

impl Ledger {
    pub async fn compare(
        database: &str,
        (acknowledged, seen): (&[Acknowledged], &[Seen]),
        (tried_again, restarts, log_verified): (u64, Vec<Restart>, bool),
        rooms: &[String],
    ) -> Result<Self, Failure> {
        let log = read(database).await?;
        let mut ledger = Self {
            acknowledged: acknowledged.len(),
            stored: 0,
            tried_again,
            followers: seen.len(),
            connections: seen.iter().map(|seen| seen.connections).sum(),
            seen: seen.iter().map(|seen| seen.events.len()).sum(),
            lost: 0,
            doubled: 0,
            reordered: 0,
            log_verified,
            restarts,
        };
        ledger.commands(&log, acknowledged, rooms);
        for seen in seen {
            ledger.follower(&log[&rooms[seen.room]], seen);
        }
        Ok(ledger)
    }

    fn commands(&mut self, log: &Log, acknowledged: &[Acknowledged], rooms: &[String]) {
        let mut stored: HashMap<(&str, &str), Vec<i64>> = HashMap::new();
        for (room, events) in log {
            for (seq, _, command) in events {
                stored.entry((room, command)).or_default().push(*seq);
            }
        }
        for Acknowledged { room, key, seqs } in acknowledged {
            match stored.get(&(&*rooms[*room], &**key)) {
                None => self.lost += 1,
                Some(found) if found == seqs => self.stored += 1,
                Some(found) if found.len() > seqs.len() => self.doubled += 1,
                Some(_) => self.reordered += 1,
            }
        }
    }

    fn follower(&mut self, stored: &[(i64, String, String)], seen: &Seen) {
        let told: BTreeSet<(i64, &str)> = seen.events.iter().map(|(seq, id)| (*seq, &**id)).collect();
        let known: BTreeSet<(i64, &str)> = stored.iter().map(|(seq, id, _)| (*seq, &**id)).collect();
        self.lost += known.difference(&told).count();
        self.doubled += seen.events.len() - told.len();
        self.reordered += told.difference(&known).count();
        self.reordered += seen.events.windows(2).filter(|two| two[0].0 > two[1].0).count();
    }

    pub fn is_clean(&self) -> bool {
        self.log_verified
            && self.acknowledged > 0
            && (self.stored, self.lost, self.doubled, self.reordered) == (self.acknowledged, 0, 0, 0)
    }

    /// For people.
    pub fn print(&self) {
        println!();
        println!("  commands    {:>9} acknowledged, {} tries repeated", self.acknowledged, self.tried_again);
        println!("              {:>9} stored once, at the place that was answered", self.stored);
        println!("  followers   {:>9}, {} connections", self.followers, self.connections);
        println!("              {:>9} events seen", self.seen);
        println!("  lost        {:>9}", self.lost);
        println!("  doubled     {:>9}", self.doubled);
        println!("  reordered   {:>9}", self.reordered);
        println!("  the log     {:>9}", if self.log_verified { "is whole" } else { "IS NOT WHOLE" });
        println!();
        println!("  restart     process ended   all followers live   serves again");
        for Restart { node, ended_s, serves_s, all_live_s } in &self.restarts {
            println!("  node {node}      {ended_s:>9.1} s {all_live_s:>18.1} s {serves_s:>12.1} s");
        }
    }
}

/// Seq, id and command of every event of every room.
async fn read(database: &str) -> Result<Log, Failure> {
    let mut connection = PgConnection::connect(database).await?;
    let sql = "SELECT stream_id, seq, event_id, command_id FROM events WHERE stream_type = 'room' ORDER BY position";
    let rows: Vec<(String, i64, String, String)> = sqlx::query_as(sql).fetch_all(&mut connection).await?;
    let mut log = Log::new();
    for (room, seq, id, command) in rows {
        log.entry(room).or_default().push((seq, id, command));
    }
    Ok(log)
}
