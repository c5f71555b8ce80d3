//! The OpenAPI document, put together.

use serde_json::{Value, json};

use super::catalogue::schemas;
use crate::router::described;

const ABOUT: &str = "Watch together: rooms, synchronized playback, chat. Every change of a room is an event in one \
    log; a room's events are numbered 1, 2, 3 … without a hole.\n\n\
    Failures are problem documents (RFC 9457) with a stable `code`. Unknown fields and parameters are refused. \
    The socket and the streams are described by [/asyncapi.json](/asyncapi.json).";

/// What the routes say about themselves, with the shapes that they name.
pub(super) fn document() -> Value {
    let described = described().into_openapi();
    let mut document = serde_json::to_value(described).expect("it is JSON");
    document["info"] = json!({
        "title": "SyncTV",
        "description": ABOUT,
        "version": env!("CARGO_PKG_VERSION"),
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    });
    document["servers"] = json!([{ "url": "/" }]);
    document["tags"] = json!([
        { "name": "people", "description": "Who is calling." },
        { "name": "rooms", "description": "Rooms: making, finding and reading them." },
        { "name": "commands", "description": "What may be asked of a room." },
        { "name": "streams", "description": "Events as they happen." },
        { "name": "log", "description": "The log of all rooms, for operators and auditors." },
        { "name": "projections", "description": "How the read models are kept, for operators." },
        { "name": "server", "description": "Time, health, these documents." },
        { "name": "page", "description": "The page." },
    ]);
    document["components"]["securitySchemes"] = json!({
        "bearer": { "type": "http", "scheme": "bearer", "description": "An access token, of `POST /v1/guests` or `POST /v1/tokens`." },
        "ticket": {
            "type": "apiKey", "in": "query", "name": "ticket",
            "description": "For what cannot send a header: a ticket, of `POST /v1/rooms/{room}/tickets`.",
        },
        "operator": {
            "type": "http", "scheme": "bearer",
            "description": "The operator's token, which the server writes to `operator.token` in its data directory.",
        },
    });
    let components = document["components"]["schemas"].as_object_mut().expect("routes name shapes");
    components.extend(schemas());
    document
}
