//! People who use a server.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// For an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// For all that a stream says.
const WHOLE_STREAM: Duration = Duration::from_secs(600);

/// Status and JSON body of a response.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// The problem's code, or "ok".
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("ok")
    }

    /// Seqs of the events in the body.
    pub fn seqs(&self) -> Vec<i64> {
        self.body["events"].as_array().into_iter().flatten().filter_map(|event| event["seq"].as_i64()).collect()
    }

    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {:#}", self.status, self.body);
        self.body
    }
}

/// A guest with a token.
#[derive(Clone)]
pub struct Guest {
    pub url: String,
    pub id: String,
    pub token: String,
    http: reqwest::Client,
}

impl Guest {
    pub async fn new(url: &str, name: &str) -> Self {
        Self::through(url, name, client()).await
    }

    /// Somebody behind a proxy, which tells their address.
    pub async fn at_address(url: &str, name: &str, address: &str) -> Self {
        Self::through(url, name, client_at(address)).await
    }

    /// Somebody at another address of this machine, any of 127.0.0.0/8.
    pub async fn from_address(address: IpAddr, url: &str, name: &str) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).local_address(address).build();
        Self::through(url, name, http.expect("no TLS to set up")).await
    }

    async fn through(url: &str, name: &str, http: reqwest::Client) -> Self {
        let made = send(http.post(format!("{url}/v1/guests")).json(&json!({ "display_name": name }))).await.ok();
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        Self { url: url.to_owned(), id: text(&made["actor"]["id"]), token: text(&made["access_token"]), http }
    }

    /// The same person at another node, or at a server that was started again.
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), http: client(), ..self.clone() }
    }

    /// Makes a public room.
    pub async fn room(&self) -> String {
        let made =
            self.post("/v1/rooms", &json!({ "name": "r", "join_rule": "public", "visibility": "unlisted" })).await.ok();
        made["room_id"].as_str().expect("a string").to_owned()
    }

    pub async fn join(&self, room: &str) {
        self.command(room, json!({ "type": "member.join" })).await.ok();
    }

    /// Lets somebody come in again who was removed a moment ago.
    pub async fn forgive(&self, room: &str, other: &Self) {
        self.command(room, json!({ "type": "member.unban", "member": other.id })).await.ok();
    }

    pub async fn command(&self, room: &str, command: Value) -> Answer {
        self.post(&format!("/v1/rooms/{room}/commands"), &command).await
    }

    /// Under an idempotency key.
    pub async fn keyed(&self, room: &str, command: &Value, key: &str) -> Answer {
        self.try_keyed(room, command, key).await.expect("the server answers")
    }

    /// As [`Guest::keyed`], where the server may be gone.
    pub async fn try_keyed(&self, room: &str, command: &Value, key: &str) -> Result<Answer, reqwest::Error> {
        let request = self.request(Method::POST, &format!("/v1/rooms/{room}/commands"));
        try_send(request.header("idempotency-key", key).json(command)).await
    }

    pub async fn snapshot(&self, room: &str) -> Answer {
        self.get(&format!("/v1/rooms/{room}")).await
    }

    /// All events of a room, by pages.
    pub async fn events(&self, room: &str) -> Vec<Value> {
        let mut events: Vec<Value> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event["seq"].as_i64().unwrap_or(0));
            let page = self.get(&format!("/v1/rooms/{room}/events?after={after}&limit=1000")).await.ok();
            let page = page["events"].as_array().cloned().unwrap_or_default();
            if page.is_empty() {
                return events;
            }
            events.extend(page);
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// A read model of a room, with what a command did.
    pub async fn shown(&self, room: &str, list: &str, done: &Value) -> Value {
        let separator = if list.contains('?') { '&' } else { '?' };
        self.get(&format!("/v1/rooms/{room}/{list}{separator}min_position={}", done["position"])).await.ok()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    /// Follows a room from `<seq>` or `<epoch>:<seq>`.
    pub async fn follow(&self, room: &str, after: &str) -> Stream {
        self.try_follow(room, after).await.expect("the server streams")
    }

    /// As [`Guest::follow`]; None when the server does not stream now.
    pub async fn try_follow(&self, room: &str, after: &str) -> Option<Stream> {
        let request = self.request(Method::GET, &format!("/v1/rooms/{room}/events?after={after}"));
        let request = request.header("accept", "text/event-stream").timeout(WHOLE_STREAM);
        let response = request.send().await.ok()?;
        (response.status() == 200).then(|| Stream { response, buffer: String::new() })
    }

    /// A stream at an address, as a browser that received `last` before.
    pub async fn stream(&self, path: &str, last: Option<&str>) -> Stream {
        let mut request = self.request(Method::GET, path).header("accept", "text/event-stream").timeout(WHOLE_STREAM);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("the server answers");
        assert_eq!(response.status(), 200);
        Stream { response, buffer: String::new() }
    }
}

/// A server ends connections that say nothing for ten seconds: who speaks at that moment is not heard.
fn patient() -> reqwest::ClientBuilder {
    reqwest::Client::builder().timeout(PATIENCE).pool_idle_timeout(Duration::from_secs(5))
}

/// A client whose connections are its own.
pub fn client() -> reqwest::Client {
    patient().build().expect("no TLS to set up")
}

/// As [`client`], behind a proxy that tells this address.
pub fn client_at(address: &str) -> reqwest::Client {
    let told = HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), address.parse().expect("a value"))]);
    patient().default_headers(told).build().expect("no TLS to set up")
}

/// Sends, and reads the answer; a body that is no JSON becomes a string.
pub async fn send(request: RequestBuilder) -> Answer {
    try_send(request).await.expect("the server answers")
}

/// As [`send`], where the server may be gone.
pub async fn try_send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let text = response.text().await?;
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
}

/// One server-sent event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sent {
    pub id: Option<String>,
    pub event: Option<String>,
    pub data: Value,
}

impl Sent {
    pub fn seq(&self) -> i64 {
        self.data["seq"].as_i64().unwrap_or(0)
    }
}

/// An open stream of events.
pub struct Stream {
    response: reqwest::Response,
    buffer: String,
}

impl Stream {
    /// The next message with data; None at the end of the stream.
    pub async fn next(&mut self) -> Option<Sent> {
        loop {
            while let Some(end) = self.buffer.find("\n\n") {
                let block: String = self.buffer.drain(..end + 2).collect();
                if let Some(sent) = parse(&block) {
                    return Some(sent);
                }
            }
            let chunk = self.response.chunk().await.ok()??;
            self.buffer.push_str(std::str::from_utf8(&chunk).expect("frames are cut between characters"));
        }
    }

    /// Seqs until `last` has arrived.
    pub async fn seqs_until(&mut self, last: i64) -> Vec<i64> {
        let mut seqs = Vec::new();
        while seqs.last() != Some(&last) {
            seqs.push(self.next().await.expect("the stream goes on").seq());
        }
        seqs
    }
}

fn parse(block: &str) -> Option<Sent> {
    let mut sent = Sent::default();
    let mut data = None;
    for line in block.lines() {
        match line.split_once(": ") {
            Some(("id", id)) => sent.id = Some(id.to_owned()),
            Some(("event", event)) => sent.event = Some(event.to_owned()),
            Some(("data", text)) => data = Some(serde_json::from_str(text).expect("data is JSON")),
            _ => {}
        }
    }
    sent.data = data?;
    Some(sent)
}
