//! `make demo-cluster`: three nodes are restarted in turn under load, and a ledger tells what became of it.

mod follower;
mod ledger;
mod load;
mod nodes;
mod writer;

use std::time::Instant;

use clap::Args;

use self::ledger::Ledger;
use self::load::Load;
use self::nodes::{NODES, Nodes};
use crate::failure::Failure;
use crate::postgres::PrivatePostgres;

/// Restarts three nodes in turn under load, and prints what became of every command and every follower
///
/// Starts a PostgreSQL, a Redis and three nodes of its own, and stops and removes all of them at the end. Ends with 1 when
/// anything was lost, doubled or out of order.
#[derive(Args, Debug)]
pub struct Demo {
    /// How many rooms
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    rooms: u32,
    /// How many write, each some thirty commands a second
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..))]
    writers: u32,
    /// How many follow a room
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    followers: u32,
    /// How often every node is restarted
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Prints the ledger as JSON
    #[arg(long)]
    json: bool,
}

/// What one restart took, s since the node was told to stop.
#[derive(serde::Serialize)]
pub struct Restart {
    node: usize,
    /// Until its process had ended.
    ended_s: f64,
    /// Until it served again.
    serves_s: f64,
    /// Until every follower had what there was when the process had ended, at whichever node.
    all_live_s: f64,
}

/// Says what is going on, where it disturbs no output.
fn say(began: Instant, what: &str) {
    eprintln!("{:6.1} s  {what}", began.elapsed().as_secs_f64());
}

/// Whether nothing was lost, doubled or out of order.
pub async fn run(demo: &Demo) -> Result<bool, Failure> {
    let began = Instant::now();
    say(began, "PostgreSQL and Redis are started");
    let postgres = PrivatePostgres::start()?;
    let redis = crate::redis::PrivateRedis::start().await?;
    let result = tokio::select! {
        result = play(demo, &postgres, &redis, began) => result,
        () = crate::interrupted() => Err(Failure::Interrupted),
    };
    let ledger = result?;
    if demo.json {
        println!("{}", serde_json::to_string_pretty(&ledger)?);
    } else {
        ledger.print();
    }
    Ok(ledger.is_clean())
}

async fn play(
    demo: &Demo,
    postgres: &PrivatePostgres,
    redis: &crate::redis::PrivateRedis,
    began: Instant,
) -> Result<Ledger, Failure> {
    let database = postgres.url("postgres");
    say(began, "three nodes are started");
    let mut nodes = Nodes::start(&database, &redis.url()).await?;
    say(
        began,
        &format!("{} followers come to {} rooms, and {} people write", demo.followers, demo.rooms, demo.writers),
    );
    let mut load = Load::start(&nodes, (demo.rooms, demo.writers, demo.followers)).await?;
    load.settled(&database).await?;
    let mut restarts = Vec::new();
    for number in 0..demo.rounds as usize * NODES {
        load.some_more().await?;
        let node = number % NODES;
        say(began, &format!("node {} is told to stop; {}", node + 1, load.progress()));
        let restart = restart(&mut nodes, &load, (&database, node)).await?;
        let (serves, live) = (restart.serves_s, restart.all_live_s);
        say(
            began,
            &format!("node {} serves again after {serves:.1} s; all followers were live after {live:.1} s", node + 1),
        );
        restarts.push(restart);
    }
    load.some_more().await?;
    say(began, &format!("everybody stops; {}", load.progress()));
    let rooms = std::sync::Arc::clone(&load.rooms);
    let (acknowledged, seen, tries) = load.finish(&database).await?;
    let whole = nodes::verified(&database)?;
    Ledger::compare(&database, (&acknowledged, &seen), (tries, restarts, whole), &rooms).await
}

/// Both happen at once: the node comes back, and those who were there go on elsewhere.
async fn restart(nodes: &mut Nodes, load: &Load, (database, node): (&str, usize)) -> Result<Restart, Failure> {
    let began = Instant::now();
    nodes.stop(node).await?;
    let ended_s = began.elapsed().as_secs_f64();
    let live = async {
        load.settled(database).await?;
        Ok::<_, Failure>(began.elapsed().as_secs_f64())
    };
    let again = async {
        nodes.again(node).await?;
        Ok::<_, Failure>(began.elapsed().as_secs_f64())
    };
    let (all_live_s, serves_s) = tokio::try_join!(live, again)?;
    Ok(Restart { node: node + 1, ended_s, serves_s, all_live_s })
}
