//! `synctv projection rebuild`

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use rand::RngCore;
use synctv_postgres::{Incarnation, PgLeases, PgProjections, RebuildError, Rebuilder, Vault};
use synctv_projections::operate::{OperateError, Projections, RebuildStatus};
use tokio::time::sleep;

use super::names;
use super::progress::Progress;
use super::result;
use crate::cli::{Failure, Outcome};
use crate::config::Config;
use crate::database::Session;

/// Readers at once, at most: each has two connections.
const MOST: usize = 16;
/// How often the work of others is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Rebuild {
    /// Which one.
    #[arg(value_parser = names())]
    name: Option<String>,
    /// All of them, in one pass over the log.
    #[arg(long)]
    all: bool,
}

impl Rebuild {
    fn wanted(&self) -> Vec<&str> {
        match &self.name {
            Some(name) => vec![name],
            None => PgProjections::names(),
        }
    }

    /// As it was typed.
    fn arguments(&self) -> &str {
        self.name.as_deref().unwrap_or("--all")
    }
}

/// What is to be brought to its end.
struct Job {
    id: String,
    names: Vec<String>,
}

pub(super) async fn rebuild(
    session: &Session,
    config: &Config,
    projections: &PgProjections,
    asked: &Rebuild,
    json: bool,
) -> Result<Outcome, Failure> {
    let vault = vault(session, config).await?;
    let owner = format!("verb-{}-{:08x}", std::process::id(), rand::rng().next_u32());
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST);
    let rebuilder = Rebuilder::new(session.pool.clone(), vault, owner.clone(), workers);
    let job = take_up(projections, &asked.wanted()).await?;
    let progress = Arc::new(Progress::new()?);
    let worked = tokio::select! {
        worked = work(&rebuilder, projections, &job, &progress) => worked.map_err(|error| stopped(&error, asked)),
        _ = tokio::signal::ctrl_c() => Err(stopped(&"interrupted", asked)),
    };
    progress.clear();
    if worked.is_err() {
        // Whoever goes on with it need not wait for the end of the lease.
        let _ = PgLeases::new(session.pool.clone(), owner).give_up().await;
    }
    worked?;
    let all = projections.list().await?;
    let made: Vec<_> = all.iter().filter(|one| job.names.contains(&one.name)).collect();
    result::tell(&made, json)
}

/// Opens texts, to make their words findable.
async fn vault(session: &Session, config: &Config) -> Result<Arc<Vault>, Failure> {
    let incarnation = Arc::new(Incarnation::existing(&session.pool).await?);
    let key = synctv_postgres::credential(&session.pool, config.credential_key.as_deref()).await?;
    let key = key.ok_or("SYNCTV_CREDENTIAL_KEY is not given: without it, nobody could find messages by their words")?;
    Ok(Arc::new(Vault::new(session.pool.clone(), &key, incarnation)))
}

/// A new job, or one that nobody is at work on.
async fn take_up(projections: &PgProjections, wanted: &[&str]) -> Result<Job, Failure> {
    loop {
        match projections.begin(wanted).await {
            Ok(id) => return Ok(Job { id, names: wanted.iter().map(|name| (*name).to_owned()).collect() }),
            Err(OperateError::Running(_)) => {}
            Err(other) => return Err(other.into()),
        }
        let under_way = under_way(projections, wanted).await?;
        let names: Vec<_> = under_way.iter().map(|status| &*status.name).collect();
        if let Some(id) = projections.abandoned(&names).await? {
            eprintln!("resuming the rebuild of {}, which nobody was at work on", names.join(", "));
            return Ok(Job { id, names: under_way.into_iter().map(|status| status.name).collect() });
        }
        if let Some(busy) = under_way.first() {
            return Err(is_busy(busy).into());
        }
    }
}

fn is_busy(RebuildStatus { name, owner, .. }: &RebuildStatus) -> String {
    match owner {
        Some(owner) => format!(
            "{name} is being rebuilt already, by {owner}; `synctv projection status {name}` tells how far it is, \
             `synctv projection cancel {name}` calls it off"
        ),
        None => format!(
            "a rebuild of {name} has not ended, and nobody is at work on it; `synctv projection rebuild {name}` goes on \
             with it, `synctv projection cancel {name}` calls it off"
        ),
    }
}

async fn under_way(
    projections: &PgProjections,
    names: &[impl PartialEq<String>],
) -> Result<Vec<RebuildStatus>, Failure> {
    let all = projections.list().await?.into_iter().filter_map(|projection| projection.rebuild);
    Ok(all.filter(|status| !status.state.is_over() && names.iter().any(|name| *name == status.name)).collect())
}

/// Until the job has ended, whoever does the work.
async fn work(
    rebuilder: &Rebuilder,
    projections: &PgProjections,
    job: &Job,
    progress: &Arc<Progress>,
) -> Result<(), Failure> {
    loop {
        let shown = Arc::clone(progress);
        let worked = rebuilder.run(&job.id, move |done| shown.tell(&done)).await;
        let left = watch(projections, job, progress).await;
        match worked {
            // Others may have taken it up before, or meanwhile.
            Ok(_) | Err(RebuildError::Lost) => {}
            // What failed for good has ended, and says why.
            Err(error) if !matches!(left, Ok(false)) => return Err(error.into()),
            Err(_) => {}
        }
        if !left? {
            return Ok(());
        }
    }
}

/// As long as others are at work. Whether there is something left to do.
async fn watch(projections: &PgProjections, job: &Job, progress: &Progress) -> Result<bool, Failure> {
    loop {
        let under_way = under_way(projections, &job.names).await?;
        if under_way.iter().all(|status| status.owner.is_none()) {
            return Ok(!under_way.is_empty());
        }
        progress.watch(&under_way);
        sleep(LOOK_EVERY).await;
    }
}

fn stopped(why: &impl std::fmt::Display, asked: &Rebuild) -> Failure {
    let (typed, name) = (asked.arguments(), asked.name.as_deref().unwrap_or("NAME"));
    format!(
        "{why}. Nothing has changed for readers, and what was done is kept: a running server goes on with it, or \
         `synctv projection rebuild {typed}`; `synctv projection cancel {name}` calls it off"
    )
    .into()
}
