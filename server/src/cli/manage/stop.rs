//! `synctv stop`

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use synctv_grpc::management::{ClientError, Phase, Progress, Stopping};

use super::reach::{Reach, Server};
use super::words;
use crate::cli::{Failure, Outcome, say};
use crate::config::Config;

#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Stop {
    /// Cut connections instead of waiting for them. What is acknowledged is durable either way.
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    reach: Reach,
}

pub(in crate::cli) async fn stop(asked: &Stop, config: &Config, as_json: bool) -> Result<Outcome, Failure> {
    let mut client = asked.reach.connect(config).await?;
    let server = asked.reach.server(config);
    let mut stopping = client.stop(asked.now).await.map_err(|error| server.failure(&error))?;
    let bar = Bar::new()?;
    let told = tokio::select! {
        told = follow(&mut stopping, &bar, as_json, &server) => told,
        _ = tokio::signal::ctrl_c() => Err(interrupted()),
    };
    bar.0.finish_and_clear();
    let last = told?;
    if !as_json {
        say(words::stopped(&last))?;
    }
    Ok(Outcome::Done)
}

/// Until it has stopped; the last word.
async fn follow(stopping: &mut Stopping, bar: &Bar, as_json: bool, server: &Server<'_>) -> Result<Progress, Failure> {
    let mut last = Progress::default();
    while last.phase != Phase::Stopped {
        last = match stopping.next().await {
            Ok(Some(progress)) => progress,
            Ok(None) => return Err(unfinished(&last, server, &ClientError::Lost("it ended early".to_owned()))),
            Err(error) => return Err(unfinished(&last, server, &error)),
        };
        if as_json {
            say(serde_json::to_string(&last)?)?;
        }
        bar.show(&last);
    }
    Ok(last)
}

fn interrupted() -> Failure {
    "interrupted; the server goes on stopping: `synctv status` tells how far it is, `synctv stop --now` does not wait"
        .into()
}

fn unfinished(last: &Progress, server: &Server<'_>, error: &ClientError) -> Failure {
    let told = match error {
        ClientError::Silent => "it told nothing any more".to_owned(),
        other => other.to_string(),
    };
    format!("{server} was {}, and then {told}; `synctv status` tells whether it still runs", words::phase(last.phase))
        .into()
}

/// How many of the connections that there were have ended.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Result<Self, Failure> {
        Ok(Self(ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:40} {msg}")?)))
    }

    fn show(&self, progress: &Progress) {
        let left = u64::try_from(progress.connections).unwrap_or(0);
        let most = self.0.length().unwrap_or(0).max(left);
        self.0.set_length(most);
        self.0.set_position(most - left);
        self.0.set_message(words::progress(progress));
    }
}
