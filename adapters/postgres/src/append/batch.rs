//! A batch as the arrays that `append` takes.

use synctv_commands::{Appended, Epoch};
use synctv_domain::{Position, Timestamp};

use super::encode::{Encoded, STREAM_TYPE};

/// Caps of one batch.
const EVENTS: usize = 512;
const COMMANDS: usize = 1024;
const BYTES: usize = 1 << 20;

/// How much is in a batch.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    events: usize,
    commands: usize,
    bytes: usize,
}

impl Size {
    fn of(encoded: &Encoded) -> Self {
        let rows = || encoded.commands.iter().flat_map(|command| &command.events);
        Self {
            events: rows().count(),
            commands: encoded.commands.len(),
            bytes: rows().map(|row| row.payload.len() + row.metadata.len()).sum(),
        }
    }

    /// Adds an append if it fits.
    pub(super) fn admits(&mut self, encoded: &Encoded) -> bool {
        let more = Self::of(encoded);
        let sum = Self {
            events: self.events + more.events,
            commands: self.commands + more.commands,
            bytes: self.bytes + more.bytes,
        };
        let fits = sum.events <= EVENTS && sum.commands <= COMMANDS && sum.bytes <= BYTES;
        if fits {
            *self = sum;
        }
        fits
    }
}

/// Arrays by appends (`a`), commands (`c`) and events (`e`); indexes are 1-based.
#[derive(Default)]
pub(super) struct Appends<'a> {
    pub(super) kind: Vec<&'a str>,
    pub(super) stream: Vec<&'a str>,
    pub(super) expected: Vec<i64>,
    pub(super) head: Vec<i64>,
    pub(super) events: Vec<i32>,
}

#[derive(Default)]
pub(super) struct Commands<'a> {
    pub(super) append: Vec<i32>,
    pub(super) key: Vec<&'a [u8]>,
    pub(super) id: Vec<&'a str>,
    pub(super) fingerprint: Vec<&'a [u8]>,
    pub(super) events: Vec<i32>,
    pub(super) seq: Vec<i64>,
}

#[derive(Default)]
pub(super) struct Events<'a> {
    pub(super) command: Vec<i32>,
    pub(super) seq: Vec<i64>,
    pub(super) id: Vec<&'a str>,
    pub(super) kind: Vec<&'a str>,
    pub(super) version: Vec<i16>,
    pub(super) payload: Vec<&'a str>,
    pub(super) metadata: Vec<&'a str>,
    pub(super) content: Vec<&'a [u8]>,
}

pub(super) struct Batch<'a> {
    pub(super) epoch: Epoch,
    pub(super) position: i64,
    pub(super) hash: Vec<u8>,
    pub(super) appends: Appends<'a>,
    pub(super) commands: Commands<'a>,
    pub(super) events: Events<'a>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(encoded: impl Iterator<Item = &'a Encoded>, epoch: Epoch, position: i64, hash: Vec<u8>) -> Self {
        let (appends, commands, events) = <(Appends, Commands, Events)>::default();
        let mut batch = Self { epoch, position, hash, appends, commands, events };
        for append in encoded {
            batch.add(append);
        }
        batch
    }

    /// One append of one command with one event: what a quiet server stores.
    pub(super) fn is_single(&self) -> bool {
        self.appends.stream.len() == 1 && self.commands.id.len() == 1 && self.events.id.len() == 1
    }

    fn add(&mut self, append: &'a Encoded) {
        let (appends, commands, events) = (&mut self.appends, &mut self.commands, &mut self.events);
        appends.kind.push(STREAM_TYPE);
        appends.stream.push(&append.stream);
        appends.expected.push(append.expected);
        appends.head.push(append.head);
        appends.events.push(index(append.commands.iter().map(|command| command.events.len()).sum()));
        for command in &append.commands {
            commands.append.push(index(appends.stream.len()));
            commands.key.push(&command.key);
            commands.id.push(&command.id);
            commands.fingerprint.push(&command.fingerprint);
            commands.events.push(index(command.events.len()));
            commands.seq.push(command.seq);
            for row in &command.events {
                events.command.push(index(commands.id.len()));
                events.seq.push(row.seq);
                events.id.push(&row.id);
                events.kind.push(row.kind);
                events.version.push(row.version);
                events.payload.push(&row.payload);
                events.metadata.push(&row.metadata);
                events.content.push(&row.content);
            }
        }
    }

    /// One result for each append, from what the function returned, and the number of events stored.
    pub(super) fn results(&self, base: i64, at_us: i64, statuses: &[i32]) -> (Vec<Appended>, i64) {
        let mut next = base + 1;
        let appended = statuses.iter().zip(&self.appends.events).map(|(status, events)| match status {
            0 => {
                let first = next;
                next += i64::from(*events);
                Appended::Accepted { first: Position(first), at: Timestamp(at_us) }
            }
            1 => Appended::Moved,
            _ => Appended::Known,
        });
        let appended: Vec<Appended> = appended.collect();
        (appended, next - 1)
    }
}

/// Caps keep every count far below this bound.
fn index(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
