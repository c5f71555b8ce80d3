//! The composition root: configuration, wiring, lifecycle and the command line of `synctv`.

pub mod cli;
mod cluster;
mod config;
mod connections;
mod data_dir;
mod database;
mod ears;
pub mod embedded;
mod front;
mod limits;
mod listen;
mod listeners;
mod live;
mod management;
mod metrics;
mod node;
mod patience;
mod relay;
mod serve;
mod signals;
mod talk;
mod telemetry;
mod wiring;
mod witness;

pub use cli::run;
