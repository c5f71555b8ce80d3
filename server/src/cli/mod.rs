//! The command line.

mod doctor;
mod export;
mod live;
mod log;
mod manage;
mod outbox;
mod projection;
mod query;
mod subject;
mod table;
mod wanted;
mod webhook;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Given};
use crate::{serve, telemetry};

/// Watch together: rooms, synchronized playback and chat, every change of which is an event in one PostgreSQL log.
///
/// Without DATABASE_URL a private PostgreSQL is run inside the data directory; the programs have to be installed.
#[derive(Debug, Parser)]
#[command(name = "synctv", version, propagate_version = true)]
struct Cli {
    /// A TOML file with any of the settings.
    #[arg(long, env = "SYNCTV_CONFIG", value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Print results as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten, next_help_heading = "Settings")]
    given: Given,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the server.
    Serve,
    /// Show how the running server is: ready or why not, where the log ends, what is open.
    ///
    /// Ends with 0 when the server is ready, with 3 when it is not, with 1 when it cannot be asked. The server of this data
    /// directory is asked over <DATA_DIR>/synctv.sock, by its own user or root; no database is needed.
    Status(manage::Reach),
    /// Stop the running server, and show how far that is.
    ///
    /// It drains as on SIGTERM: no new connections, clients are told to come back elsewhere, what is under way is finished
    /// within its --drain-secs. Asked again it ends at once, and ctrl-c ends the watching only. The verb ends with 0 when the
    /// server has stopped and another may be started with its data directory.
    Stop(manage::Stop),
    /// Look for what is wrong with this deployment: settings, machine, PostgreSQL, log, Redis, other nodes.
    ///
    /// Works with and without a running server, and changes nothing. Give it the settings of the server. Ends with 1 when
    /// something is wrong, with 0 otherwise, also when there are warnings.
    Doctor,
    /// The configuration.
    #[command(subcommand)]
    Config(ConfigVerb),
    /// The log.
    #[command(subcommand)]
    Log(log::LogVerb),
    /// The read models that are derived from the log: lists of rooms, messages, members and so on.
    #[command(subcommand)]
    Projection(projection::ProjectionVerb),
    /// What waits in the outbox to be delivered, and dead letters.
    #[command(subcommand)]
    Outbox(outbox::OutboxVerb),
    /// Addresses that events are sent to, as signed CloudEvents.
    #[command(subcommand)]
    Webhook(webhook::WebhookVerb),
    /// Live streams.
    #[command(subcommand)]
    Live(live::LiveVerb),
    /// People.
    #[command(subcommand)]
    Subject(subject::SubjectVerb),
}

#[derive(Debug, Subcommand)]
enum ConfigVerb {
    /// Read, validate and show the settings in force, without their secrets.
    Check,
}

/// A failure that was told, or one to tell.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How a verb ended: with what it was asked for, or with a finding that fails a script.
enum Outcome {
    Done,
    Found,
    /// The server is there, and not ready.
    NotReady,
}

/// Runs the verb of the command line. 0: done; 1: failed, or a check found something; 2: wrong usage; 3: the server
/// is not ready.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    match perform(cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::FAILURE,
        Ok(Outcome::NotReady) => ExitCode::from(3),
        Err(error) => {
            if json {
                eprintln!("{}", serde_json::json!({ "error": error.to_string() }));
            } else {
                eprintln!("synctv: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Prints what was asked for, to whoever is still there.
fn say(text: impl std::fmt::Display) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn perform(cli: Cli) -> Result<Outcome, Failure> {
    let config = match cli.given.resolve(cli.config.as_deref()) {
        Err(error) if matches!(cli.verb, Verb::Doctor) => return doctor::misconfigured(&error, cli.json),
        config => config?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        match cli.verb {
            Verb::Serve => {
                telemetry::init(config.log_format);
                serve::serve(&config).await?;
                Ok(Outcome::Done)
            }
            Verb::Status(reach) => manage::status(&reach, &config, cli.json).await,
            Verb::Stop(asked) => manage::stop(&asked, &config, cli.json).await,
            Verb::Doctor => doctor::doctor(&config, cli.json).await,
            Verb::Config(ConfigVerb::Check) => show(&config, cli.json),
            Verb::Log(verb) => log::perform(&verb, &config, cli.json).await,
            Verb::Projection(verb) => projection::perform(&verb, &config, cli.json).await,
            Verb::Outbox(verb) => outbox::perform(&verb, &config, cli.json).await,
            Verb::Webhook(verb) => webhook::perform(&verb, &config, cli.json).await,
            Verb::Live(verb) => live::perform(&verb, &config, cli.json).await,
            Verb::Subject(verb) => subject::perform(&verb, &config, cli.json).await,
        }
    });
    // A read that hangs in the kernel must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    outcome
}

fn show(config: &Config, json: bool) -> Result<Outcome, Failure> {
    let shown = config.redacted();
    let text = if json { serde_json::to_string_pretty(&shown)? } else { toml::to_string(&shown)? };
    println!("{}", text.trim_end());
    Ok(Outcome::Done)
}
