//! What a reader costs that only listens.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Process;
use super::people::Guest;
use crate::failure::Failure;

const READERS: usize = 1000;

/// Resident memory of the server for each socket, and for each stream of events, KiB.
pub async fn idle(server: &Process) -> Result<(f64, f64), Failure> {
    let guest = Guest::new(&server.host).await?;
    let room = guest.room().await?;
    // What is made once is not a reader's.
    let first = (guest.follow(&room, "snapshot").await?, stream(&guest, &room).await?);
    let before = server.memory_kib();
    let mut sockets = Vec::new();
    for _ in 0..READERS {
        sockets.push(guest.follow(&room, "snapshot").await?);
    }
    let with_sockets = server.memory_kib();
    let mut streams = Vec::new();
    for _ in 0..READERS {
        streams.push(stream(&guest, &room).await?);
    }
    let with_streams = server.memory_kib();
    drop((first, sockets, streams));
    #[expect(clippy::cast_precision_loss, reason = "a thousand")]
    let each = |kib: f64| kib / READERS as f64;
    Ok((each(with_sockets - before), each(with_streams - with_sockets)))
}

async fn stream(guest: &Guest, room: &str) -> Result<TcpStream, Failure> {
    let failed = |error: std::io::Error| Failure::Delivery(error.to_string());
    let mut stream = TcpStream::connect(&guest.host).await.map_err(failed)?;
    let request = format!(
        "GET /v1/rooms/{room}/events HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\nauthorization: Bearer {}\r\n\r\n",
        guest.host, guest.token
    );
    stream.write_all(request.as_bytes()).await.map_err(failed)?;
    let mut answer = [0; 4096];
    let count = stream.read(&mut answer).await.map_err(failed)?;
    if answer[..count].starts_with(b"HTTP/1.1 200") {
        Ok(stream)
    } else {
        Err(Failure::Delivery("no stream".to_owned()))
    }
}
