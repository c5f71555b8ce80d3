//! `synctv log query`

use std::io::{self, Write};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use synctv_commands::{LogEntry, LogPage, LogQuery, LogReader};
use synctv_domain::Position;
use synctv_postgres::{Incarnation, PgLogReader, Vault};

use super::wanted::Wanted;
use super::{Failure, Outcome};
use crate::config::Config;
use crate::database::Session;

#[derive(Args, Clone, Debug)]
pub(super) struct Query {
    #[command(flatten)]
    wanted: Wanted,
    /// At most so many events; where to go on is told.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
}

pub(super) async fn query(
    session: &Session,
    config: &Config,
    asked: &Query,
    as_json: bool,
) -> Result<Outcome, Failure> {
    let head = synctv_postgres::head(&session.pool).await?;
    let query = asked.wanted.of(&head, usize::from(asked.limit))?;
    let found = find(&reader(session, config).await?, query).await?;
    let next = found.next(head.position);
    let written = if as_json {
        let head = json!({ "epoch": &*head.epoch.name, "position": head.position });
        let page = serde_json::to_string(&Page { events: found.events, head, next })?;
        writeln!(io::stdout(), "{page}")
    } else {
        let mut out = io::stdout().lock();
        found.events.iter().try_for_each(|entry| writeln!(out, "{}", line(entry)))
    };
    // Whoever reads it may have seen enough.
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })?;
    if let (false, Some(next)) = (as_json, next) {
        eprintln!("more: --after {next}");
    }
    Ok(Outcome::Done)
}

/// As the HTTP interface has it.
#[derive(Serialize)]
struct Page {
    events: Vec<LogEntry>,
    head: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Position>,
}

/// Looks on until so many were found, or everything was looked at.
async fn find(reader: &PgLogReader, mut query: LogQuery) -> Result<LogPage<LogEntry>, Failure> {
    let (mut found, wanted) = (Vec::new(), query.limit);
    loop {
        let page = reader.entries(&query).await?;
        found.extend(page.events);
        (query.after, query.limit) = (page.reached, wanted.saturating_sub(found.len()));
        if query.limit == 0 || page.reached >= query.head {
            return Ok(LogPage { events: found, reached: page.reached });
        }
    }
}

/// Without the key, which may be a setting of the servers, personal texts stay sealed.
async fn reader(session: &Session, config: &Config) -> Result<PgLogReader, Failure> {
    let incarnation = Arc::new(Incarnation::existing(&session.pool).await?);
    let key = synctv_postgres::credential(&session.pool, config.credential_key.as_deref()).await?;
    if key.is_none() {
        eprintln!("names and texts stay sealed: SYNCTV_CREDENTIAL_KEY is not given");
    }
    let vault = key.map(|key| Arc::new(Vault::new(session.pool.clone(), &key, Arc::clone(&incarnation))));
    Ok(PgLogReader::new(session.pool.clone(), vault, incarnation))
}

fn line(entry: &LogEntry) -> String {
    let LogEntry { event, room_id } = entry;
    let (kind, actor) = (event.event.name(), event.actor.id);
    let place = room_id.map_or_else(|| "-".to_owned(), |room| format!("{room} {}", event.seq));
    format!("{}  {}  {place}  {actor}  {kind}  {}", event.position, event.at, event.event.encode())
}
