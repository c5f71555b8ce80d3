//! `synctv projection …`

mod list;
mod progress;
mod rebuild;
mod result;
mod skip;
mod status;
pub(super) mod words;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde_json::json;
use synctv_postgres::PgProjections;
use synctv_projections::operate::Projections;

use self::rebuild::Rebuild;
use self::skip::Skip;
use super::{Failure, Outcome};
use crate::config::Config;
use crate::database::Session;

#[derive(Clone, Debug, Subcommand)]
pub(super) enum ProjectionVerb {
    /// Show what every projection is doing, how far it is, and what stopped it.
    ///
    /// running: a server keeps it up to date; stopped: by an event that it cannot take in (the verb ends with 1 then); idle: no
    /// server is at work on it. Lag is what the log has and it lacks. A generation is one set of tables: each rebuild makes the
    /// next, and keeps the one before until `drop-old`.
    List,
    /// Make read models anew from the log, while the present ones stay in use.
    ///
    /// New tables are filled beside those that readers see, and put in place at the end, in one moment. Until then nothing has
    /// changed. This process does the work, with all cores, shows how far it is, and ends when the new tables are in place;
    /// when it is stopped, a running server goes on, or the same verb. Events that were skipped are left out again.
    Rebuild(Rebuild),
    /// Show the rebuild that is under way, or how the last one ended.
    Status {
        /// Of which projection. [default: all]
        #[arg(value_parser = names())]
        name: Option<String>,
    },
    /// Call a rebuild off.
    ///
    /// Its new tables are dropped; those that readers see stay.
    Cancel {
        /// Of which projection.
        #[arg(value_parser = names())]
        name: String,
    },
    /// Let a stopped projection go on without the event that stops it, for good.
    ///
    /// A rebuild leaves it out as well. Who reads the log sees the event as before, and another that says what was skipped and
    /// why. Look for the cause first: runbooks/poison.md.
    Skip(Skip),
    /// Drop the tables of earlier generations, which rebuilds have left.
    DropOld {
        /// Of which projection. [default: all]
        #[arg(value_parser = names())]
        name: Option<String>,
    },
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(PgProjections::names())
}

pub(super) async fn perform(verb: &ProjectionVerb, config: &Config, json: bool) -> Result<Outcome, Failure> {
    let session = Session::open(config).await?;
    let outcome = run(verb, &session, config, json).await;
    session.close().await?;
    outcome
}

async fn run(verb: &ProjectionVerb, session: &Session, config: &Config, json: bool) -> Result<Outcome, Failure> {
    synctv_postgres::prepare(&session.pool).await?;
    let projections = PgProjections::new(session.pool.clone());
    match verb {
        ProjectionVerb::List => list::list(&projections, json).await,
        ProjectionVerb::Rebuild(asked) => rebuild::rebuild(session, config, &projections, asked, json).await,
        ProjectionVerb::Status { name } => status::status(&projections, name.as_deref(), json).await,
        ProjectionVerb::Cancel { name } => cancel(&projections, name, json).await,
        ProjectionVerb::Skip(asked) => skip::skip(&session.pool, &projections, asked, json).await,
        ProjectionVerb::DropOld { name } => drop_old(&projections, name.as_deref(), json).await,
    }
}

async fn cancel(projections: &PgProjections, name: &str, json: bool) -> Result<Outcome, Failure> {
    let cancelled = projections.cancel(name).await?;
    if json {
        println!("{}", serde_json::to_string(&cancelled)?);
    } else {
        println!("{}", words::rebuild(&cancelled));
    }
    Ok(Outcome::Done)
}

async fn drop_old(projections: &PgProjections, name: Option<&str>, json: bool) -> Result<Outcome, Failure> {
    let dropped = projections.drop_old(name).await?;
    if json {
        println!("{}", json!({ "dropped": dropped }));
    } else if dropped.is_empty() {
        println!("no earlier generation is kept");
    } else {
        println!("dropped {}", dropped.join(", "));
    }
    Ok(Outcome::Done)
}
