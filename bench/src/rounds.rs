//! Round robin over the cells.

mod served;

use std::sync::Arc;
use std::time::Duration;

use crate::args::Args;
use crate::cell::Cell;
use crate::failure::Failure;
use crate::fixture::{Home, ROOMS, homes, warm};
use crate::goals::Goal;
use crate::nodes::PrivateRedis;
use crate::ours::Node;
use crate::postgres::PrivatePostgres;
use crate::samples::Samples;
use crate::{bare, cold, delivery, pgbench, poster, projections, schema, stock, verify};

/// What the cells share, made when the first of them needs it. Ours is one log that grows from round to round; the peers
/// get a new database for each run.
struct Bench<'a> {
    postgres: &'a PrivatePostgres,
    length: Duration,
    samples: Samples,
    node: Option<Node>,
    many: Option<Arc<[Home]>>,
    long: Option<Home>,
    stock_pool: Option<u32>,
    /// A database for the real server, and the size of its messages.
    served: Option<String>,
    size: usize,
    projected: Option<Projected>,
    /// A database for several nodes, and their Redis.
    shared: Option<(String, PrivateRedis)>,
}

/// A database with a log that was lived in, somebody who was there, and a room of theirs.
struct Projected {
    database: String,
    guest: delivery::Guest,
    room: String,
}

/// Runs the cells that the goals need.
pub async fn measure(postgres: &PrivatePostgres, args: &Args, goals: &[&Goal]) -> Result<Samples, Failure> {
    let needed = |cell: &Cell| goals.iter().any(|goal| goal.keys().any(|key| cell.gives(key)));
    let cells: Vec<Cell> = Cell::ALL.into_iter().filter(needed).collect();
    let mut bench = Bench {
        postgres,
        length: args.length(),
        samples: Samples::default(),
        node: None,
        many: None,
        long: None,
        stock_pool: None,
        served: None,
        size: 400,
        projected: None,
        shared: None,
    };
    for round in 1..=args.rounds() {
        for cell in &cells {
            bench.run(*cell).await?;
            eprintln!("round {round}/{} {cell}: {}", args.rounds(), bench.samples.latest(&cell.to_string()));
        }
    }
    Ok(bench.samples)
}

impl Bench<'_> {
    async fn run(&mut self, cell: Cell) -> Result<(), Failure> {
        match cell {
            Cell::Many(in_flight) => self.many(cell, in_flight).await,
            Cell::Hot => self.hot(cell, 64).await,
            Cell::Single => self.hot(cell, 1).await,
            Cell::Empty(in_flight) => self.empty(cell, in_flight).await,
            Cell::StockMany(in_flight) => self.stock(cell, ROOMS, in_flight).await,
            Cell::StockHot => self.stock(cell, 1, 64).await,
            Cell::Cold => self.cold(cell).await,
            Cell::Pgbench => {
                let rate = pgbench::run(self.postgres, self.length).await?;
                self.note(cell, "rate", rate);
                Ok(())
            }
            Cell::Bare => {
                let load = bare::run(self.postgres, self.length).await?;
                self.samples.load(&cell.to_string(), &load);
                Ok(())
            }
            Cell::Latency
            | Cell::Sleepers
            | Cell::Deliver
            | Cell::Idle
            | Cell::Recovery
            | Cell::Storm
            | Cell::Ways
            | Cell::Told => self.delivery(cell).await,
            Cell::Nodes(part) => self.nodes(cell, part).await,
            Cell::Live(part) => {
                for figure in part.measure(self.postgres, self.length).await? {
                    self.note(cell, &figure.name, figure.value);
                }
                Ok(())
            }
            Cell::Broadcast => {
                let taken = delivery::bare_broadcast(self.length).await?;
                self.quantiles(cell, &taken);
                Ok(())
            }
            Cell::Broadcaster => {
                let peer = delivery::Process::peer()?;
                let (core, rate, _) = delivery::peers(&peer, self.size, self.length).await?;
                self.note(cell, "core", core);
                self.note(cell, "rate", rate);
                Ok(())
            }
            Cell::Verify => {
                let rate = verify::chain(&self.filled().await?.pool).await?;
                self.note(cell, "rate", rate);
                Ok(())
            }
            Cell::Rebuild => {
                let rate = projections::rebuild(&self.projected().await?.database).await?;
                self.note(cell, "rate", rate);
                Ok(())
            }
            Cell::Parse => {
                let rate = projections::parse(&self.projected().await?.database).await?;
                self.note(cell, "rate", rate);
                Ok(())
            }
            Cell::Lag | Cell::Pages => self.read_side(cell).await,
            Cell::Read => {
                let rate = verify::read(&self.filled().await?.pool).await?;
                self.note(cell, "rate", rate);
                Ok(())
            }
        }
    }

    /// Of sorted values.
    fn quantiles(&mut self, cell: Cell, sorted: &[f64]) {
        let at = |percent: usize| sorted.get(sorted.len() * percent / 100).copied().unwrap_or(f64::NAN);
        self.note(cell, "p50", at(50));
        self.note(cell, "p99", at(99));
    }

    fn note(&mut self, cell: Cell, figure: &str, value: f64) {
        self.samples.put(&cell.to_string(), figure, value);
    }

    async fn many(&mut self, cell: Cell, in_flight: usize) -> Result<(), Failure> {
        self.ready().await?;
        if self.many.is_none() {
            let node = self.ready().await?;
            let made = homes(node, ROOMS, 64).await?;
            sqlx::query("ANALYZE").execute(&node.pool).await?;
            self.many = Some(made);
        }
        let (Some(node), Some(homes)) = (&self.node, &self.many) else {
            return Ok(());
        };
        warm(node, homes).await?;
        poster::measure(&cell.to_string(), node, homes, in_flight, self.length, &mut self.samples).await
    }

    async fn hot(&mut self, cell: Cell, in_flight: usize) -> Result<(), Failure> {
        let homes = homes(self.ready().await?, 1, 1).await?;
        let Some(node) = &self.node else {
            return Ok(());
        };
        poster::measure(&cell.to_string(), node, &homes, in_flight, self.length, &mut self.samples).await
    }

    /// The append's plans are made on empty tables, and nothing makes new ones.
    async fn empty(&mut self, cell: Cell, in_flight: usize) -> Result<(), Failure> {
        let node = Node::open(&schema::fresh(self.postgres, "empty").await?).await?;
        let homes = homes(&node, ROOMS, in_flight).await?;
        poster::measure(&cell.to_string(), &node, &homes, in_flight, self.length, &mut self.samples).await?;
        node.pool.close().await;
        Ok(())
    }

    async fn stock(&mut self, cell: Cell, aggregates: usize, in_flight: usize) -> Result<(), Failure> {
        let connections = match self.stock_pool {
            Some(connections) => connections,
            None => stock::best_pool(self.postgres, ROOMS, self.length).await?,
        };
        self.stock_pool = Some(connections);
        let load = stock::run(self.postgres, connections, aggregates, in_flight, self.length).await?;
        self.samples.load(&cell.to_string(), &load);
        Ok(())
    }

    async fn cold(&mut self, cell: Cell) -> Result<(), Failure> {
        self.filled().await?;
        let (Some(node), Some(long)) = (&self.node, self.long) else {
            return Ok(());
        };
        let (shown, stored) = cold::load(node, long).await?;
        self.note(cell, "read", shown);
        self.note(cell, "command", stored);
        Ok(())
    }

    async fn ready(&mut self) -> Result<&Node, Failure> {
        let node = match self.node.take() {
            Some(node) => node,
            None => Node::open(&schema::fresh(self.postgres, "ours").await?).await?,
        };
        Ok(self.node.insert(node))
    }

    /// The node, with a log that is worth verifying.
    async fn filled(&mut self) -> Result<&Node, Failure> {
        if self.long.is_none() {
            let long = cold::fill(self.ready().await?).await?;
            self.long = Some(long);
        }
        self.ready().await
    }
}
