//! What a stream still has to send, and how it ends.

use std::any::Any;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};

use synctv_edge::session::PATIENCE;
use synctv_proto::Encoded;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::{SendError, TrySendError};
use tokio::time::{Instant, sleep, sleep_until};
use tonic::{Response, Status};

use crate::sluice::Sluice;
use crate::status::ending;

/// Messages that wait for the connection to take them.
const WAITING: usize = 16;

/// The side that is written to.
pub(crate) struct Outgoing {
    sender: mpsc::Sender<Encoded>,
    shared: Arc<Shared>,
}

/// The side that the connection takes from, while the client takes from the connection.
pub(crate) struct Stream {
    shared: Arc<Shared>,
}

struct Shared {
    waiting: Mutex<mpsc::Receiver<Encoded>>,
    last: OnceLock<Status>,
    sluice: Arc<Sluice>,
}

/// Both sides of a stream that holds a seat or the like.
pub(crate) fn outlet(held: impl Any + Send + Sync) -> (Outgoing, Stream) {
    let (sender, waiting) = mpsc::channel(WAITING);
    let shared =
        Arc::new(Shared { waiting: Mutex::new(waiting), last: OnceLock::new(), sluice: Arc::new(Sluice::new(held)) });
    let stream = Stream { shared: Arc::clone(&shared) };
    (Outgoing { sender, shared }, stream)
}

impl Outgoing {
    pub(crate) fn try_send(&self, message: Encoded) -> Result<(), TrySendError<Encoded>> {
        if !self.something_waits() {
            self.shared.sluice.queue();
        }
        self.sender.try_send(message)
    }

    pub(crate) async fn send(&self, message: Encoded) -> Result<(), SendError<Encoded>> {
        if !self.something_waits() {
            self.shared.sluice.queue();
        }
        self.sender.send(message).await
    }

    fn something_waits(&self) -> bool {
        self.sender.capacity() < WAITING
    }

    /// Waits until the client has kept something waiting for too long.
    pub(crate) async fn stalled(&self) {
        loop {
            match self.shared.sluice.stalls(self.something_waits()) {
                Some(at) if at <= Instant::now() => return,
                Some(at) => sleep_until(at).await,
                None => sleep(PATIENCE.stall).await,
            }
        }
    }

    /// Waits until nobody listens any more.
    pub(crate) async fn closed(&self) {
        self.sender.closed().await;
    }

    /// Ends it, behind what waits.
    pub(crate) fn end(self, last: Status) {
        let _ = self.shared.last.set(last);
    }

    /// Ends it, and forgets what waits: the connection holds on to a stream that its client does not read.
    pub(crate) fn cut(self, last: Status) {
        let _ = self.shared.last.set(last.clone());
        {
            let mut waiting = self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.close();
            while waiting.try_recv().is_ok() {}
        }
        self.shared.sluice.shut(last);
    }
}

impl tokio_stream::Stream for Stream {
    type Item = Result<Encoded, Status>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner).poll_recv(cx);
        // It never ends as if all were well: its client has to know whether to come back.
        next.map(|next| Some(next.ok_or_else(|| self.last())))
    }
}

impl Drop for Stream {
    /// The other side holds on to what waits, and would wait for ever.
    fn drop(&mut self) {
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner).close();
    }
}

impl Stream {
    /// As an answer, whose body goes through the sluice.
    pub(crate) fn answer(self) -> Response<Self> {
        let sluice = Arc::clone(&self.shared.sluice);
        let mut answer = Response::new(self);
        answer.extensions_mut().insert(sluice);
        answer
    }

    fn last(&self) -> Status {
        self.shared.last.get().cloned().unwrap_or_else(|| ending(4011, "unavailable"))
    }
}

#[cfg(test)]
mod tests {
    use tokio_stream::StreamExt;
    use tonic::Code;

    use super::*;

    fn message(byte: u8) -> Encoded {
        Encoded(vec![byte].into())
    }

    async fn said(stream: &mut Stream) -> Result<Encoded, Code> {
        stream.next().await.expect("a status ends it").map_err(|status| status.code())
    }

    #[tokio::test]
    async fn the_last_word_comes_behind_what_waits() {
        let (outgoing, mut stream) = outlet(());
        outgoing.try_send(message(1)).expect("there is room");
        outgoing.end(ending(4001, "draining"));
        assert_eq!(said(&mut stream).await, Ok(message(1)));
        assert_eq!(said(&mut stream).await, Err(Code::Unavailable));
    }

    #[tokio::test]
    async fn nothing_is_kept_for_who_does_not_read() {
        let (outgoing, mut stream) = outlet(());
        while outgoing.try_send(message(1)).is_ok() {}
        outgoing.cut(ending(4403, "forbidden"));
        assert_eq!(said(&mut stream).await, Err(Code::PermissionDenied));
    }

    #[tokio::test]
    async fn who_writes_learns_that_nobody_listens_any_more() {
        let (outgoing, stream) = outlet(());
        outgoing.try_send(message(1)).expect("there is room");
        drop(stream);
        outgoing.closed().await;
        assert!(matches!(outgoing.try_send(message(2)), Err(TrySendError::Closed(_))));
    }

    #[tokio::test]
    async fn what_just_stops_ends_as_unavailable() {
        let (outgoing, mut stream) = outlet(());
        drop(outgoing);
        assert_eq!(said(&mut stream).await, Err(Code::Unavailable));
    }
}
