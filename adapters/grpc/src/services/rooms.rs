//! Rooms and what is asked of them.

use std::sync::Arc;

use serde_json::json;
use synctv_commands::{ReadError, RoomAt};
use synctv_domain::{RoomId, Seq};
use synctv_edge::{Edge, Problem, RoomsWanted, time, typed, typed_of};
use synctv_proto::json::to_json;
use synctv_proto::server::v1::rooms_server;
use synctv_proto::v1;
use synctv_proto::v1::rooms_get_request::When;
use tonic::{Request, Response, Status};

use crate::call::{Call, idempotency_key, identify};
use crate::status::answer;

pub(crate) struct Rooms(pub(crate) Arc<Edge>);

/// What is no room id names no room.
pub(crate) fn room_id(text: &str) -> Result<RoomId, Problem> {
    text.parse().map_err(|_| ReadError::RoomNotFound.into())
}

impl Rooms {
    async fn make(&self, request: Request<v1::RoomsCreateRequest>) -> Result<v1::RoomsCreateResponse, Problem> {
        let call = Call::of(&request);
        let identity = identify(&self.0, request.metadata())?;
        let key = idempotency_key(request.metadata())?;
        let room = typed_of(to_json(request.get_ref()))?;
        let counting = (&call.meter, &self.0.metrics.grpc_commands);
        let made = self.0.make(counting, (&identity, call.address), room, (key, call.within())).await?;
        Ok(v1::RoomsCreateResponse { room_id: made.room.to_string(), seq: made.seq.0, position: made.position.0 })
    }

    async fn found(&self, request: Request<v1::RoomsGetRequest>) -> Result<v1::RoomsGetResponse, Problem> {
        let reader = Call::of(&request).reader(&self.0, request.metadata()).await?.actor.id;
        let asked = request.get_ref();
        let room = room_id(&asked.room_id)?;
        let RoomAt { epoch, room } = match &asked.when {
            None => self.0.rooms.room(room, reader).await?,
            Some(When::AsOf(seq)) => self.0.rooms.room_as_of(room, reader, Seq(*seq)).await?,
            Some(When::At(_)) => {
                let at = to_json(asked);
                self.0.rooms.room_at(room, reader, time(at["at"].as_str().unwrap_or_default())?).await?
            }
        };
        Ok(v1::RoomsGetResponse { room: Some(typed::message(&room.view(&epoch.name))) })
    }

    async fn ordered(&self, request: Request<v1::RoomsCommandRequest>) -> Result<v1::RoomsCommandResponse, Problem> {
        let call = Call::of(&request);
        let identity = identify(&self.0, request.metadata())?;
        let key = idempotency_key(request.metadata())?;
        let asked = request.get_ref();
        let room = room_id(&asked.room_id)?;
        let (command, expect, if_match) = typed::command(asked)?;
        let caller = identity.caller(call.address);
        let order = synctv_commands::Request { caller, command, key, expect, if_match, within: call.within() };
        let counting = (&call.meter, &self.0.metrics.grpc_commands);
        let reply = self.0.command(counting, room, order, asked.validate_only).await?;
        let (seq, position, secret) = (reply.seq, reply.position, &reply.secret);
        let shown = json!({ "seq": seq, "position": position, "events": &*reply.events, "secret": secret });
        Ok(typed::message(&shown))
    }

    async fn listed(&self, request: Request<v1::RoomsListRequest>) -> Result<v1::RoomsListResponse, Problem> {
        let reader = Call::of(&request).reader(&self.0, request.metadata()).await?.actor.id;
        let v1::RoomsListRequest { query, page_size, page_token, mine, min_position } = request.into_inner();
        let (query, page_token, mine) = (Some(query), Some(page_token), Some(mine));
        let wanted = RoomsWanted { query, page_size, page_token, mine, min_position };
        let (rooms, next_page_token) = self.0.directory(reader, wanted).await?;
        Ok(v1::RoomsListResponse { rooms: rooms.iter().map(typed::message).collect(), next_page_token })
    }
}

#[tonic::async_trait]
impl rooms_server::Rooms for Rooms {
    async fn create(
        &self,
        request: Request<v1::RoomsCreateRequest>,
    ) -> Result<Response<v1::RoomsCreateResponse>, Status> {
        answer(self.make(request).await)
    }

    async fn get(&self, request: Request<v1::RoomsGetRequest>) -> Result<Response<v1::RoomsGetResponse>, Status> {
        answer(self.found(request).await)
    }

    async fn command(
        &self,
        request: Request<v1::RoomsCommandRequest>,
    ) -> Result<Response<v1::RoomsCommandResponse>, Status> {
        answer(self.ordered(request).await)
    }

    async fn list(&self, request: Request<v1::RoomsListRequest>) -> Result<Response<v1::RoomsListResponse>, Status> {
        answer(self.listed(request).await)
    }
}
