//! What the holder of a webhook's lease writes, and nobody else.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{Postgres, Row};
use synctv_commands::{Claim, Settlement};
use synctv_domain::Position;

use super::{topic, work};
use crate::connect::pool::PgPool;
use crate::leases::Lease;

const GONE: &str = ", gone AS (DELETE FROM outbox o USING held WHERE held AND o.topic = $4 AND o.position = $5 RETURNING o.position), \
     tried AS (DELETE FROM outbox_attempts a USING held WHERE held AND a.topic = $4 AND a.position = $5 RETURNING a.first_at)";

const DEAD: &str = ", dead AS (INSERT INTO dead_letters (topic, position, attempts, error, first_at) \
     SELECT $4, position, $6, $7, coalesce((SELECT first_at FROM tried), clock_timestamp()) FROM gone ON CONFLICT DO NOTHING)";

const FAILED: &str = ", tried AS (INSERT INTO outbox_attempts (topic, position, attempts, error, next_at) \
     SELECT o.topic, o.position, $6, $7, clock_timestamp() + $8 * interval '1 second' \
     FROM outbox o, held WHERE held AND o.topic = $4 AND o.position = $5 \
     ON CONFLICT (topic, position) DO UPDATE \
       SET attempts = excluded.attempts, error = excluded.error, next_at = excluded.next_at)";

const PAUSED: &str =
    ", paused AS (UPDATE webhooks SET paused_at = clock_timestamp(), pause = $5 FROM held WHERE held AND id = $4)";

type Bound<'a> = Query<'a, Postgres, PgArguments>;

/// Records what became of an attempt. False: somebody else has the lease, and nothing was changed.
pub(super) async fn settle(
    pool: &PgPool,
    claim: &Claim,
    position: Position,
    settlement: &Settlement,
) -> Result<bool, sqlx::Error> {
    let sql = match settlement {
        Settlement::Delivered => held(GONE),
        Settlement::Dead { .. } => held(&format!("{GONE}{DEAD}")),
        Settlement::Failed { .. } => held(FAILED),
    };
    let query = bound(&sql, claim).bind(topic(claim.webhook)).bind(position.0);
    let count = |attempts: &u32| i32::try_from(*attempts).unwrap_or(i32::MAX);
    let query = match settlement {
        Settlement::Delivered => query,
        Settlement::Dead { attempts, error } => query.bind(count(attempts)).bind(error),
        Settlement::Failed { attempts, error, wait } => {
            query.bind(count(attempts)).bind(error).bind(wait.as_secs_f64())
        }
    };
    query.fetch_one(pool).await?.try_get("held")
}

/// Stops deliveries. False: as above.
pub(super) async fn pause(pool: &PgPool, claim: &Claim, why: &str) -> Result<bool, sqlx::Error> {
    let sql = held(PAUSED);
    bound(&sql, claim).bind(claim.webhook.to_string()).bind(why).fetch_one(pool).await?.try_get("held")
}

fn held(parts: &str) -> String {
    // Tokens that were given since a backup are given again after it was restored.
    let current = format!("(SELECT generation FROM log) = $3 AND {}", Lease::HELD);
    format!("WITH held AS (SELECT {current} AS held){parts} SELECT held FROM held")
}

fn bound<'a>(sql: &'a str, claim: &Claim) -> Bound<'a> {
    sqlx::query(sql).bind(work(claim.webhook)).bind(claim.token).bind(claim.generation)
}
