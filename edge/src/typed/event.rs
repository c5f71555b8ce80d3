//! Events on their way to clients: encoded once for all of them.

use bytes::Bytes;
use serde_json::{Value, json};
use synctv_commands::{Coding, Frame, Frames};
use synctv_proto::v1;

use super::bytes;

/// A message with an event; the same bytes are one of a session and one of a watch.
#[must_use]
pub fn event(epoch: &str, frame: &Frame) -> Bytes {
    let event: Value = serde_json::from_str(&frame.json).unwrap_or_default();
    let message = json!({ "event": event, "resume_token": format!("{epoch}:{}", frame.seq.0) });
    bytes::<v1::SessionResponse>(&message).into()
}

/// Each of them.
pub fn events(frames: &Frames) -> impl Iterator<Item = Bytes> {
    frames.each_encoded(Coding::Message, |bytes, epoch, frame| bytes.extend_from_slice(&event(epoch, frame)))
}
