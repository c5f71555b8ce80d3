//! What every way in uses.

use std::sync::Arc;

use synctv_commands::{Clock, Ids, Limiter, LogReader, LogTail, OneTime, Presence, Rooms, Subjects, Subscriptions};
use synctv_projections::operate::Projections;
use synctv_projections::read::ReadModels;
use tokio::sync::watch;

use crate::guard::Guard;
use crate::health::Health;
use crate::metrics::Metrics;
use crate::operator::OperatorToken;
use crate::sockets::Sockets;
use crate::tokens::Tokens;

/// What is running.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// The program.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// Shared by all that comes in, whatever it speaks.
pub struct Edge {
    /// The write side.
    pub rooms: Rooms,
    /// What was derived from the log.
    pub models: Arc<dyn ReadModels>,
    /// How that is kept.
    pub projections: Arc<dyn Projections>,
    /// How they are.
    pub health: Health,
    /// Subscriptions.
    pub hub: Arc<dyn Subscriptions>,
    /// Who is connected.
    pub presence: Arc<dyn Presence>,
    /// Tickets that were used.
    pub one_time: Arc<dyn OneTime>,
    /// Open sockets.
    pub sockets: Sockets,
    /// Whether the log can be used.
    pub tail: Arc<dyn LogTail>,
    /// The log of all rooms.
    pub log: Arc<dyn LogReader>,
    /// People.
    pub subjects: Arc<dyn Subjects>,
    /// PostgreSQL's time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// Counts how often everybody asks.
    pub limiter: Arc<dyn Limiter>,
    /// What is believed and admitted.
    pub guard: Guard,
    /// Access tokens and tickets.
    pub tokens: Tokens,
    /// What operators and auditors show.
    pub operator: OperatorToken,
    /// How long a guest's token is good for, s.
    pub guest_secs: i64,
    /// True once nobody is to be sent here any more: the server will stop.
    pub leaving: watch::Receiver<bool>,
    /// True once the server is about to stop, and all who are here are to go.
    pub draining: watch::Receiver<bool>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is running.
    pub build: Build,
}
