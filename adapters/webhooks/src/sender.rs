//! One request to a receiver.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE as TYPE, RETRY_AFTER, USER_AGENT};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use synctv_commands::Target;
use synctv_domain::ServerMs;
use tokio::time::timeout;

use crate::backoff::asked;
use crate::signature::sign;

/// Of a delivery.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";
const AGENT: &str = concat!("synctv/", env!("CARGO_PKG_VERSION"));
/// From the first look for the host until the head of the answer is there.
const PATIENCE: Duration = Duration::from_secs(10);
/// A connection that nothing was sent over for so long is closed.
const IDLE: Duration = Duration::from_secs(30);
/// What an answer says is of no interest, but as long as it is unread its connection cannot be used again.
const UNREAD: usize = 64 * 1024;
const READING: Duration = Duration::from_millis(250);

/// What a receiver made of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has it.
    Taken,
    /// It wants nothing any more.
    Gone,
    /// It does not have it, or nobody knows.
    Refused {
        /// Why; holds nothing that the receiver said but its status.
        error: String,
        /// How long it asked to be left alone.
        pause: Option<Duration>,
        /// That is about all deliveries: it has too much to do.
        busy: bool,
    },
}

/// Sends. Does not follow redirects.
#[derive(Clone)]
pub struct Sender {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Default for Sender {
    fn default() -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls()).https_or_http().enable_http1();
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE);
        Self { client: builder.build(connector.wrap_connector(http)) }
    }
}

impl Sender {
    /// Sends an event under its id, signed at `now`.
    pub async fn send(&self, target: &Target, id: &str, now: ServerMs, body: Vec<u8>) -> Answer {
        let seconds = now.0.div_euclid(1000);
        let request = Request::post(&target.url)
            .header(TYPE, CONTENT_TYPE)
            .header(USER_AGENT, AGENT)
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", sign(&target.secret, id, seconds, &body))
            .body(Full::new(Bytes::from(body)));
        let request = match request {
            Ok(request) => request,
            Err(error) => return refused(error.to_string()),
        };
        match timeout(PATIENCE, self.client.request(request)).await {
            Err(_) => refused(format!("no answer within {} s", PATIENCE.as_secs())),
            Ok(Err(error)) => refused(causes(&error)),
            Ok(Ok(response)) => {
                let answer = read(&response, now);
                let body = Limited::new(response.into_body(), UNREAD);
                let _ = timeout(READING, body.collect()).await;
                answer
            }
        }
    }
}

fn read<B>(response: &Response<B>, now: ServerMs) -> Answer {
    let status = response.status();
    if status.is_success() {
        return Answer::Taken;
    }
    if status == StatusCode::GONE {
        return Answer::Gone;
    }
    let pause = response.headers().get(RETRY_AFTER).and_then(|value| asked(value.to_str().ok()?, now));
    let busy = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    Answer::Refused { error: format!("answered {status}"), pause, busy }
}

fn refused(error: String) -> Answer {
    Answer::Refused { error, pause: None, busy: false }
}

/// All that is known, without the address.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = next.source();
    }
    text
}

/// Receivers are known by the certificates that the system trusts.
fn tls() -> ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = || {
        let builder = ClientConfig::builder_with_provider(std::sync::Arc::clone(&provider));
        builder.with_safe_default_protocol_versions().expect("ring knows them")
    };
    match builder().with_native_roots() {
        Ok(trusting) => trusting.with_no_client_auth(),
        Err(error) => {
            tracing::debug!(%error, "webhooks.no_certificates: https:// is refused");
            builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        }
    }
}
