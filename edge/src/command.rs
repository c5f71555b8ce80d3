//! Commands to rooms.

use std::net::IpAddr;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use synctv_commands::{CommandError, Reply, Request, Rooms};
use synctv_domain::{Command, CommandId, CreateRoom, Expect, ParseError, RoomId};

use crate::edge::Edge;
use crate::limits;
use crate::meter::Meter;
use crate::metrics::Commands;
use crate::performed::perform;
use crate::problem::Problem;
use crate::tokens::Identity;

impl Edge {
    /// Gives a room a command, and answers when its events are durable; or answers the events that would be.
    ///
    /// # Errors
    /// A refusal, or a log that could not take it.
    pub async fn command(
        &self,
        (meter, timer): (&Meter, &Commands),
        room: RoomId,
        request: Request,
        validate_only: bool,
    ) -> Result<Reply, Problem> {
        let actor = request.caller.actor.id;
        if validate_only {
            meter.take_of_actor(&limits::COMMANDS, actor).await?;
            return Ok(self.rooms.preview(room, request).await?);
        }
        let admitted = meter.command(actor, room, &request.command).await;
        let who = (actor, request.key.is_some(), matches!(request.command, Command::Join(_)));
        perform((meter, &self.metrics, timer), who, admitted, |wait| order(&self.rooms, room, request, wait)).await
    }

    /// Makes a room; its id is in the reply.
    ///
    /// # Errors
    /// A refusal, or a log that could not take it.
    pub async fn make(
        &self,
        (meter, timer): (&Meter, &Commands),
        (identity, address): (&Identity, Option<IpAddr>),
        room: CreateRoom,
        (key, within): (Option<CommandId>, Option<Duration>),
    ) -> Result<Reply, Problem> {
        let actor = identity.actor.id;
        let admitted = match meter.take_of_actor(&limits::ROOMS, actor).await {
            Ok(()) => meter.take_of_address(&limits::ROOMS_OF_ADDRESS).await,
            limited => limited,
        };
        let (caller, who) = (identity.caller(address), (actor, key.is_some(), false));
        let ask = async |wait| match wait {
            None => self.rooms.create(caller, room, (key, within)).await,
            Some(wait) => {
                let (command, expect) = (Command::Create(room), Expect::default());
                self.rooms.recall(None, Request { caller, command, key, expect, if_match: None, within }, wait).await
            }
        };
        perform((meter, &self.metrics, timer), who, admitted, ask).await
    }
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

/// Reads `{type, expect?, …}`.
///
/// # Errors
/// When it is no command.
pub fn parse(body: Value) -> Result<(Command, Expect), Problem> {
    let Value::Object(mut fields) = body else {
        return Err(Problem::bad_request("invalid_json", "the body has to be an object"));
    };
    let name = match fields.remove("type") {
        Some(Value::String(name)) => name,
        Some(_) => return Err(Problem::bad_request("invalid_field", "type has to be a string")),
        None => return Err(Problem::bad_request("missing_field", "missing field `type`")),
    };
    let expect = match fields.remove("expect") {
        Some(expect @ Value::Object(_)) => typed_of(expect)?,
        Some(_) => return Err(Problem::bad_request("invalid_field", "expect has to be an object")),
        None => Expect::default(),
    };
    Ok((Command::parse(&name, Value::Object(fields))?, expect))
}

/// Reads a typed shape from an object.
///
/// # Errors
/// When it has another shape.
pub fn typed_of<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    if !value.is_object() {
        return Err(Problem::bad_request("invalid_json", "the body has to be an object"));
    }
    serde_json::from_value(value).map_err(|error| ParseError::from(error).into())
}
