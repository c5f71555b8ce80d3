//! The log, and what is derived from it.

use synctv_postgres::examine::outbox;
use synctv_postgres::{PgPool, PgProjections, contradicts, credential, head};
use synctv_projections::operate::{ProjectionState, Projections};

use super::check::Checks;
use super::postgres::count;
use crate::cli::projection::words::time;
use crate::config::Config;
use crate::witness;

const LOG: &str = "log";
const MODELS: &str = "read models";
const OUTBOX: &str = "outbox";
const KEYS: &str = "keys";

/// So late is a read model, or an outbox, that something holds up, s.
const LATE: f64 = 30.0;

pub(super) async fn look(config: &Config, pool: &PgPool, served: bool, checks: &mut Checks) {
    match head(pool).await {
        Ok(head) => checks.ok(LOG, format!("{} of epoch {}", count(head.position.0, "event"), head.epoch.name)),
        Err(_) => return checks.ok(LOG, "there is none yet; a server begins it at its first start"),
    }
    if let Some(seen) = witness::load(&config.data_dir) {
        match contradicts(pool, &seen).await {
            Ok(false) => {}
            Ok(true) => checks.wrong(
                LOG,
                format!("it is older than what this node has seen (position {} of epoch {})", seen.position, seen.epoch),
                "if a backup was restored: `synctv log restored`; else give the right DATABASE_URL; runbooks/restore.md",
            ),
            Err(error) => checks.wrong(LOG, format!("it cannot be read: {error}"), "see PostgreSQL above"),
        }
    }
    keys(config, pool, checks).await;
    models(pool, served, checks).await;
    waiting(pool, config.redis_url.is_some(), checks).await;
}

async fn keys(config: &Config, pool: &PgPool, checks: &mut Checks) {
    match credential(pool, config.credential_key.as_deref()).await {
        Ok(Some(_)) => checks.ok(KEYS, "they open what people said in this log"),
        Ok(None) => checks.wrong(
            KEYS,
            "this log was begun with SYNCTV_CREDENTIAL_KEY, which is not set here",
            "set it as on the other nodes; runbooks/keys.md",
        ),
        Err(error) => checks.wrong(KEYS, error.to_string(), "set the key that the other nodes have; runbooks/keys.md"),
    }
}

async fn models(pool: &PgPool, served: bool, checks: &mut Checks) {
    let list = match PgProjections::new(pool.clone()).list().await {
        Ok(list) => list,
        Err(error) => {
            return checks.wrong(MODELS, format!("they cannot be looked at: {error}"), "see PostgreSQL above");
        }
    };
    let mut fine = 0;
    for model in &list {
        let name = &model.name;
        match (&model.poison, model.state) {
            (Some(poison), _) => checks.wrong(
                MODELS,
                format!("{name} stands still at event {}: {}", poison.position, poison.reason),
                "runbooks/poison.md",
            ),
            (None, ProjectionState::Idle) if served && model.lag_events > 0 => checks.warning(
                MODELS,
                format!("no server is at work on {name}, which lacks {}", count(model.lag_events, "event")),
                "ask again in a moment; then look for projection. in the logs of the servers",
            ),
            (None, _) if served && model.lag_seconds > LATE => {
                let says = format!("{name} is {} late", time(model.lag_seconds));
                checks.warning(MODELS, says, "see `synctv projection list`, and the load of PostgreSQL");
            }
            _ => fine += 1,
        }
    }
    if fine > 0 {
        let which = if fine == list.len() { "all of them".to_owned() } else { format!("{fine} of {}", list.len()) };
        checks.ok(MODELS, format!("{which} are as they should be"));
    }
}

/// Rows wait for what takes them out, which needs Redis or a webhook.
async fn waiting(pool: &PgPool, redis: bool, checks: &mut Checks) {
    let found = match outbox(pool).await {
        Ok(found) => found,
        Err(error) => return checks.wrong(OUTBOX, format!("it cannot be looked at: {error}"), "see PostgreSQL above"),
    };
    if found.is_empty() {
        checks.ok(OUTBOX, "nothing waits");
    }
    for topic in found {
        let name = &topic.topic;
        let says = format!("{} of {name} wait, the first for {}", count(topic.rows, "event"), time(topic.age));
        let emptied = redis || name.starts_with("webhook/");
        if topic.rows > 0 && emptied && topic.age > LATE {
            checks.warning(OUTBOX, says, "see `synctv outbox status`, and whether what it goes to answers");
        } else if topic.rows > 0 {
            checks.ok(OUTBOX, says);
        }
        if topic.dead > 0 {
            let says = format!("{} of {name} are given up", count(topic.dead, "event"));
            checks.warning(OUTBOX, says, "see `synctv outbox list-dead`, then replay or drop them");
        }
    }
}
