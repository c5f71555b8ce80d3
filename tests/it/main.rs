//! Black-box tests of the real binary over real PostgreSQL.

mod architecture;
mod browser;
mod commands;
mod crash;
mod directory;
mod idempotency;
mod support;
