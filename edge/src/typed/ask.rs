//! What a client asks.

use bytes::Bytes;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use synctv_commands::IfMatch;
use synctv_domain::{Command, CommandId, Expect, Seq};
use synctv_proto::json::to_json;
use synctv_proto::strict::decode;
use synctv_proto::v1;

use crate::command;
use crate::place::Place;
use crate::problem::Problem;
use crate::session::{Ask, Asked, From, read};

/// What a message of a session asks.
fn asked(message: &v1::SessionRequest) -> Asked {
    let ask = match &message.ask {
        Some(v1::session_request::Ask::Subscribe(subscribe)) => begin(subscribe.from.as_ref()).map(Ask::Subscribe),
        Some(v1::session_request::Ask::Command(order)) => self::order(order),
        // The same in JSON.
        _ => return Asked { id: message.id.into(), ..read(to_json(message)) },
    };
    Asked { id: message.id.into(), ask }
}

fn order(order: &v1::Order) -> Result<Ask, Problem> {
    let (command, expect) = whole(order.command.as_ref(), order.expect.as_ref())?;
    let bad = |_| Problem::bad_request("invalid_idempotency_key", "key is 1 to 255 printable ASCII characters");
    let key = order.key.as_deref().map(CommandId::parse).transpose().map_err(bad)?;
    let if_match = order.if_match.as_ref().map(version).transpose()?;
    Ok(Ask::Command { command: Box::new(command), expect, key, if_match })
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
    Ok(match from.and_then(|from| from.from.as_ref()) {
        None | Some(v1::from::From::Snapshot(())) => From::Snapshot,
        Some(v1::from::From::Now(())) => From::Now,
        Some(v1::from::From::ResumeToken(token)) => From::At(Place::parse(token)?),
    })
}

/// A command, and what it depends on.
///
/// # Errors
/// When it is none.
pub fn command(message: &v1::RoomsCommandRequest) -> Result<(Command, Expect, Option<IfMatch>), Problem> {
    let (command, expect) = whole(message.command.as_ref(), message.expect.as_ref())?;
    Ok((command, expect, message.if_match.as_ref().map(version).transpose()?))
}

fn version(at: &v1::Cursor) -> Result<IfMatch, Problem> {
    if at.epoch.is_empty() || at.seq < 0 {
        return Err(Problem::bad_request("invalid_if_match", "if_match has an epoch and a seq"));
    }
    Ok(IfMatch { epoch: at.epoch.clone(), seq: Seq(at.seq) })
}

/// By the JSON that means the same: `{type, expect?, …}`.
fn whole(command: Option<&v1::Command>, expect: Option<&v1::Expect>) -> Result<(Command, Expect), Problem> {
    let missing = || Problem::bad_request("missing_field", "missing field `command`");
    let mut body = command.filter(|command| command.command.is_some()).map(to_json).ok_or_else(missing)?;
    if let Some(expect) = expect {
        body["expect"] = to_json(expect);
    }
    command::parse(body)
}
