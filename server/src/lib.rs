//! The composition root: configuration, wiring, lifecycle and the command line of `synctv`.

pub mod cli;
mod config;
mod data_dir;
mod database;
pub mod embedded;
mod front;
mod limits;
mod listen;
mod listeners;
mod metrics;
mod patience;
mod serve;
mod telemetry;
mod wiring;
mod witness;

pub use cli::run;
