//! What readers ask of read models, and what they get.

use async_trait::async_trait;
use serde::Serialize;
use synctv_domain::{
    ActorId, ActorKind, Item, ItemId, MediaUrl, MessageId, Position, Role, RoomId, Seq, ServerMs, Timestamp, Title,
};

use crate::chat_messages::Reactions;
use crate::runner::ProjectionError;

/// Asks for rooms, newest first.
#[derive(Clone, Debug)]
pub struct RoomQuery {
    /// Listed rooms, and this reader's own.
    pub reader: ActorId,
    /// Only the reader's own.
    pub mine: bool,
    /// Part of the name, in any case; empty: all.
    pub text: String,
    /// Rooms older than this one.
    pub before: Option<RoomId>,
    /// At most so many.
    pub limit: usize,
}

/// A room as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RoomListing {
    /// Its id.
    pub room_id: RoomId,
    /// Its name.
    pub name: String,
    /// How many.
    pub members: i64,
    /// Whether something plays.
    pub playing: bool,
    /// Whether somebody is live.
    pub live: bool,
    /// Whether it takes no commands; only one's own are shown then.
    pub closed: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something happened in it last.
    pub active_at: Timestamp,
}

/// A member of a room.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MemberListing {
    /// Who.
    pub id: ActorId,
    /// What kind of actor.
    pub kind: ActorKind,
    /// What they are called; null: they were erased.
    pub display_name: Option<String>,
    /// What they are in the room.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
    /// The event that made them a member.
    pub seq: Seq,
}

/// Which messages of a room.
#[derive(Clone, Debug)]
pub enum ChatPlace {
    /// The newest before this event of the room; none: the newest.
    Before(Option<Seq>),
    /// Around this message, itself among them.
    Around(MessageId),
}

/// Asks for messages of a room.
#[derive(Clone, Debug)]
pub struct ChatQuery {
    /// Which.
    pub room: RoomId,
    /// Where.
    pub place: ChatPlace,
    /// Words that all have to be in a message; empty: all messages.
    pub text: String,
    /// At most so many.
    pub limit: usize,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MessageListing {
    /// Its id.
    pub message_id: MessageId,
    /// The event that posted it.
    pub seq: Seq,
    /// Who wrote it.
    pub author: ActorId,
    /// What it says; null: it was withdrawn, or its author was erased.
    pub text: Option<String>,
    /// Whether it was withdrawn.
    pub redacted: bool,
    /// What it answers.
    pub reply_to: Option<MessageId>,
    /// When it was written.
    pub at: Timestamp,
    /// When it got another text.
    pub edited_at: Option<Timestamp>,
    /// Who reacted, by reaction.
    pub reactions: Reactions,
}

/// A showing of an item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShowingListing {
    /// The event that began it.
    pub seq: Seq,
    /// What was shown.
    pub item_id: ItemId,
    /// Where it was.
    pub url: MediaUrl,
    /// What it was called when it began.
    pub title: Option<Title>,
    /// Who started it.
    pub started_by: ActorId,
    /// When it began to play.
    pub started_at: Timestamp,
    /// When another one took its place; null: it is still current.
    pub ended_at: Option<Timestamp>,
    /// How long it has played, whatever its speed.
    pub played_ms: i64,
    /// How often it was steered.
    pub steered: i64,
}

/// How long a member has watched.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WatchListing {
    /// Who.
    pub member: ActorId,
    /// The time in which something played while they were a member.
    pub watched_ms: i64,
    /// Whether they are a member.
    pub present: bool,
}

/// Where a reader goes on.
#[derive(Clone, Debug)]
pub struct Onward<T> {
    /// Behind this one; none: from the beginning.
    pub after: Option<T>,
    /// At most so many.
    pub limit: usize,
}

/// The read models.
#[async_trait]
pub trait ReadModels: Send + Sync {
    /// The last position that all of these hold.
    async fn position(&self, of: &[&str]) -> Result<Position, ProjectionError>;
    /// Rooms that are not closed.
    async fn rooms(&self, asked: &RoomQuery) -> Result<Vec<RoomListing>, ProjectionError>;
    /// Members of a room, in the order in which they came.
    async fn members(&self, room: RoomId, from: &Onward<Seq>) -> Result<Vec<MemberListing>, ProjectionError>;
    /// A room's playlist.
    async fn playlist(&self, room: RoomId) -> Result<Vec<Item>, ProjectionError>;
    /// Messages of a room, in the order in which they were written.
    async fn chat(&self, asked: &ChatQuery) -> Result<Vec<MessageListing>, ProjectionError>;
    /// What was played in a room, the newest first.
    async fn history(
        &self,
        room: RoomId,
        from: &Onward<Seq>,
        now: ServerMs,
    ) -> Result<Vec<ShowingListing>, ProjectionError>;
    /// How long who has watched in a room, in the order of their ids.
    async fn watch_time(
        &self,
        room: RoomId,
        from: &Onward<ActorId>,
        now: ServerMs,
    ) -> Result<Vec<WatchListing>, ProjectionError>;
}
