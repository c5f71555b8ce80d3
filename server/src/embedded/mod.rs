//! A private PostgreSQL for a single machine: the installed programs, a cluster inside the data directory, a Unix
//! socket and nothing else. It outlives the server on purpose, so that a crash of the server costs no recovery.
//! Linux only: whether a postmaster is alive is read from `/proc`.

mod account;
mod cluster;
mod embedded_postgres;
mod error;
mod place;
mod postmaster;
mod process;
mod programs;
mod settings;
mod socket;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::Scratch;

pub use embedded_postgres::EmbeddedPostgres;
pub use error::EmbeddedError;
