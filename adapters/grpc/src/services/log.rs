//! The log of all rooms.

use std::sync::Arc;

use serde_json::json;
use synctv_edge::{Edge, LogWanted, Problem, cursor_reset, paging, typed, typed_of};
use synctv_proto::json::to_json;
use synctv_proto::server::v1::log_server;
use synctv_proto::v1;
use tonic::{Request, Response, Status};

use super::tail;
use crate::call::{Call, operator};
use crate::outlet::Stream;
use crate::status::{answer, streamed};

pub(crate) struct Log(pub(crate) Arc<Edge>);

impl Log {
    async fn page(&self, request: Request<v1::LogReadRequest>) -> Result<v1::LogReadResponse, Problem> {
        operator(&self.0, request.metadata())?;
        let asked = request.get_ref();
        let mut wanted = to_json(asked);
        if let Some(wanted) = wanted.as_object_mut() {
            wanted.remove("limit");
        }
        let wanted: LogWanted = typed_of(wanted)?;
        let (query, lost) = self.0.log_query(&wanted, paging::limit(asked.limit)).await?;
        if let Some(reason) = lost {
            return Err(cursor_reset(&query, reason));
        }
        let page = self.0.log.entries(&query).await?;
        let head = json!({ "epoch": &*query.epoch.name, "position": query.head });
        let next = page.next(query.head);
        Ok(typed::message(&json!({ "events": page.events, "head": head, "next": next })))
    }

    async fn follow(&self, request: Request<v1::LogTailRequest>) -> Result<Stream, Problem> {
        operator(&self.0, request.metadata())?;
        let call = Call::of(&request);
        let wanted = typed_of(to_json(request.get_ref()))?;
        let (query, lost) = self.0.log_query(&wanted, 1).await?;
        let seat = self.0.seat(&call.meter, call.address).await?;
        Ok(tail::stream(&self.0, (query, lost), call.deadline, seat))
    }

    async fn end(&self, request: Request<v1::LogHeadRequest>) -> Result<v1::LogHeadResponse, Problem> {
        operator(&self.0, request.metadata())?;
        let head = self.0.tail.head().await?;
        Ok(v1::LogHeadResponse {
            head: Some(v1::LogHead { epoch: head.epoch.name.to_string(), position: head.position.0 }),
        })
    }
}

#[tonic::async_trait]
impl log_server::Log for Log {
    type TailStream = Stream;

    async fn read(&self, request: Request<v1::LogReadRequest>) -> Result<Response<v1::LogReadResponse>, Status> {
        answer(self.page(request).await)
    }

    async fn tail(&self, request: Request<v1::LogTailRequest>) -> Result<Response<Stream>, Status> {
        streamed(self.follow(request).await)
    }

    async fn head(&self, request: Request<v1::LogHeadRequest>) -> Result<Response<v1::LogHeadResponse>, Status> {
        answer(self.end(request).await)
    }
}
