//! Answering who manages a server.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, Version, header};
use synctv_edge::{OperatorToken, Problem, bearer, typed, unauthenticated};
use synctv_proto::management::v1;
use synctv_proto::server::management::management_server::{self, ManagementServer};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Request as Asked, Response as Answer, Status as Refusal};
use tower_service::Service;

use super::health;
use super::node::{Life, Node};
use super::opened::Opened;
use super::state::{Phase, Progress};
use super::status::{look, millis};
use crate::answer::explain;
use crate::lasting::Lasting;
use crate::reflection::described;
use crate::status::status;

/// The service.
pub(super) const NAME: &str = "synctv.management.v1.Management";

/// Bytes of a message, which says hardly anything.
const MESSAGE: usize = 4 * 1024;
/// How often it is told how far a stop is.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// The management of a server, with health and reflection of its own.
#[derive(Clone)]
pub struct Management {
    routes: Routes,
    /// None: whoever can connect may.
    operator: Option<Arc<OperatorToken>>,
    /// Once nothing is left to do.
    stopped: watch::Receiver<bool>,
}

impl Management {
    /// For whoever can connect.
    #[must_use]
    pub fn new(node: &Arc<dyn Node>) -> Self {
        let service = ManagementServer::new(Managed(Arc::clone(node))).max_decoding_message_size(MESSAGE);
        let routes = Routes::new(service).add_service(health::service(node));
        let (stop, stopped) = watch::channel(false);
        let mut life = node.life();
        tokio::spawn(async move {
            let _ = life.wait_for(|life| life.phase == Phase::Stopped).await;
            stop.send_replace(true);
        });
        Self { routes: described(routes, &[NAME]).prepare(), operator: None, stopped }
    }

    /// For who shows the operator's token with every call.
    #[must_use]
    pub fn guarded(self, operator: OperatorToken) -> Self {
        Self { operator: Some(Arc::new(operator)), ..self }
    }

    /// Answers a call.
    pub async fn answer<B>(mut self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        if request.version() != Version::HTTP_2 {
            let mut refusal = Response::new(Body::empty());
            *refusal.status_mut() = StatusCode::HTTP_VERSION_NOT_SUPPORTED;
            return refusal;
        }
        if let Err(stranger) = self.admit(&request) {
            return status(&stranger).into_http();
        }
        let of_tools = request.uri().path().starts_with("/grpc.");
        let request = request.map(|body| self.within(of_tools, Body::new(body), Lasting::asked));
        let mut response = match self.routes.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        explain(&mut response);
        response.map(|body| self.within(of_tools, body, Lasting::told))
    }

    /// What the services of others keep open would hold up the end of the process; ours end by themselves.
    fn within(&self, of_tools: bool, body: Body, lasting: fn(Body, watch::Receiver<bool>) -> Lasting) -> Body {
        if of_tools { Body::new(lasting(body, self.stopped.clone())) } else { body }
    }

    fn admit<B>(&self, request: &Request<B>) -> Result<(), Problem> {
        let Some(operator) = &self.operator else { return Ok(()) };
        let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = given.and_then(bearer).ok_or_else(unauthenticated)?;
        if operator.is(token) {
            return Ok(());
        }
        Err(Problem::new(StatusCode::UNAUTHORIZED, "invalid_token", "this is for the operator's token"))
    }
}

struct Managed(Arc<dyn Node>);

type Told = Result<v1::StopResponse, Refusal>;

#[tonic::async_trait]
impl management_server::Management for Managed {
    type StopStream = ReceiverStream<Told>;

    async fn status(&self, _: Asked<v1::StatusRequest>) -> Result<Answer<v1::StatusResponse>, Refusal> {
        Ok(Answer::new(typed::message(&look(&*self.0).await)))
    }

    async fn stop(&self, request: Asked<v1::StopRequest>) -> Result<Answer<Self::StopStream>, Refusal> {
        self.0.stop(request.get_ref().now);
        let (told, progress) = mpsc::channel(1);
        tokio::spawn(follow(Arc::clone(&self.0), told));
        Ok(Answer::new(progress.into()))
    }
}

/// Until the end, or until nobody listens any more.
async fn follow(node: Arc<dyn Node>, told: mpsc::Sender<Told>) {
    let mut life = node.life();
    loop {
        let now = *life.borrow_and_update();
        let sent = told.send(Ok(typed::message(&progress(&*node, now)))).await;
        if sent.is_err() || now.phase == Phase::Stopped {
            return;
        }
        tokio::select! {
            _ = life.changed() => {}
            () = sleep(TELL_EVERY) => {}
            () = told.closed() => return,
        }
    }
}

fn progress(node: &dyn Node, Life { phase, since, .. }: Life) -> Progress {
    let Opened { connections, sockets, streams } = Opened::of(node);
    let elapsed = since.map_or(Duration::ZERO, |since| Instant::now().saturating_duration_since(since));
    let (elapsed_ms, deadline_ms) = (millis(elapsed), millis(node.grace()));
    Progress { phase, connections, sockets, streams, elapsed_ms, deadline_ms }
}
