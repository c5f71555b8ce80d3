//! `synctv log export`

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use synctv_commands::{LogQuery, LogReader};
use synctv_postgres::{Head, Incarnation, PgLogReader};

use super::log::{as_json, progress_bar};
use super::wanted::Wanted;
use super::{Failure, Outcome};
use crate::database::Session;

/// Events held in memory at once.
const PAGE: usize = 1000;

#[derive(Args, Clone, Debug)]
pub(super) struct Export {
    #[command(flatten)]
    wanted: Wanted,
    /// Write to this file, which is there when it is whole. [default: the standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) async fn export(session: &Session, asked: &Export, json: bool) -> Result<Outcome, Failure> {
    let head = synctv_postgres::head(&session.pool).await?;
    let query = asked.wanted.of(&head, PAGE)?;
    let incarnation = Arc::new(Incarnation::existing(&session.pool).await?);
    let reader = PgLogReader::new(session.pool.clone(), None, incarnation);
    let Some(path) = &asked.output else {
        let written = write(&reader, query, &mut BufWriter::new(io::stdout().lock())).await;
        return match written {
            // Whoever reads it may have seen enough.
            Err(error) if is_broken_pipe(&error) => Ok(Outcome::Done),
            written => written.map(|_| Outcome::Done),
        };
    };
    let events = to_file(&reader, query, path).await?;
    tell(&head, events, path, json);
    Ok(Outcome::Done)
}

/// Under another name until it is whole.
async fn to_file(reader: &PgLogReader, query: LogQuery, path: &Path) -> Result<u64, Failure> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let failed = |error: io::Error| format!("{}: {error}", draft.display());
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft).map_err(failed)?;
    let mut out = BufWriter::new(file);
    let events = write(reader, query, &mut out).await?;
    out.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(&draft, path).map_err(failed)?;
    Ok(events)
}

/// Every event up to the head of now, a page at a time.
async fn write(reader: &PgLogReader, mut query: LogQuery, out: &mut impl Write) -> Result<u64, Failure> {
    let (bar, start) = (progress_bar()?, query.after.0);
    let distance = |position: i64| u64::try_from(position - start).unwrap_or(0);
    bar.set_length(distance(query.head.0));
    let mut events = 0;
    while query.after < query.head {
        let page = reader.stored(&query).await?;
        for event in &page.events {
            serde_json::to_writer(&mut *out, event).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
            events += 1;
        }
        query.after = page.reached;
        bar.set_position(distance(query.after.0));
    }
    out.flush()?;
    bar.finish_and_clear();
    Ok(events)
}

fn is_broken_pipe(error: &Failure) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn tell(head: &Head, events: u64, path: &Path, json: bool) {
    if json {
        println!("{}", json!({ "events": events, "file": path, "head": as_json(head) }));
    } else {
        println!("{events} events up to position {} in {}", head.position, path.display());
    }
}
