//! What a call can be refused with: every code, its status and its meaning.

use std::collections::BTreeMap;

use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder, Schema};

/// A code, its status, and when it is given.
pub(super) type Refusal = (&'static str, u16, &'static str);

pub(super) const REFUSALS: &[Refusal] = &[
    ("invalid_json", 400, "the body is not a JSON object"),
    ("duplicate_field", 400, "the body names a field twice"),
    ("invalid_text", 400, "a text holds U+0000"),
    ("incomplete_body", 400, "the body ended early"),
    ("missing_field", 400, "a required field is absent"),
    ("unknown_field", 400, "a field or parameter that does not exist"),
    ("invalid_field", 400, "a field has a value that it cannot have"),
    ("unknown_command", 400, "no command has this type"),
    ("invalid_query", 400, "a parameter has a value that it cannot have"),
    ("invalid_cursor", 400, "the cursor or page token has another form, or names what is gone"),
    ("invalid_time", 400, "the time is not RFC 3339 of the years 1970 to 9999"),
    ("invalid_idempotency_key", 400, "not one value of 1 to 255 printable ASCII characters"),
    ("invalid_if_match", 400, "not one strong tag"),
    ("unsupported_protocol", 400, "the socket's client speaks other protocols only"),
    ("invalid_message", 400, "a message of the socket is none of those that `verbs` begin"),
    ("another_actor", 400, "the new token is somebody else's"),
    ("invalid_deadline", 400, "a ready check ends within ten minutes"),
    ("invalid_expiry", 400, "expires_at is over already, or too far away"),
    ("password_required", 400, "the join rule password needs a password, and goes with no other rule"),
    ("display_name_required", 400, "the caller has no display name"),
    ("unauthenticated", 401, "no token"),
    ("invalid_token", 401, "the token is not valid here"),
    ("token_expired", 401, "the token has expired"),
    ("ticket_used", 401, "a socket was opened with this ticket already"),
    ("not_a_member", 403, "the caller is not a member of the room"),
    ("forbidden", 403, "the caller lacks a right"),
    ("origin_not_allowed", 403, "pages of this origin may not open sockets"),
    ("join_refused", 403, "the join rule does not let the caller in without a password or an invite"),
    ("wrong_password", 403, "the room has another password"),
    ("invalid_invite", 403, "the invite is not for this room, revoked, used up, over, or void"),
    ("banned", 403, "the caller is banned from the room"),
    ("cooldown", 403, "the caller was removed or rejected a moment ago"),
    ("erased", 403, "somebody who was erased cannot appear in new events"),
    ("room_not_found", 404, "no such room"),
    ("no_such_version", 404, "the room never was at that version"),
    ("item_not_found", 404, "no such item"),
    ("member_not_found", 404, "no such member"),
    ("message_not_found", 404, "no such message, or one too old to be changed"),
    ("invite_not_found", 404, "no such invite that could still be used"),
    ("knock_not_found", 404, "nobody of that id waits to be let in"),
    ("live_key_not_found", 404, "no such key of live streams that is still good"),
    ("projection_not_found", 404, "no read model has this name"),
    ("rebuild_not_found", 404, "it was never rebuilt; or, to cancel, no rebuild is under way"),
    ("not_live", 404, "nobody publishes in the room, or there is nothing to play yet"),
    ("not_found", 404, "nothing is at this address"),
    ("method_not_allowed", 405, "the address has other methods"),
    ("request_timeout", 408, "the body did not arrive in time"),
    ("room_closed", 409, "the room takes no commands"),
    ("room_exists", 409, "the room exists already"),
    ("rebuild_running", 409, "the read model is being rebuilt"),
    ("stale_item", 409, "another item is current"),
    ("stale_version", 409, "the concern has changed"),
    ("no_transfer", 409, "the room was not offered to the caller"),
    ("password_changed", 409, "the password was changed while it was checked"),
    ("nothing_to_play", 409, "there is no item"),
    ("no_ready_check", 409, "no ready check is under way"),
    ("limit_reached", 409, "there are as many as there may be"),
    ("already_live", 409, "somebody publishes in the room with another key"),
    ("owner_cannot_leave", 409, "the owner cannot leave"),
    ("cursor_reset", 410, "the cursor is no place in this log: go on from `head`"),
    ("precondition_failed", 412, "the room is at another version than If-Match names"),
    ("body_too_large", 413, "the body has more than 65536 bytes"),
    ("uri_too_long", 414, "the target has more than 8192 bytes"),
    ("unsupported_media_type", 415, "the body is not application/json"),
    ("idempotency_mismatch", 422, "the key was used with another command"),
    ("websocket_required", 426, "this is not the request of a WebSocket client"),
    ("precondition_required", 428, "the command needs `expect` or If-Match"),
    ("rate_limited", 429, "more than may be asked at once: `limit` says of what, `retry_after_ms` when there is more"),
    ("internal", 500, "a fault of the server"),
    ("unavailable", 503, "the log cannot be used now; nothing was stored"),
    ("log_rewound", 503, "the log was restored from a backup and is not declared so"),
    ("deadline_exceeded", 503, "not taken up in time; nothing was stored"),
    ("outcome_unknown", 503, "not known yet: repeat it under the same key"),
    ("behind", 503, "the list has not reached min_position"),
    ("live_elsewhere", 503, "another node has the live stream: watch it there, or over HLS"),
    ("segments_unavailable", 503, "what is kept of live streams cannot be read now"),
    ("too_many_connections", 503, "the server holds as many sockets as it can"),
    ("draining", 503, "the server is about to stop"),
];

pub(crate) const BODY: &[&str] = &[
    "invalid_json",
    "duplicate_field",
    "invalid_text",
    "incomplete_body",
    "missing_field",
    "unknown_field",
    "invalid_field",
    "request_timeout",
    "body_too_large",
    "unsupported_media_type",
];
pub(crate) const CALLER: &[&str] = &["unauthenticated", "invalid_token", "token_expired"];
pub(crate) const QUERY: &[&str] = &["invalid_query", "unknown_field"];
pub(crate) const LOG: &[&str] = &["unavailable", "log_rewound", "internal"];
pub(crate) const ROOM: &[&str] = &["room_not_found", "not_a_member"];
/// Of a page of a read model.
pub(crate) const PAGE: &[&str] = &["invalid_cursor", "behind"];
/// Of everything that appends.
pub(crate) const APPEND: &[&str] = &[
    "invalid_idempotency_key",
    "idempotency_mismatch",
    "display_name_required",
    "erased",
    "deadline_exceeded",
    "outcome_unknown",
];
/// Of the domain, and of what is named as a condition.
pub(crate) const DECISION: &[&str] = &[
    "unknown_command",
    "invalid_if_match",
    "forbidden",
    "join_refused",
    "wrong_password",
    "invalid_invite",
    "banned",
    "cooldown",
    "invite_not_found",
    "knock_not_found",
    "live_key_not_found",
    "already_live",
    "no_transfer",
    "password_changed",
    "password_required",
    "invalid_expiry",
    "item_not_found",
    "member_not_found",
    "message_not_found",
    "room_closed",
    "stale_item",
    "stale_version",
    "nothing_to_play",
    "no_ready_check",
    "invalid_deadline",
    "limit_reached",
    "owner_cannot_leave",
    "precondition_failed",
    "precondition_required",
    "rate_limited",
];

/// Of what a client says over a socket.
pub(super) const SPOKEN: &[&[&str]] = &[
    &["invalid_message", "another_actor"],
    &["invalid_json", "duplicate_field", "invalid_text", "missing_field", "unknown_field", "invalid_field"],
    &["invalid_cursor", "invalid_token", "token_expired", "room_not_found", "not_a_member"],
    LOG,
    APPEND,
    DECISION,
];

/// Names what a route is refused with, for its `responses(…)`.
macro_rules! refusals {
    ($(#[$doc:meta])* $name:ident: $($group:expr),+) => {
        $(#[$doc])*
        pub(crate) enum $name {}

        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<
                String,
                utoipa::openapi::RefOr<utoipa::openapi::Response>,
            > {
                $crate::docs::refusals::responses(&[$(&$group[..]),+].concat())
            }
        }
    };
}
pub(crate) use refusals;

/// Of what can be asked for with If-None-Match.
pub(crate) enum Unchanged {}

impl utoipa::IntoResponses for Unchanged {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let response = ResponseBuilder::new().description("It is what If-None-Match names");
        BTreeMap::from([("304".to_owned(), response.build().into())])
    }
}

/// One response for each status among these codes.
pub(crate) fn responses(codes: &[&str]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<&Refusal>> = BTreeMap::new();
    for refusal in REFUSALS.iter().filter(|(code, ..)| codes.contains(code)) {
        by_status.entry(refusal.1).or_default().push(refusal);
    }
    by_status.into_iter().map(|(status, refusals)| (status.to_string(), response(status, &refusals).into())).collect()
}

fn response(status: u16, refusals: &[&Refusal]) -> Response {
    let meanings: Vec<_> = refusals.iter().map(|(code, _, about)| format!("`{code}`: {about}")).collect();
    let codes =
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(refusals.iter().map(|refusal| refusal.0)));
    let statuses = ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([status]));
    let narrowed = ObjectBuilder::new().property("code", codes).property("status", statuses);
    let schema = AllOfBuilder::new().item(Ref::from_schema_name("Problem")).item(narrowed);
    let content = ContentBuilder::new().schema(Some(Schema::from(schema.build()))).build();
    let response = ResponseBuilder::new().description(meanings.join("; ")).content("application/problem+json", content);
    let header = |about: &str, kind: Type| {
        HeaderBuilder::new().description(Some(about)).schema(Some(ObjectBuilder::new().schema_type(kind))).build()
    };
    match status {
        426 => response.header("Upgrade", header("`websocket`", Type::String)).build(),
        401 => response.header("WWW-Authenticate", header("`Bearer`", Type::String)).build(),
        429 => response.header("Retry-After", header("When to try again, s", Type::Integer)).build(),
        503 => {
            response.header("Retry-After", header("When to try again, s; not with `draining`", Type::Integer)).build()
        }
        _ => response.build(),
    }
}
