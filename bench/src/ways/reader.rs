//! Those who watch a room over gRPC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use synctv_proto::v1;
use synctv_proto::v1::watch_client::WatchClient;
use synctv_proto::v1::watch_response::Message;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};

use crate::delivery::{Guest, PAUSE, Process, READERS, collect};
use crate::failure::Failure;

/// From the time in the event, which is taken just before its commit, to its arrival at each reader: ms, sorted. As over
/// sockets: as many readers, each with a connection of their own.
pub async fn told(server: &Process, length: Duration) -> Result<Vec<f64>, Failure> {
    let guest = Guest::new(&server.host).await?;
    let room = guest.room().await?;
    let events = usize::try_from(length.as_millis() / PAUSE.as_millis()).unwrap_or(1).max(1);
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let mut stream = watch(&guest, &room).await?;
        readers.spawn(async move {
            let mut taken = Vec::with_capacity(events);
            while taken.len() < events {
                taken.extend(age_ms(&mut stream).await?);
            }
            Ok::<_, Failure>(taken)
        });
    }
    for _ in 0..events {
        tokio::time::sleep(PAUSE).await;
        guest.say(&room, "x").await?;
    }
    collect(readers).await
}

/// From now on, behind the first message.
async fn watch(guest: &Guest, room: &str) -> Result<Streaming<v1::WatchResponse>, Failure> {
    let from = Some(v1::From { from: Some(v1::from::From::Now(())) });
    let request = by(&guest.token, v1::WatchRequest { room_id: room.to_owned(), from })?;
    let stream = WatchClient::new(channel(guest).await?).watch(request).await;
    let mut stream = stream.map_err(|status| failed(&status))?.into_inner();
    stream.message().await.map_err(|status| failed(&status))?;
    Ok(stream)
}

#[expect(clippy::disallowed_methods, reason = "PostgreSQL runs on this machine: its time is this machine's")]
async fn age_ms(stream: &mut Streaming<v1::WatchResponse>) -> Result<Option<f64>, Failure> {
    let said = stream.message().await.map_err(|status| failed(&status))?;
    let said = said.ok_or_else(|| Failure::Delivery("the stream ended".to_owned()))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let Some(Message::Event(v1::Event { at: Some(at), .. })) = said.message else { return Ok(None) };
    #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
    Ok(Some((now.as_secs_f64() - at.seconds as f64) * 1000.0 - f64::from(at.nanos) / 1e6))
}

/// A connection of one's own.
pub(super) async fn channel(guest: &Guest) -> Result<Channel, Failure> {
    let endpoint = Endpoint::from_shared(format!("http://{}", guest.host));
    endpoint.map_err(|error| failed(&error))?.connect().await.map_err(|error| failed(&error))
}

/// A call with a token.
pub(super) fn by<T>(token: &str, message: T) -> Result<Request<T>, Failure> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {token}").parse().map_err(|_| failed(&Status::internal("the token is no header")))?;
    request.metadata_mut().insert("authorization", bearer);
    Ok(request)
}

pub(super) fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::Delivery(error.to_string())
}
