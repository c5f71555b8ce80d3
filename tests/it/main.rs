//! Black-box tests of the real binary over real PostgreSQL.

mod architecture;
mod commands;
mod directory;
mod support;
