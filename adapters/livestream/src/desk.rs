//! Who decides about publishers, and what became of their publication.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use synctv_domain::{Position, RoomId};
use tokio::sync::watch;

use crate::hub::Stream;

/// Decides who publishes.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Whether somebody may publish under what they typed in as the stream key.
    async fn admit(&self, name: &str, peer: SocketAddr) -> Result<Admitted, Refusal>;
    /// A publication that was admitted has ended.
    async fn ended(&self, admitted: Admitted, end: End);
}

/// A publication under way.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// Where frames go.
    pub stream: Arc<Stream>,
    /// Becomes the reason when it has to end.
    pub recalled: watch::Receiver<Option<String>>,
    /// Where.
    pub room: RoomId,
    /// The position of the event that began it.
    pub token: Position,
}

/// Why somebody may not publish, as RTMP says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Such as `NetStream.Publish.BadName`.
    pub code: &'static str,
    /// For people.
    pub description: String,
}

/// Why a publication ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The publisher said so.
    Finished,
    /// The connection ended.
    Gone,
    /// Nothing came any more.
    Silent,
    /// It was ended from here.
    Recalled,
    /// What came was none of RTMP.
    Malformed,
}
