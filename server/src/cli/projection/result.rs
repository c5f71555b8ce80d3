//! What came of a rebuild.

use serde::Serialize;
use serde_json::json;
use synctv_projections::operate::{ProjectionStatus, RebuildState, RebuildStatus};

use super::words;
use crate::cli::{Failure, Outcome, say};

#[derive(Serialize)]
struct Made<'a> {
    name: &'a str,
    state: RebuildState,
    generation: i64,
    events: i64,
    seconds: f64,
    events_per_second: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// Earlier generations.
    kept: &'a [i64],
}

/// Tells of each; a rebuild that did not put its tables in place is a finding.
pub(super) fn tell(projections: &[&ProjectionStatus], json: bool) -> Result<Outcome, Failure> {
    let ended = || projections.iter().filter_map(|projection| Some((*projection, projection.rebuild.as_ref()?)));
    if json {
        let made: Vec<_> = ended().map(|(projection, status)| made(projection, status)).collect();
        say(json!({ "rebuilds": made }))?;
    } else {
        ended().try_for_each(|(projection, status)| say(line(projection, status)))?;
    }
    let all_done = ended().all(|(_, status)| status.state == RebuildState::Done);
    Ok(if all_done { Outcome::Done } else { Outcome::Found })
}

fn made<'a>(projection: &'a ProjectionStatus, status: &'a RebuildStatus) -> Made<'a> {
    Made {
        name: &projection.name,
        state: status.state,
        generation: status.generation,
        events: status.done,
        seconds: words::seconds(status),
        events_per_second: words::rate(status),
        error: status.error.as_deref(),
        kept: &projection.kept,
    }
}

fn line(projection: &ProjectionStatus, status: &RebuildStatus) -> String {
    let RebuildStatus { name, generation, state, .. } = status;
    if *state != RebuildState::Done {
        return words::rebuild(status);
    }
    let done = format!("{name}: generation {generation} is in place; {}", words::pace(status));
    match projection.kept.last() {
        Some(kept) => format!("{done}; generation {kept} is kept until `synctv projection drop-old {name}`"),
        None => done,
    }
}
