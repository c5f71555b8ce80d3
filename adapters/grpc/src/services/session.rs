//! Everything about one room over one stream.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use synctv_edge::session::{Opening, Over};
use synctv_edge::{Edge, Problem};
use synctv_proto::Encoded;
use synctv_proto::server::v1::session_server;
use synctv_proto::strict::decode;
use synctv_proto::v1;
use synctv_proto::v1::session_request::Ask;
use tokio::time::timeout;
use tonic::{Request, Response, Status, Streaming};

use super::rooms::room_id;
use crate::call::{Call, identify};
use crate::deadline::late;
use crate::link::StreamLink;
use crate::outlet::{Stream, outlet};
use crate::status::{ending, explained, status, streamed};

/// How long a client may take to name the room.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Session(pub(crate) Arc<Edge>);

impl Session {
    async fn begin(&self, request: Request<Streaming<Encoded>>) -> Result<Stream, Problem> {
        let call = Call::of(&request);
        let identity = identify(&self.0, request.metadata())?;
        let seat = self.0.seat(&call.meter, call.address).await?;
        let place = self.0.sockets.enter().ok_or_else(Problem::busy)?;
        let (outgoing, stream) = outlet((seat, place));
        let (edge, mut incoming) = (Arc::clone(&self.0), request.into_inner());
        // The answer begins at once: a client may wait for that before it says anything.
        tokio::spawn(async move {
            let (mut draining, who) = (edge.draining.clone(), (identity, call.address));
            let opened = async {
                let room = open(&mut incoming).await?;
                Opening::new(edge, room, who).await.map_err(|problem| status(&problem))
            };
            let opened = tokio::select! {
                opened = opened => opened,
                _ = draining.wait_for(|draining| *draining) => Err(ending(4001, "draining")),
                () = late(call.deadline) => Err(ending(4009, "deadline")),
                () = outgoing.closed() => return,
            };
            match opened {
                Ok(opening) => {
                    let link = StreamLink::session(outgoing, incoming, call.deadline);
                    opening.attend(Over::Grpc, link).await;
                }
                Err(refusal) => outgoing.end(refusal),
            }
        });
        Ok(stream)
    }
}

/// Which room it is about: the first message.
async fn open(incoming: &mut Streaming<Encoded>) -> Result<synctv_domain::RoomId, Status> {
    let late = |_| Problem::new(http::StatusCode::REQUEST_TIMEOUT, "request_timeout", "no message came in time");
    let first = timeout(PATIENCE, incoming.message()).await.map_err(|elapsed| status(&late(elapsed)))?;
    let first = first.map_err(explained)?.map_or_else(Bytes::new, |Encoded(first)| first);
    match decode::<v1::SessionRequest>(first)?.ask {
        Some(Ask::Open(open)) => room_id(open.room_id()).map_err(|problem| status(&problem)),
        _ => Err(status(&Problem::bad_request("invalid_message", "the first message of a session is `open`"))),
    }
}

#[tonic::async_trait]
impl session_server::Session for Session {
    type SessionStream = Stream;

    async fn session(&self, request: Request<Streaming<Encoded>>) -> Result<Response<Stream>, Status> {
        streamed(self.begin(request).await)
    }
}
