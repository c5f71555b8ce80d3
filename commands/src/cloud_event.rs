//! Events as CloudEvents 1.0, structured mode.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use synctv_domain::{Actor, Position, Timestamp};

use crate::audit::{LogEntry, StoredEvent};
use crate::error::LogError;

const VERSION: &str = "1.0";
const JSON: &str = "application/json";

/// An event as others take it.
///
/// Names of our own attributes have only small letters, and their values are texts, as the standard has it.
#[derive(Serialize)]
pub struct CloudEvent<'a> {
    specversion: &'static str,
    id: String,
    source: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    subject: String,
    time: Timestamp,
    datacontenttype: &'static str,
    dataschema: String,
    /// The position, with zeros, so that its order is that of the text.
    sequence: String,
    roomseq: String,
    actorid: String,
    decidedby: String,
    commandid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<&'a str>,
    data: Box<RawValue>,
}

/// Stored beside the payload.
#[derive(Deserialize)]
struct Metadata {
    actor: Actor,
    decided_by: String,
}

impl<'a> CloudEvent<'a> {
    /// Where events of a log come from: with their id, it names them for the whole world.
    #[must_use]
    pub fn source(log_id: &str) -> String {
        format!("urn:synctv:log:{log_id}")
    }

    /// With its personal fields as they are readable.
    ///
    /// # Errors
    /// When it cannot be spelled as JSON.
    pub fn of_entry(source: &'a str, entry: &'a LogEntry) -> Result<Self, LogError> {
        let LogEntry { event, room_id } = entry;
        let (kind, version) = (event.event.name(), event.event.version());
        Ok(Self {
            specversion: VERSION,
            source,
            kind,
            datacontenttype: JSON,
            id: event.id.to_string(),
            subject: room_id.map_or_else(|| "log".to_owned(), |room| room.to_string()),
            time: event.at,
            dataschema: schema(kind, version),
            sequence: sequence(event.position),
            roomseq: event.seq.to_string(),
            actorid: event.actor.id.to_string(),
            decidedby: event.decided_by.clone(),
            commandid: event.command_id.as_str(),
            data: raw(event.event.encode(), event.position)?,
            hash: None,
        })
    }

    /// With the data as it is stored.
    ///
    /// # Errors
    /// When what is stored is no JSON.
    pub fn of_stored(source: &'a str, event: &'a StoredEvent) -> Result<Self, LogError> {
        let metadata: Metadata =
            serde_json::from_str(&event.metadata).map_err(|error| corrupt("metadata", event.position, &error))?;
        Ok(Self {
            specversion: VERSION,
            source,
            kind: &event.kind,
            datacontenttype: JSON,
            id: event.event_id.clone(),
            subject: event.stream_id.clone(),
            time: event.at,
            dataschema: schema(&event.kind, event.version),
            sequence: sequence(event.position),
            roomseq: event.seq.to_string(),
            actorid: metadata.actor.id.to_string(),
            decidedby: metadata.decided_by,
            commandid: &event.command_id,
            data: raw(event.payload.clone(), event.position)?,
            hash: Some(&event.hash),
        })
    }
}

fn schema(kind: &str, version: impl std::fmt::Display) -> String {
    format!("urn:synctv:event:{kind}:{version}")
}

fn sequence(position: Position) -> String {
    format!("{:019}", position.0)
}

fn raw(payload: String, position: Position) -> Result<Box<RawValue>, LogError> {
    RawValue::from_string(payload).map_err(|error| corrupt("payload", position, &error))
}

fn corrupt(what: &str, position: Position, error: &dyn std::fmt::Display) -> LogError {
    LogError::Corrupt(format!("events.{what} at position {position}: {error}"))
}
