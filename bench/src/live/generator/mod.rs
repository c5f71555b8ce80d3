//! The load, in a process of its own: what the server needs is the server's alone. One thread.

mod flv;
mod http;
mod publish;
mod tally;
mod watch;

use std::io::{BufRead, Write, stdin, stdout};
use std::rc::Rc;

use serde::Serialize;
use serde_json::Value;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use self::publish::Publishers;
use self::watch::Viewers;
use super::orders::Order;

/// Until there are no more orders: with those who give them, everything ends.
pub fn run() -> std::io::Result<()> {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let (tell, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || stdin().lock().lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, obey(lines))
}

async fn obey(mut lines: mpsc::UnboundedReceiver<String>) -> std::io::Result<()> {
    let (publishers, viewers) = (Rc::<Publishers>::default(), Rc::<Viewers>::default());
    while let Some(line) = lines.recv().await {
        let answer = match serde_json::from_str(&line)? {
            Order::Publish(order) => told(publishers.publish(order).await),
            Order::Watch(order) => told(Ok(viewers.watch(order).await)),
            Order::Take(group) => told(Ok(viewers.take(group))),
            Order::Sleep(asleep) => {
                viewers.sleep(asleep);
                told(Ok(()))
            }
            Order::Publishers => told(Ok(publishers.state())),
        };
        writeln!(stdout(), "{}", answer?)?;
    }
    Ok(())
}

fn told(answer: Result<impl Serialize, String>) -> serde_json::Result<Value> {
    serde_json::to_value(answer)
}
