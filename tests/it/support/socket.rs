//! A client of the socket.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::client::Guest;
use super::database::SOON;

/// Code and reason that the server ended with; none when the connection just ended.
pub type Closed = Option<(u16, String)>;

pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Guest {
    pub async fn ticket(&self, room: &str) -> String {
        let made = self.post(&format!("/v1/rooms/{room}/tickets"), &json!({ "use": "ws" })).await.ok();
        made["ticket"].as_str().expect("a string").to_owned()
    }

    /// A socket to a room that is subscribed to nothing.
    pub async fn socket(&self, room: &str) -> Socket {
        let ticket = self.ticket(room).await;
        Socket::open(&self.url, room, &ticket).await
    }

    /// A socket that follows from `snapshot`, `now` or a cursor, after the first answer.
    pub async fn subscribed(&self, room: &str, from: &str) -> (Socket, Value) {
        let mut socket = self.socket(room).await;
        socket.tell(json!({ "id": 1, "subscribe": { "from": from } })).await;
        let answer = socket.hear().await;
        (socket, answer)
    }

    /// What an upgrade with this ticket and protocol is answered.
    pub async fn upgrade(&self, room: &str, ticket: &str, protocol: &str) -> (u16, Value) {
        let request = self.request(Method::GET, &format!("/v1/rooms/{room}/ws?ticket={ticket}"));
        let request = request
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-websocket-protocol", protocol);
        let response = request.send().await.expect("the server answers");
        let status = response.status().as_u16();
        let body = if status == 101 { Value::Null } else { response.json().await.expect("a problem") };
        (status, body)
    }
}

impl Socket {
    pub async fn open(url: &str, room: &str, ticket: &str) -> Self {
        Self::try_open(url, room, ticket).await.expect("the server upgrades")
    }

    /// None where the server does not open one now.
    pub async fn try_open(url: &str, room: &str, ticket: &str) -> Option<Self> {
        let tcp = TcpStream::connect(url.trim_start_matches("http://")).await.ok()?;
        Self::over(tcp, url, room, ticket).await
    }

    /// With headers of the client's own choice, or the status of the refusal.
    pub async fn with(url: &str, room: &str, ticket: &str, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let tcp = TcpStream::connect(url.trim_start_matches("http://")).await.expect("the server listens");
        let mut request = upgrade(url, room, ticket);
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        match timeout(SOON, client_async(request, tcp)).await.expect("an answer") {
            Ok((stream, _)) => Ok(Self { stream }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("no answer of HTTP: {error}"),
        }
    }

    /// One that takes up little in the kernel of whoever does not read it.
    pub async fn narrow(url: &str, room: &str, ticket: &str) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("it is not connected yet");
        let address = url.trim_start_matches("http://").parse().expect("an address");
        let tcp = socket.connect(address).await.expect("the server listens");
        Self::over(tcp, url, room, ticket).await.expect("the server upgrades")
    }

    async fn over(tcp: TcpStream, url: &str, room: &str, ticket: &str) -> Option<Self> {
        let (stream, _) = timeout(SOON, client_async(upgrade(url, room, ticket), tcp)).await.ok()?.ok()?;
        Some(Self { stream })
    }

    pub async fn tell(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    /// Whether the socket still took it.
    pub async fn try_tell(&mut self, message: Value) -> bool {
        self.stream.send(Message::text(message.to_string())).await.is_ok()
    }

    pub async fn send(&mut self, message: Message) {
        self.stream.send(message).await.expect("the socket is open");
    }

    /// The next message or the end, if it comes within that time.
    pub async fn soon(&mut self, time: Duration) -> Option<Result<Value, Closed>> {
        timeout(time, self.next()).await.ok()
    }

    /// Under the frames.
    pub fn wire(&mut self) -> &mut TcpStream {
        self.stream.get_mut()
    }

    /// The next message.
    pub async fn hear(&mut self) -> Value {
        self.next().await.unwrap_or_else(|closed| panic!("it was closed: {closed:?}"))
    }

    /// The next message, or how it ended.
    pub async fn next(&mut self) -> Result<Value, Closed> {
        timeout(SOON, self.heard()).await.expect("something is heard")
    }

    /// As [`Socket::next`], for as long as it takes.
    pub async fn heard(&mut self) -> Result<Value, Closed> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Close(frame))) => {
                    return Err(frame.map(|frame| (frame.code.into(), frame.reason.to_string())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The next message that has this field; what comes before it is dropped.
    pub async fn until(&mut self, field: &str) -> Value {
        loop {
            let message = self.hear().await;
            if !message[field].is_null() {
                return message[field].clone();
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
    pub async fn rest(&mut self) -> (Vec<Value>, Closed) {
        let mut heard = Vec::new();
        loop {
            match self.next().await {
                Ok(message) => heard.push(message),
                Err(closed) => return (heard, closed),
            }
        }
    }
}

/// The request that opens a socket.
pub fn upgrade(url: &str, room: &str, ticket: &str) -> Request {
    let host = url.trim_start_matches("http://");
    let mut request =
        format!("ws://{host}/v1/rooms/{room}/ws?ticket={ticket}").into_client_request().expect("an address");
    request.headers_mut().insert("sec-websocket-protocol", "synctv.v1+json".parse().expect("a header"));
    request
}
