//! What a caller asks and gets.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use synctv_domain::command::Secret;
use synctv_domain::{Actor, Command, CommandId, DisplayName, Expect, Position, Recorded, RoomId, Seq};

/// Who is asking.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Authenticated.
    pub actor: Actor,
    /// The name that a room learns when they join.
    pub display_name: Option<DisplayName>,
    /// The client's address. None: the server itself asks, or it is not known.
    pub address: Option<IpAddr>,
}

/// The version of a room named by `If-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfMatch {
    /// The epoch's name.
    pub epoch: String,
    /// The room's seq.
    pub seq: Seq,
}

/// A command to a room.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks.
    pub caller: Caller,
    /// What is asked.
    pub command: Command,
    /// Chosen by the client; one is made when absent.
    pub key: Option<CommandId>,
    /// Versions of concerns it depends on.
    pub expect: Expect,
    /// Version of the room it depends on.
    pub if_match: Option<IfMatch>,
    /// How long the caller waits for the answer, where that is less than it may take anyway.
    pub within: Option<Duration>,
}

/// The durable answer to a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The room it was for, or that it made.
    pub room: RoomId,
    /// The room's seq after it.
    pub seq: Seq,
    /// Position of its last event; of the room's last event when it changed nothing.
    pub position: Position,
    /// Its events.
    pub events: Arc<[Recorded]>,
    /// It is the answer that an earlier request under the same key got.
    pub repeated: bool,
    /// What is told to the caller alone.
    pub secret: Option<Revealed>,
}

/// A secret that a command made, in the answer to it and nowhere else; JSON `{"token"}` or `{"key"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Revealed {
    /// Of an invite.
    Token(Secret),
    /// To publish a live stream with.
    Key(Secret),
}
