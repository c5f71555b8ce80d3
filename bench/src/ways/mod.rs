//! The ways in, side by side on one real server: requests, sockets, calls and sessions of gRPC.

mod reader;
mod writer;

use std::time::Duration;

use futures::future::try_join_all;

use crate::delivery::{Guest, Process};
use crate::drive::drive;
use crate::failure::Failure;

pub use reader::told;
pub use writer::Writer;

/// How commands come in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Requests with JSON, each of a connection that is kept.
    Rest,
    /// Messages of a WebSocket, with JSON.
    Socket,
    /// Calls of gRPC.
    Grpc,
    /// Messages of a session of gRPC.
    Session,
}

/// All, with their names in the samples.
pub const WAYS: [(Way, &str); 4] =
    [(Way::Rest, "rest"), (Way::Socket, "socket"), (Way::Grpc, "grpc"), (Way::Session, "session")];

/// Commands that are under way, and whether they are all for one room.
const LOADS: [(usize, bool, &str); 3] = [(1, true, "1"), (64, true, "64.hot"), (64, false, "64.many")];

/// A figure of a load by a way.
pub struct Figure {
    pub name: String,
    pub value: f64,
}

/// Every load by every way, one after the other: commands/s, the middle answer in ms, and the server's CPU time in µs of each
/// command. Everybody has a connection of their own.
pub async fn commands(server: &Process, length: Duration) -> Result<Vec<Figure>, Failure> {
    let guest = Guest::new(&server.host).await?;
    let mut figures = Vec::new();
    for (in_flight, one_room, load) in LOADS {
        let room = guest.room().await?;
        for (way, name) in WAYS {
            let writer = async || {
                let room = if one_room { room.clone() } else { guest.room().await? };
                Writer::open(way, &guest, room).await
            };
            let writers = try_join_all((0..in_flight).map(|_| writer())).await?;
            let cpu = server.cpu_s();
            let done = drive(writers, length).await?;
            #[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
            let cpu = (server.cpu_s() - cpu) * 1e6 / done.accepted as f64;
            for (figure, value) in [("rate", done.rate()), ("p50", done.latency_ms(0.5)), ("cpu", cpu)] {
                figures.push(Figure { name: format!("{name}.{load}.{figure}"), value });
            }
        }
    }
    Ok(figures)
}
