//! Somebody who receives events over HTTP.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::Response;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::wait::eventually;

/// What arrived, and the status that it was answered with; 0: not yet, or never.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub path: String,
    pub headers: HeaderMap,
    pub raw: Vec<u8>,
    pub body: Value,
    pub at: Instant,
    pub answered: u16,
}

impl Delivery {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub fn room(&self) -> &str {
        self.body["subject"].as_str().unwrap_or_default()
    }

    pub fn seq(&self) -> i64 {
        self.body["roomseq"].as_str().and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    pub fn text(&self) -> &str {
        self.body["data"]["text"].as_str().unwrap_or_default()
    }

    pub fn taken(&self) -> bool {
        (200..300).contains(&self.answered)
    }
}

/// How to answer.
#[derive(Clone, Debug)]
pub enum Reply {
    Status(u16),
    /// With one more header.
    With(u16, &'static str, String),
    /// After a while.
    Late(Duration, u16),
    /// When the receiver releases it.
    Held(u16),
    /// With a body that does not end.
    Endless(u16),
    /// Never.
    Nothing,
}

type Manner = Box<dyn FnMut(&Delivery) -> Reply + Send>;

struct Shared {
    seen: Mutex<Vec<Delivery>>,
    manner: Mutex<Manner>,
    held: Semaphore,
}

/// A server of its own; ends with the value.
pub struct Receiver {
    pub url: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Receiver {
    /// Answers as it is told.
    pub async fn new(manner: impl FnMut(&Delivery) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("it is bound"));
        let manner: Mutex<Manner> = Mutex::new(Box::new(manner));
        let shared = Arc::new(Shared { seen: Mutex::default(), manner, held: Semaphore::new(0) });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("it is bound") });
        Self { url, shared, serving }
    }

    /// Takes everything.
    pub async fn willing() -> Self {
        Self::new(|_| Reply::Status(204)).await
    }

    /// From now on answers otherwise.
    pub fn now(&self, manner: impl FnMut(&Delivery) -> Reply + Send + 'static) {
        *self.shared.manner.lock().expect("nobody panics with it") = Box::new(manner);
    }

    /// Answers what was held.
    pub fn release(&self) {
        self.shared.held.add_permits(1);
    }

    /// Everything that arrived.
    pub fn seen(&self) -> Vec<Delivery> {
        self.shared.seen.lock().expect("nobody panics with it").clone()
    }

    /// What was taken, in the order of its arrival.
    pub fn taken(&self) -> Vec<Delivery> {
        self.seen().into_iter().filter(Delivery::taken).collect()
    }

    /// Waits until so many were seen.
    pub async fn sees(&self, count: usize) -> Vec<Delivery> {
        eventually(&format!("{count} deliveries"), async || Some(self.seen()).filter(|seen| seen.len() >= count)).await
    }

    /// Waits until so many were taken.
    pub async fn takes(&self, count: usize) -> Vec<Delivery> {
        eventually(&format!("{count} to be taken"), async || Some(self.taken()).filter(|taken| taken.len() >= count))
            .await
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn receive(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap, raw: Bytes) -> Response {
    let body = serde_json::from_slice(&raw).unwrap_or_default();
    let (path, raw) = (uri.path().to_owned(), raw.to_vec());
    let delivery = Delivery { path, headers, raw, body, at: Instant::now(), answered: 0 };
    let reply = shared.manner.lock().expect("nobody panics with it")(&delivery);
    let number = {
        let mut seen = shared.seen.lock().expect("nobody panics with it");
        seen.push(delivery);
        seen.len() - 1
    };
    let (status, header, body) = match reply {
        Reply::Status(status) => (status, None, Body::empty()),
        Reply::With(status, name, value) => (status, Some((name, value)), Body::empty()),
        Reply::Late(wait, status) => {
            tokio::time::sleep(wait).await;
            (status, None, Body::empty())
        }
        Reply::Held(status) => {
            shared.held.acquire().await.expect("it stays open").forget();
            (status, None, Body::empty())
        }
        Reply::Endless(status) => (status, None, Body::from_stream(endless())),
        Reply::Nothing => std::future::pending().await,
    };
    shared.seen.lock().expect("nobody panics with it")[number].answered = status;
    let mut response = Response::new(body);
    *response.status_mut() = status.try_into().expect("a status");
    if let Some((name, value)) = header {
        response.headers_mut().insert(name, HeaderValue::from_str(&value).expect("a value"));
    }
    response
}

fn endless() -> impl futures::Stream<Item = Result<Bytes, std::io::Error>> {
    futures::stream::unfold((), async |()| {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Some((Ok(Bytes::from_static(b".")), ()))
    })
}
