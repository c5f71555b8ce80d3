//! Measures both sides against peers and limits, everything in one run on one private PostgreSQL, so that what counts
//! are ratios. See `synctv-bench --help`.

mod args;
mod bare;
mod cell;
mod cold;
mod cpu;
mod delivery;
mod demo;
mod drive;
mod failure;
mod fixture;
mod goals;
mod live;
mod machine;
mod nodes;
mod ours;
mod pgbench;
mod poster;
mod postgres;
mod projections;
mod redis;
mod report;
mod rounds;
mod samples;
mod schema;
mod stock;
mod sync;
mod verify;
mod ways;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Instead};
use crate::failure::Failure;
use crate::postgres::PrivatePostgres;

/// The one of the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let done = match &args.instead {
        Some(Instead::DemoCluster(demo)) => demo::run(demo).await,
        None => run(&args).await.map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("synctv-bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> Result<(), Failure> {
    if args.broadcaster {
        return delivery::serve_peer().await.map_err(|error| Failure::Delivery(error.to_string()));
    }
    if args.live_load {
        return tokio::task::spawn_blocking(live::serve_load).await?.map_err(|error| Failure::Live(error.to_string()));
    }
    if let Some(url) = &args.stream_reader {
        return Ok(nodes::serve_reader(url).await?);
    }
    let goals = goals::matching(&args.only);
    let together = if sync::is_wanted(&args.only) { sync::rows()? } else { Vec::new() };
    if goals.is_empty() && together.is_empty() {
        return Err(Failure::NothingMatches);
    }
    // Dropped last, whatever happens: the server is stopped and its directory removed.
    let postgres = PrivatePostgres::start()?;
    let samples = tokio::select! {
        samples = rounds::measure(&postgres, args, &goals) => samples?,
        () = interrupted() => return Err(Failure::Interrupted),
    };
    let mut rows = report::rows(&goals, &samples);
    rows.extend(together);
    report::print(&rows);
    report::write(&rows, &args.out, &machine::Machine::describe(&postgres))
}

/// Ctrl-C, or a polite kill.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
