//! Calls of gRPC whose every header and byte is the test's own, for what no client of gRPC would send.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// For an answer: far more than the server's patience with a client.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection of HTTP/2.
#[derive(Clone)]
pub struct Connection {
    sender: SendRequest<Bytes>,
    authority: String,
}

/// What is sent before the body.
pub struct Head {
    path: String,
    kind: &'static str,
    more: Vec<(HeaderName, HeaderValue)>,
}

/// A call that has begun.
pub struct Begun {
    pub body: SendStream<Bytes>,
    answer: ResponseFuture,
}

/// What came back.
#[derive(Debug)]
pub struct Received {
    pub http: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// None: it is no answer of gRPC.
    pub status: Option<Status>,
}

/// A message behind its flag and its length.
pub fn framed(message: &[u8]) -> Bytes {
    prefixed(0, u32::try_from(message.len()).expect("a short message"), message)
}

/// The same with a flag and a length that may be lies.
pub fn prefixed(flag: u8, length: u32, message: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(5 + message.len());
    bytes.put_u8(flag);
    bytes.put_u32(length);
    bytes.put_slice(message);
    bytes.freeze()
}

impl Head {
    /// `Rooms/Get` of `synctv.v1`, or a whole path.
    pub fn of(method: &str) -> Self {
        let path = if method.starts_with('/') { method.to_owned() } else { format!("/synctv.v1.{method}") };
        Self { path, kind: "application/grpc", more: Vec::new() }
    }

    pub fn by(self, token: &str) -> Self {
        self.with("authorization", format!("Bearer {token}").as_bytes())
    }

    pub fn with(mut self, name: &str, value: &[u8]) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        self.more.push((name, HeaderValue::from_bytes(value).expect("no control characters")));
        self
    }

    pub fn kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }
}

impl Connection {
    pub async fn open(url: &str) -> Self {
        Self::with(url, &h2::client::Builder::new()).await
    }

    /// With what the client allows the server.
    pub async fn with(url: &str, settings: &h2::client::Builder) -> Self {
        let authority = url.trim_start_matches("http://").to_owned();
        let tcp = TcpStream::connect(&authority).await.expect("the server listens");
        let (sender, connection) = settings.handshake(tcp).await.expect("the server speaks HTTP/2");
        // It may end as the server likes: the calls tell.
        tokio::spawn(connection);
        Self { sender, authority }
    }

    pub async fn begin(&self, head: Head) -> Begun {
        self.try_begin(head).await.expect("the connection is open")
    }

    /// Waits until the server allows one more stream.
    pub async fn try_begin(&self, head: Head) -> Result<Begun, h2::Error> {
        let mut request = Request::post(format!("http://{}{}", self.authority, head.path))
            .header("content-type", head.kind)
            .header("te", "trailers")
            .body(())
            .expect("a request");
        for (name, value) in head.more {
            request.headers_mut().append(name, value);
        }
        let mut sender = self.sender.clone().ready().await?;
        let (answer, body) = sender.send_request(request, false)?;
        Ok(Begun { body, answer })
    }

    /// One whole call with one message.
    pub async fn call(&self, head: Head, message: &[u8]) -> Received {
        self.send(head, framed(message)).await
    }

    /// One whole call with these bytes.
    pub async fn send(&self, head: Head, body: Bytes) -> Received {
        self.try_send(head, body).await.expect("an answer")
    }

    /// As [`Connection::send`], where the server may rather reset it.
    pub async fn try_send(&self, head: Head, body: Bytes) -> Result<Received, h2::Error> {
        let mut begun = self.try_begin(head).await?;
        // Whoever has answered already takes no more.
        let _ = begun.body.send_data(body, true);
        begun.try_end().await
    }
}

impl Begun {
    /// The head of the answer, and its body to come.
    pub async fn answered(self) -> (Parts, RecvStream, SendStream<Bytes>) {
        let response = timeout(PATIENCE, self.answer).await.expect("an answer in time").expect("an answer");
        let (parts, body) = response.into_parts();
        (parts, body, self.body)
    }

    /// What goes on being said, and all of the answer.
    pub fn split(self) -> (SendStream<Bytes>, impl Future<Output = Received>) {
        let Self { body, answer } = self;
        let ended = async { timeout(PATIENCE, ended(answer)).await.expect("an answer in time").expect("an answer") };
        (body, ended)
    }

    /// Waits for all of the answer.
    pub async fn end(self) -> Received {
        self.try_end().await.expect("an answer")
    }

    async fn try_end(self) -> Result<Received, h2::Error> {
        // Whatever is still to be said: the sending side stays open until the answer is there.
        let Self { answer, body: _open } = self;
        timeout(PATIENCE, ended(answer)).await.expect("an answer in time")
    }
}

async fn ended(answer: ResponseFuture) -> Result<Received, h2::Error> {
    let (parts, body) = answer.await?.into_parts();
    read(parts, body).await
}

/// Reads what was not read so far.
pub async fn rest(parts: Parts, body: RecvStream) -> Received {
    timeout(PATIENCE, read(parts, body)).await.expect("its end in time").expect("an end")
}

async fn read(parts: Parts, mut body: RecvStream) -> Result<Received, h2::Error> {
    let mut all = BytesMut::new();
    while let Some(data) = body.data().await {
        let data = data?;
        let _ = body.flow_control().release_capacity(data.len());
        all.put_slice(&data);
    }
    let trailers = body.trailers().await?.unwrap_or_default();
    let status = Status::from_header_map(&trailers).or_else(|| Status::from_header_map(&parts.headers));
    let mut headers = parts.headers;
    headers.extend(trailers);
    Ok(Received { http: parts.status, headers, body: all.freeze(), status })
}

impl Received {
    /// Code and the `reason` of the `ErrorInfo`; empty: there is none.
    pub fn told(&self) -> (Code, String) {
        let status = self.status.as_ref().unwrap_or_else(|| panic!("no status: {self:?}"));
        let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
        (status.code(), reason)
    }
}
