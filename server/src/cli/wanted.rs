//! Which events the verbs of auditors are about.

use std::str::FromStr;

use clap::Args;
use synctv_commands::{LogFilter, LogQuery};
use synctv_domain::{ActorId, CommandId, Position, RoomId, Timestamp};
use synctv_postgres::Head;

use super::Failure;

/// Which events.
#[derive(Args, Clone, Debug)]
pub(super) struct Wanted {
    /// Only events behind this position of the log.
    #[arg(long, value_name = "[EPOCH:]POSITION", default_value = "0")]
    after: Place,
    /// Only what this person did: usr_…, gst_… or system.
    #[arg(long, value_name = "ID")]
    actor: Option<ActorId>,
    /// Only events of this room: room_….
    #[arg(long, value_name = "ID")]
    room: Option<RoomId>,
    /// Only events of this name, for example member.kicked.
    #[arg(long = "type", value_name = "NAME")]
    kind: Option<String>,
    /// Only what this command caused: the command_id of an event.
    #[arg(long, value_name = "ID")]
    command: Option<CommandId>,
    /// Only events recorded then or later, for example 2026-01-31T18:00:00Z.
    #[arg(long, value_name = "RFC3339")]
    since: Option<Timestamp>,
    /// Only events recorded then or earlier.
    #[arg(long, value_name = "RFC3339")]
    until: Option<Timestamp>,
}

/// A place in the log.
#[derive(Clone, Debug)]
struct Place {
    epoch: Option<String>,
    position: i64,
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (epoch, position) = match text.rsplit_once(':') {
            Some((epoch, position)) => (Some(epoch.to_owned()), position),
            None => (None, text),
        };
        let position = position.parse().ok().filter(|position| *position >= 0);
        position.map(|position| Self { epoch, position }).ok_or("not a position of the log")
    }
}

impl Wanted {
    /// As a question to the log as it is now.
    pub(super) fn of(&self, head: &Head, limit: usize) -> Result<LogQuery, Failure> {
        let Place { epoch, position } = &self.after;
        if epoch.as_ref().is_some_and(|epoch| **epoch != *head.epoch.name) || *position > head.position.0 {
            let (epoch, position) = (&head.epoch.name, head.position);
            return Err(format!("--after is not a place in this log, which is at {epoch}:{position}").into());
        }
        let filter = LogFilter {
            actor: self.actor,
            room: self.room,
            kind: self.kind.clone(),
            command: self.command.clone(),
            since: self.since,
            until: self.until,
        };
        Ok(LogQuery { epoch: head.epoch.clone(), after: Position(*position), head: head.position, limit, filter })
    }
}
