//! People who use the typed protocol.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::uri::PathAndQuery;
use serde_json::{Map, Value, json};
use synctv_proto::json::{from_json, to_json};
use synctv_proto::v1::guests_client::GuestsClient;
use synctv_proto::v1::log_client::LogClient;
use synctv_proto::v1::projections_client::ProjectionsClient;
use synctv_proto::v1::rooms_client::RoomsClient;
use synctv_proto::{ERROR_DOMAIN, Encoded, v1};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use super::client::{Answer, Guest};
use super::database::SOON;

/// Somebody's calls over a connection of their own.
#[derive(Clone)]
pub struct Grpc {
    pub channel: Channel,
    /// None: a stranger.
    pub token: Option<String>,
    /// For commands.
    pub key: Option<String>,
}

/// How a call failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub code: Code,
    /// The stable code; empty where the server said nothing.
    pub reason: String,
    pub more: BTreeMap<String, String>,
    /// What is wrong with the request.
    pub field: Option<String>,
    pub retry_ms: Option<u128>,
    pub text: String,
}

impl Guest {
    /// Over a new connection.
    pub fn grpc(&self) -> Grpc {
        Grpc { token: Some(self.token.clone()), ..Grpc::stranger(&self.url) }
    }
}

impl Grpc {
    /// Without a token.
    pub fn stranger(url: &str) -> Self {
        let endpoint = Endpoint::from_shared(url.to_owned()).expect("an address");
        Self { channel: endpoint.connect_timeout(SOON).connect_lazy(), token: None, key: None }
    }

    pub fn keyed(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    /// With what tells who asks.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(2 * SOON);
        self.sign(&mut request);
        request
    }

    /// As [`Grpc::request`], for as long as it takes.
    pub fn stream<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        self.sign(&mut request);
        request
    }

    fn sign<T>(&self, request: &mut Request<T>) {
        if let Some(token) = &self.token {
            let bearer = format!("Bearer {token}").parse().expect("printable");
            request.metadata_mut().insert("authorization", bearer);
        }
        if let Some(key) = &self.key {
            request.metadata_mut().insert("idempotency-key", key.parse().expect("printable"));
        }
    }

    pub fn rooms(&self) -> RoomsClient<Channel> {
        RoomsClient::new(self.channel.clone())
    }

    pub fn guests(&self) -> GuestsClient<Channel> {
        GuestsClient::new(self.channel.clone())
    }

    pub fn log(&self) -> LogClient<Channel> {
        LogClient::new(self.channel.clone())
    }

    pub fn projections(&self) -> ProjectionsClient<Channel> {
        ProjectionsClient::new(self.channel.clone())
    }

    /// Gives a room a command, as REST has it: `{type, expect?, …}`.
    pub async fn command(&self, room: &str, command: &Value) -> Result<Value, Failure> {
        self.order(asked(room, command)).await
    }

    /// What the command would do.
    pub async fn told(&self, room: &str, command: &Value) -> Result<Value, Failure> {
        self.order(v1::RoomsCommandRequest { validate_only: true, ..asked(room, command) }).await
    }

    pub async fn order(&self, order: v1::RoomsCommandRequest) -> Result<Value, Failure> {
        let answer = self.rooms().command(self.request(order)).await.map_err(Failure::from)?;
        Ok(to_json(answer.get_ref()))
    }

    /// The same with bytes that may be no message.
    pub async fn order_raw(&self, bytes: Bytes) -> Result<Value, Failure> {
        let mut client = tonic::client::Grpc::new(self.channel.clone());
        client.ready().await.expect("the server listens");
        let path = PathAndQuery::from_static("/synctv.v1.Rooms/Command");
        let codec = tonic_prost::ProstCodec::<Encoded, v1::RoomsCommandResponse>::default();
        let answer = client.unary(self.request(Encoded(bytes)), path, codec).await.map_err(Failure::from)?;
        Ok(to_json(answer.get_ref()))
    }
}

/// A command as it is asked, with what it depends on.
pub fn asked(room: &str, command: &Value) -> v1::RoomsCommandRequest {
    v1::RoomsCommandRequest {
        room_id: room.to_owned(),
        command: Some(typed(command)),
        expect: expected(command),
        ..v1::RoomsCommandRequest::default()
    }
}

/// A command of REST as a message.
pub fn typed(command: &Value) -> v1::Command {
    from_json(command).unwrap_or_else(|mismatch| panic!("{command}: {mismatch}"))
}

/// The versions that a command of REST depends on.
pub fn expected(command: &Value) -> Option<v1::Expect> {
    let expect = command.get("expect")?;
    Some(from_json(expect).unwrap_or_else(|mismatch| panic!("{command}: {mismatch}")))
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info().filter(|info| info.domain == ERROR_DOMAIN);
        let wrong = details.bad_request().and_then(|bad| bad.field_violations.first());
        Self {
            code: status.code(),
            reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
            more: info.map(|info| info.metadata.clone().into_iter().collect()).unwrap_or_default(),
            field: wrong.map(|violation| violation.field.clone()),
            retry_ms: details.retry_info().and_then(|retry| retry.retry_delay).map(|delay| delay.as_millis()),
            text: status.message().to_owned(),
        }
    }
}

impl Failure {
    /// As REST has it, under a status.
    pub fn answer(&self, status: u16) -> Answer {
        let mut body: Map<String, Value> = self.more.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        body.insert("code".to_owned(), json!(self.reason));
        Answer { status, body: Value::Object(body) }
    }

    /// The code of the call, and that of the contract.
    pub fn codes(&self) -> (Code, &str) {
        (self.code, &self.reason)
    }
}

/// What a status of REST is called in a call.
pub fn code_of(status: u16) -> Code {
    match status {
        200 | 201 => Code::Ok,
        400 | 422 => Code::InvalidArgument,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::NotFound,
        409 | 428 => Code::FailedPrecondition,
        410 => Code::OutOfRange,
        429 => Code::ResourceExhausted,
        503 => Code::Unavailable,
        _ => panic!("{status} has no code of a call"),
    }
}
