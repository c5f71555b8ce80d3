//! The least that a way through Redis can be: `XADD` in one process, `XREAD BLOCK` in another.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::aio::MultiplexedConnection;
use redis::streams::StreamReadReply;
use redis::{AsyncConnectionConfig, Client, RedisResult};

use super::PAUSE;
use crate::delivery::Process;
use crate::failure::Failure;

const STREAM: &str = "bare:stream";
/// What the reader found: a list.
const TAKEN: &str = "bare:taken";
/// About as long as an event of ours, and as its seal.
const DOCUMENT: usize = 560;
const SEAL: &str = "00000000000000000000000000000000";

/// As a node connects.
async fn connect(url: &str) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    Client::open(url)?.get_multiplexed_async_connection_with_config(&config).await
}

#[expect(clippy::disallowed_methods, reason = "two processes of one machine have this clock in common")]
fn now_ns() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_nanos()).unwrap_or(i64::MAX)
}

/// From before `XADD` in this process to behind `XREAD` in another one, at the pace of the nodes' events: ms, sorted.
pub async fn bare(url: &str, length: Duration) -> Result<Vec<f64>, Failure> {
    let reader = Process::stream_reader(url)?;
    let mut redis = connect(url).await?;
    let events = super::events(length);
    for event in 1..=events {
        tokio::time::sleep(PAUSE).await;
        let document = format!("{:0>DOCUMENT$}", now_ns());
        let mut add = redis::cmd("XADD");
        add.arg(STREAM).arg(format!("{event}-0")).arg("e").arg(document).arg("s").arg(SEAL);
        add.query_async::<()>(&mut redis).await?;
    }
    redis::cmd("XADD").arg(STREAM).arg("*").arg("end").arg("").query_async::<()>(&mut redis).await?;
    let (_, told): (String, String) = redis::cmd("BLPOP").arg(TAKEN).arg(10).query_async(&mut redis).await?;
    drop(reader);
    redis::cmd("DEL").arg(STREAM).query_async::<()>(&mut redis).await?;
    let mut taken: Vec<f64> = told.split(' ').filter_map(|ms| ms.parse().ok()).collect();
    if taken.len() != events {
        return Err(Failure::Delivery(format!("the bare stream told {} of {events} entries", taken.len())));
    }
    taken.sort_by(f64::total_cmp);
    Ok(taken)
}

/// Reads until the end is told; then tells what it found.
pub async fn serve_reader(url: &str) -> RedisResult<()> {
    let mut redis = connect(url).await?;
    eprintln!("listening on {STREAM}");
    let mut after = "0".to_owned();
    let mut taken: Vec<String> = Vec::new();
    loop {
        let mut read = redis::cmd("XREAD");
        read.arg("COUNT").arg(500).arg("BLOCK").arg(250).arg("STREAMS").arg(STREAM).arg(&after);
        let said: Option<StreamReadReply> = read.query_async(&mut redis).await?;
        let now = now_ns();
        for entry in said.into_iter().flat_map(|said| said.keys).flat_map(|key| key.ids) {
            let Some(sent) = entry.get::<i64>("e") else {
                return redis::cmd("RPUSH").arg(TAKEN).arg(taken.join(" ")).query_async(&mut redis).await;
            };
            #[expect(clippy::cast_precision_loss, reason = "a few milliseconds")]
            taken.push(((now - sent) as f64 / 1e6).to_string());
            after = entry.id;
        }
    }
}
