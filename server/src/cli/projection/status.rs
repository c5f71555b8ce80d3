//! `synctv projection status`

use serde_json::json;
use synctv_postgres::PgProjections;
use synctv_projections::operate::{ProjectionStatus, Projections};

use super::words;
use crate::cli::{Failure, Outcome, say};

pub(super) async fn status(projections: &PgProjections, name: Option<&str>, json: bool) -> Result<Outcome, Failure> {
    let mut all = projections.list().await?;
    all.retain(|projection| name.is_none_or(|name| projection.name == name));
    if json {
        let rebuilds: Vec<_> = all.iter().filter_map(|projection| projection.rebuild.as_ref()).collect();
        say(json!({ "rebuilds": rebuilds }))?;
    } else {
        let lines: Vec<_> = all.iter().map(line).collect();
        say(lines.join("\n"))?;
    }
    Ok(Outcome::Done)
}

fn line(projection: &ProjectionStatus) -> String {
    projection.rebuild.as_ref().map_or_else(|| format!("{}: was never rebuilt", projection.name), words::rebuild)
}
