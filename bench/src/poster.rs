//! The load: chat messages of about a hundred characters, each under a key of its own.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use synctv_commands::{Caller, Request};
use synctv_domain::command::ChatPost;
use synctv_domain::{ChatText, Command, CommandId, Expect};

use crate::cpu;
use crate::drive::{Load, Worker, drive};
use crate::failure::Failure;
use crate::fixture::Home;
use crate::ours::{Node, random_ulid};
use crate::samples::Samples;

/// Posts into one of its homes at a time.
struct Poster {
    rooms: synctv_commands::Rooms,
    homes: Arc<[Home]>,
}

/// A message to post; the key is as scattered as the UUIDs of clients.
pub fn message(home: Home) -> Request {
    let line = format!("{:>100}", random_ulid().to_string().repeat(3));
    Request {
        caller: Caller { actor: home.owner, display_name: None, address: None },
        command: Command::ChatPost(ChatPost {
            text: ChatText::parse(&line[..100]).expect("a hundred printable characters"),
            reply_to: None,
        }),
        key: Some(CommandId::parse(&random_ulid().to_string()).expect("a ULID is printable and short")),
        expect: Expect::default(),
        if_match: None,
        within: None,
    }
}

impl Worker for Poster {
    async fn step(&mut self) -> Result<bool, Failure> {
        let home = self.homes[rand::rng().random_range(0..self.homes.len())];
        self.rooms.execute(home.room, message(home)).await?;
        Ok(true)
    }
}

/// Keeps `in_flight` messages in flight.
pub async fn post(node: &Node, homes: &Arc<[Home]>, in_flight: usize, length: Duration) -> Result<Load, Failure> {
    let poster = || Poster { rooms: node.rooms.clone(), homes: Arc::clone(homes) };
    drive((0..in_flight).map(|_| poster()).collect(), length).await
}

/// The same, with everything about it noted under the name of a cell, and nothing lost.
pub async fn measure(
    cell: &str,
    node: &Node,
    homes: &Arc<[Home]>,
    in_flight: usize,
    length: Duration,
    samples: &mut Samples,
) -> Result<(), Failure> {
    let (before, pids) = (node.head().await?, node.appenders().await?);
    let used = || pids.iter().map(|pid| cpu::of_us(pid)).sum::<f64>();
    let backend = used();
    let load = post(node, homes, in_flight, length).await?;
    let backend = (used() - backend).max(0.0);
    let (events, appends) = node.since(before).await?;
    if u64::try_from(events) != Ok(load.accepted) {
        return Err(Failure::Lost { what: cell.to_owned(), accepted: load.accepted, stored: events });
    }
    samples.load(cell, &load);
    let count = f64::from(u32::try_from(events).unwrap_or(u32::MAX)).max(1.0);
    samples.put(cell, "batch", count / f64::from(u32::try_from(appends).unwrap_or(u32::MAX)).max(1.0));
    samples.put(cell, "backend_cpu", backend / count);
    samples.put(cell, "process_cpu", load.process_cpu_us());
    Ok(())
}
