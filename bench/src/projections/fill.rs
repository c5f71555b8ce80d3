//! A log as rooms leave it: people, chat, a playlist, playback.

use futures::future::try_join_all;
use serde_json::{Value, json};
use sqlx::{Executor, PgPool};

use crate::delivery::{Guest, Process};
use crate::failure::Failure;
use crate::schema;

/// Rooms that people were in; the others are copies.
const ORIGINALS: usize = 10;
/// Events of the log.
pub const EVENTS: i64 = 300_000;
const SAYINGS: [&str; 5] = [
    "did anybody see who that was in the background?",
    "wait, pause please, the doorbell",
    "I have seen this one before and it only gets better from here on",
    "ha!",
    "next week at mine, and somebody else brings the popcorn for once",
];

/// Fills an empty database, and returns a guest and a room of theirs.
pub async fn fill(database: &str) -> Result<(Guest, String), Failure> {
    let server = Process::synctv(database)?;
    let mut homes = try_join_all((0..ORIGINALS).map(|number| evening(&server.host, number))).await?;
    drop(server);
    let pool = schema::pool(database, 1).await?;
    copy(&pool).await?;
    pool.close().await;
    homes.pop().ok_or(Failure::NothingMatches)
}

/// About a hundred events.
async fn evening(host: &str, number: usize) -> Result<(Guest, String), Failure> {
    let owner = &Guest::new(host).await?;
    let room = owner.listed(&format!("Film night {number}")).await?;
    let say = |what: Value| {
        let path = format!("/v1/rooms/{room}/commands");
        async move { owner.post(&path, &what).await }
    };
    let mut items = Vec::new();
    for item in 0..5 {
        let url = format!("https://example.org/films/{item}.mp4");
        let added = say(
            json!({ "type": "playlist.add", "url": url, "title": format!("Film {item}"), "duration_ms": 5_400_000 }),
        );
        items.push(added.await?["events"][0]["data"]["item_id"].clone());
    }
    for _ in 0..4 {
        let guest = Guest::new(host).await?;
        guest.post(&format!("/v1/rooms/{room}/commands"), &json!({ "type": "member.join" })).await?;
        for text in &SAYINGS[..3] {
            let said = guest.say(&room, text).await?;
            let message = &said["events"][0]["data"]["message_id"];
            say(json!({ "type": "chat.react", "message_id": message, "reaction": "👍", "on": true })).await?;
        }
    }
    for item in &items {
        for steering in [
            json!({ "type": "playback.select_item", "item_id": item }),
            json!({ "type": "playback.play" }),
            json!({ "type": "playback.seek", "position_ms": 60_000 }),
            json!({ "type": "playback.pause" }),
        ] {
            say(steering).await?;
        }
        for text in SAYINGS {
            say(json!({ "type": "chat.post", "text": text })).await?;
        }
    }
    Ok((owner.clone(), room))
}

/// Copies the rooms under other ids until the log is as long as it should be. Personal texts stay readable: the people are
/// the same.
async fn copy(pool: &PgPool) -> Result<(), Failure> {
    let sql = format!(
        "INSERT INTO events SELECT h.position + row_number() OVER (ORDER BY n, e.position), e.event_id, e.stream_type, \
           left(e.stream_id, 21) || lpad(n::text, 10, '0'), e.seq, e.type, e.version, \
           regexp_replace(e.payload::text, '((?:room|msg|itm)_[0-9A-Z]{{16}})[0-9A-Z]{{10}}', '\\1' || lpad(n::text, 10, '0'), 'g')::json, \
           e.metadata, e.command_id, h.recorded_at, sha256(int8send(h.position + n)) \
         FROM (SELECT * FROM events ORDER BY position DESC LIMIT 1) h, events e, generate_series(1, {EVENTS} / (SELECT count(*) FROM events)) n"
    );
    pool.execute(&*sql).await?;
    pool.execute("VACUUM ANALYZE events").await?;
    Ok(())
}
