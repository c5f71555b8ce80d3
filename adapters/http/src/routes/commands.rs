//! Commands to a room.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize, Serializer};
use synctv_commands::{Request, Revealed};
use synctv_domain::{Position, Recorded, Seq};
use synctv_edge::parse_command;
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::params::{IdempotencyKey, IfMatch};
use crate::docs::refusals::{APPEND, BODY, CALLER, DECISION, LOG, QUERY, ROOM, refusals};
use crate::extract::{Asked, InRoom, JsonBody, idempotency_key, if_match};
use crate::measure::Meter;
use crate::problem::Refusal;
use crate::state::Http;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct How {
    /// Answers the events that would be, at position 0, and stores nothing.
    #[serde(default)]
    validate_only: bool,
}

refusals!(
    /// Of a command.
    Refused: BODY, CALLER, QUERY, LOG, ROOM, APPEND, DECISION
);

/// Give a room a command
///
/// The answer comes when its events are durable. A command that changes nothing answers without events.
#[utoipa::path(
    post,
    path = "/v1/rooms/{room}/commands",
    operation_id = "execute_command",
    tag = "commands",
    params(InRoom, How, IdempotencyKey, IfMatch),
    request_body = names::Command,
    responses((status = 200, description = "What became of it", body = Answer), Refused),
    security(("bearer" = []))
)]
pub(crate) async fn execute(
    State(http): State<Http>,
    bearer: Bearer,
    meter: Meter,
    InRoom(room): InRoom,
    Asked(how): Asked<How>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Json<Answer>, Refusal> {
    let (command, expect) = parse_command(body)?;
    let (key, if_match) = (idempotency_key(&headers)?, if_match(&headers)?);
    let request = Request { caller: bearer.caller(), command, key, expect, if_match, within: None };
    let counting = (&meter.0, &http.edge.metrics.http_commands);
    let reply = http.edge.command(counting, room, request, how.validate_only).await?;
    Ok(Json(Answer { seq: reply.seq, position: reply.position, events: reply.events, secret: reply.secret }))
}

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = CommandAnswer)]
pub(crate) struct Answer {
    /// The room's last event after it.
    #[schema(value_type = names::Seq)]
    seq: Seq,
    /// Position of its last event; of the room's last event when it changed nothing.
    #[schema(value_type = names::Position)]
    position: Position,
    /// What happened.
    #[schema(value_type = Vec<names::Event>)]
    #[serde(serialize_with = "as_list")]
    events: Arc<[Recorded]>,
    /// What is told to the caller alone, and again to whoever repeats the command.
    #[schema(value_type = Option<names::Revealed>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Revealed>,
}

fn as_list<S: Serializer>(events: &Arc<[Recorded]>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(events.iter())
}
