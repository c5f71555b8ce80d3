//! How a request becomes a socket.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, Response, StatusCode, header};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use synctv_edge::Problem;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::link::Protocol;
use super::shared::Shared;
use crate::problem::Refusal;

pub(crate) type Socket = WebSocketStream<Shared<TokioIo<Upgraded>>>;

/// Bytes read at once; the default of 128 KiB would be paid by every idle connection.
const READ: usize = 2 * 1024;

/// A request that can become one.
pub(crate) struct Upgrade {
    response: Response<Body>,
    /// What the client offers.
    protocols: Vec<HeaderValue>,
    connection: OnUpgrade,
}

impl<S: Sync> FromRequest<S> for Upgrade {
    type Rejection = Refusal;

    async fn from_request(mut request: Request, _: &S) -> Result<Self, Refusal> {
        let refuse = |why: String| Problem::new(StatusCode::UPGRADE_REQUIRED, "websocket_required", why);
        let response = create_response_with_body(&request, Body::empty).map_err(|error| refuse(error.to_string()))?;
        let protocols = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().cloned().collect();
        Ok(Self { response, protocols, connection: hyper::upgrade::on(&mut request) })
    }
}

impl Upgrade {
    /// Chooses the first protocol that the client offers and the server speaks; JSON, if the client names none.
    pub(crate) fn speak(&mut self) -> Result<Protocol, Problem> {
        let mut offers =
            self.protocols.iter().filter_map(|offer| offer.to_str().ok()).flat_map(|offer| offer.split(','));
        if let Some(protocol) = offers.find_map(|offer| offer.trim().parse::<Protocol>().ok()) {
            let name = HeaderValue::from_static(protocol.name());
            self.response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, name);
            return Ok(protocol);
        }
        if self.protocols.is_empty() {
            return Ok(Protocol::Json);
        }
        let known = Protocol::ALL.map(Protocol::name).join(" or ");
        Err(Problem::bad_request("unsupported_protocol", format!("Sec-WebSocket-Protocol has to offer {known}")))
    }

    /// Answers, and serves the socket, whose messages have `most` bytes at most, as soon as the answer is sent.
    pub(crate) fn accept<F: Future<Output = ()> + Send>(
        self,
        most: usize,
        serve: impl FnOnce(Socket) -> F + Send + 'static,
    ) -> Response<Body> {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ)
            .write_buffer_size(READ)
            // What is told is as large as a room may be; one message at a time waits for the kernel.
            .max_write_buffer_size(usize::MAX)
            .max_message_size(Some(most))
            .max_frame_size(Some(most));
        tokio::spawn(async move {
            match self.connection.await {
                Ok(upgraded) => {
                    let stream = Shared::new(TokioIo::new(upgraded));
                    serve(WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await).await;
                }
                Err(error) => tracing::debug!(%error, "socket.not_upgraded"),
            }
        });
        self.response
    }
}
