//! How something is asked: with a token, under a key, and again when that may help.

use std::time::Duration;

use futures::channel::mpsc::UnboundedSender;
use synctv_proto::v1::{self, session_request::Ask};
use tonic::metadata::MetadataValue;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// Until the next try, if the server does not say.
const PAUSE: Duration = Duration::from_millis(300);

/// A call with a token.
pub fn by<T>(token: &str, message: T) -> Result<Request<T>, Status> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {token}").parse().map_err(|_| Status::internal("the token is no header"))?;
    request.metadata_mut().insert("authorization", bearer);
    Ok(request)
}

/// As [`by`], with a key: under the same key, whoever asks again gets the first answer again.
pub fn keyed<T>(token: &str, key: &'static str, message: T) -> Result<Request<T>, Status> {
    let mut request = by(token, message)?;
    request.metadata_mut().insert("idempotency-key", MetadataValue::from_static(key));
    Ok(request)
}

/// Says something in a session.
pub fn ask(to_server: &UnboundedSender<v1::SessionRequest>, id: u64, ask: Ask) {
    // A session that has ended tells so by its answers.
    let _ = to_server.unbounded_send(v1::SessionRequest { id, ask: Some(ask) });
}

/// Asks until there is an answer that stands; `again` gets why it was asked again.
pub async fn answered<T>(
    again: &mut Vec<String>,
    mut ask: impl AsyncFnMut() -> Result<Response<T>, Status>,
) -> Result<T, Status> {
    loop {
        let status = match ask().await {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) => status,
        };
        again.push(reason(&status));
        tokio::time::sleep(pause(&status).ok_or(status)?).await;
    }
}

/// How long until the next try: as the server says, or a moment. None: no other try can mend it.
pub fn pause(status: &Status) -> Option<Duration> {
    let passing = match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::Aborted => true,
        // Without a code of the server's own, the connection failed.
        Code::Unknown | Code::Internal | Code::Cancelled => status.get_details_error_info().is_none(),
        _ => false,
    };
    status.get_details_retry_info().and_then(|info| info.retry_delay).or(passing.then_some(PAUSE))
}

/// As [`pause`], within a session.
pub fn lull(problem: &v1::Problem) -> Option<Duration> {
    let told = problem.retry_after_ms.map(|ms| Duration::from_millis(ms.into()));
    matches!(problem.status, 429 | 503).then(|| told.unwrap_or(PAUSE))
}

/// The end of a session with a server that is about to stop.
pub fn drained(drain: v1::Drain) -> Status {
    let wait = Duration::from_millis(drain.retry_after_ms.try_into().unwrap_or_default());
    let details = ErrorDetails::with_retry_info(Some(wait));
    Status::with_error_details(Code::Unavailable, "the server is about to stop", details)
}

/// The stable code of a failure, as over REST; if the connection failed, gRPC's own name for that.
pub fn reason(status: &Status) -> String {
    status.get_details_error_info().map_or_else(|| format!("{:?}", status.code()), |info| info.reason)
}
