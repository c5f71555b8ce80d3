//! Batches of CloudEvents.

use axum::http::HeaderValue;

/// Of a page.
pub(super) const BATCH: HeaderValue = HeaderValue::from_static("application/cloudevents-batch+json");

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};
    use synctv_commands::{CloudEvent, LogEntry, StoredEvent};
    use synctv_domain::Recorded;

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
