//! Publishers that nobody watches, and what their segments cost.

use std::time::Duration;

use super::load::Load;
use super::server::{Server, Side, Work};
use super::{Stage, failed, figure};
use crate::failure::Failure;
use crate::nodes::Figure;

/// Without segments at the peer, and with them.
const STREAMS: usize = 60;
const CUT: usize = 40;
/// They do not all send their keyframes at the same moment.
const COMING: Duration = Duration::from_secs(2);
/// Until every stream has been cut a few times.
const SETTLING: Duration = Duration::from_secs(5);
/// A segment of two seconds is there in this time.
const LONG: Duration = Duration::from_millis(2500);

pub async fn ingest(stage: &Stage<'_>) -> Result<Vec<Figure>, Failure> {
    both(stage, (STREAMS, false)).await
}

pub async fn hls(stage: &Stage<'_>) -> Result<Vec<Figure>, Failure> {
    both(stage, (CUT, true)).await
}

/// For each stream and side, ms of CPU time a second: the mean of two runs.
async fn both(stage: &Stage<'_>, what: (usize, bool)) -> Result<Vec<Figure>, Failure> {
    let (mut figures, mut sums, mut peak) = (Vec::new(), [Work::default(); 2], 0.0_f64);
    for side in Side::ORDER {
        let (work, peak_mib) = run(stage, side, what).await?;
        let sum = &mut sums[usize::from(side == Side::Peer)];
        sum.server += work.server;
        sum.postgres += work.postgres;
        if side == Side::Ours {
            peak = peak.max(peak_mib);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "dozens")]
    let streams = what.0 as f64;
    for (side, sum) in [Side::Ours, Side::Peer].into_iter().zip(sums) {
        figures.push(figure(&format!("{}.cpu", side.name()), sum.server / 2.0 / streams));
        figures.push(figure(&format!("{}.postgres", side.name()), sum.postgres / 2.0));
    }
    figures.push(figure("ours.peak", peak));
    Ok(figures)
}

async fn run(stage: &Stage<'_>, side: Side, (streams, segments): (usize, bool)) -> Result<(Work, f64), Failure> {
    let server = Server::start(side, stage, (streams, segments)).await?;
    let mut publishers = Load::start()?;
    publishers.publish(server.publish(stage, COMING)).await?;
    tokio::time::sleep(SETTLING).await;
    publishers.all_publish().await?;
    let work = server.work(stage, stage.window).await;
    let late = publishers.all_publish().await?;
    let cut = server.segments();
    eprintln!("{}: {:.0} ms/s, {cut} segments, at worst {late:.1} ms late", side.name(), work.server);
    let wanted = streams * usize::try_from((SETTLING + stage.window).as_millis() / LONG.as_millis()).unwrap_or(1);
    if segments && cut < wanted {
        return Err(failed(format!("{cut} segments of {streams} streams")));
    }
    Ok((work, server.peak_mib()))
}
