//! `synctv outbox …`

use clap::{Args, Subcommand};
use serde_json::json;
use synctv_postgres::{Act, Acted, DeadLetter, PgTopics, RecordedAct, TopicStatus, Which};

use super::projection::words;
use super::table::table;
use super::{Failure, Outcome, say};
use crate::config::Config;
use crate::database::Session;

/// Acts shown by `status`.
const ACTS: i64 = 5;

#[derive(Clone, Debug, Subcommand)]
pub(super) enum OutboxVerb {
    /// Show what waits in each topic, how old it is, what fails, and who is at work on it.
    ///
    /// `events` is what other nodes are told; each webhook has a topic of its own. Failing events were tried in vain and will
    /// be tried again; dead ones are not, until they are replayed. Ends with 1 when there are dead letters, or a webhook is
    /// paused.
    Status,
    /// Show the events that are not tried any more, and why.
    ListDead {
        #[command(flatten)]
        topic: Topic,
        /// At most so many.
        #[arg(long, value_name = "N", default_value = "1000", value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
    /// Let dead letters be tried again, as new.
    Replay(Letters),
    /// Give dead letters up for good. Their events stay in the log.
    Drop(Letters),
}

#[derive(Args, Clone, Debug)]
pub(super) struct Topic {
    /// Only of this topic, as `status` shows it. [default: all]
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Letters {
    #[command(flatten)]
    topic: Topic,
    /// Positions of the events, as `list-dead` shows them.
    #[arg(value_name = "POSITION", required_unless_present = "all", value_parser = clap::value_parser!(i64).range(1..))]
    positions: Vec<i64>,
    /// All of them.
    #[arg(long, conflicts_with = "positions")]
    all: bool,
}

impl Letters {
    fn which(&self) -> Which {
        if self.all { Which::All } else { Which::At(self.positions.clone()) }
    }
}

pub(super) async fn perform(verb: &OutboxVerb, config: &Config, json: bool) -> Result<Outcome, Failure> {
    let session = Session::open(config).await?;
    let outcome = run(verb, &PgTopics::new(session.pool.clone()), json).await;
    session.close().await?;
    outcome
}

async fn run(verb: &OutboxVerb, outbox: &PgTopics, json: bool) -> Result<Outcome, Failure> {
    match verb {
        OutboxVerb::Status => status(outbox, json).await,
        OutboxVerb::ListDead { topic, limit } => list_dead(outbox, topic.topic.as_deref(), *limit, json).await,
        OutboxVerb::Replay(letters) => act(outbox, Act::Replay, letters, json).await,
        OutboxVerb::Drop(letters) => act(outbox, Act::Drop, letters, json).await,
    }
}

async fn status(outbox: &PgTopics, json: bool) -> Result<Outcome, Failure> {
    let (topics, acts) = (outbox.status().await?, outbox.acts(ACTS).await?);
    if json {
        say(json!({ "topics": topics, "acts": acts }))?;
    } else {
        const TITLES: [&str; 6] = ["TOPIC", "WAITING", "OLDEST", "FAILING", "DEAD", "OWNER"];
        let rows: Vec<_> = topics.iter().map(|topic| (cells(topic), notes(topic))).collect();
        say(table(TITLES, &rows))?;
        acts.iter().try_for_each(|act| say(done(act)))?;
    }
    let found = topics.iter().any(|topic| topic.dead > 0 || topic.paused.is_some());
    Ok(if found { Outcome::Found } else { Outcome::Done })
}

fn cells(topic: &TopicStatus) -> [String; 6] {
    [
        topic.topic.clone(),
        topic.waiting.to_string(),
        topic.oldest_seconds.map_or_else(|| "-".to_owned(), words::time),
        topic.failing.to_string(),
        topic.dead.to_string(),
        topic.owner.as_deref().unwrap_or("-").to_owned(),
    ]
}

fn notes(topic: &TopicStatus) -> Vec<String> {
    let paused = topic.paused.as_ref().map(|why| format!("paused: {why}"));
    let error = topic.last_error.as_ref().map(|error| format!("failing: {error}"));
    topic.url.iter().map(|url| format!("to {url}")).chain(paused).chain(error).collect()
}

fn done(RecordedAct { at, who, act, topic, letters }: &RecordedAct) -> String {
    format!("{at}  {who}: {act} of {letters} dead letters of {topic}")
}

async fn list_dead(outbox: &PgTopics, topic: Option<&str>, limit: i64, json: bool) -> Result<Outcome, Failure> {
    let letters = outbox.dead(topic, limit).await?;
    if json {
        say(json!({ "dead": letters }))?;
    } else if letters.is_empty() {
        say("there are no dead letters")?;
    } else {
        const TITLES: [&str; 6] = ["TOPIC", "POSITION", "TYPE", "STREAM", "ATTEMPTS", "SINCE"];
        say(table(TITLES, &letters.iter().map(letter).collect::<Vec<_>>()))?;
    }
    Ok(Outcome::Done)
}

fn letter(letter: &DeadLetter) -> ([String; 6], Vec<String>) {
    let cells = [
        letter.topic.clone(),
        letter.position.to_string(),
        letter.kind.clone(),
        letter.stream.clone(),
        letter.attempts.to_string(),
        letter.last_at.to_string(),
    ];
    (cells, vec![letter.error.clone()])
}

/// Finding none that was meant is a finding.
async fn act(outbox: &PgTopics, act: Act, letters: &Letters, json: bool) -> Result<Outcome, Failure> {
    let acted = outbox.act(act, letters.topic.topic.as_deref(), &letters.which(), &account()).await?;
    let what = match act {
        Act::Replay => "wait again",
        Act::Drop => "are dropped",
    };
    if json {
        say(json!({ "topics": acted }))?;
    } else if acted.is_empty() {
        say("there are no such dead letters")?;
    } else {
        let line = |Acted { topic, positions }: &Acted| format!("{topic}: {} dead letters {what}", positions.len());
        acted.iter().try_for_each(|acted| say(line(acted)))?;
    }
    Ok(if acted.is_empty() { Outcome::Found } else { Outcome::Done })
}

/// Who types this, as far as the machine knows.
fn account() -> String {
    let variable = |name| std::env::var(name).ok().filter(|name| !name.is_empty());
    let user = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(variable);
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}@{}", user.as_deref().unwrap_or("unknown"), host.trim())
}
