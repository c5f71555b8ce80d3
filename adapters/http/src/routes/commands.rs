//! Commands to a room.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use synctv_commands::{CommandError, Reply, Request, Revealed, Rooms};
use synctv_domain::{Command, Expect, Position, Recorded, RoomId, Seq};
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::params::{IdempotencyKey, IfMatch};
use crate::docs::refusals::{APPEND, BODY, CALLER, DECISION, LOG, QUERY, ROOM, refusals};
use crate::extract::{Asked, InRoom, JsonBody, idempotency_key, if_match};
use crate::limits;
use crate::meter::Meter;
use crate::performed::perform;
use crate::problem::Problem;
use crate::shape;
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
) -> Result<Json<Answer>, Problem> {
    let (command, expect) = command(body)?;
    let (key, if_match) = (idempotency_key(&headers)?, if_match(&headers)?);
    let actor = bearer.0.actor.id;
    let request = Request { caller: bearer.caller(), command, key, expect, if_match };
    let reply = if how.validate_only {
        meter.take_of_actor(&limits::COMMANDS, actor).await?;
        http.rooms.preview(room, request).await?
    } else {
        let admitted = meter.command(actor, room, &request.command).await;
        let counting = (&meter, &*http.metrics, &http.metrics.http_commands);
        let who = (actor, request.key.is_some(), matches!(request.command, Command::Join(_)));
        perform(counting, who, admitted, |wait| order(&http.rooms, room, request, wait)).await?
    };
    Ok(Json(Answer { seq: reply.seq, position: reply.position, events: reply.events, secret: reply.secret }))
}

/// Gives the command; or, to who has to wait, only the answer that it got before.
pub(crate) async fn order(
    rooms: &Rooms,
    room: RoomId,
    request: Request,
    wait: Option<Duration>,
) -> Result<Reply, CommandError> {
    match wait {
        None => rooms.execute(room, request).await,
        Some(wait) => rooms.recall(Some(room), request, wait).await,
    }
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

/// `{type, expect?, …}`
pub(crate) fn command(body: Value) -> Result<(Command, Expect), Problem> {
    let Value::Object(mut fields) = body else {
        return Err(Problem::bad_request("invalid_json", "the body has to be an object"));
    };
    let name = match fields.remove("type") {
        Some(Value::String(name)) => name,
        Some(_) => return Err(Problem::bad_request("invalid_field", "type has to be a string")),
        None => return Err(Problem::bad_request("missing_field", "missing field `type`")),
    };
    let expect = match fields.remove("expect") {
        Some(expect @ Value::Object(_)) => shape::typed(expect)?,
        Some(_) => return Err(Problem::bad_request("invalid_field", "expect has to be an object")),
        None => Expect::default(),
    };
    Ok((Command::parse(&name, Value::Object(fields))?, expect))
}
