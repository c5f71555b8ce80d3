//! Black-box tests of the real binary over real PostgreSQL.

mod architecture;
mod browser;
mod commands;
mod crash;
mod cut;
mod directory;
mod durable_answers;
mod embedded;
mod fail_closed;
mod cli;
mod commands;
mod erasure;
mod hostile;
mod hostile_bodies;
mod hostile_wire;
mod idempotency;
mod lifecycle;
mod nodes;
mod reads;
mod restore;
mod stream;
mod support;
