//! What messages go through: patient with a reader that is slow, not with one that has stopped.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use synctv_edge::session::{End, PATIENCE};
use tokio::io::{AsyncWriteExt, copy, sink};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::upgrade::Socket;

/// What RFC 6455 (§7.4.1) forbids.
const MALFORMED: End = End::Close(1002, "malformed");
const NOT_UTF8: End = End::Close(1007, "not UTF-8");
const TOO_BIG: End = End::Close(1009, "too big");

pub(crate) struct Pipe(Socket);

impl Pipe {
    pub(crate) fn new(socket: Socket) -> Self {
        Self(socket)
    }

    /// Whatever comes, but for a close, which is the end. Nothing is lost when the future is dropped.
    pub(crate) async fn message(&mut self) -> Result<Message, End> {
        match self.0.next().await {
            // The answer to a close is sent by asking for more.
            Some(Ok(Message::Close(_))) => {
                let _ = timeout(Duration::from_secs(1), self.0.next()).await;
                Err(End::Gone)
            }
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) => {
                tracing::debug!(%error, "socket.unreadable");
                Err(fault(&error))
            }
            None => Err(End::Gone),
        }
    }

    /// Puts a message behind what waits to be sent, once that is little enough.
    pub(crate) async fn feed(&mut self, message: Message) -> Result<(), End> {
        patient(self.0.feed(message)).await
    }

    /// Sends whole frames that were encoded for many, behind everything else; patient as long as some of it is taken.
    pub(crate) async fn pass_on(&mut self, frames: Bytes) -> Result<(), End> {
        self.flush().await?;
        let stream = self.0.get_mut();
        stream.put(frames);
        let all = async {
            while patient(poll_fn(|cx| stream.poll_some(cx).map_err(Error::from))).await? {}
            Ok(())
        };
        // Who takes a little now and then does not keep the rest waiting for ever.
        timeout(PATIENCE.linger, all).await.unwrap_or(Err(End::SLOW))
    }

    pub(crate) async fn flush(&mut self) -> Result<(), End> {
        patient(self.0.flush()).await
    }

    pub(crate) async fn ping(&mut self) -> Result<(), End> {
        patient(self.0.send(Message::Ping(Bytes::new()))).await
    }

    /// Says why, behind what still waits, and lets the peer hear it: a socket that is dropped with something unread
    /// takes the last words back.
    pub(crate) async fn close(mut self, code: u16, reason: &'static str) {
        let farewell = async {
            let frame = CloseFrame { code: code.into(), reason: Utf8Bytes::from_static(reason) };
            if self.0.send(Message::Close(Some(frame))).await.is_err() {
                return;
            }
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Close(_))) => return,
                    Some(Ok(_)) => {}
                    // It does not talk in frames, or it was heard before that it does not.
                    Some(Err(_)) | None => break,
                }
            }
            // Its answer cannot be told from the rest, so it is what ends first that is waited for.
            let _ = self.0.get_mut().shutdown().await;
            let _ = copy(self.0.get_mut(), &mut sink()).await;
        };
        let _ = timeout(PATIENCE.linger, farewell).await;
    }
}

async fn patient<T>(sending: impl Future<Output = Result<T, Error>>) -> Result<T, End> {
    let mut sending = pin!(sending);
    // Most of the time nothing has to be waited for, and no timer is needed.
    let sent = match futures::poll!(sending.as_mut()) {
        Poll::Ready(sent) => Ok(sent),
        Poll::Pending => timeout(PATIENCE.stall, sending).await,
    };
    match sent {
        Ok(Ok(sent)) => Ok(sent),
        Ok(Err(error)) => {
            tracing::debug!(%error, "socket.unwritable");
            Err(End::Gone)
        }
        Err(_) => Err(End::SLOW),
    }
}

fn fault(error: &Error) -> End {
    match error {
        Error::Protocol(_) => MALFORMED,
        Error::Utf8(_) => NOT_UTF8,
        Error::Capacity(CapacityError::MessageTooLong { .. }) => TOO_BIG,
        _ => End::Gone,
    }
}
