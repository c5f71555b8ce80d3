//! What the server says, apart from events.

use bytes::Bytes;
use serde_json::{Value, json};
use synctv_commands::RoomAt;
use synctv_domain::Timestamp;
use synctv_proto::v1;

use super::{bytes, problem, value};
use crate::session::Told;

/// One message; the same bytes are one of a session and, where there is one, of a watch.
#[must_use]
pub fn told(told: &Told<'_>) -> Bytes {
    let message = match told {
        Told::Snapshot(RoomAt { epoch, room }) => {
            let view = value(&room.view(&epoch.name));
            json!({ "snapshot": { "room": view }, "resume_token": token(&epoch.name, room.seq().0) })
        }
        Told::Resumed { epoch, from, to } => {
            json!({ "resumed": { "from": from, "to": to }, "resume_token": token(&epoch.name, from.0) })
        }
        Told::Reset { reason, epoch, seq } => {
            let reset = json!({ "reason": reason, "epoch": &*epoch.name, "seq": seq });
            json!({ "reset": reset, "resume_token": token(&epoch.name, seq.0) })
        }
        Told::Done { id, reply } => {
            let (seq, position, secret) = (reply.seq, reply.position, value(&reply.secret));
            let done = json!({ "seq": seq, "position": position, "events": &*reply.events, "secret": secret });
            json!({ "reply": { "id": number(id), "done": done } })
        }
        Told::Refused { id, problem: refused } => {
            let mut reply = json!({ "id": number(id) });
            reply["problem"] = synctv_proto::json::to_json(&problem(refused));
            json!({ "reply": reply })
        }
        Told::Renewed { id, expires } => {
            json!({ "reply": { "id": number(id), "renewed": { "expires_at": expiry(*expires) } } })
        }
        Told::Expiring(expires) => json!({ "token": { "expires_at": expiry(*expires) } }),
        Told::Clock { t0, t1, t2 } => json!({ "clock": { "t0": t0, "t1": t1, "t2": t2 } }),
        Told::Ephemeral(ephemeral) => {
            let ephemeral: Value = serde_json::from_slice(&ephemeral.json).unwrap_or_default();
            json!({ "ephemeral": ephemeral })
        }
        Told::Heartbeat { epoch, seq, now } => {
            // No token: the reader may not have got as far as the head yet.
            json!({ "heartbeat": { "epoch": epoch, "seq": seq, "server_ms": now } })
        }
        Told::Drain(retry_after_ms) => json!({ "drain": { "retry_after_ms": retry_after_ms } }),
    };
    bytes::<v1::SessionResponse>(&message).into()
}

fn token(epoch: &str, seq: i64) -> String {
    format!("{epoch}:{seq}")
}

/// Typed clients give numbers; 0 stands for none.
fn number(id: &Value) -> u64 {
    id.as_u64().unwrap_or_default()
}

fn expiry(seconds: i64) -> Timestamp {
    Timestamp(seconds.saturating_mul(1_000_000))
}
