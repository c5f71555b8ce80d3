//! One file for each noun.

pub(crate) mod chat;
pub(crate) mod commands;
pub(crate) mod directory;
pub(crate) mod docs;
pub(crate) mod events;
pub(crate) mod explain;
pub(crate) mod guests;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod live;
pub(crate) mod log;
pub(crate) mod members;
pub(crate) mod page;
pub(crate) mod playlist;
pub(crate) mod projections;
pub(crate) mod rooms;
pub(crate) mod sample;
pub(crate) mod tickets;
pub(crate) mod time;
pub(crate) mod watch_time;
