//! Streams that have no end of their own: they get one when the server is about to stop.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;
use synctv_edge::{Problem, Seat};
use tokio::sync::watch;
use tokio::time::sleep;
use tonic::Status;
use tonic::body::Body;

use crate::status::status;

/// For what the end is about to be told.
const LINGER: Duration = Duration::from_millis(500);

/// The body of such a stream.
pub(crate) struct Lasting {
    body: Body,
    over: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// What it ends with then.
    last: Option<Status>,
    ended: bool,
}

impl Lasting {
    /// Of an answer.
    pub(crate) fn told(body: Body, draining: watch::Receiver<bool>) -> Self {
        Self::new(body, draining, Some(status(&Problem::draining())))
    }

    /// Of what is asked: who answers may wait for its end.
    pub(crate) fn asked(body: Body, draining: watch::Receiver<bool>) -> Self {
        Self::new(body, draining, None)
    }

    fn new(body: Body, mut draining: watch::Receiver<bool>, last: Option<Status>) -> Self {
        let over = async move {
            let _ = draining.wait_for(|draining| *draining).await;
            sleep(LINGER).await;
        };
        Self { body, over: Box::pin(over), last, ended: false }
    }
}

impl http_body::Body for Lasting {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame);
        }
        ready!(self.over.as_mut().poll(context));
        self.ended = true;
        let Some(last) = self.last.take() else { return Poll::Ready(None) };
        let mut trailers = HeaderMap::new();
        last.add_header(&mut trailers)?;
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.body.is_end_stream()
    }
}

/// A body that holds a seat.
pub(crate) struct Held {
    body: Body,
    _seat: Seat,
}

impl Held {
    pub(crate) fn new(body: Body, seat: Seat) -> Self {
        Self { body, _seat: seat }
    }
}

impl http_body::Body for Held {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}
