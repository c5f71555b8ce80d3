//! What a client asks.

use bytes::Bytes;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use serde_json::Value;
use synctv_commands::IfMatch;
use synctv_domain::{Command, Expect, Seq};
use synctv_proto::json::to_json;
use synctv_proto::strict::decode;
use synctv_proto::v1;
use synctv_proto::v1::session_request::Ask;

use crate::command;
use crate::place::Place;
use crate::problem::Problem;
use crate::session::{Asked, From, read};

/// What a message of a session asks.
#[must_use]
pub fn asked(message: &v1::SessionRequest) -> Asked {
    let mut json = match &message.ask {
        // Put together below.
        Some(Ask::Subscribe(_) | Ask::Command(_)) => serde_json::json!({}),
        _ => to_json(message),
    };
    json["id"] = message.id.into();
    match &message.ask {
        Some(Ask::Subscribe(subscribe)) => {
            json["subscribe"] = serde_json::json!({ "from": text(subscribe.from.as_ref()) });
        }
        Some(Ask::Command(order)) => {
            if let Err(missing) = whole(order.command.as_ref()) {
                return Asked { id: message.id.into(), ask: Err(missing) };
            }
            let key = order.key.clone().map(Value::from);
            let if_match = order.if_match.as_ref().map(|at| Value::from(format!("{}:{}", at.epoch, at.seq)));
            json["command"] = body(order.command.as_ref(), order.expect.as_ref());
            for (name, value) in [("key", key), ("if_match", if_match)] {
                if let Some(value) = value {
                    json[name] = value;
                }
            }
        }
        _ => {}
    }
    read(json)
}

/// What the bytes of a message of a session ask.
#[must_use]
pub fn parse(message: &Bytes) -> Asked {
    match decode(message.clone()) {
        Ok(message) => asked(&message),
        Err(malformed) => Asked { id: id(message).into(), ask: Err(malformed.into()) },
    }
}

/// The id of a message of which something else is wrong; 0 when that cannot be told.
fn id(mut message: &[u8]) -> u64 {
    let (mut id, mut next) = (0, || {
        let (number, kind) = decode_key(&mut message)?;
        if number == 1 && kind == WireType::Varint {
            return decode_varint(&mut message).map(Some);
        }
        skip_field(kind, number, &mut message, DecodeContext::default()).map(|()| None)
    });
    while let Ok(found) = next() {
        id = found.unwrap_or(id);
    }
    id
}

/// Where a stream begins.
///
/// # Errors
/// When the token is none.
pub fn begin(from: Option<&v1::From>) -> Result<From, Problem> {
    Ok(match &*text(from) {
        "snapshot" => From::Snapshot,
        "now" => From::Now,
        token => From::At(Place::parse(token)?),
    })
}

fn text(from: Option<&v1::From>) -> String {
    match from.and_then(|from| from.from.as_ref()) {
        None | Some(v1::from::From::Snapshot(())) => "snapshot".to_owned(),
        Some(v1::from::From::Now(())) => "now".to_owned(),
        Some(v1::from::From::ResumeToken(token)) => token.clone(),
    }
}

/// A command, and what it depends on.
///
/// # Errors
/// When it is none.
pub fn command(message: &v1::RoomsCommandRequest) -> Result<(Command, Expect, Option<IfMatch>), Problem> {
    whole(message.command.as_ref())?;
    let (command, expect) = command::parse(body(message.command.as_ref(), message.expect.as_ref()))?;
    let if_match = message.if_match.as_ref().map(|at| match &*at.epoch {
        epoch if !epoch.is_empty() && at.seq >= 0 => Ok(IfMatch { epoch: epoch.to_owned(), seq: Seq(at.seq) }),
        _ => Err(Problem::bad_request("invalid_if_match", "if_match has an epoch and a seq")),
    });
    Ok((command, expect, if_match.transpose()?))
}

/// There is something that is asked.
fn whole(command: Option<&v1::Command>) -> Result<(), Problem> {
    let missing = || Problem::bad_request("missing_field", "missing field `command`");
    command.and_then(|command| command.command.as_ref()).map(|_| ()).ok_or_else(missing)
}

/// `{type, expect?, …}`
fn body(command: Option<&v1::Command>, expect: Option<&v1::Expect>) -> Value {
    let mut body = command.map_or_else(|| serde_json::json!({}), to_json);
    if let Some(expect) = expect {
        body["expect"] = to_json(expect);
    }
    body
}
