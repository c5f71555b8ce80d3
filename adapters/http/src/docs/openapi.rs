//! The OpenAPI document, put together.

use serde_json::{Value, json};

use super::catalogue::schemas;
use super::refusals::responses;
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
        { "name": "live", "description": "Live streams: publishing and watching." },
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
        "access": {
            "type": "apiKey", "in": "query", "name": "access",
            "description": "For players that send no header: as `GET /v1/rooms/{room}/playback` signed the address.",
        },
        "operator": {
            "type": "http", "scheme": "bearer",
            "description": "The operator's token, which the server writes to `operator.token` in its data directory.",
        },
    });
    let components = document["components"]["schemas"].as_object_mut().expect("routes name shapes");
    components.extend(schemas());
    limited(&mut document);
    document
}

/// Every answer tells what is left of what may be asked, but for those about health; and there may be nothing left.
fn limited(document: &mut Value) {
    document["components"]["headers"] = json!({
        "RateLimit": {
            "description": "What is left: `r` of it now, all of it in `t` seconds. What is used up most comes first.",
            "schema": { "type": "string" },
            "example": "\"commands\";r=199;t=1, \"address\";r=5999;t=1",
        },
        "RateLimit-Policy": {
            "description": "What may be asked: `q` at once, and as many again in `w` seconds.",
            "schema": { "type": "string" },
            "example": "\"commands\";q=200;w=20, \"address\";q=6000;w=60",
        },
    });
    let mut refused = serde_json::to_value(responses(&["rate_limited"])).expect("it is JSON")["429"].take();
    told(&mut refused);
    document["components"]["responses"] = json!({ "RateLimited": refused });
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (_, item) in paths.filter(|(path, _)| !["/livez", "/readyz"].contains(&path.as_str())) {
        for operation in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
            let Some(all) = operation["responses"].as_object_mut() else { continue };
            all.insert("429".to_owned(), json!({ "$ref": "#/components/responses/RateLimited" }));
            all.iter_mut().filter(|(status, _)| status.starts_with('2')).for_each(|(_, response)| told(response));
        }
    }
}

/// The response tells what is left.
fn told(response: &mut Value) {
    for name in ["RateLimit", "RateLimit-Policy"] {
        response["headers"][name] = json!({ "$ref": format!("#/components/headers/{name}") });
    }
}
