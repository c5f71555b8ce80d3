//! What stands before the services: who does not know the secret reaches none.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use synctv_commands::Clock;
use tokio::time::Instant;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower_service::Service;

use super::seal::{HEADER, Key, Once, Seal};
use super::whole::{again, status, whole};

/// How often it is told that strangers called.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// Knows the calls of other nodes.
#[derive(Clone)]
pub(super) struct Guard {
    key: Key,
    clock: Arc<dyn Clock>,
    strangers: Arc<Strangers>,
}

/// Calls that were not signed with the secret.
#[derive(Default)]
pub(super) struct Strangers {
    count: AtomicU64,
    told: Mutex<Option<Instant>>,
}

impl Guard {
    pub(super) fn new(key: Key, clock: Arc<dyn Clock>, strangers: Arc<Strangers>) -> Self {
        Self { key, clock, strangers }
    }

    /// Whether the caller knows the secret, and the answer, signed for them.
    pub(super) async fn answer<B>(&self, mut routes: Routes, request: Request<B>) -> (bool, Response<Body>)
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let (head, body) = request.into_parts();
        let header = head.headers.get(HEADER).and_then(|value| value.to_str().ok());
        // The time is looked at before anything is read.
        let seal = header.and_then(|header| Seal::read(header, self.clock.now()));
        let Some(seal) = seal else { return (false, self.refuse()) };
        let Some((bytes, _)) = whole(body).await else { return (false, self.refuse()) };
        if !self.key.knows_call(&seal, head.uri.path(), &bytes) {
            return (false, self.refuse());
        }
        let answered: Result<_, Infallible> = routes.call(Request::from_parts(head, again(bytes, None))).await;
        let Ok(response) = answered;
        (true, self.signed(seal.once, response).await)
    }

    async fn signed(&self, once: Once, response: Response<Body>) -> Response<Body> {
        let (mut head, body) = response.into_parts();
        let Some((bytes, behind)) = whole(body).await else {
            return Status::new(Code::Internal, "the answer is too long").into_http();
        };
        let ended = status(&Response::from_parts(head.clone(), ()), behind.as_ref());
        let seal = HeaderValue::from_str(&self.key.sign_answer(once, &ended, &bytes));
        head.headers.insert(HEADER, seal.unwrap_or(HeaderValue::from_static("")));
        Response::from_parts(head, again(bytes, behind))
    }

    /// It is not told which part of it is wrong.
    fn refuse(&self) -> Response<Body> {
        self.strangers.came();
        Status::new(Code::Unauthenticated, "this is for nodes that know the cluster's secret").into_http()
    }
}

impl Strangers {
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    fn came(&self) {
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            *told = Some(Instant::now());
            tracing::warn!(
                count,
                "cluster.strangers: calls were not signed with this cluster's secret; is SYNCTV_CLUSTER_SECRET the same on all nodes?"
            );
        }
    }
}
