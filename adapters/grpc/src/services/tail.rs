//! The log as it grows.

use std::sync::Arc;

use serde_json::{Value, json};
use synctv_commands::{LogEntry, LogQuery};
use synctv_edge::session::PATIENCE;
use synctv_edge::{AuditTail, Edge, Problem, Seat, Tailed, typed};
use synctv_proto::{Encoded, v1};
use tokio::time::{Instant, timeout};
use tonic::Status;

use crate::deadline::late;
use crate::outlet::{Outgoing, Stream, outlet};
use crate::status::{ending, status};

/// From there on, or, when the reader's cursor is no place in the log, from its head on.
pub(super) fn stream(
    edge: &Arc<Edge>,
    (query, lost): (LogQuery, Option<&'static str>),
    deadline: Option<Instant>,
    seat: Seat,
) -> Stream {
    let (outgoing, stream) = outlet(());
    let reset = lost.map(|reason| reset(&query.epoch.name, query.head.0, reason));
    let (edge, tail) = (Arc::clone(edge), AuditTail::new(edge, query, seat));
    tokio::spawn(async move {
        let last = tokio::select! {
            last = follow(&edge, tail, reset, &outgoing) => last,
            () = outgoing.stalled() => Some((ending(4008, "slow"), true)),
            () = late(deadline) => Some((ending(4009, "deadline"), false)),
            () = outgoing.closed() => None,
        };
        match last {
            Some((last, true)) => outgoing.cut(last),
            Some((last, false)) => outgoing.end(last),
            None => {}
        }
    });
    stream
}

/// Until it ends; with a last word, unless nobody listens any more, and whether what waits is in vain.
async fn follow(edge: &Edge, mut tail: AuditTail, reset: Option<Value>, outgoing: &Outgoing) -> Option<(Status, bool)> {
    let (mut messages, mut last): (Vec<Value>, _) = (reset.into_iter().collect(), None);
    loop {
        for message in messages {
            let message = Encoded(typed::encoded::<v1::LogTailResponse>(&message));
            match timeout(PATIENCE.stall, outgoing.send(message)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) => return Some((ending(4008, "slow"), true)),
            }
        }
        if let Some(last) = last {
            return Some((last, false));
        }
        let told = tail.next().await;
        (messages, last) = said(edge, tail.query(), told);
    }
}

/// What is said of it, and the last word if nothing follows.
fn said(edge: &Edge, query: &LogQuery, told: Tailed) -> (Vec<Value>, Option<Status>) {
    let epoch = &*query.epoch.name;
    let event =
        |entry: &LogEntry| json!({ "event": entry, "resume_token": format!("{epoch}:{}", entry.event.position) });
    match told {
        Tailed::Entries(entries) => (entries.iter().map(event).collect(), None),
        Tailed::Heartbeat => {
            let beat = json!({ "epoch": epoch, "position": query.head, "server_ms": edge.clock.now() });
            // Whoever comes back need not look again where the filter has looked.
            (vec![json!({ "heartbeat": beat, "resume_token": format!("{epoch}:{}", query.after) })], None)
        }
        Tailed::Reset { epoch, position } => {
            (vec![reset(&epoch, position.0, "epoch_changed")], Some(ending(4010, "epoch changed")))
        }
        Tailed::Drain(wait) => (vec![json!({ "drain": { "retry_after_ms": wait } })], Some(ending(4001, "draining"))),
        Tailed::Unread => (Vec::new(), Some(status(&Problem::unread()))),
    }
}

fn reset(epoch: &str, position: i64, reason: &str) -> Value {
    let reset = json!({ "reason": reason, "epoch": epoch, "position": position });
    json!({ "reset": reset, "resume_token": format!("{epoch}:{position}") })
}
