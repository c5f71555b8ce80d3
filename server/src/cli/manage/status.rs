//! `synctv status`

use super::reach::Reach;
use super::words;
use crate::cli::{Failure, Outcome, say};
use crate::config::Config;

pub(in crate::cli) async fn status(reach: &Reach, config: &Config, as_json: bool) -> Result<Outcome, Failure> {
    let told = reach.connect(config).await?.status().await;
    let status = told.map_err(|error| reach.server(config).failure(&error))?;
    if as_json {
        say(serde_json::to_string(&status)?)?;
    } else {
        say(words::status(&status))?;
    }
    Ok(if status.ready { Outcome::Done } else { Outcome::NotReady })
}
