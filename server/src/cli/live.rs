//! `synctv live …`

use std::time::Duration;

use clap::Subcommand;
use serde_json::json;
use synctv_domain::RoomId;
use synctv_postgres::{LiveRow, PgPool, kick_live, live_rows};
use tokio::time::{Instant, sleep};

use super::table::table;
use super::{Failure, Outcome, say};
use crate::config::Config;
use crate::database::Session;

/// How long a node may take to end a stream: it looks once a second.
const PATIENCE: Duration = Duration::from_secs(8);
const LOOK: Duration = Duration::from_millis(200);

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum LiveVerb {
    /// Show the live streams of all nodes: where, whose, since when, and how they are.
    ///
    /// The figures are of the last five seconds or so. A stream whose node is lost is not renewed any more; its end is told to
    /// the room within some seconds.
    List,
    /// End the live stream of a room. Its publisher may come back with the same key: `live.revoke_key` makes that worthless.
    ///
    /// Ends with 1 when the room is not live, or when its node did not end it within some seconds.
    Kick {
        /// room_…
        room: RoomId,
    },
}

pub(super) async fn perform(verb: &LiveVerb, config: &Config, as_json: bool) -> Result<Outcome, Failure> {
    let session = Session::open(config).await?;
    let outcome = match verb {
        LiveVerb::List => list(&session.pool, as_json).await,
        LiveVerb::Kick { room } => kick(&session.pool, *room, as_json).await,
    };
    session.close().await?;
    outcome
}

async fn list(pool: &PgPool, as_json: bool) -> Result<Outcome, Failure> {
    let rows = live_rows(pool).await?;
    if as_json {
        say(json!({ "streams": rows }))?;
        return Ok(Outcome::Done);
    }
    const TITLES: [&str; 8] = ["ROOM", "BY", "NODE", "SINCE", "VIEWERS", "KBIT/S", "FRAMES/S", "GOP"];
    let rows: Vec<_> = rows.iter().map(|row| (cells(row), notes(row))).collect();
    say(table(TITLES, &rows))?;
    Ok(Outcome::Done)
}

fn cells(row: &LiveRow) -> [String; 8] {
    let none = || "-".to_owned();
    let (viewers, rate, frames, gop) = row.report.map_or((none(), none(), none(), none()), |report| {
        let frames = report.frames_per_kilosecond / 100;
        (
            report.viewers.to_string(),
            (report.bits_per_second / 1000).to_string(),
            format!("{}.{}", frames / 10, frames % 10),
            format!("{} ms", report.gop_ms),
        )
    });
    let by = row.by.clone().unwrap_or_else(none);
    [row.room_id.clone(), by, row.node.clone(), row.started_at.to_string(), viewers, rate, frames, gop]
}

fn notes(row: &LiveRow) -> Vec<String> {
    let mut notes = Vec::new();
    if !row.held {
        notes.push("its node does not renew it".to_owned());
    }
    if row.kicked {
        notes.push("about to be ended".to_owned());
    }
    if let Some(report) = row.report.filter(|report| report.skips > 0) {
        notes.push(format!("{} times a viewer was too slow and missed something", report.skips));
    }
    notes
}

async fn kick(pool: &PgPool, room: RoomId, as_json: bool) -> Result<Outcome, Failure> {
    let (asked, until) = (kick_live(pool, room).await?, Instant::now() + PATIENCE);
    let mut ended = false;
    while asked && !ended && Instant::now() < until {
        sleep(LOOK).await;
        ended = !live_rows(pool).await?.iter().any(|row| row.room_id == room.to_string() && row.kicked);
    }
    if as_json {
        say(json!({ "room_id": room, "live": asked, "ended": ended }))?;
    } else if ended {
        say(format_args!("the stream of {room} is ended"))?;
    } else if asked {
        say(format_args!("the node that has the stream of {room} has not ended it yet; see synctv live list"))?;
    } else {
        say(format_args!("{room} is not live"))?;
    }
    Ok(if ended { Outcome::Done } else { Outcome::Found })
}
