//! The AsyncAPI document.

use serde_json::{Map, Value, json};

use super::catalogue::{example, schemas, spoken};
use super::refusals::{REFUSALS, SPOKEN};
use super::shape::reference;
use super::socket::{ASKED, CLOSED, LOGGED, Message, STREAMED, TOLD};

const ABOUT: &str = "Events of a room as they happen: over a socket, and as server-sent events. Both begin behind the \
    cursor that the client names, go on without a hole, and need membership. Operators and auditors follow the log of \
    all rooms. Calls are described by [/openapi.json](/openapi.json).";

pub(super) fn document() -> Value {
    let mut shapes = schemas();
    shapes.extend(spoken());
    for (choice, field) in [("Command", "type"), ("Event", "type"), ("Ephemeral", "kind")] {
        // AsyncAPI knows the property alone.
        shapes[choice]["discriminator"] = field.into();
    }
    let mut messages = Map::new();
    for (asked, told) in [(ASKED, "client"), (TOLD, "server")] {
        messages.extend(asked.iter().map(|(name, payload, about)| {
            let message = json!({
                "name": name, "summary": about, "contentType": "application/json", "payload": reference(payload),
                "tags": [{ "name": told }],
                "examples": [{ "payload": example(payload) }],
            });
            ((*name).to_owned(), message)
        }));
    }
    messages["refused"]["description"] = refused().into();
    messages.extend(STREAMED.iter().map(|message| streamed("stream.", "<epoch>:<seq>", message)));
    messages.extend(LOGGED.iter().map(|message| streamed("log.", "<epoch>:<position>", message)));
    json!({
        "asyncapi": "3.0.0",
        "info": { "title": "SyncTV", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT },
        "defaultContentType": "application/json",
        "servers": {
            "socket": { "host": "127.0.0.1:8080", "protocol": "ws", "description": "wss behind TLS." },
            "stream": { "host": "127.0.0.1:8080", "protocol": "http", "description": "https behind TLS." },
        },
        "channels": { "socket": socket(), "stream": stream(), "log": log() },
        "operations": {
            "ask": operation("receive", "socket", "What a client may send.", ASKED, ""),
            "tell": operation("send", "socket", "What the server sends.", TOLD, ""),
            "stream": operation("send", "stream", "What a stream holds.", STREAMED, "stream."),
            "log": operation("send", "log", "What the stream of the log holds.", LOGGED, "log."),
        },
        "components": { "schemas": shapes, "messages": messages },
    })
}

/// An event of a stream: the fields around its data count as headers.
fn streamed(prefix: &str, place: &str, (name, payload, about): &Message) -> (String, Value) {
    let mut fields = json!({});
    if *name != "message" {
        fields["event"] = json!({ "type": "string", "const": name });
    }
    if *name == "drain" {
        fields["retry"] = json!({ "type": "integer", "description": "When to come back, ms." });
    }
    let heartbeat_of_log = (*name, prefix) == ("heartbeat", "log.");
    if matches!(*name, "message" | "reset") || heartbeat_of_log {
        fields["id"] = json!({ "type": "string", "description": format!("`{place}`, for `Last-Event-ID`.") });
    }
    let message = json!({
        "name": name, "summary": about, "contentType": "application/json", "payload": reference(payload),
        "headers": { "type": "object", "properties": fields },
    });
    (format!("{prefix}{name}"), message)
}

fn room() -> Value {
    json!({ "room": { "description": "The room: `room_…`.", "examples": [example("RoomId")] } })
}

fn messages(prefix: &str, messages: &[Message]) -> Map<String, Value> {
    let reference = |name: &str| json!({ "$ref": format!("#/components/messages/{prefix}{name}") });
    messages.iter().map(|(name, ..)| (format!("{prefix}{name}"), reference(name))).collect()
}

fn socket() -> Value {
    let codes: Map<_, _> = CLOSED.iter().map(|(code, _, about)| (code.to_string(), (*about).into())).collect();
    let listed: String = CLOSED.iter().map(|(code, reason, about)| format!("\n- {code} `{reason}`: {about}")).collect();
    json!({
        "address": "/v1/rooms/{room}/ws",
        "description": format!(
            "One message in each text frame, of 64 KiB at most from the client. Its `id`, if it has one, names it in \
             replies. Close codes: 1000–1015 as in RFC 6455, 4000–4399 reconnect and resume, 4400–4499 mend first, \
             4500 and above do not come back.\n{listed}"
        ),
        "servers": [{ "$ref": "#/servers/socket" }],
        "parameters": room(),
        "messages": messages("", &[ASKED, TOLD].concat()),
        "bindings": { "ws": {
            "method": "GET",
            "query": {
                "type": "object",
                "properties": { "ticket": {
                    "type": "string", "description": "Opens one socket within 30 s: of `POST /v1/rooms/{room}/tickets` with `use: ws`.",
                } },
            },
            "headers": {
                "type": "object",
                "properties": { "Sec-WebSocket-Protocol": {
                    "type": "string", "enum": ["synctv.v1+json", "synctv.v1+proto"],
                    "description": "With the second the same is said in binary messages of `proto/synctv/v1/session.proto`.",
                } },
            },
            "bindingVersion": "0.1.0",
        } },
        "x-close-codes": codes,
    })
}

fn stream() -> Value {
    json!({
        "address": "/v1/rooms/{room}/events",
        "description": "With `Accept: text/event-stream`; `after` or `Last-Event-ID` names the cursor.",
        "servers": [{ "$ref": "#/servers/stream" }],
        "parameters": room(),
        "messages": messages("stream.", STREAMED),
    })
}

fn log() -> Value {
    json!({
        "address": "/v1/log",
        "description": "With `Accept: text/event-stream` and the operator's token; `after` or `Last-Event-ID` names the \
            cursor, and the filters are those of the call.",
        "servers": [{ "$ref": "#/servers/stream" }],
        "messages": messages("log.", LOGGED),
    })
}

/// Every code that a message can be refused with.
fn refused() -> String {
    let codes = SPOKEN.concat();
    let told = REFUSALS.iter().filter(|(code, ..)| codes.contains(code));
    told.map(|(code, _, about)| format!("- `{code}`: {about}\n")).collect()
}

fn operation(action: &str, channel: &str, about: &str, list: &[Message], prefix: &str) -> Value {
    let listed: Vec<_> = list
        .iter()
        .map(|(name, ..)| json!({ "$ref": format!("#/channels/{channel}/messages/{prefix}{name}") }))
        .collect();
    json!({
        "action": action, "summary": about,
        "channel": { "$ref": format!("#/channels/{channel}") },
        "messages": listed,
    })
}
