//! The configurations that are run.

use std::fmt;

use crate::live;
use crate::nodes::Part;

/// One configuration. Numbers are commands in flight.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    Many(usize),
    StockMany(usize),
    Empty(usize),
    Hot,
    StockHot,
    Pgbench,
    Single,
    Bare,
    Cold,
    Verify,
    Read,
    Latency,
    Sleepers,
    Broadcast,
    Deliver,
    Broadcaster,
    Idle,
    Recovery,
    Storm,
    Rebuild,
    Parse,
    Lag,
    Pages,
    Ways,
    Told,
    Nodes(Part),
    Live(live::Part),
}

impl Cell {
    /// In the order of a round: what is compared stands close together.
    pub const ALL: [Self; 39] = [
        Self::Many(8),
        Self::StockMany(8),
        Self::Hot,
        Self::Many(64),
        Self::StockMany(64),
        Self::Empty(64),
        Self::Pgbench,
        Self::Many(256),
        Self::StockMany(256),
        Self::Empty(256),
        Self::StockHot,
        Self::Single,
        Self::Bare,
        Self::Cold,
        Self::Verify,
        Self::Read,
        Self::Latency,
        Self::Broadcast,
        Self::Sleepers,
        Self::Deliver,
        Self::Broadcaster,
        Self::Idle,
        Self::Recovery,
        Self::Storm,
        Self::Rebuild,
        Self::Parse,
        Self::Pages,
        Self::Lag,
        Self::Ways,
        Self::Told,
        Self::Nodes(Part::Hop),
        Self::Nodes(Part::Poll),
        Self::Nodes(Part::Load),
        Self::Nodes(Part::Roll),
        Self::Live(live::Part::Fan),
        Self::Live(live::Part::Ingest),
        Self::Live(live::Part::Hls),
        Self::Live(live::Part::Slow),
        Self::Live(live::Part::Crowd),
    ];

    /// Whether this key of a sample comes from this cell.
    pub fn gives(self, key: &str) -> bool {
        key.split_once('/').is_some_and(|(cell, _)| cell == self.to_string())
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Many(in_flight) => write!(f, "many.{in_flight}"),
            Self::StockMany(in_flight) => write!(f, "stock.{in_flight}"),
            Self::Empty(in_flight) => write!(f, "empty.{in_flight}"),
            Self::Hot => f.write_str("hot"),
            Self::StockHot => f.write_str("stock.hot"),
            Self::Pgbench => f.write_str("pgbench"),
            Self::Single => f.write_str("single"),
            Self::Bare => f.write_str("bare"),
            Self::Cold => f.write_str("cold"),
            Self::Verify => f.write_str("verify"),
            Self::Read => f.write_str("read"),
            Self::Latency => f.write_str("latency"),
            Self::Sleepers => f.write_str("sleepers"),
            Self::Broadcast => f.write_str("broadcast"),
            Self::Deliver => f.write_str("deliver"),
            Self::Broadcaster => f.write_str("broadcaster"),
            Self::Idle => f.write_str("idle"),
            Self::Recovery => f.write_str("recovery"),
            Self::Storm => f.write_str("storm"),
            Self::Rebuild => f.write_str("rebuild"),
            Self::Parse => f.write_str("parse"),
            Self::Lag => f.write_str("lag"),
            Self::Pages => f.write_str("pages"),
            Self::Ways => f.write_str("ways"),
            Self::Told => f.write_str("told"),
            Self::Nodes(part) => write!(f, "nodes.{}", part.name()),
            Self::Live(part) => write!(f, "live.{}", part.name()),
        }
    }
}
