//! `synctv log …`

use std::path::{Path, PathBuf};

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use synctv_postgres::{Head, SignedHead, Verified};

use super::export::{Export, export};
use super::query::{Query, query};
use super::{Failure, Outcome};
use crate::config::Config;
use crate::database::Session;
use crate::witness;

#[derive(Clone, Debug, Subcommand)]
pub(super) enum LogVerb {
    /// Show where the log stands: epoch, position, hash. With --json the head is signed: kept by an auditor, it proves later
    /// that the log still holds what it held.
    Head,
    /// Read the whole log and prove that nothing in it was changed, removed or put in between. Names the first bad position.
    Verify {
        /// A signed head from `log head --json` that the log has to contain. [default: what this data directory has seen]
        #[arg(long, value_name = "FILE")]
        head: Option<PathBuf>,
    },
    /// Show events, the oldest first, with names and texts readable.
    ///
    /// Filters on type and actor look at every event between --since and --until; a room is found at once.
    Query(Query),
    /// Write events as they are stored, a line of JSON each, with all that their hashes were made of: for auditors who
    /// verify the log outside, and for archives. Personal texts stay sealed.
    ///
    /// How to verify an export: runbooks/audit.md.
    Export(Export),
    /// Declare the log in the database to be the log, after a backup was restored: mints a new epoch, so that servers go on
    /// and clients start over.
    Restored,
}

pub(super) async fn perform(verb: &LogVerb, config: &Config, json: bool) -> Result<Outcome, Failure> {
    let session = Session::open(config).await?;
    let outcome = match verb {
        LogVerb::Head => head(&session, json).await,
        LogVerb::Verify { head } => verify(&session, config, head.as_deref(), json).await,
        LogVerb::Query(asked) => query(&session, config, asked, json).await,
        LogVerb::Export(asked) => export(&session, asked, json).await,
        LogVerb::Restored => restored(&session, json).await,
    };
    session.close().await?;
    outcome
}

pub(super) fn as_json(head: &Head) -> serde_json::Value {
    json!({ "epoch": &*head.epoch.name, "generation": head.epoch.generation, "position": head.position, "hash": head.hash, "log_id": head.log_id })
}

fn as_text(head: &Head) -> String {
    format!(
        "epoch     {} (generation {})\nposition  {}\nhash      {}\nlog       {}",
        head.epoch.name, head.epoch.generation, head.position.0, head.hash, head.log_id
    )
}

async fn head(session: &Session, json: bool) -> Result<Outcome, Failure> {
    let head = synctv_postgres::head(&session.pool).await?;
    if json {
        println!("{}", serde_json::to_string(&SignedHead::sign(&session.pool, &head).await?)?);
    } else {
        println!("{}", as_text(&head));
    }
    Ok(Outcome::Done)
}

pub(super) fn progress_bar() -> Result<ProgressBar, Failure> {
    let style = "{bar:40} {percent:>3}%  {pos} of {len} events  {per_sec}  {eta} left";
    Ok(ProgressBar::new(0).with_style(ProgressStyle::with_template(style)?))
}

async fn verify(session: &Session, config: &Config, given: Option<&Path>, json: bool) -> Result<Outcome, Failure> {
    let bar = progress_bar()?;
    let witness = match given {
        Some(file) => {
            let signed: SignedHead = serde_json::from_str(&std::fs::read_to_string(file)?)?;
            Some(signed.check(&session.pool).await?.clone())
        }
        // What was seen of an earlier epoch was given up with it.
        None => {
            let now = synctv_postgres::head(&session.pool).await?.epoch.generation;
            witness::load(&config.data_dir).filter(|seen| seen.generation == now)
        }
    };
    let shown = bar.clone();
    let verified = synctv_postgres::verify(&session.pool, witness.as_ref(), move |progress| {
        shown.set_length(u64::try_from(progress.of).unwrap_or(0));
        shown.set_position(u64::try_from(progress.events).unwrap_or(0));
    })
    .await?;
    bar.finish_and_clear();
    let Verified { head, events, flaw } = verified;
    if json {
        println!("{}", json!({ "ok": flaw.is_none(), "events": events, "head": as_json(&head), "flaw": flaw }));
    } else {
        match &flaw {
            None => println!("ok: {events} events, nothing changed, removed or put in between\n{}", as_text(&head)),
            Some(flaw) => {
                println!("position {}: {}\nthe {events} events before it are in order", flaw.position, flaw.problem);
            }
        }
    }
    Ok(if flaw.is_none() { Outcome::Done } else { Outcome::Found })
}

async fn restored(session: &Session, json: bool) -> Result<Outcome, Failure> {
    let done = synctv_postgres::restored(&session.pool).await?;
    if json {
        println!("{}", json!({ "before": as_json(&done.before), "after": as_json(&done.after) }));
    } else {
        println!(
            "epoch {} ended at position {}\n{}",
            done.before.epoch.name,
            done.before.position.0,
            as_text(&done.after)
        );
    }
    Ok(Outcome::Done)
}
