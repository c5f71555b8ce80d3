//! What an auditor asks for.

use axum::http::{HeaderMap, header};
use serde::Deserialize;
use synctv_edge::LogWanted;

use crate::docs::names;
use crate::paging;

/// How the answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Page,
    Export,
    Stream,
}

impl Manner {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        match accept {
            _ if accept.contains("text/event-stream") => Self::Stream,
            _ if accept.contains("application/x-ndjson") => Self::Export,
            _ => Self::Page,
        }
    }
}

/// What an event looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    CloudEvents,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    CloudEvents,
}

/// The query.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asking {
    /// What the reader has: `<position>` or `<epoch>:<position>`; nothing unless set.
    #[param(example = "01JZ0000000000000000000006:1234", pattern = "^([^:]+:)?[0-9]+$")]
    after: Option<String>,
    /// The most events of a page, clamped to 1000, 100 unless set; or of an export, everything unless set. A stream has
    /// no end.
    #[param(minimum = 1)]
    limit: Option<i64>,
    /// Only what this actor caused.
    #[param(value_type = Option<names::ActorId>)]
    actor: Option<String>,
    /// Only what happened in this room.
    #[param(value_type = Option<names::RoomId>)]
    room: Option<String>,
    /// Only events of this name.
    #[serde(rename = "type")]
    #[param(example = "chat.posted", pattern = "^[!-~]{1,100}$")]
    kind: Option<String>,
    /// Only what this command caused: the `command_id` of an event.
    #[param(max_length = 255)]
    command: Option<String>,
    /// Only what was recorded then or later.
    #[param(value_type = Option<names::Timestamp>)]
    since: Option<String>,
    /// Only what was recorded then or earlier.
    #[param(value_type = Option<names::Timestamp>)]
    until: Option<String>,
    /// As CloudEvents 1.0 instead of our own shapes.
    #[param(inline)]
    format: Option<Format>,
}

impl Asking {
    /// For a stream, what was last received is newer than what the address says.
    pub(super) fn wanted(&self, headers: &HeaderMap, manner: Manner) -> LogWanted {
        // What is no text is no cursor either.
        let last = headers.get("last-event-id").filter(|_| manner == Manner::Stream);
        let last = last.map(|id| id.to_str().unwrap_or("?")).filter(|id| !id.is_empty());
        LogWanted {
            after: last.or(self.after.as_deref()).map(str::to_owned),
            actor: self.actor.clone(),
            room: self.room.clone(),
            kind: self.kind.clone(),
            command: self.command.clone(),
            since: self.since.clone(),
            until: self.until.clone(),
        }
    }

    pub(super) fn form(&self) -> Form {
        self.format.as_ref().map_or(Form::Plain, |Format::CloudEvents| Form::CloudEvents)
    }

    pub(super) fn limit(&self) -> usize {
        paging::limit(self.limit)
    }

    /// An export is not held in memory: it is as long as it is asked to be.
    pub(super) fn export_limit(&self) -> usize {
        self.limit.map_or(usize::MAX, |limit| usize::try_from(limit.max(1)).unwrap_or(usize::MAX))
    }
}
