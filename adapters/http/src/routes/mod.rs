//! One file for each noun.

pub(crate) mod commands;
pub(crate) mod directory;
pub(crate) mod docs;
pub(crate) mod events;
pub(crate) mod guests;
pub(crate) mod health;
pub(crate) mod log;
pub(crate) mod page;
pub(crate) mod rooms;
pub(crate) mod sample;
pub(crate) mod tickets;
pub(crate) mod time;
