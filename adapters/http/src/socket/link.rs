//! A session over a socket.

use std::str::FromStr;

use synctv_commands::Frames;
use synctv_edge::session::{End, Heard, Link, Told};
use synctv_edge::typed;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::pipe::Pipe;
use super::upgrade::Socket;
use super::{ask, frame, wire};

/// What a client and the server speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Text messages of JSON.
    Json,
    /// Binary messages of the typed protocol: `SessionRequest` and `SessionResponse`.
    Proto,
}

impl Protocol {
    pub(super) const ALL: [Self; 2] = [Self::Json, Self::Proto];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Json => "synctv.v1+json",
            Self::Proto => "synctv.v1+proto",
        }
    }
}

impl FromStr for Protocol {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name).ok_or(())
    }
}

pub(super) struct SocketLink {
    pipe: Pipe,
    protocol: Protocol,
}

impl SocketLink {
    pub(super) fn new(socket: Socket, protocol: Protocol) -> Self {
        Self { pipe: Pipe::new(socket), protocol }
    }
}

impl Link for SocketLink {
    async fn hear(&mut self) -> Result<Heard, End> {
        let asked = match (self.pipe.message().await?, self.protocol) {
            (Message::Text(text), Protocol::Json) => ask::parse(&text),
            (Message::Binary(bytes), Protocol::Proto) => typed::parse(&bytes),
            (Message::Ping(_) | Message::Pong(_), _) => return Ok(Heard::Alive),
            _ => return Err(End::PROTOCOL),
        };
        Ok(Heard::Ask(Box::new(asked)))
    }

    async fn feed(&mut self, told: Told<'_>) -> Result<(), End> {
        let message = match self.protocol {
            Protocol::Json => Message::Text(Utf8Bytes::try_from(wire::json(&told)).expect("JSON is UTF-8")),
            Protocol::Proto => Message::Binary(typed::told(&told)),
        };
        self.pipe.feed(message).await
    }

    async fn pass_on(&mut self, frames: &Frames) -> Result<(), End> {
        let framed = match self.protocol {
            Protocol::Json => frame::text(frames),
            Protocol::Proto => frame::binary(frames),
        };
        self.pipe.pass_on(framed).await
    }

    async fn flush(&mut self) -> Result<(), End> {
        self.pipe.flush().await
    }

    async fn ping(&mut self) -> Result<(), End> {
        self.pipe.ping().await
    }

    async fn close(self, end: End) {
        if let End::Close(code, reason) = end {
            self.pipe.close(code, reason).await;
        }
    }
}
