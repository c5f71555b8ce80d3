//! Calls and answers that are read whole, because they are signed.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body_util::{BodyExt, Full, Limited};
use tokio::time::timeout;
use tonic::body::Body;

/// Bytes of a call and of an answer: a node tells of some dozens of others at most.
pub(super) const MOST: usize = 16 * 1024;
/// How long all of it may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(2);

/// What says how a call ended.
const STATUS: [&str; 3] = ["grpc-status", "grpc-message", "grpc-status-details-bin"];

/// The bytes of a body, and what comes behind them. None: it is too long, or was cut, or dawdles.
pub(super) async fn whole<B>(body: B) -> Option<(Bytes, Option<HeaderMap>)>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let all = timeout(ARRIVAL, Limited::new(body, MOST).collect()).await.ok()?.ok()?;
    let behind = all.trailers().cloned();
    Some((all.to_bytes(), behind))
}

/// The same, as a body.
pub(super) fn again(bytes: Bytes, behind: Option<HeaderMap>) -> Body {
    let full = Full::new(bytes);
    match behind {
        Some(behind) => Body::new(full.with_trailers(async move { Some(Ok(behind)) })),
        None => Body::new(full),
    }
}

/// How a call ended, as bytes to sign.
pub(super) fn status<B>(response: &Response<B>, behind: Option<&HeaderMap>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for name in STATUS {
        let value = behind.and_then(|behind| behind.get(name)).or_else(|| response.headers().get(name));
        let value = value.map_or(&[][..], |value| value.as_bytes());
        bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
        bytes.extend_from_slice(value);
    }
    bytes
}
