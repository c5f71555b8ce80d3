//! `synctv projection list`

use serde_json::json;
use synctv_postgres::PgProjections;
use synctv_projections::operate::{PoisonStatus, ProjectionState, ProjectionStatus, Projections};

use super::words;
use crate::cli::table::table;
use crate::cli::{Failure, Outcome, say};

const TITLES: [&str; 6] = ["NAME", "STATE", "GENERATION", "POSITION", "LAG", "OWNER"];

pub(super) async fn list(projections: &PgProjections, json: bool) -> Result<Outcome, Failure> {
    let all = projections.list().await?;
    if json {
        say(json!({ "projections": all }))?;
    } else {
        say(shown(&all))?;
    }
    let stopped = all.iter().any(|projection| projection.state == ProjectionState::Stopped);
    Ok(if stopped { Outcome::Found } else { Outcome::Done })
}

/// A line each, and one below for whatever is out of the ordinary.
fn shown(all: &[ProjectionStatus]) -> String {
    let rows: Vec<_> = all.iter().map(|projection| (cells(projection), notes(projection))).collect();
    table(TITLES, &rows)
}

fn cells(projection: &ProjectionStatus) -> [String; TITLES.len()] {
    let state = match projection.state {
        ProjectionState::Running => "running",
        ProjectionState::Stopped => "stopped",
        ProjectionState::Idle => "idle",
    };
    [
        projection.name.clone(),
        state.to_owned(),
        projection.generation.to_string(),
        projection.position.to_string(),
        format!("{} events, {}", projection.lag_events, words::time(projection.lag_seconds)),
        projection.owner.as_deref().unwrap_or("-").to_owned(),
    ]
}

fn notes(projection: &ProjectionStatus) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(PoisonStatus { position, reason, since }) = &projection.poison {
        notes.push(format!("stopped by event {position} since {since}: {reason}"));
    }
    if let Some(rebuild) = projection.rebuild.as_ref().filter(|rebuild| !rebuild.state.is_over()) {
        notes.push(format!("rebuild to generation {}: {}", rebuild.generation, words::progress(rebuild)));
    }
    if !projection.kept.is_empty() {
        let kept: Vec<_> = projection.kept.iter().map(i64::to_string).collect();
        notes.push(format!("kept until drop-old: generation {}", kept.join(", ")));
    }
    notes
}
