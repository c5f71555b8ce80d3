//! Pages of the directory and of a room's chat, against the bare statements.

use std::time::{Duration, Instant};

use sqlx::PgPool;

use crate::delivery::{Guest, Process};
use crate::failure::Failure;
use crate::schema;

const DIRECTORY: &str = "SELECT room_id, name, members, playing, created_at, active_at FROM room_directory \
     WHERE listed AND NOT closed ORDER BY room_id DESC LIMIT 51";
const CHAT: &str = "SELECT * FROM chat_messages WHERE room_id = $1 ORDER BY seq DESC LIMIT 101";

/// Sorted times, ms.
#[derive(Default)]
pub struct Pages {
    pub directory: Vec<f64>,
    pub chat: Vec<f64>,
    pub bare_directory: Vec<f64>,
    pub bare_chat: Vec<f64>,
}

/// One reader, who asks for one after the other.
pub async fn pages(
    server: &Process,
    database: &str,
    guest: &Guest,
    room: &str,
    length: Duration,
) -> Result<Pages, Failure> {
    let guest = guest.at(&server.host);
    let pool = schema::pool(database, 1).await?;
    let mut pages = Pages::default();
    let until = Instant::now() + length;
    while Instant::now() < until {
        pages.directory.push(timed(guest.get("/v1/rooms?page_size=50")).await?);
        pages.bare_directory.push(timed(bare(&pool, DIRECTORY, None)).await?);
        pages.chat.push(timed(guest.get(&format!("/v1/rooms/{room}/chat?limit=100"))).await?);
        pages.bare_chat.push(timed(bare(&pool, CHAT, Some(room))).await?);
    }
    pool.close().await;
    for times in [&mut pages.directory, &mut pages.chat, &mut pages.bare_directory, &mut pages.bare_chat] {
        times.sort_by(f64::total_cmp);
    }
    Ok(pages)
}

async fn timed<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<f64, Failure> {
    let started = Instant::now();
    work.await?;
    Ok(started.elapsed().as_secs_f64() * 1000.0)
}

async fn bare(pool: &PgPool, sql: &str, room: Option<&str>) -> Result<usize, Failure> {
    let query = sqlx::query(sql);
    let query = match room {
        Some(room) => query.bind(room),
        None => query,
    };
    Ok(query.fetch_all(pool).await?.len())
}
