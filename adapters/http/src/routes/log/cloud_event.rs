//! Events as CloudEvents 1.0, structured mode.

use axum::http::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use synctv_commands::{LogEntry, LogError, LogReader, StoredEvent};
use synctv_domain::{Actor, Position, Timestamp};

/// Of a page.
pub(super) const BATCH: HeaderValue = HeaderValue::from_static("application/cloudevents-batch+json");

const VERSION: &str = "1.0";
const JSON: &str = "application/json";

/// Names of our own attributes have only small letters, and their values are texts, as the standard has it.
#[derive(Serialize)]
pub(super) struct CloudEvent<'a> {
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

/// Where events come from: with their id, it names them for the whole world.
pub(super) fn source(log: &dyn LogReader) -> String {
    format!("urn:synctv:log:{}", log.log_id())
}

impl<'a> CloudEvent<'a> {
    pub(super) fn of_entry(source: &'a str, entry: &'a LogEntry) -> Result<Self, LogError> {
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
    pub(super) fn of_stored(source: &'a str, event: &'a StoredEvent) -> Result<Self, LogError> {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use synctv_domain::Recorded;

    use super::*;
    use crate::docs::tests::{assert_fits, example};

    fn of<T: for<'a> Deserialize<'a>>(name: &str) -> T {
        serde_json::from_value(example(name)).expect("it is an example")
    }

    /// The data is that of another shape.
    fn assert_cloud_event(event: &CloudEvent) {
        let mut event = json!(event);
        assert!(event["data"].is_object(), "{event}");
        event["data"] = json!({});
        assert_fits("CloudEvent", &event);
    }

    #[test]
    fn every_form_of_an_event_is_as_described() {
        let entry = LogEntry { event: of::<Recorded>("Event"), room_id: of("RoomId") };
        assert_eq!(json!(entry), example("LogEvent"));
        assert_cloud_event(&CloudEvent::of_entry("urn:synctv:log:x", &entry).expect("it is whole"));

        let text = |value: Value| value.as_str().expect("a text").to_owned();
        let stored = StoredEvent {
            position: entry.event.position,
            hash: text(example("Hash")),
            previous: None,
            event_id: entry.event.id.to_string(),
            stream_type: "room".to_owned(),
            stream_id: entry.room_id.expect("it happened in a room").to_string(),
            seq: entry.event.seq.0,
            kind: "chat.posted".to_owned(),
            version: 1,
            recorded_at_us: entry.event.at.0,
            at: entry.event.at,
            command_id: "7d0c3c2e".to_owned(),
            payload: "{}".to_owned(),
            metadata: json!({ "actor": entry.event.actor, "decided_by": "role:owner" }).to_string(),
        };
        assert_fits("StoredEvent", &json!(stored));
        assert_cloud_event(&CloudEvent::of_stored("urn:synctv:log:x", &stored).expect("it is whole"));
    }
}
