//! An append as rows: personal fields sealed, texts final, content hashed.

use serde::Serialize;
use synctv_commands::{Append, Carried, Epoch, Fingerprint, LogError, Seen};
use synctv_domain::{Actor, Position, Seq, Timestamp};

use crate::chain::{Content, Hash};
use crate::command_key::{CommandKey, command_key};
use crate::vault::Vault;

pub(crate) const STREAM_TYPE: &str = "room";

/// Stored beside the payload, as the text that is hashed.
#[derive(Serialize)]
struct Metadata<'a> {
    actor: &'a Actor,
    decided_by: &'a str,
}

pub(crate) struct EventRow {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) version: i16,
    pub(crate) payload: String,
    pub(crate) metadata: String,
    pub(crate) content: Hash,
}

pub(crate) struct CommandRow {
    pub(crate) key: CommandKey,
    pub(crate) id: String,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) seq: i64,
    pub(crate) events: Vec<EventRow>,
}

pub(crate) struct Encoded {
    pub(crate) epoch: Epoch,
    pub(crate) stream: String,
    pub(crate) expected: i64,
    pub(crate) head: i64,
    pub(crate) commands: Vec<CommandRow>,
}

impl Encoded {
    pub(crate) async fn seal(vault: &Vault, append: &Append) -> Result<Self, LogError> {
        let stream = append.room.to_string();
        let mut seq = append.expected.0;
        let mut buffer = Vec::new();
        let mut commands = Vec::with_capacity(append.submissions.len());
        for submission in &append.submissions {
            let metadata = Metadata { actor: &submission.actor, decided_by: &submission.decided_by };
            let metadata = serde_json::to_string(&metadata).map_err(|error| LogError::Corrupt(error.to_string()))?;
            let mut events = Vec::with_capacity(submission.events.len());
            for new in &submission.events {
                seq += 1;
                let mut event = new.event.clone();
                vault.seal(submission.actor.id, &mut |field| event.for_each_personal(field)).await?;
                let mut row = EventRow {
                    seq,
                    id: new.id.to_string(),
                    kind: event.name(),
                    version: i16::try_from(event.version()).unwrap_or(i16::MAX),
                    payload: event.encode(),
                    metadata: metadata.clone(),
                    content: [0; 32],
                };
                row.content = row.hash(&stream, submission.command_id.as_str(), &mut buffer);
                events.push(row);
            }
            commands.push(CommandRow {
                key: command_key(submission.actor.id, &submission.command_id),
                id: submission.command_id.as_str().to_owned(),
                fingerprint: submission.fingerprint,
                seq,
                events,
            });
        }
        Ok(Self { epoch: append.epoch.clone(), stream, expected: append.expected.0, head: append.head.0, commands })
    }
}

impl Encoded {
    /// Its events, stored from `first` on.
    pub(super) fn carried(self, first: Position, at: Timestamp, witness: &Seen) -> impl Iterator<Item = Carried> {
        let stream = self.stream;
        let rows = self.commands.into_iter().flat_map(|command| {
            let id = command.id;
            command.events.into_iter().map(move |row| (id.clone(), row))
        });
        (first.0..).zip(rows).map(move |(position, (command_id, row))| Carried {
            position: Position(position),
            stream: stream.clone(),
            seq: Seq(row.seq),
            id: row.id,
            kind: row.kind.to_owned(),
            version: row.version,
            at: at.0,
            command_id,
            metadata: row.metadata,
            payload: row.payload,
            witness: witness.clone(),
        })
    }
}

impl EventRow {
    fn hash(&self, stream: &str, command_id: &str, buffer: &mut Vec<u8>) -> Hash {
        let content = Content {
            event_id: self.id.as_bytes(),
            stream_type: STREAM_TYPE.as_bytes(),
            stream_id: stream.as_bytes(),
            kind: self.kind.as_bytes(),
            version: self.version,
            payload: self.payload.as_bytes(),
            metadata: self.metadata.as_bytes(),
            command_id: command_id.as_bytes(),
        };
        content.hash(buffer)
    }
}
