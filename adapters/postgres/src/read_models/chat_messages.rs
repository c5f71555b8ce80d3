//! Messages, in a table.

use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_domain::{ActorId, MessageId, RoomId, Seq};
use synctv_projections::chat_messages::{Message, Tables};

use super::column::{document, json, optional, parsed, perhaps, perhaps_document, perhaps_time, text, time};
use crate::connect::pool::PgPool;
use crate::projections::{Field, StoredRow, Table, array, column, nullable, stored};

stored!(Tables { messages: Message });

impl StoredRow for Message {
    const TABLE: Table = Table {
        name: "chat_messages",
        columns: &[
            column("message_id", "text"),
            column("room_id", "text"),
            column("seq", "bigint"),
            column("author", "text"),
            nullable("content", "json"),
            column("words", "bigint[]"),
            nullable("reply_to", "text"),
            column("at", "timestamptz"),
            nullable("edited_at", "timestamptz"),
            column("reactions", "json"),
        ],
        key: 1,
        indexes: &["USING gin (words)", "(room_id, seq)", "(room_id, author)"],
    };

    fn key_fields(key: &Self::Key) -> Vec<Field> {
        vec![text(key)]
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            text(self.id),
            text(self.room),
            text(self.seq),
            text(self.author),
            self.text.as_ref().and_then(json),
            Some(array(self.words.iter().copied())),
            optional(self.reply_to),
            text(self.at),
            optional(self.edited_at),
            json(&self.reactions),
        ]
    }

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            room: parsed(row, "room_id")?,
            seq: Seq(row.try_get("seq")?),
            id: parsed(row, "message_id")?,
            author: parsed(row, "author")?,
            text: perhaps_document(row, "content")?,
            words: row.try_get("words")?,
            reply_to: perhaps(row, "reply_to")?,
            at: time(row, "at")?,
            edited_at: perhaps_time(row, "edited_at")?,
            reactions: document(row, "reactions")?,
        })
    }
}

/// At most `limit` messages before an event, the newest first. Of each list of words a message has to have one.
pub(super) async fn before(
    pool: &PgPool,
    room: RoomId,
    seq: Seq,
    words: &[Vec<i64>],
    limit: usize,
) -> Result<Vec<Message>, sqlx::Error> {
    let conditions: String = (4..4 + words.len()).map(|number| format!(" AND words && ${number}")).collect();
    let sql =
        format!("SELECT * FROM chat_messages WHERE room_id = $1 AND seq < $2{conditions} ORDER BY seq DESC LIMIT $3");
    let query = sqlx::query(&sql).bind(room.to_string()).bind(seq.0).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows = words.iter().fold(query, |query, word| query.bind(word)).fetch_all(pool).await?;
    rows.iter().map(Message::read).collect()
}

/// At most `limit` messages from an event on, the oldest first.
pub(super) async fn from(pool: &PgPool, room: RoomId, seq: Seq, limit: usize) -> Result<Vec<Message>, sqlx::Error> {
    const SQL: &str = "SELECT * FROM chat_messages WHERE room_id = $1 AND seq >= $2 ORDER BY seq LIMIT $3";
    let query = sqlx::query(SQL).bind(room.to_string()).bind(seq.0).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    query.fetch_all(pool).await?.iter().map(Message::read).collect()
}

/// The event that posted a message of a room.
pub(super) async fn seq_of(pool: &PgPool, room: RoomId, message: MessageId) -> Result<Option<Seq>, sqlx::Error> {
    let found = sqlx::query_scalar("SELECT seq FROM chat_messages WHERE message_id = $2 AND room_id = $1")
        .bind(room.to_string())
        .bind(message.to_string())
        .fetch_optional(pool)
        .await?;
    Ok(found.map(Seq))
}

/// Everybody who has written in a room, by a walk that touches one entry of the index for each.
pub(super) async fn authors(pool: &PgPool, room: RoomId) -> Result<Vec<ActorId>, sqlx::Error> {
    const SQL: &str = "WITH RECURSIVE walk (author) AS ( \
           (SELECT author FROM chat_messages WHERE room_id = $1 ORDER BY author LIMIT 1) \
           UNION ALL \
           SELECT (SELECT m.author FROM chat_messages m WHERE m.room_id = $1 AND m.author > walk.author ORDER BY m.author LIMIT 1) \
           FROM walk WHERE walk.author IS NOT NULL) \
         SELECT author FROM walk WHERE author IS NOT NULL";
    let rows = sqlx::query(SQL).bind(room.to_string()).fetch_all(pool).await?;
    rows.iter().map(|row| parsed(row, "author")).collect()
}
