//! What the server says, apart from events.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use synctv_commands::{Ephemeral, Epoch, Reply, Revealed, RoomAt};
use synctv_domain::{Recorded, Seq, ServerMs, Timestamp};

use crate::problem::Problem;

pub(super) fn snapshot(found: &RoomAt) -> Bytes {
    let epoch = &*found.epoch.name;
    text(&json!({ "snapshot": found.room.view(epoch), "epoch": epoch, "seq": found.room.seq() }))
}

pub(super) fn resumed(from: Seq, to: Seq) -> Bytes {
    text(&json!({ "resumed": { "from": from, "to": to } }))
}

pub(super) fn reset(reason: &str, epoch: &Epoch, seq: Seq) -> Bytes {
    text(&json!({ "reset": { "reason": reason, "epoch": &*epoch.name, "seq": seq } }))
}

pub(super) fn done(id: &Value, reply: &Reply) -> Bytes {
    #[derive(Serialize)]
    struct Done<'a> {
        id: &'a Value,
        seq: Seq,
        position: synctv_domain::Position,
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

pub(super) fn refused(id: &Value, problem: &Problem) -> Bytes {
    text(&json!({ "reply": { "id": id, "problem": problem.body() } }))
}

pub(super) fn renewed(id: &Value, expires: i64) -> Bytes {
    text(&json!({ "reply": { "id": id, "expires_at": expiry(expires) } }))
}

/// A token that is about to expire.
pub(super) fn expiring(expires: i64) -> Bytes {
    text(&json!({ "token": { "expires_at": expiry(expires) } }))
}

pub(super) fn clock(t0: &serde_json::Number, t1: ServerMs, t2: ServerMs) -> Bytes {
    text(&json!({ "clock": { "t0": t0, "t1": t1, "t2": t2 } }))
}

pub(super) fn ephemeral(ephemeral: &Ephemeral) -> Bytes {
    [b"{\"ephemeral\":".as_slice(), &ephemeral.json, b"}"].concat().into()
}

pub(super) fn heartbeat(epoch: &str, seq: Seq, now: ServerMs) -> Bytes {
    text(&json!({ "heartbeat": { "epoch": epoch, "seq": seq, "server_ms": now } }))
}

pub(super) fn drain(retry_after_ms: u64) -> Bytes {
    text(&json!({ "drain": { "retry_after_ms": retry_after_ms } }))
}

fn expiry(seconds: i64) -> Timestamp {
    Timestamp(seconds.saturating_mul(1_000_000))
}

fn text(message: &impl Serialize) -> Bytes {
    serde_json::to_vec(message).expect("plain data with string keys").into()
}
