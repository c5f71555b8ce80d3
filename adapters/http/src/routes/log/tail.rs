//! The log as it grows.

use std::fmt::Write;
use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use serde_json::json;
use synctv_commands::{LogEntry, LogError, LogHead, LogQuery};
use synctv_edge::session::HEARTBEAT;
use synctv_edge::{Open, Seat};
use tokio::time::{Instant, sleep};

use super::asked::Form;
use super::cloud_event::{self, CloudEvent};
use crate::sse::{drain, stream_of};
use crate::state::Http;

/// How often the head is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Events sent at once.
const BURST: usize = 100;

/// An auditor's stream; nothing is read from the log before it can be sent.
struct Tail {
    http: Http,
    /// `after` is how far it has come, `head` how far it can go.
    query: LogQuery,
    form: Form,
    source: String,
    opening: Option<String>,
    spoke: Instant,
    _open: (Open, Seat),
}

pub(super) fn respond(http: &Http, seat: Seat, query: LogQuery, form: Form, lost: Option<&'static str>) -> Response {
    let mut opening = "retry: 2000\n\n".to_owned();
    if let Some(reason) = lost {
        opening.push_str(&reset(&query.epoch.name, query.head.0, reason));
    }
    let tail = Tail {
        query: LogQuery { limit: BURST, ..query },
        form,
        source: cloud_event::source(&*http.edge.log),
        _open: (http.edge.metrics.audit.open(), seat),
        http: http.clone(),
        opening: Some(opening),
        spoke: Instant::now(),
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
        let mut draining = self.http.edge.draining.clone();
        loop {
            let step = tokio::select! {
                step = self.step() => step,
                _ = draining.wait_for(|draining| *draining) => {
                    return Some((drain(self.http.edge.ids.entropy()), None));
                }
            };
            let text = match step {
                Ok(text) if text.is_empty() && self.spoke.elapsed() >= HEARTBEAT => self.heartbeat(),
                Ok(text) => text,
                Err(LogError::EpochChanged) => {
                    let LogHead { epoch, position, .. } = self.http.edge.tail.head().await.ok()?;
                    return Some((reset(&epoch.name, position.0, "epoch_changed").into(), None));
                }
                // The auditor comes back with the last id.
                Err(error) => {
                    tracing::debug!(%error, "tail.unread");
                    return None;
                }
            };
            if !text.is_empty() {
                self.spoke = Instant::now();
                return Some((text.into(), Some(self)));
            }
        }
    }

    /// Looks once at what is next, or waits a moment for there to be something.
    async fn step(&mut self) -> Result<String, LogError> {
        if self.query.after >= self.query.head {
            sleep(LOOK_EVERY).await;
            let head = self.http.edge.tail.head().await?;
            if head.epoch != self.query.epoch {
                return Err(LogError::EpochChanged);
            }
            self.query.head = head.position.max(self.query.head);
            return Ok(String::new());
        }
        let page = self.http.edge.log.entries(&self.query).await?;
        let mut text = String::new();
        for entry in &page.events {
            let data = self.data(entry)?;
            let _ = write!(text, "id: {}:{}\ndata: {data}\n\n", self.query.epoch.name, entry.event.position);
        }
        self.http.edge.metrics.audit.delivered(page.events.len());
        self.query.after = page.reached;
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
        let (epoch, head) = (&*self.query.epoch.name, self.query.head);
        let data = json!({ "epoch": epoch, "position": head, "server_ms": self.http.edge.clock.now() });
        format!("id: {epoch}:{}\nevent: heartbeat\ndata: {data}\n\n", self.query.after)
    }
}

fn reset(epoch: &str, position: i64, reason: &str) -> String {
    let data = json!({ "reason": reason, "epoch": epoch, "position": position });
    format!("id: {epoch}:{position}\nevent: reset\ndata: {data}\n\n")
}
