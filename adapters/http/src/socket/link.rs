//! The wire under a connection: patient with a reader that is slow, not with one that has stopped.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures::SinkExt;
use tokio::time::timeout;

use super::PATIENCE;

/// How a connection ends.
#[derive(Debug)]
pub(super) enum End {
    /// The peer is gone.
    Gone,
    /// With a code and a reason.
    Close(u16, &'static str),
}

/// 4000–4399: come back and resume. 4400–4499: mend something first. 4500 and above: do not come back.
pub(super) const DRAINING: End = End::Close(4001, "draining");
pub(super) const SILENT: End = End::Close(4002, "silent");
pub(super) const SLOW: End = End::Close(4008, "slow");
pub(super) const EPOCH: End = End::Close(4010, "epoch changed");
pub(super) const UNAVAILABLE: End = End::Close(4011, "unavailable");
pub(super) const TOKEN: End = End::Close(4401, "token expired");
pub(super) const FORBIDDEN: End = End::Close(4403, "forbidden");
pub(super) const CLOSED: End = End::Close(4404, "room closed");
pub(super) const PROTOCOL: End = End::Close(4500, "protocol error");

/// What a client says.
pub(super) enum Heard {
    Text(Utf8Bytes),
    /// An answer to a ping, or a ping.
    Alive,
}

pub(super) struct Link(WebSocket);

impl Link {
    pub(super) fn new(socket: WebSocket) -> Self {
        Self(socket)
    }

    /// Nothing is lost when the future is dropped.
    pub(super) async fn hear(&mut self) -> Result<Heard, End> {
        match self.0.recv().await {
            Some(Ok(Message::Text(text))) => Ok(Heard::Text(text)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Heard::Alive),
            Some(Ok(Message::Binary(_))) => Err(PROTOCOL),
            // The answer to a close is sent by asking for more.
            Some(Ok(Message::Close(_))) => {
                let _ = timeout(Duration::from_secs(1), self.0.recv()).await;
                Err(End::Gone)
            }
            Some(Err(error)) => {
                tracing::debug!(%error, "socket.unreadable");
                Err(PROTOCOL)
            }
            None => Err(End::Gone),
        }
    }

    /// Puts a message behind what waits to be sent, once that is little enough.
    pub(super) async fn feed(&mut self, text: Bytes) -> Result<(), End> {
        let text = Utf8Bytes::try_from(text).map_err(|_| PROTOCOL)?;
        patient(self.0.feed(Message::Text(text))).await
    }

    pub(super) async fn flush(&mut self) -> Result<(), End> {
        patient(self.0.flush()).await
    }

    pub(super) async fn say(&mut self, text: Bytes) -> Result<(), End> {
        self.feed(text).await?;
        self.flush().await
    }

    pub(super) async fn ping(&mut self) -> Result<(), End> {
        patient(self.0.send(Message::Ping(Bytes::new()))).await
    }

    /// Says why, behind what still waits, and lets the peer hear it: a socket that is dropped with something unread
    /// takes the last words back.
    pub(super) async fn close(mut self, code: u16, reason: &'static str) {
        let farewell = async {
            let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
            if self.0.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.0.recv().await {}
            }
        };
        let _ = timeout(PATIENCE.linger, farewell).await;
    }
}

async fn patient(sending: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
    let mut sending = pin!(sending);
    // Most of the time nothing has to be waited for, and no timer is needed.
    let sent = match futures::poll!(sending.as_mut()) {
        Poll::Ready(sent) => Ok(sent),
        Poll::Pending => timeout(PATIENCE.stall, sending).await,
    };
    match sent {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            tracing::debug!(%error, "socket.unwritable");
            Err(End::Gone)
        }
        Err(_) => Err(SLOW),
    }
}
