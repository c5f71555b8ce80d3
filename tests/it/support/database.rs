//! What a foreign session can do to the server's database.

use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection, Row};

use super::cluster::open;
use super::wait::eventually;

/// What ought to happen soon takes at most this long on a busy machine.
pub const SOON: Duration = Duration::from_secs(30);

/// The key that every append takes.
pub const APPEND: i64 = 7_243_392;

/// Runs statements.
pub async fn run(database: &str, sql: &str) {
    let mut connection = open(database).await;
    connection.execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let _ = connection.close().await;
}

/// Copies the last event of the log so many times, behind the server's back.
pub async fn grow(database: &str, count: i64) {
    let sql = format!(
        "INSERT INTO events SELECT l.position + n, l.event_id, l.stream_type, l.stream_id, l.seq + n, l.type, l.version, \
         l.payload, l.metadata, l.command_id, l.recorded_at + n * interval '1 millisecond', sha256(int8send(n)) \
         FROM (SELECT * FROM events ORDER BY position DESC LIMIT 1) l, generate_series(1, {count}) n"
    );
    run(database, &sql).await;
}

/// A message in a room that no program can read, as a server with a fault would append it; its position. The room cannot be
/// used any more.
pub async fn poison(database: &str, room: &str) -> i64 {
    let field = |name: &str| format!("int8send(octet_length({name})) || convert_to({name}, 'UTF8')");
    let fields: Vec<_> = ["p.id", "'room'", "p.room", "p.kind", "p.payload", "p.metadata", "p.command"]
        .iter()
        .map(|name| field(name))
        .collect();
    let sql = format!(
        "SELECT a.base + 1 FROM ( \
           SELECT 'evt_01ARZ3NDEKTSV4RRFFQ69G5FAV' AS id, e.stream_id AS room, 'chat.posted' AS kind, e.seq, \
             '{{\"broken\":true}}' AS payload, e.metadata::text, 'poison-' || e.seq AS command \
           FROM events e WHERE e.stream_id = '{room}' ORDER BY e.seq DESC LIMIT 1) p \
         CROSS JOIN log l CROSS JOIN LATERAL append_one(l.epoch, 0, ''::bytea, 'events', 'room', p.room, p.seq, \
           substr(sha256(convert_to(p.room || p.command, 'UTF8')), 1, 16), p.command, ''::bytea, p.id, p.kind, 1::smallint, \
           p.payload, p.metadata, sha256({} || int2send(1::smallint))) a",
        fields.join(" || ")
    );
    number(database, &sql).await
}

/// One number.
pub async fn number(database: &str, sql: &str) -> i64 {
    let mut connection = open(database).await;
    let row = connection.fetch_one(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let _ = connection.close().await;
    row.get(0)
}

/// This much later than now by PostgreSQL's clock, for example `1 hour`, as commands name an end.
pub async fn later(database: &str, interval: &str) -> String {
    let sql = format!(
        r#"SELECT to_char((clock_timestamp() + interval '{interval}') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"#
    );
    let mut connection = open(database).await;
    let later = sqlx::query_scalar(&sql).fetch_one(&mut connection).await.expect("it can be asked");
    let _ = connection.close().await;
    later
}

/// Rows in the three tables that an append writes.
pub async fn rows(database: &str) -> [i64; 3] {
    let mut connection = open(database).await;
    let sql = "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM commands), (SELECT count(*) FROM outbox)";
    let row = connection.fetch_one(sql).await.expect("the tables are there");
    [row.get(0), row.get(1), row.get(2)]
}

/// Every event of a room behind the server's back: command id, seq, type.
pub async fn stored(database: &str, room: &str) -> Vec<(String, i64, String)> {
    let mut connection = open(database).await;
    let sql = "SELECT command_id, seq, type FROM events WHERE stream_id = $1 ORDER BY seq";
    let rows = sqlx::query(sql).bind(room).fetch_all(&mut connection).await.expect("the table is there");
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

/// An advisory lock in somebody else's hands.
pub struct Held(PgConnection);

impl Held {
    pub async fn new(database: &str, key: i64) -> Self {
        let mut connection = open(database).await;
        sqlx::query("SELECT pg_advisory_lock($1)").bind(key).execute(&mut connection).await.expect("it is given");
        Self(connection)
    }

    pub async fn release(self) {
        self.0.close().await.expect("it is open");
    }
}

const WAITING: &str = "SELECT a.pid::bigint FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
     WHERE l.locktype = 'advisory' AND NOT l.granted AND a.datname = current_database() \
     AND l.objid::bigint = $1 ORDER BY 1";

/// Backends of this database that wait for an advisory lock.
pub async fn waiting(database: &str, key: i64) -> Vec<i64> {
    let mut connection = open(database).await;
    let pids = sqlx::query_scalar(WAITING).bind(key).fetch_all(&mut connection).await.expect("it can be asked");
    let _ = connection.close().await;
    pids
}

/// Waits until a backend other than `known` waits for the lock.
pub async fn blocked(database: &str, key: i64, known: &[i64]) -> i64 {
    eventually("a backend that waits for the lock", async || {
        waiting(database, key).await.into_iter().find(|pid| !known.contains(pid))
    })
    .await
}

/// Ends a session.
pub async fn terminate(database: &str, pid: i64) {
    run(database, &format!("SELECT pg_terminate_backend({pid})")).await;
}
