//! What the server says, apart from events, as JSON.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use synctv_commands::{Reply, Revealed};
use synctv_domain::{Position, Recorded, Seq, Timestamp};
use synctv_edge::session::Told;

/// One message.
pub(super) fn json(told: &Told<'_>) -> Bytes {
    match told {
        Told::Snapshot(found) => {
            let epoch = &*found.epoch.name;
            text(&json!({ "snapshot": found.room.view(epoch), "epoch": epoch, "seq": found.room.seq() }))
        }
        Told::Resumed { from, to, .. } => text(&json!({ "resumed": { "from": from, "to": to } })),
        Told::Reset { reason, epoch, seq } => {
            text(&json!({ "reset": { "reason": reason, "epoch": &*epoch.name, "seq": seq } }))
        }
        Told::Done { id, reply } => done(id, reply),
        Told::Refused { id, problem } => text(&json!({ "reply": { "id": id, "problem": problem.body() } })),
        Told::Renewed { id, expires } => text(&json!({ "reply": { "id": id, "expires_at": expiry(*expires) } })),
        Told::Expiring(expires) => text(&json!({ "token": { "expires_at": expiry(*expires) } })),
        Told::Clock { t0, t1, t2 } => text(&json!({ "clock": { "t0": t0, "t1": t1, "t2": t2 } })),
        Told::Ephemeral(ephemeral) => [b"{\"ephemeral\":".as_slice(), &ephemeral.json, b"}"].concat().into(),
        Told::Heartbeat { epoch, seq, now } => {
            text(&json!({ "heartbeat": { "epoch": epoch, "seq": seq, "server_ms": now } }))
        }
        Told::Drain(retry_after_ms) => text(&json!({ "drain": { "retry_after_ms": retry_after_ms } })),
    }
}

fn done(id: &Value, reply: &Reply) -> Bytes {
    #[derive(Serialize)]
    struct Done<'a> {
        id: &'a Value,
        seq: Seq,
        position: Position,
        events: &'a [Recorded],
        #[serde(skip_serializing_if = "Option::is_none")]
        secret: Option<&'a Revealed>,
    }
    #[derive(Serialize)]
    struct Wrapped<'a> {
        reply: Done<'a>,
    }
    let Reply { seq, position, .. } = *reply;
    text(&Wrapped { reply: Done { id, seq, position, events: &reply.events, secret: reply.secret.as_ref() } })
}

fn expiry(seconds: i64) -> Timestamp {
    Timestamp(seconds.saturating_mul(1_000_000))
}

fn text(message: &impl Serialize) -> Bytes {
    serde_json::to_vec(message).expect("plain data with string keys").into()
}
