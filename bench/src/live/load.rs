//! A process that publishes or watches, as it is told.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::failed;
use super::orders::{Group, Joined, Order, Publish, Published, Publishing, Seen, Watch};
use crate::delivery::beside;
use crate::failure::Failure;

/// For an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends with the value.
pub struct Load {
    _child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Load {
    pub fn start() -> Result<Self, Failure> {
        let mut command = Command::new(beside("synctv-bench")?);
        command.arg("--live-load").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).process_group(0);
        let file = |source| Failure::File { path: PathBuf::from("synctv-bench"), source };
        let mut child = command.spawn().map_err(file)?;
        let orders = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Ok(Self { _child: child, orders, answers })
    }

    async fn ask<T: DeserializeOwned>(&mut self, order: &Order) -> Result<T, Failure> {
        let line = serde_json::to_string(order)? + "\n";
        self.orders.write_all(line.as_bytes()).await.map_err(failed)?;
        let answer = tokio::time::timeout(PATIENCE, self.answers.next_line()).await;
        let answer = answer.map_err(|_| failed("no answer from the load"))?.map_err(failed)?;
        let answer = answer.ok_or_else(|| failed("the load has ended"))?;
        serde_json::from_str::<Result<T, String>>(&answer)?.map_err(failed)
    }

    /// All have to be accepted.
    pub async fn publish(&mut self, order: Publish) -> Result<(), Failure> {
        let published = self.try_publish(order).await?;
        if published.refused.is_empty() { Ok(()) } else { Err(failed(published.refused.join("; "))) }
    }

    pub async fn try_publish(&mut self, order: Publish) -> Result<Published, Failure> {
        self.ask(&Order::Publish(order)).await
    }

    /// All have to see something. Gives how long that took each, ms, sorted.
    pub async fn watch(&mut self, order: Watch) -> Result<Vec<f64>, Failure> {
        let joined: Joined = self.ask(&Order::Watch(order)).await?;
        match joined.failed.first() {
            None => Ok(joined.first_ms),
            Some(first) => Err(failed(format!("{} viewers saw nothing: {first}", joined.failed.len()))),
        }
    }

    /// What a group saw since the last time.
    pub async fn take(&mut self, group: Group) -> Result<Seen, Failure> {
        self.ask(&Order::Take(group)).await
    }

    pub async fn sleep(&mut self, asleep: bool) -> Result<(), Failure> {
        self.ask(&Order::Sleep(asleep)).await
    }

    /// That all publishers are still there; how late they were at worst, ms.
    pub async fn all_publish(&mut self) -> Result<f64, Failure> {
        let state: Publishing = self.ask(&Order::Publishers).await?;
        if state.lost == 0 { Ok(state.late_ms) } else { Err(failed(format!("{} streams ended", state.lost))) }
    }
}
