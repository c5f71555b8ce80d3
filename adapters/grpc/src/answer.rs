//! Answering calls.

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, Version, header};
use synctv_edge::forwarded::origin;
use synctv_edge::limits::ADDRESS;
use synctv_edge::{Edge, Meter, Peer, Problem, rate_fields};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower_service::Service;

use crate::call::Call;
use crate::deadline::deadline;
use crate::health;
use crate::lasting::{Held, Lasting};
use crate::services;
use crate::sluice::{Sluice, Sluiced};
use crate::status::{coded, explained, status};
use crate::whole::Whole;

/// Commands mind the caller's time by themselves, and then know whether something was stored. Nothing else takes so long.
const GRACE: Duration = Duration::from_secs(1);

const HEALTH_WATCH: &str = "/grpc.health.v1.Health/Watch";

/// All services.
#[derive(Clone)]
pub struct Grpc {
    edge: Arc<Edge>,
    routes: Routes,
}

/// Whether a request is a call.
#[must_use]
pub fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map_or(&[][..], |kind| kind.as_bytes());
    kind.strip_prefix(b"application/grpc").is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

impl Grpc {
    /// Over what every way in shares. Starts to watch whether the server is ready.
    #[must_use]
    pub fn new(edge: &Arc<Edge>) -> Self {
        let routes = services::routes(edge).add_service(health::service(edge)).prepare();
        Self { edge: Arc::clone(edge), routes }
    }

    /// Answers a call. Who asks whether the server is alive is not counted.
    pub async fn answer<B>(mut self, mut request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        if request.version() != Version::HTTP_2 {
            let mut refusal = Response::new(Body::empty());
            *refusal.status_mut() = StatusCode::HTTP_VERSION_NOT_SUPPORTED;
            return refusal;
        }
        let address = self.address(&request);
        let meter = Meter::new(&self.edge, address);
        let deadline = deadline(request.headers());
        let of_tools = is_of_tools(request.uri().path());
        let counted = request.uri().path() != "/grpc.health.v1.Health/Check";
        let admitted = if counted { meter.take_of_address(&ADDRESS).await } else { Ok(()) };
        let mut response = match admitted {
            Err(limited) => status(&Problem::from(limited)).into_http(),
            Ok(()) if is_foreign(request.headers()) => {
                coded(Code::Unimplemented, "unsupported_media_type", "messages come as they are", []).into_http()
            }
            Ok(()) => {
                request.extensions_mut().insert(Call { meter: meter.clone(), address, deadline });
                let request = request.map(|body| self.within(of_tools, body, Lasting::asked));
                self.seated(request, deadline).await
            }
        };
        rate_fields::tell(response.headers_mut(), &meter.told());
        explain(&mut response);
        let sluice = response.extensions_mut().remove::<Arc<Sluice>>();
        let response = response.map(|body| self.within(of_tools, body, Lasting::told));
        match sluice {
            Some(sluice) => response.map(|body| Body::new(Sluiced::new(body, sluice))),
            None => response,
        }
    }

    /// What tools keep open takes a seat, as our own streams do.
    async fn seated<B>(&mut self, request: Request<B>, deadline: Option<Instant>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let path = request.uri().path();
        let lasts = path == HEALTH_WATCH || (is_of_tools(path) && services::TALKS.contains(&path));
        if !lasts {
            return self.routed(request, deadline).await;
        }
        let Call { meter, address, .. } = request.extensions().get().cloned().unwrap_or_default();
        match self.edge.seat(&meter, address).await {
            Ok(seat) => self.routed(request, deadline).await.map(|body| Body::new(Held::new(body, seat))),
            Err(problem) => status(&problem).into_http(),
        }
    }

    /// What the services of others keep open would hold up the end of the server; ours see to it by themselves.
    fn within<B>(&self, of_tools: bool, body: B, lasting: fn(Body, watch::Receiver<bool>) -> Lasting) -> Body
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let body = Body::new(body);
        if of_tools { Body::new(lasting(body, self.edge.draining.clone())) } else { body }
    }

    fn address<B>(&self, request: &Request<B>) -> Option<IpAddr> {
        let Peer(peer) = request.extensions().get()?;
        Some(origin(peer.ip(), request.headers(), &self.edge.guard.trusted))
    }

    /// Within the caller's time. Streams mind theirs by themselves once they have begun.
    async fn routed<B>(&mut self, request: Request<B>, deadline: Option<Instant>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let answered = self.served(request);
        let answered = match deadline {
            Some(deadline) => timeout_at(deadline + GRACE, answered).await,
            None => Ok(answered.await),
        };
        match answered {
            Ok(response) => response,
            Err(_) => coded(Code::DeadlineExceeded, "outcome_unknown", "the caller's time is over", []).into_http(),
        }
    }

    /// Who says one thing has said all of it before anything is done.
    async fn served<B>(&mut self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let response = if services::TALKS.contains(&request.uri().path()) {
            self.routes.call(request).await
        } else {
            let (head, body) = request.into_parts();
            match Whole::of(body).await {
                Ok(whole) => self.routes.call(Request::from_parts(head, whole)).await,
                Err(refusal) => return refusal.into_http(),
            }
        };
        match response {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// Health and reflection, which others wrote.
fn is_of_tools(path: &str) -> bool {
    path.starts_with("/grpc.")
}

/// Compression that was not offered.
fn is_foreign(headers: &HeaderMap) -> bool {
    headers.get("grpc-encoding").is_some_and(|encoding| encoding != "identity")
}

/// As [`explained`], where it is an answer already.
pub(crate) fn explain(response: &mut Response<Body>) {
    let headers = response.headers_mut();
    if headers.contains_key("grpc-status-details-bin") {
        return;
    }
    let Some(refused) = Status::from_header_map(headers) else { return };
    if refused.code() == Code::Ok {
        return;
    }
    // The headers of a status take the place of those that say the same.
    let _ = explained(refused).add_header(headers);
}
