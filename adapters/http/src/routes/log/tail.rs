//! The log as it grows, as server-sent events.

use std::fmt::Write;

use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use serde_json::json;
use synctv_commands::{CloudEvent, LogEntry, LogError, LogQuery};
use synctv_edge::{AuditTail, Seat, Tailed};

use super::asked::Form;
use crate::sse::{drain, stream_of};
use crate::state::Http;

/// An auditor's stream.
struct Tail {
    http: Http,
    tail: AuditTail,
    form: Form,
    source: String,
    opening: Option<String>,
}

pub(super) fn respond(http: &Http, seat: Seat, query: LogQuery, form: Form, lost: Option<&'static str>) -> Response {
    let mut opening = "retry: 2000\n\n".to_owned();
    if let Some(reason) = lost {
        opening.push_str(&reset(&query.epoch.name, query.head.0, reason));
    }
    let tail = Tail {
        tail: AuditTail::new(&http.edge, query, seat),
        form,
        source: CloudEvent::source(&http.edge.log.log_id()),
        http: http.clone(),
        opening: Some(opening),
    };
    let body = stream::unfold(Some(tail), |tail| async {
        let (text, tail) = tail?.next().await?;
        Some((text, tail))
    });
    stream_of(body)
}

impl Tail {
    /// The next bytes, and the tail if more may follow.
    async fn next(mut self) -> Option<(Bytes, Option<Self>)> {
        if let Some(opening) = self.opening.take() {
            return Some((opening.into(), Some(self)));
        }
        match self.tail.next().await {
            Tailed::Entries(entries) => match self.events(&entries) {
                Ok(text) => Some((text.into(), Some(self))),
                Err(error) => {
                    tracing::debug!(%error, "tail.unwritten");
                    None
                }
            },
            Tailed::Heartbeat => Some((self.heartbeat().into(), Some(self))),
            Tailed::Reset { epoch, position } => Some((reset(&epoch, position.0, "epoch_changed").into(), None)),
            Tailed::Drain(wait) => Some((drain(wait), None)),
            // The auditor comes back with the last id.
            Tailed::Unread => None,
        }
    }

    fn events(&self, entries: &[LogEntry]) -> Result<String, LogError> {
        let mut text = String::new();
        for entry in entries {
            let (data, epoch) = (self.data(entry)?, &self.tail.query().epoch.name);
            let _ = write!(text, "id: {epoch}:{}\ndata: {data}\n\n", entry.event.position);
        }
        Ok(text)
    }

    fn data(&self, entry: &LogEntry) -> Result<String, LogError> {
        let encoded = match self.form {
            Form::Plain => serde_json::to_string(entry),
            Form::CloudEvents => serde_json::to_string(&CloudEvent::of_entry(&self.source, entry)?),
        };
        encoded.map_err(|error| LogError::Corrupt(error.to_string()))
    }

    /// Carries the head, and as its id how far the filter has looked: whoever comes back need not look there again.
    fn heartbeat(&self) -> String {
        let query = self.tail.query();
        let epoch = &*query.epoch.name;
        let data = json!({ "epoch": epoch, "position": query.head, "server_ms": self.http.edge.clock.now() });
        format!("id: {epoch}:{}\nevent: heartbeat\ndata: {data}\n\n", query.after)
    }
}

fn reset(epoch: &str, position: i64, reason: &str) -> String {
    let data = json!({ "reason": reason, "epoch": epoch, "position": position });
    format!("id: {epoch}:{position}\nevent: reset\ndata: {data}\n\n")
}
