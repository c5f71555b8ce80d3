//! What operators ask of projections, and what they get.

use async_trait::async_trait;
use serde::Serialize;
use synctv_domain::{Position, Timestamp};

use crate::runner::ProjectionError;

/// A projection as operators see it.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectionStatus {
    /// Its name.
    pub name: String,
    /// Which set of tables it has: each rebuild makes the next one.
    pub generation: i64,
    /// The last position that is in it.
    pub position: Position,
    /// Events of the log that it lacks.
    pub lag_events: i64,
    /// Age of the first of them.
    pub lag_seconds: f64,
    /// `running`; `stopped` by an event; `idle`: no server is at work on it.
    pub state: ProjectionState,
    /// The node that is at work on it.
    pub owner: Option<String>,
    /// What stopped it.
    pub poison: Option<PoisonStatus>,
    /// The present rebuild, or the last one.
    pub rebuild: Option<RebuildStatus>,
    /// Earlier generations that are kept until dropped.
    pub kept: Vec<i64>,
}

/// What a projection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectionState {
    /// A server keeps it up to date.
    Running,
    /// An event stopped it.
    Stopped,
    /// No server is at work on it.
    Idle,
}

/// What stopped a projection.
#[derive(Clone, Debug, Serialize)]
pub struct PoisonStatus {
    /// The event.
    pub position: Position,
    /// Why it could not be taken in.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

/// How far a rebuild is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RebuildState {
    /// Reads the log and fills new tables.
    Copying,
    /// Makes their indexes.
    Indexing,
    /// Applies what happened meanwhile.
    CatchingUp,
    /// Waits for the moment to put them in place.
    Swapping,
    /// In place.
    Done,
    /// Called off; nothing changed.
    Cancelled,
    /// Failed; nothing changed.
    Failed,
}

impl RebuildState {
    /// Whether it has come to an end.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed)
    }
}

/// A rebuild.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RebuildStatus {
    /// Of what.
    pub name: String,
    /// The generation that it makes.
    pub generation: i64,
    /// How far it is.
    pub state: RebuildState,
    /// Events read.
    pub done: i64,
    /// Events to read.
    pub of: i64,
    /// Events a second, since it began or was taken up again.
    pub rate: Option<f64>,
    /// Seconds left to read, at this rate.
    pub eta_seconds: Option<f64>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The node or verb that is at work on it; none: it waits for one.
    pub owner: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

/// Why an operator's wish was not met.
#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    /// There is none of this name.
    #[error("no projection is called {0:?}")]
    Unknown(String),
    /// It is being rebuilt already.
    #[error("{0} is being rebuilt already")]
    Running(String),
    /// It was never rebuilt, or the rebuild is over.
    #[error("{0} is not being rebuilt")]
    NotRunning(String),
    /// The projection is not stopped by this event.
    #[error("{name} is not stopped by event {position}")]
    NotStopped {
        /// The projection.
        name: String,
        /// The event.
        position: Position,
    },
    /// Somebody reads what is to be dropped.
    #[error(
        "a session reads generation {generation} of {name}: look for it in pg_stat_activity, and try again when it has ended"
    )]
    InUse {
        /// The projection.
        name: String,
        /// Its earlier generation.
        generation: i64,
    },
    /// The database.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
}

/// The projections, for operators.
#[async_trait]
pub trait Projections: Send + Sync {
    /// All of them.
    async fn list(&self) -> Result<Vec<ProjectionStatus>, ProjectionError>;
    /// Begins to rebuild one; a server goes on with it.
    async fn rebuild(&self, name: &str) -> Result<RebuildStatus, OperateError>;
    /// The present rebuild of one, or the last.
    async fn status(&self, name: &str) -> Result<RebuildStatus, OperateError>;
    /// Calls a rebuild off.
    async fn cancel(&self, name: &str) -> Result<RebuildStatus, OperateError>;
}
