//! What happens in a room.

use std::sync::Arc;

use synctv_edge::session::{Opening, Over};
use synctv_edge::{Edge, Problem, typed};
use synctv_proto::server::v1::watch_server;
use synctv_proto::v1;
use tonic::{Request, Response, Status};

use super::rooms::room_id;
use crate::call::{Call, identify};
use crate::link::StreamLink;
use crate::outlet::{Stream, outlet};
use crate::status::streamed;

pub(crate) struct Watch(pub(crate) Arc<Edge>);

impl Watch {
    async fn begin(&self, request: Request<v1::WatchRequest>) -> Result<Stream, Problem> {
        let call = Call::of(&request);
        let identity = identify(&self.0, request.metadata())?;
        let seat = self.0.seat(&call.meter, call.address).await?;
        let place = self.0.sockets.enter().ok_or_else(Problem::busy)?;
        let asked = request.get_ref();
        let (room, from) = (room_id(&asked.room_id)?, typed::begin(asked.from.as_ref())?);
        let opening = Opening::new(Arc::clone(&self.0), room, (identity, call.address)).await?;
        let (outgoing, stream) = outlet((seat, place));
        let link = StreamLink::watching(outgoing, call.deadline);
        tokio::spawn(opening.watch(Over::Grpc, link, from));
        Ok(stream)
    }
}

#[tonic::async_trait]
impl watch_server::Watch for Watch {
    type WatchStream = Stream;

    async fn watch(&self, request: Request<v1::WatchRequest>) -> Result<Response<Stream>, Status> {
        streamed(self.begin(request).await)
    }
}
