//! Instants: RFC 3339 with µs and `Z`, such as `2026-06-01T20:15:00.000000Z`.

use prost_types::Timestamp;

pub(super) fn text(instant: Timestamp) -> String {
    let Timestamp { seconds, nanos } = instant;
    let whole = Timestamp { seconds, nanos: 0 }.to_string();
    format!("{}.{:06}Z", whole.trim_end_matches('Z'), nanos / 1000)
}

pub(super) fn parse(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
