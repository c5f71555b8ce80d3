//! What is on its way to a client, in pieces: who stops reading keeps a few of them, and not the rest of a message.

use std::any::Any;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as _, Frame};
use synctv_edge::session::PATIENCE;
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;

/// Bytes that are given to the connection at once. It holds on to them until the client takes them or the connection ends.
const PIECE: usize = 64 * 1024;

/// Of one stream.
pub(crate) struct Sluice {
    state: Mutex<State>,
    /// Until the connection lets go of it: whoever does not read holds them as well.
    _held: Box<dyn Any + Send + Sync>,
}

struct State {
    /// Where it comes from; none before the answer begins, and when it was shut.
    body: Option<Body>,
    /// What the connection has begun to take.
    rest: Bytes,
    /// When it began to.
    begun: Instant,
    /// When it last took something.
    taken: Instant,
    /// When something came that nothing waited before.
    queued: Instant,
    /// How it ended before its time.
    shut: Shut,
}

#[derive(Default)]
enum Shut {
    #[default]
    Open,
    /// Between two messages: the client can be told.
    Between(Status),
    /// In the middle of one: the stream is reset.
    Within(Status),
    Told,
}

impl Sluice {
    /// Holds a seat or the like.
    pub(crate) fn new(held: impl Any + Send + Sync) -> Self {
        let now = Instant::now();
        let state =
            State { body: None, rest: Bytes::new(), begun: now, taken: now, queued: now, shut: Shut::default() };
        Self { state: Mutex::new(state), _held: Box::new(held) }
    }

    /// Something waits, and nothing did before.
    pub(crate) fn queue(&self) {
        self.state().queued = Instant::now();
    }

    /// When the client will have kept it waiting for too long, or for too long with one message; None: nothing waits.
    pub(crate) fn stalls(&self, something_waits: bool) -> Option<Instant> {
        let state = self.state();
        if !state.rest.is_empty() {
            return Some((state.taken + PATIENCE.stall).min(state.begun + PATIENCE.linger));
        }
        something_waits.then(|| state.taken.max(state.queued) + PATIENCE.stall)
    }

    /// Forgets what has not been taken, and all that would make more of it.
    pub(crate) fn shut(&self, last: Status) {
        let mut state = self.state();
        let rest = std::mem::take(&mut state.rest);
        state.shut = if rest.is_empty() { Shut::Between(last) } else { Shut::Within(last) };
        let body = state.body.take();
        drop(state);
        drop(body);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Polled = Poll<Option<Result<Frame<Bytes>, Status>>>;

impl State {
    fn poll(&mut self, context: &mut Context<'_>) -> Polled {
        match std::mem::take(&mut self.shut) {
            Shut::Open => {}
            Shut::Between(last) => {
                self.shut = Shut::Told;
                let mut trailers = HeaderMap::new();
                last.add_header(&mut trailers)?;
                return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
            }
            Shut::Within(last) => {
                self.shut = Shut::Told;
                return Poll::Ready(Some(Err(last)));
            }
            Shut::Told => return Poll::Ready(None),
        }
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(self.piece()))));
        }
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = match ready!(Pin::new(body).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            ended => return Poll::Ready(ended),
        };
        Poll::Ready(Some(Ok(match frame.into_data() {
            Ok(data) => {
                (self.rest, self.begun) = (data, Instant::now());
                Frame::data(self.piece())
            }
            Err(trailers) => trailers,
        })))
    }

    /// One that is whole is passed on; a part of one is copied, for it would keep the whole.
    fn piece(&mut self) -> Bytes {
        self.taken = Instant::now();
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        if self.rest.is_empty() { piece } else { Bytes::copy_from_slice(&piece) }
    }
}

/// A body that goes through it.
pub(crate) struct Sluiced(Arc<Sluice>);

impl Sluiced {
    pub(crate) fn new(body: Body, sluice: Arc<Sluice>) -> Self {
        {
            let mut state = sluice.state();
            // It may have been shut before it began.
            if matches!(state.shut, Shut::Open) {
                state.body = Some(body);
            }
        }
        Self(sluice)
    }
}

impl Drop for Sluiced {
    /// Whoever writes learns of it.
    fn drop(&mut self) {
        let body = self.0.state().body.take();
        drop(body);
    }
}

impl http_body::Body for Sluiced {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        self.0.state().poll(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use http_body_util::Full;

    use super::*;
    use crate::status::ending;

    fn sluiced(bytes: usize) -> (Arc<Sluice>, Sluiced) {
        let sluice = Arc::new(Sluice::new(()));
        let body = Body::new(Full::new(Bytes::from(vec![7; bytes])));
        (Arc::clone(&sluice), Sluiced::new(body, sluice))
    }

    async fn taken(body: &mut Sluiced) -> Option<Result<usize, tonic::Code>> {
        let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
        Some(frame.map(|frame| frame.into_data().map_or(0, |data| data.len())).map_err(|status| status.code()))
    }

    #[tokio::test]
    async fn a_large_message_is_taken_in_pieces() {
        let (sluice, mut body) = sluiced(2 * PIECE + 1);
        let mut sizes = Vec::new();
        while let Some(size) = taken(&mut body).await {
            sizes.push(size);
        }
        assert_eq!(sizes, [Ok(PIECE), Ok(PIECE), Ok(1)]);
        assert_eq!(sluice.stalls(false), None);
    }

    #[tokio::test]
    async fn what_is_not_taken_is_forgotten_and_its_stream_reset() {
        let (sluice, mut body) = sluiced(2 * PIECE);
        assert_eq!(taken(&mut body).await, Some(Ok(PIECE)));
        assert!(sluice.stalls(false).is_some());
        sluice.shut(ending(4008, "slow"));
        assert_eq!(sluice.stalls(false), None);
        assert_eq!(taken(&mut body).await, Some(Err(tonic::Code::Unavailable)));
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_something_now_and_then_is_waited_for_but_not_for_ever() {
        let (sluice, mut body) = sluiced(100 * PIECE);
        let began = Instant::now();
        while sluice.stalls(false).is_none_or(|at| at > Instant::now()) {
            assert!(taken(&mut body).await.is_some_and(|piece| piece.is_ok()));
            tokio::time::advance(PATIENCE.stall / 2).await;
        }
        assert_eq!(began.elapsed(), PATIENCE.linger);
        let (sluice, _) = sluiced(1);
        sluice.queue();
        assert_eq!(sluice.stalls(true), Some(Instant::now() + PATIENCE.stall));
    }
}
