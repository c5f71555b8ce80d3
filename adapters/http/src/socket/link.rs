//! A session over a socket.

use synctv_commands::Frames;
use synctv_edge::session::{End, Heard, Link, Told};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::pipe::Pipe;
use super::upgrade::Socket;
use super::{ask, frame, wire};

pub(super) struct SocketLink(Pipe);

impl SocketLink {
    pub(super) fn new(socket: Socket) -> Self {
        Self(Pipe::new(socket))
    }
}

impl Link for SocketLink {
    async fn hear(&mut self) -> Result<Heard, End> {
        match self.0.message().await? {
            Message::Text(text) => Ok(Heard::Ask(Box::new(ask::parse(&text)))),
            Message::Ping(_) | Message::Pong(_) => Ok(Heard::Alive),
            Message::Binary(_) | Message::Frame(_) | Message::Close(_) => Err(End::PROTOCOL),
        }
    }

    async fn feed(&mut self, told: Told<'_>) -> Result<(), End> {
        let text = Utf8Bytes::try_from(wire::json(&told)).expect("JSON is UTF-8");
        self.0.feed(Message::Text(text)).await
    }

    async fn pass_on(&mut self, frames: &Frames) -> Result<(), End> {
        self.0.pass_on(frame::text(frames)).await
    }

    async fn flush(&mut self) -> Result<(), End> {
        self.0.flush().await
    }

    async fn ping(&mut self) -> Result<(), End> {
        self.0.ping().await
    }

    async fn close(self, end: End) {
        if let End::Close(code, reason) = end {
            self.0.close(code, reason).await;
        }
    }
}
