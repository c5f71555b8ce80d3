//! A hundred publishers at the same moment.

use std::time::{Duration, Instant};

use super::load::Load;
use super::server::{Server, Side};
use super::{Stage, figure};
use crate::failure::Failure;
use crate::nodes::Figure;

const STREAMS: usize = 100;

/// How many are accepted, how long that takes, and what the server needs for them.
pub async fn crowd(stage: &Stage<'_>) -> Result<Vec<Figure>, Failure> {
    let server = Server::start(Side::Ours, stage, (STREAMS, true)).await?;
    let before = server.memory_kib("VmRSS");
    let mut publishers = Load::start()?;
    let began = Instant::now();
    let published = publishers.try_publish(server.publish(stage, Duration::ZERO)).await?;
    let seconds = began.elapsed().as_secs_f64();
    for why in published.refused.iter().take(3) {
        eprintln!("refused: {why}");
    }
    let work = server.work(stage, stage.window).await;
    publishers.all_publish().await?;
    let mib = (server.memory_kib("VmRSS") - before) / 1024.0;
    #[expect(clippy::cast_precision_loss, reason = "a hundred")]
    let (accepted, streams) = (published.accepted as f64, STREAMS as f64);
    Ok(vec![
        figure("accepted", accepted),
        figure("s", seconds),
        figure("cpu", work.server / streams),
        figure("mib", mib / streams),
        figure("peak", server.peak_mib()),
    ])
}
