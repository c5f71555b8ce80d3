//! Read models, looked at behind the server's back.

use std::collections::BTreeMap;

use sqlx::Row;
use synctv_postgres::{PgPool, PgProjections, connect};

use super::cluster::open;
use super::database::{number, run};
use super::wait::eventually;

/// Every table of a read model, with its key.
const TABLES: [(&str, &str); 9] = [
    ("room_directory", "room_id"),
    ("room_members", "room_id, member"),
    ("playlists", "view_id"),
    ("chat_messages", "message_id"),
    ("playback_stages", "view_id"),
    ("playback_history", "room_id, seq"),
    ("audit_index", "position"),
    ("watch_rooms", "view_id"),
    ("watch_time", "room_id, member"),
];

/// Every read model.
pub const MODELS: [&str; 7] =
    ["room_directory", "room_members", "playlists", "chat_messages", "playback_history", "audit_index", "watch_time"];

/// A digest of the ordered rows of each table, and how many there are.
pub async fn digests(database: &str) -> BTreeMap<&'static str, (i64, String)> {
    let mut connection = open(database).await;
    let mut digests = BTreeMap::new();
    for (table, key) in TABLES {
        let sql =
            format!("SELECT count(*), md5(coalesce(string_agg(t::text, E'\\n' ORDER BY {key}), '')) FROM {table} t");
        let row = sqlx::query(&sql).fetch_one(&mut connection).await.unwrap_or_else(|error| panic!("{table}: {error}"));
        digests.insert(table, (row.get(0), row.get(1)));
    }
    digests
}

/// Waits until every read model holds the whole log.
pub async fn caught_up(database: &str) {
    const BEHIND: &str = "SELECT count(*) FROM checkpoints WHERE position < (SELECT max(position) FROM events)";
    eventually("read models that hold the whole log", async || (number(database, BEHIND).await == 0).then_some(()))
        .await;
}

/// What operators use.
pub async fn projections(database: &str) -> (PgProjections, PgPool) {
    let pool = connect(database, 2).await.expect("the database is up");
    (PgProjections::new(pool.clone()), pool)
}

/// Copies every room so many times under other ids, behind the server's back.
pub async fn grow_rooms(database: &str, copies: i64) {
    let sql = format!(
        "INSERT INTO events SELECT h.position + row_number() OVER (ORDER BY n, e.position), e.event_id, e.stream_type, \
           left(e.stream_id, 21) || lpad(n::text, 10, '0'), e.seq, e.type, e.version, \
           regexp_replace(e.payload::text, '((?:room|msg|itm)_[0-9A-Z]{{16}})[0-9A-Z]{{10}}', '\\1' || lpad(n::text, 10, '0'), 'g')::json, \
           e.metadata, e.command_id, h.recorded_at, sha256(int8send(h.position + n)) \
         FROM (SELECT * FROM events ORDER BY position DESC LIMIT 1) h, \
           (SELECT * FROM events WHERE stream_type = 'room') e, generate_series(1, {copies}) n"
    );
    run(database, &sql).await;
}
