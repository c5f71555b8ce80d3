//! How far read models are behind while commands come at a steady rate.

use std::time::Duration;

use sqlx::PgPool;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::delivery::{Guest, Process};
use crate::failure::Failure;
use crate::schema;

/// Commands a second.
const RATE: u32 = 1000;
const ROOMS: usize = 100;
const LOOK_EVERY: Duration = Duration::from_millis(7);
/// Until everything is warm.
const WARM: Duration = Duration::from_secs(2);

/// The age of the first event that the slowest read model lacks, looked at again and again: ms, sorted; and the rate at
/// which commands were accepted.
pub async fn lag(server: &Process, database: &str, length: Duration) -> Result<(Vec<f64>, f64), Failure> {
    let guest = Guest::new(&server.host).await?;
    let mut rooms = Vec::new();
    for _ in 0..ROOMS {
        rooms.push(guest.room().await?);
    }
    let pool = schema::pool(database, 1).await?;
    caught_up(&pool).await?;
    let until = Instant::now() + WARM + length;
    let load = tokio::spawn(load(guest, rooms, until));
    tokio::time::sleep(WARM).await;
    let (before, started) = (head(&pool).await?, Instant::now());
    let mut ages = watch(&pool, until).await?;
    #[expect(clippy::cast_precision_loss, reason = "commands of some seconds")]
    let rate = (head(&pool).await? - before) as f64 / started.elapsed().as_secs_f64();
    load.await??;
    pool.close().await;
    ages.sort_by(f64::total_cmp);
    Ok((ages, rate))
}

/// A command whenever its time has come, whatever became of those before.
async fn load(guest: Guest, rooms: Vec<String>, until: Instant) -> Result<(), Failure> {
    let mut tick = interval(Duration::from_secs(1) / RATE);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut said = tokio::task::JoinSet::new();
    for room in rooms.iter().cycle() {
        if tick.tick().await >= until {
            break;
        }
        let (guest, room) = (guest.clone(), room.clone());
        said.spawn(async move { guest.say(&room, "how far behind is everybody?").await.map(drop) });
        while let Some(done) = said.try_join_next() {
            done??;
        }
    }
    while let Some(done) = said.join_next().await {
        done??;
    }
    Ok(())
}

async fn watch(pool: &PgPool, until: Instant) -> Result<Vec<f64>, Failure> {
    const SQL: &str = "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - e.recorded_at)) * 1000, 0)::float8 \
         FROM checkpoints c JOIN events e ON e.position = c.position + 1";
    let mut tick = interval(LOOK_EVERY);
    let mut ages = Vec::new();
    while tick.tick().await < until {
        ages.push(sqlx::query_scalar(SQL).fetch_one(pool).await?);
    }
    Ok(ages)
}

/// Waits until read models have all that was stored.
pub async fn idle(database: &str) -> Result<(), Failure> {
    let pool = schema::pool(database, 1).await?;
    caught_up(&pool).await?;
    pool.close().await;
    Ok(())
}

/// A server that was killed leaves its leases to their end.
async fn caught_up(pool: &PgPool) -> Result<(), Failure> {
    const BEHIND: &str = "SELECT count(*) FROM checkpoints WHERE position < (SELECT max(position) FROM events)";
    while sqlx::query_scalar::<_, i64>(BEHIND).fetch_one(pool).await? > 0 {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

async fn head(pool: &PgPool) -> Result<i64, Failure> {
    Ok(sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM events").fetch_one(pool).await?)
}
