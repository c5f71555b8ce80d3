//! Streams of the typed protocol: a watch, a session, and a session over a socket.

use std::collections::BTreeMap;
use std::panic::Location;

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::{SinkExt, StreamExt};
use http::uri::PathAndQuery;
use prost::Message;
use serde_json::{Value, json};
use synctv_proto::json::{from_json, to_json};
use synctv_proto::v1::session_request::Ask;
use synctv_proto::v1::watch_client::WatchClient;
use synctv_proto::{Encoded, v1};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{WebSocketStream, client_async};
use tonic::client::Grpc as Client;
use tonic::{Code, Status, Streaming};
use tonic_prost::ProstCodec;

use super::client::{Answer, Guest};
use super::database::SOON;
use super::grpc::{Failure, Grpc, expected, typed};
use super::socket::{Closed, upgrade};

/// The subprotocol of sockets.
const PROTOCOL: &str = "synctv.v1+proto";

/// An open stream.
pub struct Typed(Wire);

enum Wire {
    Watch(Box<Streaming<v1::WatchResponse>>),
    Session(UnboundedSender<Encoded>, Box<Streaming<v1::SessionResponse>>),
    Socket(Box<WebSocketStream<TcpStream>>),
}

/// How a stream ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    Call(Box<Failure>),
    Socket(Closed),
}

impl Ended {
    /// Why, as sockets are told; none when the connection just ended.
    pub fn close_code(&self) -> Option<u16> {
        match self {
            Self::Call(failure) => failure.more.get("close_code").and_then(|code| code.parse().ok()),
            Self::Socket(closed) => closed.as_ref().map(|(code, _)| *code),
        }
    }

    #[track_caller]
    pub fn failure(&self) -> &Failure {
        let Self::Call(failure) = self else { panic!("a socket has no status: {self:?}") };
        failure
    }
}

impl Grpc {
    /// Follows from `snapshot`, `now` or a token.
    pub async fn watch(&self, room: &str, from: &str) -> Result<Typed, Failure> {
        let asked = v1::WatchRequest { room_id: room.to_owned(), from: Some(place(from)) };
        let mut client = WatchClient::new(self.channel.clone()).max_decoding_message_size(usize::MAX);
        let answer = client.watch(self.stream(asked)).await?;
        Ok(Typed(Wire::Watch(Box::new(answer.into_inner()))))
    }

    /// A session in which nothing is said yet.
    pub async fn silent(&self) -> Result<Typed, Failure> {
        let (ask, asks): (_, UnboundedReceiver<Encoded>) = unbounded();
        let mut client = Client::new(self.channel.clone()).max_decoding_message_size(usize::MAX);
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = PathAndQuery::from_static("/synctv.v1.Session/Session");
        let answer = client.streaming(self.stream(asks), path, ProstCodec::default()).await?;
        Ok(Typed(Wire::Session(ask, Box::new(answer.into_inner()))))
    }

    /// A session in a room that follows nothing.
    pub async fn session(&self, room: &str) -> Result<Typed, Failure> {
        let mut session = self.silent().await?;
        session.tell(json!({ "open": { "room_id": room } })).await;
        Ok(session)
    }
}

impl Guest {
    /// A session over a socket that follows nothing.
    pub async fn typed_socket(&self, room: &str) -> Typed {
        let ticket = self.ticket(room).await;
        Typed::try_socket(&self.url, room, &ticket).await.expect("the server upgrades")
    }
}

impl Typed {
    /// None where the server does not open one now.
    pub async fn try_socket(url: &str, room: &str, ticket: &str) -> Option<Self> {
        let tcp = TcpStream::connect(url.trim_start_matches("http://")).await.ok()?;
        let mut request = upgrade(url, room, ticket);
        request.headers_mut().insert("sec-websocket-protocol", PROTOCOL.parse().expect("a header"));
        let (socket, _) = timeout(SOON, client_async(request, tcp)).await.ok()?.ok()?;
        Some(Self(Wire::Socket(Box::new(socket))))
    }

    /// Says what a socket of JSON would be told, in the same words.
    pub async fn tell(&mut self, message: Value) {
        assert!(self.try_tell(&message).await, "it is open");
    }

    /// Whether it was still taken.
    pub async fn try_tell(&mut self, message: &Value) -> bool {
        self.try_send(request(message).encode_to_vec()).await
    }

    /// Sends bytes that may be no message. Whether they were still taken.
    pub async fn try_send(&mut self, bytes: Vec<u8>) -> bool {
        match &mut self.0 {
            Wire::Watch(_) => panic!("a watch is told nothing"),
            Wire::Session(ask, _) => ask.unbounded_send(Encoded(bytes.into())).is_ok(),
            Wire::Socket(socket) => socket.send(Frame::binary(bytes)).await.is_ok(),
        }
    }

    /// Says nothing more.
    pub fn hush(&mut self) {
        if let Wire::Session(ask, _) = &mut self.0 {
            ask.close_channel();
        }
    }

    /// The next message, or how it ended.
    #[track_caller]
    pub fn next(&mut self) -> impl Future<Output = Result<Value, Ended>> {
        self.next_for(Location::caller())
    }

    async fn next_for(&mut self, caller: &Location<'_>) -> Result<Value, Ended> {
        timeout(SOON, self.heard()).await.unwrap_or_else(|_| panic!("{caller}: nothing is heard"))
    }

    /// As [`Typed::next`], for as long as it takes.
    pub async fn heard(&mut self) -> Result<Value, Ended> {
        match &mut self.0 {
            Wire::Watch(told) => message(told.message().await.map(|told| told.map(|told| to_json(&told)))),
            Wire::Session(_, told) => message(told.message().await.map(|told| told.map(|told| to_json(&told)))),
            Wire::Socket(socket) => loop {
                match socket.next().await {
                    Some(Ok(Frame::Binary(bytes))) => {
                        return Ok(to_json(&v1::SessionResponse::decode(bytes).expect("a message")));
                    }
                    Some(Ok(Frame::Close(frame))) => {
                        return Err(Ended::Socket(frame.map(|frame| (frame.code.into(), frame.reason.to_string()))));
                    }
                    Some(Ok(Frame::Text(text))) => panic!("a text: {text}"),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(Ended::Socket(None)),
                }
            },
        }
    }

    #[track_caller]
    pub fn hear(&mut self) -> impl Future<Output = Value> {
        self.hear_for(Location::caller())
    }

    async fn hear_for(&mut self, caller: &Location<'_>) -> Value {
        self.next_for(caller).await.unwrap_or_else(|ended| panic!("{caller}: it ended: {ended:?}"))
    }

    /// The next message of a kind; what comes before it is dropped.
    #[track_caller]
    pub fn until(&mut self, kind: &str) -> impl Future<Output = Value> {
        let caller = Location::caller();
        async move {
            loop {
                let message = self.hear_for(caller).await;
                if !message[kind].is_null() {
                    return message[kind].clone();
                }
            }
        }
    }

    /// Seqs of events until `last` has come.
    pub async fn seqs_until(&mut self, last: i64) -> Vec<i64> {
        let mut seqs = Vec::new();
        while seqs.last() != Some(&last) {
            seqs.push(self.until("event").await["seq"].as_i64().expect("a number"));
        }
        seqs
    }

    /// Everything that still comes, and how it ended.
    pub async fn rest(&mut self) -> (Vec<Value>, Ended) {
        let mut heard = Vec::new();
        loop {
            match self.next().await {
                Ok(message) => heard.push(message),
                Err(ended) => return (heard, ended),
            }
        }
    }

    /// The answer to a command, as REST gives it.
    pub async fn answer(&mut self, id: u64, command: &Value, key: Option<&str>) -> Answer {
        self.tell(json!({ "id": id, "command": command, "key": key })).await;
        let reply = self.until("reply").await;
        assert_eq!(reply["id"], json!(id), "{reply:#}");
        replied(&reply)
    }
}

/// A reply as an answer of REST.
pub fn replied(reply: &Value) -> Answer {
    let Some(problem) = reply.get("problem") else { return Answer { status: 200, body: reply["done"].clone() } };
    let mut body = problem["metadata"].clone();
    if !body.is_object() {
        body = json!({});
    }
    body["code"] = problem["code"].clone();
    Answer { status: problem["status"].as_u64().unwrap_or(0) as u16, body }
}

fn message(told: Result<Option<Value>, Status>) -> Result<Value, Ended> {
    let over = Failure {
        code: Code::Ok,
        reason: String::new(),
        more: BTreeMap::new(),
        field: None,
        retry_ms: None,
        text: String::new(),
    };
    match told {
        Ok(Some(message)) => Ok(message),
        Ok(None) => Err(Ended::Call(Box::new(over))),
        Err(status) => Err(Ended::Call(Box::new(status.into()))),
    }
}

/// What is said over a socket of JSON, as a message.
fn request(json: &Value) -> v1::SessionRequest {
    let id = json["id"].as_u64().unwrap_or(0);
    let ask = match json {
        json if json.get("subscribe").is_some() => {
            let from = json["subscribe"]["from"].as_str().unwrap_or("snapshot");
            Ask::Subscribe(v1::Subscribe { from: Some(place(from)) })
        }
        json if json.get("command").is_some() => {
            let command = &json["command"];
            let key = json["key"].as_str().map(str::to_owned);
            let if_match = json["if_match"]
                .as_str()
                .and_then(|at| at.split_once(':'))
                .map(|(epoch, seq)| v1::Cursor { epoch: epoch.to_owned(), seq: seq.parse().expect("a number") });
            Ask::Command(v1::Order { command: Some(typed(command)), expect: expected(command), key, if_match })
        }
        other => return from_json(other).unwrap_or_else(|mismatch| panic!("{other}: {mismatch}")),
    };
    v1::SessionRequest { id, ask: Some(ask) }
}

/// Where a stream begins.
fn place(from: &str) -> v1::From {
    let from = match from {
        "snapshot" => v1::from::From::Snapshot(()),
        "now" => v1::from::From::Now(()),
        token => v1::from::From::ResumeToken(token.to_owned()),
    };
    v1::From { from: Some(from) }
}
