//! Read models, for readers.

use std::sync::Arc;

use async_trait::async_trait;
use synctv_domain::{ActorId, Item, Personal, Position, RoomId, Seq, ServerMs};
use synctv_projections::ProjectionError;
use synctv_projections::chat_messages::Message;
use synctv_projections::playback_history::Showing;
use synctv_projections::read::{
    ChatPlace, ChatQuery, MemberListing, MessageListing, Onward, ReadModels, RoomListing, RoomQuery, ShowingListing,
    WatchListing,
};
use synctv_projections::room_members::Membership;

use super::{chat_messages, documents, playback_history, room_directory, room_members, watch_time};
use crate::connect::pool::PgPool;
use crate::sqlstate::projection_failure as failure;
use crate::vault::Vault;

/// Answers readers; opens what is sealed.
pub struct PgReadModels {
    pool: PgPool,
    vault: Arc<Vault>,
}

impl PgReadModels {
    /// Over the database of the log.
    #[must_use]
    pub fn new(pool: PgPool, vault: Arc<Vault>) -> Self {
        Self { pool, vault }
    }

    async fn found(&self, asked: &ChatQuery) -> Result<Vec<Message>, ProjectionError> {
        let ChatQuery { room, place, limit, text } = asked;
        match place {
            ChatPlace::Before(before) => {
                let words = self.words(*room, text).await?;
                if words.as_ref().is_some_and(Vec::is_empty) {
                    return Ok(Vec::new());
                }
                let before = before.unwrap_or(Seq(i64::MAX));
                let words = words.unwrap_or_default();
                let mut found = chat_messages::before(&self.pool, *room, before, &words, *limit)
                    .await
                    .map_err(|error| failure(&error))?;
                found.reverse();
                Ok(found)
            }
            ChatPlace::Around(message) => {
                let seq = chat_messages::seq_of(&self.pool, *room, *message).await.map_err(|error| failure(&error))?;
                let Some(seq) = seq else { return Ok(Vec::new()) };
                let behind = chat_messages::from(&self.pool, *room, seq, limit.div_ceil(2));
                let mut behind = behind.await.map_err(|error| failure(&error))?;
                let ahead = chat_messages::before(&self.pool, *room, seq, &[], limit.saturating_sub(behind.len()));
                let mut found = ahead.await.map_err(|error| failure(&error))?;
                found.reverse();
                found.append(&mut behind);
                Ok(found)
            }
        }
    }

    /// Each word of a text as anybody may have written it here. None: there are no words to look for.
    async fn words(&self, room: RoomId, text: &str) -> Result<Option<Vec<Vec<i64>>>, ProjectionError> {
        if text.is_empty() {
            return Ok(None);
        }
        let authors = chat_messages::authors(&self.pool, room).await.map_err(|error| failure(&error))?;
        self.vault.words(room, &authors, text).await.map(Some)
    }

    async fn open<T: Send>(
        &self,
        sealed: &mut [T],
        field: impl Fn(&mut T) -> Option<(ActorId, &mut Personal)> + Send + Sync,
    ) -> Result<(), ProjectionError> {
        let mut visit = |open: &mut dyn FnMut(ActorId, &mut Personal)| {
            for (subject, personal) in sealed.iter_mut().filter_map(&field) {
                open(subject, personal);
            }
        };
        self.vault.open(&mut visit).await.map_err(|error| ProjectionError::Database(error.to_string()))
    }
}

#[async_trait]
impl ReadModels for PgReadModels {
    async fn position(&self, of: &[&str]) -> Result<Position, ProjectionError> {
        const SQL: &str = "SELECT coalesce(min(coalesce(c.position, 0)), 0) FROM unnest($1::text[]) AS p(name) LEFT JOIN checkpoints c USING (name)";
        let position = sqlx::query_scalar(SQL).bind(of).fetch_one(&self.pool).await;
        position.map(Position).map_err(|error| failure(&error))
    }

    async fn rooms(&self, asked: &RoomQuery) -> Result<Vec<RoomListing>, ProjectionError> {
        room_directory::list(&self.pool, asked).await.map_err(|error| failure(&error))
    }

    async fn members(&self, room: RoomId, from: &Onward<Seq>) -> Result<Vec<MemberListing>, ProjectionError> {
        let mut members = room_members::list(&self.pool, room, from).await.map_err(|error| failure(&error))?;
        self.open(&mut members, |member| Some((member.member, &mut member.display_name))).await?;
        Ok(members.iter().map(member).collect())
    }

    async fn playlist(&self, room: RoomId) -> Result<Vec<Item>, ProjectionError> {
        Ok(documents::playlist(&self.pool, room).await?.items)
    }

    async fn chat(&self, asked: &ChatQuery) -> Result<Vec<MessageListing>, ProjectionError> {
        let mut messages = self.found(asked).await?;
        self.open(&mut messages, |message| Some((message.author, message.text.as_mut()?))).await?;
        Ok(messages.into_iter().map(message).collect())
    }

    async fn history(
        &self,
        room: RoomId,
        from: &Onward<Seq>,
        now: ServerMs,
    ) -> Result<Vec<ShowingListing>, ProjectionError> {
        let showings = playback_history::list(&self.pool, room, from).await.map_err(|error| failure(&error))?;
        let is_on = showings.first().is_some_and(|showing| showing.ended_at.is_none());
        let on = if is_on { documents::stage(&self.pool, room).await?.played_ms(now) } else { None };
        Ok(showings.into_iter().map(|one| showing(one, on)).collect())
    }

    async fn watch_time(
        &self,
        room: RoomId,
        from: &Onward<ActorId>,
        now: ServerMs,
    ) -> Result<Vec<WatchListing>, ProjectionError> {
        let watches = watch_time::list(&self.pool, room, from).await.map_err(|error| failure(&error))?;
        let played = documents::running(&self.pool, room).await?.played_ms(now);
        let listing = |watch: &synctv_projections::watch_time::Watch| WatchListing {
            member: watch.member,
            watched_ms: watch.total_ms(played),
            present: watch.since_ms.is_some(),
        };
        Ok(watches.iter().map(listing).collect())
    }
}

fn member(member: &Membership) -> MemberListing {
    MemberListing {
        id: member.member,
        kind: member.member.kind(),
        display_name: member.display_name.text().map(str::to_owned),
        role: member.role,
        joined_at: member.joined_at,
        seq: member.joined_seq,
    }
}

fn message(message: Message) -> MessageListing {
    MessageListing {
        message_id: message.id,
        seq: message.seq,
        author: message.author,
        redacted: message.text.is_none(),
        text: message.text.as_ref().and_then(Personal::text).map(str::to_owned),
        reply_to: message.reply_to,
        at: message.at,
        edited_at: message.edited_at,
        reactions: message.reactions,
    }
}

/// What is still on has played until now.
fn showing(showing: Showing, on: Option<(Seq, i64)>) -> ShowingListing {
    let played_ms = on.filter(|(seq, _)| *seq == showing.seq).map_or(showing.played_ms, |(_, played_ms)| played_ms);
    ShowingListing {
        seq: showing.seq,
        item_id: showing.item,
        url: showing.url,
        title: showing.title,
        started_by: showing.started_by,
        started_at: showing.started_at,
        ended_at: showing.ended_at,
        played_ms,
        steered: showing.steered,
    }
}
