//! Several nodes of the real server over one log and one Redis.

mod bare;
mod clients;
mod cluster;
mod follower;
mod hop;
mod load;
mod roll;

use std::time::Duration;

pub use crate::redis::PrivateRedis;
pub use bare::serve_reader;

use crate::failure::Failure;
use crate::postgres::PrivatePostgres;

/// Between two events whose way is measured.
const PAUSE: Duration = Duration::from_millis(5);

/// What is measured in one go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// From node to node through Redis, and a bare stream.
    Hop,
    /// From node to node without Redis.
    Poll,
    /// Commands a second.
    Load,
    /// A rolling restart.
    Roll,
}

impl Part {
    pub fn name(self) -> &'static str {
        match self {
            Self::Hop => "hop",
            Self::Poll => "poll",
            Self::Load => "load",
            Self::Roll => "roll",
        }
    }

    /// Its figures of one round.
    pub async fn measure(
        self,
        postgres: &PrivatePostgres,
        database: &str,
        redis: &PrivateRedis,
        length: Duration,
    ) -> Result<Vec<Figure>, Failure> {
        match self {
            Self::Hop => hop::hop(database, redis, length).await,
            Self::Poll => hop::poll(database, length).await,
            Self::Load => load::load(postgres, redis, length).await,
            Self::Roll => roll::roll(database, redis).await,
        }
    }
}

/// A value of a part.
#[derive(Clone)]
pub struct Figure {
    pub name: String,
    pub value: f64,
}

impl From<(&str, f64)> for Figure {
    fn from((name, value): (&str, f64)) -> Self {
        Self { name: name.to_owned(), value }
    }
}

/// How many there are in that time; at least enough for a percentile.
fn events(length: Duration) -> usize {
    usize::try_from(length.as_millis() / PAUSE.as_millis()).unwrap_or(0).max(100)
}

/// The middle, and what all but a hundredth stay below.
fn quantiles(name: &str, mut values: Vec<f64>) -> Vec<Figure> {
    values.sort_by(f64::total_cmp);
    let at = |percent: usize| values.get(values.len() * percent / 100).copied().unwrap_or(f64::NAN);
    [("p50", 50), ("p99", 99)]
        .map(|(figure, percent)| Figure { name: format!("{name}.{figure}"), value: at(percent) })
        .into()
}
