//! The log of all rooms, for auditors: as a page, as an export, as a stream.

mod asked;
mod cloud_event;
mod export;
mod tail;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use synctv_commands::{CloudEvent, LogEntry, LogQuery};
use synctv_domain::Position;
use synctv_edge::{Problem, cursor_reset};
use utoipa::ToSchema;

use self::asked::{Asking, Form, Manner};
use crate::docs::names;
use crate::docs::params::LastEventId;
use crate::docs::refusals::{CALLER, LOG, QUERY, refusals};
use crate::extract::Asked;
use crate::operator::Operator;
use crate::problem::Refusal;
use crate::seat::Seated;
use crate::state::Http;

refusals!(
    /// Of reading the log.
    Refused: CALLER, QUERY, LOG, &["forbidden", "invalid_cursor", "invalid_time", "cursor_reset"]
);

/// Read, export or follow the log of all rooms
///
/// What `Accept` names comes, with the filters in any combination:
///
/// - a page. The work for one is bounded: with a filter it may have few events or none and still a `next`, where the
///   next page goes on. As CloudEvents it is a batch, and what is about the page is in the headers;
/// - `application/x-ndjson`, an export up to the head of now: a `StoredEvent` in each line, or a `CloudEvent` with its
///   hash. One that was cut off ends without the end of the transfer;
/// - `text/event-stream`, a stream that goes on as events happen, as described by [/asyncapi.json](/asyncapi.json).
#[utoipa::path(
    get,
    path = "/v1/log",
    operation_id = "read_log",
    tag = "log",
    params(Asking, LastEventId),
    responses(
        (
            status = 200,
            description = "Events in the order of their positions",
            content(
                (Page<'static> = "application/json"),
                (Vec<names::CloudEvent> = "application/cloudevents-batch+json"),
                (String = "application/x-ndjson"),
                (String = "text/event-stream")
            ),
            headers(
                ("Synctv-Head" = String, description = "Of a batch or an export, `<epoch>:<position>`: the log's last event"),
                ("Synctv-Next" = String, description = "Of a batch: the position that the next one goes on behind, if any"),
                ("Synctv-Log-Id" = String, description = "Of an export: the id of the log, where its hashes begin")
            )
        ),
        Refused
    ),
    security(("operator" = []))
)]
pub(crate) async fn read(
    State(http): State<Http>,
    _: Operator,
    Asked(asking): Asked<Asking>,
    mut parts: Parts,
) -> Result<Response, Refusal> {
    let manner = Manner::of(&parts.headers);
    let (wanted, form) = (asking.wanted(&parts.headers, manner), asking.form());
    let (query, lost) = http.edge.log_query(&wanted, asking.limit()).await?;
    match (manner, lost) {
        (Manner::Stream, lost) => {
            let Seated(seat) = Seated::from_request_parts(&mut parts, &http).await?;
            Ok(tail::respond(&http, seat, query, form, lost))
        }
        (_, Some(reason)) => Err(cursor_reset(&query, reason).into()),
        (Manner::Export, None) => Ok(export::respond(&http, query, form, asking.export_limit())),
        (Manner::Page, None) => Ok(page(&http, &query, form).await?),
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

#[derive(Serialize, ToSchema)]
#[schema(as = LogPage)]
struct Page<'a> {
    #[schema(value_type = Vec<names::LogEvent>)]
    events: Vec<LogEntry>,
    #[schema(value_type = names::LogHead)]
    head: Head<'a>,
    /// There may be more behind this position.
    #[schema(value_type = Option<names::Position>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Position>,
}

async fn page(http: &Http, query: &LogQuery, form: Form) -> Result<Response, Problem> {
    let page = http.edge.log.entries(query).await?;
    let (next, head) = (page.next(query.head), Head::of(query));
    if form == Form::Plain {
        return Ok(Json(Page { events: page.events, head, next }).into_response());
    }
    // A batch is an array: what is about the page goes into the headers.
    let source = CloudEvent::source(&http.edge.log.log_id());
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
