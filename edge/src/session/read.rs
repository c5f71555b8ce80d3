//! What a client says, as JSON.

use serde::Deserialize;
use serde_json::{Map, Number, Value, json};
use synctv_commands::{IfMatch, PresenceState, Report, Signal};
use synctv_domain::{CommandId, Seq};

use super::ask::{Ask, Asked, From};
use crate::command::{parse, typed_of};
use crate::place::Place;
use crate::problem::Problem;

const VERBS: [&str; 7] = ["subscribe", "command", "clock", "presence", "typing", "report", "auth"];

/// Reads `{id?, <verb>: …}`.
#[must_use]
pub fn read(message: Value) -> Asked {
    let Value::Object(mut fields) = message else {
        return Asked { id: Value::Null, ask: Err(invalid("a message is an object")) };
    };
    let id = fields.remove("id").unwrap_or_default();
    if !(id.is_null() || id.is_number() || id.as_str().is_some_and(|id| id.len() <= 255)) {
        return Asked { id: Value::Null, ask: Err(invalid("id is a number or a short string")) };
    }
    Asked { id, ask: ask(fields) }
}

fn ask(mut fields: Map<String, Value>) -> Result<Ask, Problem> {
    let mut verbs = VERBS.iter().filter_map(|verb| Some((*verb, fields.remove(*verb)?)));
    let (Some((verb, value)), None) = (verbs.next(), verbs.next()) else {
        return Err(invalid(format!("a message has one of {}", VERBS.join(", "))));
    };
    let ask = match verb {
        "subscribe" => Ask::Subscribe(from(value)?),
        "command" => command(value, &mut fields)?,
        "clock" => Ask::Clock { t0: typed_of::<Clock>(value)?.t0 },
        "presence" => Ask::Tell(Signal::Presence(typed_of::<Presence>(value)?.state)),
        "typing" => Ask::Tell(Signal::Typing(value.as_bool().ok_or_else(|| invalid("typing is true or false"))?)),
        "report" => Ask::Tell(Signal::Report(typed_of::<Report>(value)?)),
        _ => Ask::Auth { token: typed_of::<Auth>(value)?.token },
    };
    match fields.keys().next() {
        Some(field) => Err(Problem::bad_request("unknown_field", format!("unknown field `{field}`"))),
        None => Ok(ask),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscribe {
    from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    t0: Number,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Presence {
    state: PresenceState,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Auth {
    token: String,
}

fn from(value: Value) -> Result<From, Problem> {
    Ok(match &*typed_of::<Subscribe>(value)?.from {
        "snapshot" => From::Snapshot,
        "now" => From::Now,
        place => From::At(Place::parse(place)?),
    })
}

fn command(value: Value, fields: &mut Map<String, Value>) -> Result<Ask, Problem> {
    let (command, expect) = parse(value)?;
    let key = fields.remove("key").map(|key| {
        let key = key.as_str().and_then(|key| CommandId::parse(key).ok());
        key.ok_or_else(|| Problem::bad_request("invalid_idempotency_key", "key is 1 to 255 printable ASCII characters"))
    });
    let if_match = fields.remove("if_match").map(|version| {
        let place = Place::parse(version.as_str().unwrap_or_default()).ok();
        let version = place.and_then(|Place { epoch, seq }| Some(IfMatch { epoch: epoch?, seq: Seq(seq.0) }));
        version.ok_or_else(|| Problem::bad_request("invalid_if_match", "if_match is \"<epoch>:<seq>\""))
    });
    Ok(Ask::Command { command: Box::new(command), expect, key: key.transpose()?, if_match: if_match.transpose()? })
}

fn invalid(detail: impl Into<String>) -> Problem {
    Problem::bad_request("invalid_message", detail).with("verbs", json!(VERBS))
}
