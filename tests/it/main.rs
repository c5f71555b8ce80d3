//! Black-box tests of the real binary over real PostgreSQL.

mod architecture;
mod browser;
mod cli;
mod commands;
mod crash;
mod cut;
mod directory;
mod durable_answers;
mod embedded;
mod erasure;
mod fail_closed;
mod hostile;
mod hostile_bodies;
mod hostile_wire;
mod idempotency;
mod kicked;
mod lifecycle;
mod nodes;
mod reads;
mod restore;
mod restored_guests;
mod silence;
mod stream;
mod support;
mod verify_ranges;
