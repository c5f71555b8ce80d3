//! What was said in a room.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use synctv_domain::{MessageId, RoomId, Seq};
use synctv_edge::Problem;
use synctv_projections::ReadModel;
use synctv_projections::chat_messages::{ChatMessages, Words};
use synctv_projections::read::{ChatPlace, ChatQuery, MessageListing};
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::refusals::{CALLER, LOG, QUERY, ROOM, refusals};
use crate::extract::{Asked, InRoom};
use crate::paging;
use crate::problem::Refusal;
use crate::state::Http;

/// Characters of a query, at most.
const QUERY_CHARS: usize = 200;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Only messages older than this event of the room: the `next_before` of the page before.
    #[param(minimum = 0)]
    before: Option<i64>,
    /// Messages around this one, itself among them; neither with `before` nor with `query`.
    #[param(value_type = Option<names::MessageId>)]
    around: Option<String>,
    /// The most messages to answer; clamped to the bounds.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<i64>,
    /// Only messages with all of these words, in any case and order. A word is a run of letters and digits.
    #[param(max_length = 200)]
    query: Option<String>,
    /// Waits up to 5 s for the read model to hold the event at this position: the `position` of one's own write.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ChatPage)]
pub(crate) struct Page {
    /// In the order in which they were written.
    #[schema(value_type = Vec<names::MessageListing>)]
    messages: Vec<MessageListing>,
    /// The `before` of the page of older ones; null when there are none.
    #[schema(value_type = Option<names::Seq>, required)]
    next_before: Option<Seq>,
}

refusals!(
    /// Of reading what was said.
    Refused: CALLER, QUERY, LOG, ROOM, &["message_not_found", "behind"]
);

/// Read or search what was said in a room
///
/// The newest messages, those before an event, or those around a message.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/chat",
    operation_id = "list_chat",
    tag = "rooms",
    params(InRoom, Wanted),
    responses((status = 200, description = "A page of messages", body = Page), Refused),
    security(("bearer" = []))
)]
pub(crate) async fn list(
    State(http): State<Http>,
    bearer: Bearer,
    InRoom(room): InRoom,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Page>, Refusal> {
    let query = wanted.query(room)?;
    http.edge.rooms.room(room, bearer.0.actor.id).await?;
    http.edge.reached(&[ChatMessages::NAME], wanted.min_position).await?;
    let messages = http.edge.models.chat(&query).await?;
    if messages.is_empty() && matches!(query.place, ChatPlace::Around(_)) {
        let detail = "there is no such message in this room";
        return Err(Problem::new(StatusCode::NOT_FOUND, "message_not_found", detail).into());
    }
    Ok(Json(page(messages, paging::limit(wanted.limit))))
}

impl Wanted {
    /// The page, and the last one before it: whether there is one.
    fn query(&self, room: RoomId) -> Result<ChatQuery, Problem> {
        let limit = paging::limit(self.limit) + 1;
        Ok(ChatQuery { room, place: self.place()?, text: self.text()?.to_owned(), limit })
    }

    fn place(&self) -> Result<ChatPlace, Problem> {
        let alone = self.before.is_none() && self.text()?.is_empty();
        match self.around.as_deref().map(str::parse::<MessageId>) {
            Some(_) if !alone => Err(invalid("around goes neither with before nor with query")),
            Some(Ok(message)) => Ok(ChatPlace::Around(message)),
            Some(Err(_)) => Err(invalid("around: not the id of a message")),
            None if self.before.is_some_and(|before| before < 0) => Err(invalid("before: not the number of an event")),
            None => Ok(ChatPlace::Before(self.before.map(Seq))),
        }
    }

    fn text(&self) -> Result<&str, Problem> {
        let text = self.query.as_deref().unwrap_or_default();
        if text.chars().count() > QUERY_CHARS {
            return Err(invalid("query has at most 200 characters"));
        }
        if !text.is_empty() && Words::of(text).iter().next().is_none() {
            return Err(invalid("query has no word in it"));
        }
        Ok(text)
    }
}

fn invalid(detail: &str) -> Problem {
    Problem::bad_request("invalid_query", detail)
}

/// The newest of these, or those around a message.
fn page(mut messages: Vec<MessageListing>, limit: usize) -> Page {
    let more = messages.len() > limit;
    messages.drain(..messages.len().saturating_sub(limit));
    let next_before = messages.first().filter(|_| more).map(|oldest| oldest.seq);
    Page { messages, next_before }
}
