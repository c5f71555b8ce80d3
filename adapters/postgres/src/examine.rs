//! How a database is set up, for whoever wonders what is wrong with it. Nothing is changed.

use std::collections::HashMap;

use rustix::time::{ClockId, clock_gettime};
use sqlx::Row;

use crate::connect::MIGRATIONS;
use crate::connect::pool::PgPool;

/// What a database says about itself.
#[derive(Clone, Debug, Default)]
pub struct Examined {
    /// Such as 150004.
    pub version: i32,
    /// The same for people.
    pub version_text: String,
    /// It follows another one, and cannot be written.
    pub is_standby: bool,
    /// It refuses to be written.
    pub is_read_only: bool,
    /// Settings by name, as sessions of this user have them.
    pub settings: HashMap<String, String>,
    /// Connections that are open, by anybody.
    pub connections: i64,
    /// How far its clock is ahead of this machine's, ms.
    pub ahead_ms: i64,
    /// How long a question took, ms.
    pub round_trip_ms: f64,
    /// The transaction that is open for longest: of which program, and for how long in s.
    pub oldest: Option<(String, f64)>,
    /// Nodes that said lately that they are there.
    pub nodes: i64,
    /// How the schema is.
    pub schema: Schema,
}

/// How far the schema is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Migrations that this program has and the database has not.
    pub missing: Vec<i64>,
    /// Those that only the database has: a newer program made them.
    pub newer: Vec<i64>,
    /// Those that are others here and there, or stopped half-way.
    pub broken: Vec<i64>,
}

/// A topic of the outbox.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waiting {
    /// Its name.
    pub topic: String,
    /// About how many rows wait.
    pub rows: i64,
    /// How old the first one's event is, s.
    pub age: f64,
    /// Rows that are not tried any more.
    pub dead: i64,
}

const SETTINGS: [&str; 7] = [
    "default_transaction_isolation",
    "fsync",
    "full_page_writes",
    "max_connections",
    "superuser_reserved_connections",
    "synchronous_commit",
    "data_checksums",
];

/// Asks it.
///
/// # Errors
/// When it does not answer.
pub async fn examine(pool: &PgPool) -> Result<Examined, sqlx::Error> {
    const FACTS: &str = "SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS text, \
           pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only') = 'on' AS read_only, \
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections";
    const OLDEST: &str = "SELECT application_name, extract(epoch FROM clock_timestamp() - xact_start)::float8 AS age \
         FROM pg_stat_activity WHERE xact_start IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid() \
         ORDER BY xact_start LIMIT 1";
    let facts = sqlx::query(FACTS).fetch_one(pool).await?;
    let settings = sqlx::query("SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS n(name)");
    let settings = settings.bind(&SETTINGS[..]).fetch_all(pool).await?;
    let oldest = sqlx::query(OLDEST).fetch_optional(pool).await?;
    let (ahead_ms, round_trip_ms) = clock(pool).await?;
    Ok(Examined {
        version: facts.try_get("version")?,
        version_text: facts.try_get("text")?,
        is_standby: facts.try_get("standby")?,
        is_read_only: facts.try_get("read_only")?,
        connections: facts.try_get("connections")?,
        settings: settings
            .iter()
            .map(|row| Ok::<_, sqlx::Error>((row.try_get("name")?, row.try_get("value")?)))
            .collect::<Result<_, _>>()?,
        oldest: oldest
            .map(|row| Ok::<_, sqlx::Error>((row.try_get("application_name")?, row.try_get("age")?)))
            .transpose()?,
        ahead_ms,
        round_trip_ms,
        nodes: nodes(pool).await?,
        schema: schema(pool).await?,
    })
}

/// What waits in the outbox, and what is given up.
///
/// # Errors
/// When the database does not answer.
pub async fn outbox(pool: &PgPool) -> Result<Vec<Waiting>, sqlx::Error> {
    // Two ends of the index tell how long a topic is; it may hold millions of rows.
    const ROWS: &str = "WITH RECURSIVE topics AS ( \
           (SELECT topic FROM outbox ORDER BY topic LIMIT 1) \
           UNION ALL SELECT (SELECT o.topic FROM outbox o WHERE o.topic > t.topic ORDER BY o.topic LIMIT 1) FROM topics t \
             WHERE t.topic IS NOT NULL) \
         SELECT t.topic, e.last - e.first + 1 AS rows, \
           coalesce(greatest(extract(epoch FROM clock_timestamp() - v.recorded_at), 0), 0)::float8 AS age \
         FROM topics t CROSS JOIN LATERAL \
           (SELECT min(o.position) AS first, max(o.position) AS last FROM outbox o WHERE o.topic = t.topic) e \
         LEFT JOIN events v ON v.position = e.first WHERE t.topic IS NOT NULL";
    let mut found: Vec<Waiting> = Vec::new();
    for row in sqlx::query(ROWS).fetch_all(pool).await? {
        let (topic, rows, age) = (row.try_get("topic")?, row.try_get("rows")?, row.try_get("age")?);
        found.push(Waiting { topic, rows, age, dead: 0 });
    }
    if !exists(pool, "dead_letters").await? {
        return Ok(found);
    }
    for row in sqlx::query("SELECT topic, count(*) AS dead FROM dead_letters GROUP BY topic").fetch_all(pool).await? {
        let (topic, dead): (String, i64) = (row.try_get("topic")?, row.try_get("dead")?);
        match found.iter_mut().find(|waiting| waiting.topic == topic) {
            Some(waiting) => waiting.dead = dead,
            None => found.push(Waiting { topic, dead, ..Waiting::default() }),
        }
    }
    Ok(found)
}

async fn exists(pool: &PgPool, table: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(table).fetch_one(pool).await
}

async fn nodes(pool: &PgPool) -> Result<i64, sqlx::Error> {
    const SQL: &str = "SELECT count(*) FROM leases WHERE name LIKE 'node/%' AND until > clock_timestamp()";
    if !exists(pool, "leases").await? {
        return Ok(0);
    }
    sqlx::query_scalar(SQL).fetch_one(pool).await
}

async fn schema(pool: &PgPool) -> Result<Schema, sqlx::Error> {
    const SQL: &str = "SELECT version, checksum, success FROM _sqlx_migrations ORDER BY version";
    let ours: HashMap<i64, &[u8]> = MIGRATIONS.iter().map(|one| (one.version, &*one.checksum)).collect();
    let mut schema = Schema { missing: ours.keys().copied().collect(), ..Schema::default() };
    schema.missing.sort_unstable();
    if !exists(pool, "_sqlx_migrations").await? {
        return Ok(schema);
    }
    for row in sqlx::query(SQL).fetch_all(pool).await? {
        let (version, checksum, success): (i64, Vec<u8>, bool) =
            (row.try_get("version")?, row.try_get("checksum")?, row.try_get("success")?);
        schema.missing.retain(|missing| *missing != version);
        match ours.get(&version) {
            None => schema.newer.push(version),
            Some(ours) if !success || **ours != *checksum => schema.broken.push(version),
            Some(_) => {}
        }
    }
    Ok(schema)
}

/// How far the database's clock is ahead of this machine's, and how long it took to ask, both in ms: the best of a few.
async fn clock(pool: &PgPool) -> Result<(i64, f64), sqlx::Error> {
    let mut best: Option<(i64, i64)> = None;
    for _ in 0..5 {
        let sent = wall();
        let theirs: i64 = sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
            .fetch_one(pool)
            .await?;
        let trip = wall() - sent;
        if best.is_none_or(|(_, best)| trip < best) {
            best = Some((theirs - sent - trip / 2, trip));
        }
    }
    Ok(best.map_or((0, 0.0), |(ahead, trip)| (ahead / 1000, trip as f64 / 1000.0)))
}

/// What this machine takes for the time, µs: nothing goes by it but this comparison.
fn wall() -> i64 {
    let now = clock_gettime(ClockId::Realtime);
    now.tv_sec * 1_000_000 + now.tv_nsec / 1000
}
