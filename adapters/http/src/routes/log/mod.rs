//! The log of all rooms, for auditors: as a page, as an export, as a stream.

mod asked;
mod cloud_event;
mod export;
mod tail;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use synctv_commands::{LogEntry, LogHead, LogQuery};
use synctv_domain::Position;

use self::asked::{Asking, Form, Manner};
use self::cloud_event::CloudEvent;
use crate::extract::Asked;
use crate::operator::Operator;
use crate::problem::Problem;
use crate::state::Http;

/// `GET /v1/log?after=&limit=&actor=&room=&type=&since=&until=&format=`
pub(crate) async fn read(
    State(http): State<Http>,
    _: Operator,
    Asked(asking): Asked<Asking>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let manner = Manner::of(&headers);
    let (place, filter, form) = (asking.place(&headers, manner)?, asking.filter()?, asking.form());
    // Also refuses to show what a rewound log may hold.
    let head = http.tail.head().await?;
    let lost = place.lost(&head.epoch.name, head.position);
    let after = if lost.is_some() { head.position } else { place.after };
    let query = LogQuery { epoch: head.epoch.clone(), after, head: head.position, limit: asking.limit(), filter };
    match (manner, lost) {
        (Manner::Stream, lost) => Ok(tail::respond(&http, query, form, lost)),
        (_, Some(reason)) => Err(cursor_reset(&head, reason)),
        (Manner::Export, None) => Ok(export::respond(&http, query, form, asking.export_limit())),
        (Manner::Page, None) => page(&http, &query, form).await,
    }
}

#[derive(Serialize)]
struct Head<'a> {
    epoch: &'a str,
    position: Position,
}

impl<'a> Head<'a> {
    fn of(query: &'a LogQuery) -> Self {
        Self { epoch: &query.epoch.name, position: query.head }
    }
}

#[derive(Serialize)]
struct Page<'a> {
    events: Vec<LogEntry>,
    head: Head<'a>,
    /// There may be more behind this position.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Position>,
}

async fn page(http: &Http, query: &LogQuery, form: Form) -> Result<Response, Problem> {
    let page = http.log.entries(query).await?;
    let (next, head) = (page.next(query.head), Head::of(query));
    if form == Form::Plain {
        return Ok(Json(Page { events: page.events, head, next }).into_response());
    }
    // A batch is an array: what is about the page goes into the headers.
    let source = cloud_event::source(&*http.log);
    let events: Vec<_> =
        page.events.iter().map(|entry| CloudEvent::of_entry(&source, entry)).collect::<Result<_, _>>()?;
    let mut response = (head_header(query), Json(events)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, cloud_event::BATCH);
    if let Some(Position(next)) = next {
        headers.insert("synctv-next", next.into());
    }
    Ok(response)
}

fn head_header(query: &LogQuery) -> [(&'static str, String); 1] {
    [("synctv-head", format!("{}:{}", query.epoch.name, query.head))]
}

fn cursor_reset(head: &LogHead, reason: &str) -> Problem {
    let problem = Problem::new(StatusCode::GONE, "cursor_reset", "the cursor is not a place in the log");
    let head = Head { epoch: &head.epoch.name, position: head.position };
    problem.with("head", json!(head)).with("reason", json!(reason))
}
