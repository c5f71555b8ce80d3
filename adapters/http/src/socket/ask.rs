//! What a client says, checked.

use serde::Deserialize;
use serde_json::{Map, Number, Value, json};
use synctv_commands::{IfMatch, PresenceState, Report, Signal};
use synctv_domain::{CommandId, Seq};
use synctv_edge::session::{Ask, Asked, From};
use synctv_edge::{Place, Problem, parse_command, typed};

use crate::shape;

const VERBS: [&str; 7] = ["subscribe", "command", "clock", "presence", "typing", "report", "auth"];

/// Reads a message.
pub(super) fn parse(text: &str) -> Asked {
    let mut fields = match shape::parse(text.as_bytes()) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return Asked { id: Value::Null, ask: Err(invalid("a message is an object")) },
        Err(problem) => return Asked { id: Value::Null, ask: Err(problem) },
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
        "clock" => Ask::Clock { t0: typed::<Clock>(value)?.t0 },
        "presence" => Ask::Tell(Signal::Presence(typed::<Presence>(value)?.state)),
        "typing" => Ask::Tell(Signal::Typing(value.as_bool().ok_or_else(|| invalid("typing is true or false"))?)),
        "report" => Ask::Tell(Signal::Report(typed::<Report>(value)?)),
        _ => Ask::Auth { token: typed::<Auth>(value)?.token },
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
    Ok(match &*typed::<Subscribe>(value)?.from {
        "snapshot" => From::Snapshot,
        "now" => From::Now,
        place => From::At(Place::parse(place)?),
    })
}

fn command(value: Value, fields: &mut Map<String, Value>) -> Result<Ask, Problem> {
    let (command, expect) = parse_command(value)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> (Value, String) {
        let Asked { id, ask } = parse(text);
        let code = ask
            .err()
            .map_or_else(|| "ok".to_owned(), |problem| problem.body()["code"].as_str().unwrap_or("?").to_owned());
        (id, code)
    }

    #[test]
    fn every_message_is_taken_or_refused_with_its_id() {
        for (text, id, wanted) in [
            (r#"{"id":1,"subscribe":{"from":"now"}}"#, json!(1), "ok"),
            (r#"{"id":1,"subscribe":{"from":"01J:7"}}"#, json!(1), "ok"),
            (r#"{"id":"a","clock":{"t0":1.5}}"#, json!("a"), "ok"),
            (r#"{"presence":{"state":"away"}}"#, Value::Null, "ok"),
            (r#"{"typing":true}"#, Value::Null, "ok"),
            (r#"{"report":{"skew_ms":1,"rtt_ms":2,"buffered_ms":3}}"#, Value::Null, "ok"),
            (r#"{"id":2,"command":{"type":"playback.play"},"key":"k"}"#, json!(2), "ok"),
            (r#"{"id":2,"command":{"type":"playback.play"},"if_match":"e:1"}"#, json!(2), "ok"),
            (r#"{"id":3,"subscribe":{"from":"x"}}"#, json!(3), "invalid_cursor"),
            (r#"{"id":3,"command":{"type":"playback.play"},"key":""}"#, json!(3), "invalid_idempotency_key"),
            (r#"{"id":3,"command":{"type":"playback.play"},"if_match":"1"}"#, json!(3), "invalid_if_match"),
            (r#"{"id":3,"command":{"type":"nonsense"}}"#, json!(3), "unknown_command"),
            (r#"{"id":3,"typing":true,"clock":{"t0":1}}"#, json!(3), "invalid_message"),
            (r#"{"id":3,"typing":"yes"}"#, json!(3), "invalid_message"),
            (r#"{"id":3,"typing":true,"key":"k"}"#, json!(3), "unknown_field"),
            (r#"{"id":3,"presence":{"state":"offline"}}"#, json!(3), "invalid_field"),
            (r#"{"id":[],"typing":true}"#, Value::Null, "invalid_message"),
            (r#"{"id":3}"#, json!(3), "invalid_message"),
            ("[]", Value::Null, "invalid_message"),
            ("{", Value::Null, "invalid_json"),
        ] {
            assert_eq!(code(text), (id, wanted.to_owned()), "{text}");
        }
    }
}
