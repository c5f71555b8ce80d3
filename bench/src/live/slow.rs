//! Viewers that stop reading, beside those that go on.

use std::time::Duration;

use super::fan::{JOINING, SETTLING};
use super::load::Load;
use super::orders::Group;
use super::server::{Server, Side};
use super::{Stage, failed, figure};
use crate::failure::Failure;
use crate::nodes::Figure;

const STEADY: u32 = 450;
const SLEEPERS: u32 = 50;
/// How long they sleep, in windows of the usual length: twenty seconds.
const NIGHT: f64 = 20.0 / 9.0;

/// MiB; of less a process is not sure.
const LEAST: f64 = 0.1;

/// What the steady ones see while all read, and then while some do not; and what the server has to keep for those.
pub async fn slow(stage: &Stage<'_>) -> Result<Vec<Figure>, Failure> {
    let server = Server::start(Side::Ours, stage, (1, true)).await?;
    let (mut publisher, mut viewers) = (Load::start()?, Load::start()?);
    publisher.publish(server.publish(stage, Duration::ZERO)).await?;
    tokio::time::sleep(SETTLING).await;
    for (count, group) in [(STEADY, Group::Steady), (SLEEPERS, Group::Sleepers)] {
        viewers.watch(server.watch(count, JOINING, group)?).await?;
    }
    tokio::time::sleep(SETTLING).await;
    viewers.take(Group::Steady).await?;
    let night = stage.window.mul_f64(NIGHT);
    tokio::time::sleep(night).await;
    let (alone, before) = (viewers.take(Group::Steady).await?, server.memory_kib("VmRSS"));
    viewers.sleep(true).await?;
    tokio::time::sleep(night).await;
    let (beside, after) = (viewers.take(Group::Steady).await?, server.memory_kib("VmRSS"));
    viewers.sleep(false).await?;
    tokio::time::sleep(SETTLING).await;
    let woken = viewers.take(Group::Sleepers).await?;
    let late = publisher.all_publish().await?;
    eprintln!("alone: {alone:?}; beside sleepers: {beside:?}; they: {woken:?}; at worst {late:.1} ms late");
    if alone.closed + beside.closed > 0 {
        return Err(failed("viewers that read were closed"));
    }
    #[expect(clippy::cast_precision_loss, reason = "at most fifty")]
    Ok(vec![
        figure("alone", alone.delay_p99),
        figure("p99", beside.delay_p99),
        figure("gap.alone", alone.longest_gap),
        figure("gap", beside.longest_gap),
        figure("mib", ((after - before) / 1024.0).max(LEAST)),
        figure("closed", woken.closed as f64),
        figure("peak", server.peak_mib()),
    ])
}
