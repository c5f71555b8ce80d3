//! The stored bytes with their hashes, a line for each event.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Serialize;
use synctv_commands::{CloudEvent, LogError, LogQuery};

use super::asked::Form;
use super::head_header;
use crate::state::Http;

/// Events held in memory at once.
const PAGE: usize = 200;

/// An export on its way; it is read from the log as fast as it is taken.
struct Export {
    http: Http,
    query: LogQuery,
    form: Form,
    source: String,
    /// Lines yet to be written, at most.
    left: usize,
}

/// Up to the head of now. One that is cut off ends without an end, so that nobody takes a part for the whole.
pub(super) fn respond(http: &Http, query: LogQuery, form: Form, limit: usize) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson")];
    let (head, log) = (head_header(&query), [("synctv-log-id", http.edge.log.log_id())]);
    let export =
        Export { source: CloudEvent::source(&http.edge.log.log_id()), http: http.clone(), query, form, left: limit };
    let body = stream::try_unfold(export, |export| async { export.next().await });
    (headers, log, head, Body::from_stream(body)).into_response()
}

impl Export {
    /// The next lines. None: everything was written.
    async fn next(mut self) -> Result<Option<(Vec<u8>, Self)>, LogError> {
        let mut lines = Vec::new();
        while lines.is_empty() {
            if self.left == 0 || self.query.after >= self.query.head {
                return Ok(None);
            }
            self.query.limit = self.left.min(PAGE);
            let page = self.http.edge.log.stored(&self.query).await.inspect_err(|error| {
                tracing::warn!(%error, after = self.query.after.0, "export.cut_short");
            })?;
            self.query.after = page.reached;
            self.left -= page.events.len().min(self.left);
            for event in &page.events {
                match self.form {
                    Form::Plain => write(&mut lines, event)?,
                    Form::CloudEvents => write(&mut lines, &CloudEvent::of_stored(&self.source, event)?)?,
                }
            }
        }
        Ok(Some((lines, self)))
    }
}

fn write(lines: &mut Vec<u8>, event: &impl Serialize) -> Result<(), LogError> {
    serde_json::to_writer(&mut *lines, event).map_err(|error| LogError::Corrupt(error.to_string()))?;
    lines.push(b'\n');
    Ok(())
}
