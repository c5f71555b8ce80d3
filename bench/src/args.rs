//! What can be asked for.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::demo::Demo;

/// Measures SyncTV's log against peers and limits.
///
/// Starts a PostgreSQL of its own (fsync on), runs every configuration once per round, round robin, and reports medians.
/// Figures of one run are comparable with each other, not with those of another run: read the ratios. A ratio above 1
/// means that SyncTV is better. Nothing else should run on the machine meanwhile.
#[derive(Debug, Parser)]
#[command(name = "synctv-bench", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    pub instead: Option<Instead>,
    /// How often each configuration runs
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each configuration runs, in seconds
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// One round of one second each: to see that it works, not to quote
    #[arg(long)]
    quick: bool,
    /// Only figures whose name starts with this, for example append.many.64; may be repeated
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Serves the bare broadcaster that deliveries are compared with
    #[arg(long, hide = true)]
    pub broadcaster: bool,
    /// Reads the bare stream that the way from node to node is compared with
    #[arg(long, hide = true, value_name = "URL")]
    pub stream_reader: Option<String>,
    /// Publishes and watches live streams, as it is told on its input
    #[arg(long, hide = true)]
    pub live_load: bool,
    /// Where the results go; a description of the machine goes beside them, as machine.json
    #[arg(long, default_value = "bench/results.json")]
    pub out: PathBuf,
}

/// What is not a measurement.
#[derive(Debug, Subcommand)]
pub enum Instead {
    DemoCluster(Demo),
}

const EXAMPLES: &str = "Examples:
  synctv-bench                                everything
  synctv-bench --quick --only append.many     a first look at the append
  synctv-bench --only verify --rounds 3       verification alone

Figures:
  append.many.N    N commands in flight over 10,000 rooms, against stock postgres-es
  append.pgbench   64 in flight, against pgbench inserting one row per transaction
  append.hot       64 in flight in one room, against append.many.64
  append.single    one command at a time, against a bare one-row insert
  append.empty.N   as append.many.N, in a database that was empty when its plans were made
  cold.load        a room of 100,000 events on a node that does not hold it, against 50 ms
  deliver          from the commit to the sockets of a room, deliveries a second and core, memory of readers,
                   5,000 clients coming back at once, 1,000 missed events
  rebuild          all read models made anew from 300,000 events, against 30,000 events/s and against reading and parsing
  grpc             commands a second and deliveries over gRPC, against REST and the WebSocket of the same server
  nodes            from node to node, with Redis and without, against a bare stream; commands a second of three nodes against
                   one; a rolling restart under 5,000 clients
  live             live streams against nginx with its RTMP module: 500 viewers, 60 publishers, segments of 40 streams;
                   the first picture, delay, memory, viewers that stop reading, 100 publishers at once (four minutes a round)
  project.lag      how far the slowest read model is behind at 1,000 commands a second
  pages            pages of the directory and of a chat, against the bare statements
  sync             how well people stay together, against the rules of peers in the same simulated rooms
  verify           the hash chain of the whole log, against reading the same rows";

impl Args {
    /// Rounds to run.
    pub fn rounds(&self) -> u32 {
        if self.quick { 1 } else { self.rounds }
    }

    /// Length of one timed run.
    pub fn length(&self) -> Duration {
        Duration::from_secs(if self.quick { 1 } else { u64::from(self.seconds) })
    }
}
