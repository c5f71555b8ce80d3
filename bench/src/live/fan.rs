//! One stream and 500 viewers of it.

use std::time::Duration;

use super::load::Load;
use super::orders::{Group, Seen};
use super::server::{Server, Side, Work};
use super::{Stage, failed, figure};
use crate::failure::Failure;
use crate::nodes::Figure;

pub const VIEWERS: u32 = 500;
/// All join within it.
pub const JOINING: Duration = Duration::from_secs(1);
/// Before anybody watches: what is kept of a stream is there then.
const ALONE: Duration = Duration::from_secs(6);
/// After the last has joined: what everybody got at once is sent.
pub const SETTLING: Duration = Duration::from_secs(2);

/// In a second of the film, and how many of them have to get to the viewers at least.
const PICTURES: f64 = 30.0;
const WHOLE: f64 = 0.95;

/// What one side needs, and what its viewers see.
#[derive(Default)]
struct Run {
    idle: Work,
    alone: Work,
    work: Work,
    first_ms: Vec<f64>,
    seen: Seen,
    kib: f64,
    peak_mib: f64,
}

/// Each side twice: the mean of both.
pub async fn fan(stage: &Stage<'_>) -> Result<Vec<Figure>, Failure> {
    let (mut ours, mut peer) = (Vec::new(), Vec::new());
    for side in Side::ORDER {
        let runs = if side == Side::Ours { &mut ours } else { &mut peer };
        runs.push(run(stage, side).await?);
    }
    Ok([figures(Side::Ours, &ours), figures(Side::Peer, &peer)].concat())
}

async fn run(stage: &Stage<'_>, side: Side) -> Result<Run, Failure> {
    let server = Server::start(side, stage, (1, false)).await?;
    let idle = server.work(stage, stage.window / 3).await;
    // Viewers end before their publisher.
    let (mut publisher, mut viewers) = (Load::start()?, Load::start()?);
    publisher.publish(server.publish(stage, Duration::ZERO)).await?;
    tokio::time::sleep(ALONE.saturating_sub(stage.window / 3)).await;
    let alone = server.work(stage, stage.window / 3).await;
    let before = server.memory_kib("VmRSS");
    let first_ms = viewers.watch(server.watch(VIEWERS, JOINING, Group::Steady)?).await?;
    tokio::time::sleep(SETTLING).await;
    viewers.take(Group::Steady).await?;
    let work = server.work(stage, stage.window).await;
    let seen = viewers.take(Group::Steady).await?;
    publisher.all_publish().await?;
    if seen.closed > 0 {
        return Err(failed(format!("{} of {VIEWERS} viewers were closed", seen.closed)));
    }
    let sent = f64::from(VIEWERS) * PICTURES * stage.window.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "some ten thousand")]
    let share = seen.pictures as f64 / sent;
    if share < WHOLE {
        return Err(failed(format!("viewers got {:.1} % of the pictures", share * 100.0)));
    }
    let kib = (server.memory_kib("VmRSS") - before) / f64::from(VIEWERS);
    let peak_mib = server.peak_mib();
    eprintln!(
        "{}: {:.0} ms/s, first {:.1} ms, {seen:?}, {kib:.1} KiB",
        side.name(),
        work.server,
        first_ms[first_ms.len() / 2]
    );
    Ok(Run { idle, alone, work, first_ms, seen, kib, peak_mib })
}

fn figures(side: Side, runs: &[Run]) -> Vec<Figure> {
    let mean = |value: &dyn Fn(&Run) -> f64| {
        let all: Vec<f64> = runs.iter().map(value).collect();
        #[expect(clippy::cast_precision_loss, reason = "two")]
        let count = all.len() as f64;
        all.iter().sum::<f64>() / count
    };
    let at = |run: &Run, percent: usize| run.first_ms.get(run.first_ms.len() * percent / 100).copied();
    let values: [(&str, f64); 13] = [
        ("cpu", mean(&|run| run.work.server / f64::from(VIEWERS))),
        ("idle", mean(&|run| run.idle.server)),
        ("alone", mean(&|run| run.alone.server)),
        ("postgres", mean(&|run| run.work.postgres)),
        ("first.p50", mean(&|run| at(run, 50).unwrap_or(f64::NAN))),
        ("first.p99", mean(&|run| at(run, 99).unwrap_or(f64::NAN))),
        ("delay.p50", mean(&|run| run.seen.delay_p50)),
        ("delay.p99", mean(&|run| run.seen.delay_p99)),
        ("gap", mean(&|run| run.seen.longest_gap)),
        ("kib", mean(&|run| run.kib)),
        ("peak", mean(&|run| run.peak_mib)),
        #[expect(clippy::cast_precision_loss, reason = "megabytes")]
        ("bytes", mean(&|run| run.seen.bytes as f64)),
        #[expect(clippy::cast_precision_loss, reason = "some ten thousand")]
        ("pictures", mean(&|run| run.seen.pictures as f64)),
    ];
    values.map(|(name, value)| figure(&format!("{}.{name}", side.name()), value)).into()
}
