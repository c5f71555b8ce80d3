//! The line to another node: calls go out signed, and answers are believed only when they are.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderValue, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use synctv_commands::Clock;
use tokio::net::TcpStream;
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tower::service_fn;
use tower_service::Service;

use super::seal::{HEADER, Key, Once};
use super::tls::{Io, Tls};
use super::whole::{again, status, whole};

/// Why nothing is believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Nobody is there.
    #[error("{0}")]
    Unreached(String),
    /// It does not believe this node.
    #[error("it does not accept this node's signature: SYNCTV_CLUSTER_SECRET differs, or it works on another database")]
    Unknown,
    /// This node does not believe it.
    #[error(
        "its answer is not signed with this cluster's secret: it is something else, or SYNCTV_CLUSTER_SECRET differs"
    )]
    Stranger,
}

/// To one address. Connects when it is used.
#[derive(Clone)]
pub(super) struct Line {
    channel: Channel,
    key: Key,
    clock: Arc<dyn Clock>,
}

impl Line {
    pub(super) fn new(address: &str, key: Key, clock: Arc<dyn Clock>, tls: Option<Arc<Tls>>) -> Self {
        let address: Arc<str> = address.into();
        let connector = service_fn(move |_: Uri| {
            let (address, tls) = (Arc::clone(&address), tls.clone());
            async move { connect(&address, tls.as_deref()).await.map(TokioIo::new) }
        });
        let channel = Endpoint::from_static("http://synctv").connect_with_connector_lazy(connector);
        Self { channel, key, clock }
    }

    async fn exchange(mut self, request: Request<Body>) -> Result<Response<Body>, LineError> {
        let (mut head, body) = request.into_parts();
        let (bytes, _) = whole(body).await.ok_or(LineError::Stranger)?;
        let once = Once::new(self.clock.now());
        let seal = self.key.sign_call(once, head.uri.path(), &bytes);
        head.headers.insert(HEADER, HeaderValue::from_str(&seal).map_err(|_| LineError::Stranger)?);
        let sent = self.channel.call(Request::from_parts(head, again(bytes, None)));
        let (head, body) = sent.await.map_err(|error| LineError::Unreached(innermost(&error)))?.into_parts();
        let (bytes, behind) = whole(body).await.ok_or(LineError::Stranger)?;
        let response = Response::from_parts(head, ());
        let mac = response.headers().get(HEADER).and_then(|value| value.to_str().ok());
        if !mac.is_some_and(|mac| self.key.knows_answer(mac, once, &status(&response, behind.as_ref()), &bytes)) {
            let refused = Status::from_header_map(response.headers());
            let unknown = refused.is_some_and(|refused| refused.code() == Code::Unauthenticated);
            return Err(if unknown { LineError::Unknown } else { LineError::Stranger });
        }
        Ok(response.map(|()| again(bytes, behind)))
    }
}

impl Service<Request<Body>> for Line {
    type Response = Response<Body>;
    type Error = LineError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), LineError>> {
        self.channel.poll_ready(cx).map_err(|error| LineError::Unreached(innermost(&error)))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The one that was asked whether it is ready is used.
        let ready = self.clone();
        Box::pin(std::mem::replace(self, ready).exchange(request))
    }
}

async fn connect(address: &str, tls: Option<&Tls>) -> io::Result<Io> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    match tls {
        Some(tls) => tls.connect(stream, address).await,
        None => Ok(Box::new(stream)),
    }
}

/// What is behind the words of the layers.
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
