//! The message of a call whose client says nothing else: all of it is there before anything is done.

use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use tokio::time::timeout;
use tonic::{Code, Status};

use crate::services::MESSAGE;
use crate::status::coded;

/// How long a message may take to arrive, as a body over HTTP.
const ARRIVAL: Duration = Duration::from_secs(10);
/// Before a message: whether it is compressed, and its length.
const PREFIX: usize = 5;

/// A body that has arrived.
pub(crate) struct Whole(Option<Bytes>);

impl Whole {
    /// Waits for one message.
    ///
    /// # Errors
    /// When there is none, or more than one, or it is too large, or it dawdles.
    pub(crate) async fn of<B>(body: B) -> Result<Self, Status>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let late = |_| coded(Code::DeadlineExceeded, "request_timeout", "the message did not arrive in time", []);
        let all = timeout(ARRIVAL, arrived(body)).await.map_err(late)??;
        Ok(Self(Some(all)))
    }
}

async fn arrived<B: Body<Data = Bytes>>(body: B) -> Result<Bytes, Status> {
    let (mut body, mut all) = (pin!(body), BytesMut::new());
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|_| incomplete())?;
        if let Ok(data) = frame.into_data() {
            all.extend_from_slice(&data);
            length(&all)?;
        }
    }
    if length(&all)? == Some(all.len()) { Ok(all.freeze()) } else { Err(incomplete()) }
}

/// How long it is to be with what is before it, as soon as that is known.
fn length(all: &[u8]) -> Result<Option<usize>, Status> {
    let Some((prefix, _)) = all.split_first_chunk::<PREFIX>() else { return Ok(None) };
    let [compressed, length @ ..] = *prefix;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    let invalid = |why| Err(coded(Code::InvalidArgument, "invalid_message", why, []));
    if compressed != 0 {
        return invalid("no compression was agreed on");
    }
    if length > MESSAGE {
        let why = format!("a message has at most {MESSAGE} bytes");
        return Err(coded(Code::ResourceExhausted, "body_too_large", &why, []));
    }
    if all.len() > PREFIX + length {
        return invalid("this call takes one message");
    }
    Ok(Some(PREFIX + length))
}

fn incomplete() -> Status {
    coded(Code::InvalidArgument, "incomplete_body", "the message ended early", [])
}

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|all| Ok(Frame::data(all))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |all| all.len() as u64))
    }
}
