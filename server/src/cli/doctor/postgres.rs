//! How PostgreSQL is set up.

use synctv_postgres::PgPool;
use synctv_postgres::examine::{Examined, Schema, examine};

use super::check::Checks;
use crate::cli::projection::words::time;

const POSTGRESQL: &str = "PostgreSQL";
const SCHEMA: &str = "schema";

/// The oldest one that is supported.
const OLDEST: i32 = 15;
/// Connections of a server, with what a rebuild takes.
const PER_NODE: i64 = 32;
/// Clocks that are further apart confuse people who compare logs, ms.
const APART: i64 = 2_000;
/// A transaction that is open for longer holds up the cleaning of tables, s.
const LONG: f64 = 900.0;
/// An answer that takes longer is felt by everybody, ms.
const SLOW: f64 = 20.0;

/// Whether the log in it can be looked at.
pub(super) async fn look(pool: &PgPool, checks: &mut Checks) -> bool {
    let found = match examine(pool).await {
        Ok(found) => found,
        Err(error) => {
            checks.wrong(POSTGRESQL, format!("it cannot be asked: {error}"), "let this user read its own database");
            return false;
        }
    };
    version(&found, checks);
    durable(&found, checks);
    room(&found, checks);
    clock(&found, checks);
    if let Some((program, age)) = found.oldest.as_ref().filter(|(_, age)| *age > LONG) {
        let who = if program.is_empty() { "a program without a name" } else { program };
        checks.warning(
            POSTGRESQL,
            format!("{who} has had a transaction open for {}: nothing that is newer is cleaned up", time(*age)),
            "end it: pg_stat_activity names it, pg_terminate_backend(pid) ends it",
        );
    }
    schema(&found.schema, checks)
}

fn version(found: &Examined, checks: &mut Checks) {
    if found.version / 10_000 < OLDEST {
        let says = format!("it is version {}", found.version_text);
        return checks.wrong(POSTGRESQL, says, format!("use {OLDEST} or later"));
    }
    checks.ok(POSTGRESQL, format!("version {} answers in {:.1} ms", found.version_text, found.round_trip_ms));
    if found.round_trip_ms > SLOW {
        let says = format!("an answer takes {:.0} ms, and a command takes several", found.round_trip_ms);
        checks.warning(POSTGRESQL, says, "run servers near their database");
    }
    if found.is_standby {
        let says = "it is a standby, which cannot be written";
        checks.wrong(POSTGRESQL, says, "give the address of the primary, or promote it; then runbooks/restore.md");
    } else if found.is_read_only {
        let says = "it refuses to be written (default_transaction_read_only)";
        checks.wrong(POSTGRESQL, says, "turn that off for this database and user");
    }
}

/// What is acknowledged has to survive a loss of power.
fn durable(found: &Examined, checks: &mut Checks) {
    let setting = |name: &str| found.settings.get(name).map_or("", String::as_str);
    let off: Vec<_> =
        ["fsync", "full_page_writes", "synchronous_commit"].into_iter().filter(|name| setting(name) == "off").collect();
    match &*off {
        [] => checks.ok(POSTGRESQL, "what it has said to be stored is on its disk"),
        off => {
            let says = format!("{} = off: what was acknowledged is lost with the power", off.join(" = off, "));
            checks.wrong(POSTGRESQL, says, "turn it on, for the database and the user as well, and reload it");
        }
    }
    let isolation = setting("default_transaction_isolation");
    if isolation != "read committed" {
        checks.warning(
            POSTGRESQL,
            format!("default_transaction_isolation is {isolation}; appends set their own"),
            "ALTER ROLE … or DATABASE … RESET default_transaction_isolation",
        );
    }
}

/// Whether all nodes can connect.
fn room(found: &Examined, checks: &mut Checks) {
    let number = |name: &str| found.settings.get(name).and_then(|value| value.parse::<i64>().ok()).unwrap_or(0);
    let most = number("max_connections") - number("superuser_reserved_connections");
    let nodes = found.nodes.max(1);
    let says = format!("{} of {most} connections are open; {} at work", found.connections, working(found.nodes));
    if nodes * PER_NODE > most {
        let todo = format!("raise max_connections: a node takes up to {PER_NODE}");
        checks.warning(POSTGRESQL, says, todo);
    } else if found.connections * 10 > most * 9 {
        checks.warning(POSTGRESQL, says, "raise max_connections, or look who holds them in pg_stat_activity");
    } else {
        checks.ok(POSTGRESQL, says);
    }
}

fn working(nodes: i64) -> String {
    if nodes == 1 { "1 node is".to_owned() } else { format!("{nodes} nodes are") }
}

fn clock(found: &Examined, checks: &mut Checks) {
    let ahead = found.ahead_ms;
    if ahead.abs() > APART {
        let says = format!("its clock is {ahead:+} ms from this machine's; SyncTV goes by PostgreSQL's");
        checks.warning(POSTGRESQL, says, "let both keep time (chrony, systemd-timesyncd)");
    }
}

/// Whether it can be read by this program.
fn schema(schema: &Schema, checks: &mut Checks) -> bool {
    let Schema { missing, newer, broken } = schema;
    let list = |steps: &[i64]| steps.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    if !broken.is_empty() {
        let says = format!("steps {} are others there than in this program, or stopped half-way", list(broken));
        checks.wrong(SCHEMA, says, "run the version that made them; migrations/README.md");
        return false;
    }
    if !newer.is_empty() {
        let says = format!("a newer version has made steps {}", list(newer));
        checks.warning(SCHEMA, says, "finish the upgrade: this program is older than the database");
    }
    if !missing.is_empty() {
        checks.warning(SCHEMA, format!("it lacks steps {}", list(missing)), "start a server: it makes them");
        return false;
    }
    if newer.is_empty() {
        checks.ok(SCHEMA, "it is the one of this program");
    }
    true
}

pub(super) fn count(number: i64, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}
