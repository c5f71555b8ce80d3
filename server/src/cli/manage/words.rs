//! A server, in words.

use std::fmt::Write;

use synctv_grpc::management::{DegradedProjection, Phase, Progress, Status};

use crate::cli::projection::words::time;

/// A line for each thing there is to say.
pub(super) fn status(status: &Status) -> String {
    let mut lines = vec![
        ("version", status.version.clone()),
        ("process", format!("{}, for {}", status.pid, seconds(status.uptime_ms))),
        ("state", state(status)),
    ];
    let connections = ("connections", open(status.connections, status.sockets, status.streams));
    match (status.started_at, status.phase) {
        (Some(started_at), _) => {
            lines.push(("started", started_at.to_string()));
            lines.push(("serves", format!("http://{}", status.http_address)));
            lines.push(("node", status.node_id.clone()));
            lines.push(("head", head(status)));
            lines.push(connections);
            lines.push(("rooms", format!("{} in memory", status.rooms)));
            lines.extend(super::members::lines(status));
            lines.extend(read_models(status).into_iter().map(|words| ("read models", words)));
        }
        // There is nothing else yet.
        (None, Phase::Starting) => {}
        // There is nothing else any more.
        (None, _) => lines.push(connections),
    }
    let mut text = String::new();
    for (name, value) in lines {
        let _ = writeln!(text, "{name:<12} {value}");
    }
    text.trim_end().to_owned()
}

/// What it is doing, and whether it is ready.
fn state(status: &Status) -> String {
    let why = match &*status.not_ready {
        "" if status.degraded_projections.is_empty() => return "ready".to_owned(),
        "" => return "ready, with degraded read models".to_owned(),
        "starting" => "it waits for its database, or prepares it",
        "draining" => return format!("not ready: it is {}, to stop", phase(status.phase)),
        "unavailable" => "the database does not answer",
        "log_rewound" => "the database holds an older log than it has seen; see `synctv log restored --help`",
        other => other,
    };
    format!("not ready: {why}")
}

fn head(status: &Status) -> String {
    status
        .head
        .as_ref()
        .map_or_else(|| "unknown".to_owned(), |head| format!("{} of epoch {}", head.position, head.epoch))
}

fn read_models(status: &Status) -> Vec<String> {
    match (&*status.degraded_projections, &status.head) {
        ([], Some(_)) => vec!["none is degraded".to_owned()],
        ([], None) => vec!["unknown".to_owned()],
        (degraded, _) => degraded.iter().map(late).collect(),
    }
}

fn late(DegradedProjection { projection, detail, lag_seconds, .. }: &DegradedProjection) -> String {
    format!("{projection}: {detail}, {} behind; see `synctv projection list`", time(*lag_seconds))
}

/// What is being done, within a sentence.
pub(super) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Starting => "starting",
        Phase::Serving => "serving",
        Phase::Draining => "draining",
        Phase::Closing => "closing",
        Phase::Stopped => "stopped",
    }
}

/// What is open.
fn open(connections: i64, sockets: i64, streams: i64) -> String {
    let count = |number: i64, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    format!("{connections} ({}, {})", count(sockets, "socket"), count(streams, "stream"))
}

/// How far a stop is.
pub(super) fn progress(progress: &Progress) -> String {
    let Progress { connections, sockets, streams, elapsed_ms, deadline_ms, .. } = progress;
    let left = open(*connections, *sockets, *streams);
    match progress.phase {
        Phase::Closing => format!("closing, {}", seconds(*elapsed_ms)),
        Phase::Stopped => "stopped".to_owned(),
        other => format!("{}, {left} left, {} of {}", phase(other), seconds(*elapsed_ms), seconds(*deadline_ms)),
    }
}

/// The last line.
pub(super) fn stopped(last: &Progress) -> String {
    format!("stopped after {}", seconds(last.elapsed_ms))
}

fn seconds(ms: i64) -> String {
    time(std::time::Duration::from_millis(u64::try_from(ms).unwrap_or(0)).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use synctv_domain::Timestamp;
    use synctv_edge::Reason;
    use synctv_grpc::management::Head;

    use super::*;

    #[test]
    fn a_server_is_told_in_a_few_lines() {
        let late = DegradedProjection {
            projection: "chat_messages".into(),
            reason: Reason::Stopped,
            position: 8,
            lag_seconds: 90.0,
            detail: "event 8 cannot be taken in".into(),
        };
        let told = status(&Status {
            version: "1.2.3".into(),
            pid: 7,
            uptime_ms: 600_000,
            phase: Phase::Serving,
            ready: true,
            started_at: Some(Timestamp(0)),
            node_id: "01N".into(),
            http_address: "127.0.0.1:8080".into(),
            head: Some(Head { epoch: "e1".into(), position: 9 }),
            connections: 3,
            sockets: 1,
            rooms: 2,
            degraded_projections: vec![late],
            ..Status::default()
        });
        let wanted = "\
version      1.2.3
process      7, for 10 min
state        ready, with degraded read models
started      1970-01-01T00:00:00.000000Z
serves       http://127.0.0.1:8080
node         01N
head         9 of epoch e1
connections  3 (1 socket, 0 streams)
rooms        2 in memory
read models  chat_messages: event 8 cannot be taken in, 90 s behind; see `synctv projection list`";
        assert_eq!(told, wanted);
    }

    #[test]
    fn why_a_server_is_not_ready_is_told() {
        let of = |phase, code: &str| state(&Status { phase, not_ready: code.into(), ..Status::default() });
        assert_eq!(of(Phase::Serving, "unavailable"), "not ready: the database does not answer");
        assert_eq!(of(Phase::Closing, "draining"), "not ready: it is closing, to stop");
        assert_eq!(of(Phase::Serving, "something_new"), "not ready: something_new");
    }

    #[test]
    fn a_stop_tells_what_is_left() {
        let draining = Progress {
            phase: Phase::Draining,
            connections: 4,
            sockets: 2,
            streams: 1,
            elapsed_ms: 1_500,
            deadline_ms: 10_000,
        };
        assert_eq!(progress(&draining), "draining, 4 (2 sockets, 1 stream) left, 1.5 s of 10 s");
        assert_eq!(stopped(&Progress { elapsed_ms: 1_520, ..draining }), "stopped after 1.5 s");
    }
}
