//! `synctv projection skip`

use clap::Args;
use serde_json::json;
use synctv_domain::Position;
use synctv_postgres::{PgPool, PgProjections, Skipped};
use synctv_projections::operate::{OperateError, PoisonStatus, Projections};

use super::names;
use crate::cli::{Failure, Outcome};

/// Characters of a reason, at most.
const LONGEST: usize = 500;

#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Skip {
    /// Which projection.
    #[arg(value_parser = names())]
    name: String,
    /// The event that stops it, as `projection list` shows it.
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    position: i64,
    /// Why it may be left out: kept in the log for ever, so name no person. 1 to 500 characters.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST || text.contains(char::is_control) {
        return Err(format!("a reason has 1 to {LONGEST} characters, and no control characters"));
    }
    Ok(text.to_owned())
}

pub(super) async fn skip(
    pool: &PgPool,
    projections: &PgProjections,
    asked: &Skip,
    json: bool,
) -> Result<Outcome, Failure> {
    let Skip { name, position, reason } = asked;
    let Skipped { position, recorded } = match synctv_postgres::skip(pool, name, Position(*position), reason).await {
        Ok(skipped) => skipped,
        Err(error @ OperateError::NotStopped { .. }) => {
            return Err(format!("{error}; {}", stopper(projections, name).await?).into());
        }
        Err(error) => return Err(error.into()),
    };
    if json {
        println!("{}", json!({ "name": name, "position": position, "reason": reason, "recorded": recorded }));
    } else {
        println!("{name} goes on behind event {position}; event {recorded} of the log says so");
    }
    Ok(Outcome::Done)
}

/// What stops it instead.
async fn stopper(projections: &PgProjections, name: &str) -> Result<String, Failure> {
    let all = projections.list().await?;
    let poison = all.into_iter().find(|projection| projection.name == *name).and_then(|projection| projection.poison);
    Ok(match poison {
        Some(PoisonStatus { position, reason, .. }) => format!("event {position} stops it: {reason}"),
        None => "nothing stops it".to_owned(),
    })
}
