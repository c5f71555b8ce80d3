//! What an auditor asks of the log.

use std::str::FromStr;

use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use synctv_commands::{LogFilter, LogHead, LogQuery};
use synctv_domain::{Position, Seq, Timestamp};

use crate::edge::Edge;
use crate::place::Place;
use crate::problem::Problem;

/// Letters of an event's name, at most.
const NAME: usize = 100;

/// Which events are wanted, as an auditor writes it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogWanted {
    /// What the reader has: `<position>` or `<epoch>:<position>`; nothing unless set.
    pub after: Option<String>,
    /// Only what this actor caused.
    pub actor: Option<String>,
    /// Only what happened in this room.
    pub room: Option<String>,
    /// Only events of this name.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Only what this command caused.
    pub command: Option<String>,
    /// Only what was recorded then or later.
    pub since: Option<String>,
    /// Only what was recorded then or earlier.
    pub until: Option<String>,
}

impl Edge {
    /// What to ask of the log, and why the reader's cursor is no place in it, if it is none: then it begins at the head.
    ///
    /// # Errors
    /// When something that is asked for makes no sense, or the log is not available.
    pub async fn log_query(
        &self,
        wanted: &LogWanted,
        limit: usize,
    ) -> Result<(LogQuery, Option<&'static str>), Problem> {
        let (place, filter) = (wanted.place()?, wanted.filter()?);
        // Also refuses to show what a rewound log may hold.
        let LogHead { epoch, position: head, .. } = self.tail.head().await?;
        let lost = place.lost(&epoch.name, Seq(head.0));
        let after = if lost.is_some() { head } else { Position(place.seq.0) };
        Ok((LogQuery { epoch, after, head, limit, filter }, lost))
    }
}

/// A page cannot begin where the log has no place.
#[must_use]
pub fn cursor_reset(query: &LogQuery, reason: &str) -> Problem {
    let problem = Problem::new(StatusCode::GONE, "cursor_reset", "the cursor is not a place in the log");
    let head = json!({ "epoch": &*query.epoch.name, "position": query.head });
    problem.with("head", head).with("reason", json!(reason))
}

impl LogWanted {
    fn place(&self) -> Result<Place, Problem> {
        let bad = |_| Problem::bad_request("invalid_cursor", "a cursor is <position> or <epoch>:<position>");
        Place::parse(self.after.as_deref().unwrap_or("0")).map_err(bad)
    }

    fn filter(&self) -> Result<LogFilter, Problem> {
        Ok(LogFilter {
            actor: parsed("actor", self.actor.as_deref())?,
            room: parsed("room", self.room.as_deref())?,
            kind: self.kind.clone().map(name).transpose()?,
            command: parsed("command", self.command.as_deref())?,
            since: self.since.as_deref().map(time).transpose()?,
            until: self.until.as_deref().map(time).transpose()?,
        })
    }
}

fn parsed<T: FromStr<Err: std::fmt::Display>>(what: &str, text: Option<&str>) -> Result<Option<T>, Problem> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|error| Problem::bad_request("invalid_query", format!("{what}: {error}")))
}

fn name(name: String) -> Result<String, Problem> {
    let plain = !name.is_empty() && name.len() <= NAME && name.bytes().all(|byte| byte.is_ascii_graphic());
    plain.then_some(name).ok_or_else(|| Problem::bad_request("invalid_query", "type: not the name of an event"))
}

/// RFC 3339. A `+` that was not escaped in an address arrives as a space.
///
/// # Errors
/// When it is no time.
pub fn time(text: &str) -> Result<Timestamp, Problem> {
    Timestamp::parse(&text.replace(' ', "+")).map_err(|error| Problem::bad_request("invalid_time", error.to_string()))
}
