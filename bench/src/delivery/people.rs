//! Those who write and read.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::failure::Failure;

/// A guest of a server.
#[derive(Clone)]
pub struct Guest {
    pub host: String,
    pub token: String,
    http: reqwest::Client,
}

pub struct Socket(WebSocketStream<TcpStream>);

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::Delivery(error.to_string())
}

async fn answered(path: &str, answer: reqwest::Result<reqwest::Response>) -> Result<Value, Failure> {
    let answer = answer.map_err(|error| failed(&error))?;
    let status = answer.status();
    let body: Value = answer.json().await.map_err(|error| failed(&error))?;
    if status.is_success() { Ok(body) } else { Err(Failure::Delivery(format!("{path}: {body}"))) }
}

impl Guest {
    pub async fn new(host: &str) -> Result<Self, Failure> {
        let guest = Self { host: host.to_owned(), token: String::new(), http: reqwest::Client::new() };
        let made = guest.post("/v1/guests", &json!({ "display_name": "Ann" })).await?;
        Ok(Self { token: made["access_token"].as_str().unwrap_or_default().to_owned(), ..guest })
    }

    /// The same person at a server that was started again.
    pub fn at(&self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self.clone() }
    }

    /// The same person with a connection of their own.
    pub fn apart(&self) -> Self {
        Self { http: reqwest::Client::new(), ..self.clone() }
    }

    pub async fn room(&self) -> Result<String, Failure> {
        self.make(&json!({ "name": "r", "join_rule": "public", "visibility": "unlisted" })).await
    }

    /// A room of that name that everybody sees in the list.
    pub async fn listed(&self, name: &str) -> Result<String, Failure> {
        self.make(&json!({ "name": name, "join_rule": "public", "visibility": "listed" })).await
    }

    async fn make(&self, room: &Value) -> Result<String, Failure> {
        let made = self.post("/v1/rooms", room).await?;
        Ok(made["room_id"].as_str().unwrap_or_default().to_owned())
    }

    pub async fn say(&self, room: &str, text: &str) -> Result<Value, Failure> {
        self.post(&format!("/v1/rooms/{room}/commands"), &json!({ "type": "chat.post", "text": text })).await
    }

    /// `<epoch>` and the room's seq.
    pub async fn place(&self, room: &str) -> Result<(String, i64), Failure> {
        let request = self.http.get(format!("http://{}/v1/rooms/{room}", self.host)).bearer_auth(&self.token);
        let answer = request.send().await.map_err(|error| failed(&error))?;
        let shown: Value = answer.json().await.map_err(|error| failed(&error))?;
        Ok((shown["epoch"].as_str().unwrap_or_default().to_owned(), shown["seq"].as_i64().unwrap_or(0)))
    }

    /// A command under an idempotency key: the status and the body of the answer.
    pub async fn keyed(&self, room: &str, command: &Value, key: &str) -> Result<(u16, Value), Failure> {
        let request = self.http.post(format!("http://{}/v1/rooms/{room}/commands", self.host));
        let request = request.bearer_auth(&self.token).header("idempotency-key", key).json(command);
        let answer = request.send().await.map_err(|error| failed(&error))?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await.map_err(|error| failed(&error))?))
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let request = self.http.post(format!("http://{}{path}", self.host)).bearer_auth(&self.token).json(body);
        answered(path, request.send().await).await
    }

    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        let request = self.http.get(format!("http://{}{path}", self.host)).bearer_auth(&self.token);
        answered(path, request.send().await).await
    }

    /// A socket that follows from there, after its first answer.
    pub async fn follow(&self, room: &str, from: &str) -> Result<Socket, Failure> {
        let tcp = TcpStream::connect(&self.host).await.map_err(|error| failed(&error))?;
        self.follow_over(tcp, room, from).await
    }

    pub async fn follow_over(&self, tcp: TcpStream, room: &str, from: &str) -> Result<Socket, Failure> {
        let mut socket = self.socket_over(tcp, room).await?;
        socket.tell(json!({ "subscribe": { "from": from } }).to_string()).await?;
        socket.hear().await?;
        Ok(socket)
    }

    /// A socket that follows nothing.
    pub async fn socket(&self, room: &str) -> Result<Socket, Failure> {
        let tcp = TcpStream::connect(&self.host).await.map_err(|error| failed(&error))?;
        let _ = tcp.set_nodelay(true);
        self.socket_over(tcp, room).await
    }

    async fn socket_over(&self, tcp: TcpStream, room: &str) -> Result<Socket, Failure> {
        let ticket = self.post(&format!("/v1/rooms/{room}/tickets"), &json!({ "use": "ws" })).await?;
        let ticket = ticket["ticket"].as_str().unwrap_or_default();
        Socket::over(tcp, &self.host, &format!("/v1/rooms/{room}/ws?ticket={ticket}")).await
    }
}

impl Socket {
    pub async fn open(host: &str, path: &str) -> Result<Self, Failure> {
        let tcp = TcpStream::connect(host).await.map_err(|error| failed(&error))?;
        Self::over(tcp, host, path).await
    }

    async fn over(tcp: TcpStream, host: &str, path: &str) -> Result<Self, Failure> {
        let request = format!("ws://{host}{path}").into_client_request().map_err(|error| failed(&error))?;
        let (stream, _) = client_async(request, tcp).await.map_err(|error| failed(&error))?;
        Ok(Self(stream))
    }

    pub async fn tell(&mut self, text: String) -> Result<(), Failure> {
        self.0.send(Message::text(text)).await.map_err(|error| failed(&error))
    }

    /// The next text.
    pub async fn hear(&mut self) -> Result<Utf8Bytes, Failure> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => return Err(Failure::Delivery(format!("closed: {frame:?}"))),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(failed(&error)),
                None => return Err(Failure::Delivery("the socket ended".to_owned())),
            }
        }
    }

    /// The next event's text.
    pub async fn event(&mut self) -> Result<Utf8Bytes, Failure> {
        loop {
            let text = self.hear().await?;
            if text.starts_with("{\"event\"") {
                return Ok(text);
            }
        }
    }
}
