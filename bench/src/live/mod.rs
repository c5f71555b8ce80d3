//! Live streams: the real server beside nginx with its RTMP module, each with one thread.

mod crowd;
mod fan;
mod generator;
mod ingest;
mod load;
mod nginx;
mod orders;
mod ours;
mod quiet;
mod rtmp;
mod server;
mod slow;
mod source;
mod stamp;

use std::time::Duration;

pub use self::generator::run as serve_load;

use crate::failure::Failure;
use crate::nodes::Figure;
use crate::postgres::PrivatePostgres;

/// What is measured in one go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// 500 viewers of one stream.
    Fan,
    /// Many publishers that nobody watches.
    Ingest,
    /// The same, cut into segments.
    Hls,
    /// Viewers that stop reading beside those that go on.
    Slow,
    /// A hundred publishers at the same moment.
    Crowd,
}

impl Part {
    pub fn name(self) -> &'static str {
        match self {
            Self::Fan => "fan",
            Self::Ingest => "ingest",
            Self::Hls => "hls",
            Self::Slow => "slow",
            Self::Crowd => "crowd",
        }
    }

    /// Its figures of one round.
    pub async fn measure(self, postgres: &PrivatePostgres, length: Duration) -> Result<Vec<Figure>, Failure> {
        let stage = Stage { postgres, film: source::film()?, window: length * WINDOWS };
        // Servers inherit it.
        let _ = rlimit::increase_nofile_limit(u64::MAX);
        quiet::wait().await;
        match self {
            Self::Fan => fan::fan(&stage).await,
            Self::Ingest => ingest::ingest(&stage).await,
            Self::Hls => ingest::hls(&stage).await,
            Self::Slow => slow::slow(&stage).await,
            Self::Crowd => crowd::crowd(&stage).await,
        }
    }
}

/// CPU time is counted in hundredths of a second, and there are keyframes every two seconds: it takes longer than elsewhere.
const WINDOWS: u32 = 3;

/// What the parts share.
struct Stage<'a> {
    postgres: &'a PrivatePostgres,
    film: std::path::PathBuf,
    /// How long something is looked at.
    window: Duration,
}

/// Of one window.
fn figure(name: &str, value: f64) -> Figure {
    Figure { name: name.to_owned(), value }
}

fn failed(what: impl std::fmt::Display) -> Failure {
    Failure::Live(what.to_string())
}
