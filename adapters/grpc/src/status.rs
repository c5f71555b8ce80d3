//! Failures as `google.rpc.Status`: the code of the problem is the reason of an `ErrorInfo`.

use std::time::Duration;

use http::StatusCode;
use synctv_edge::session::End;
use synctv_edge::{Problem, typed};
use synctv_proto::ERROR_DOMAIN;
use tonic::{Code, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// The answer of a unary call.
pub(crate) fn answer<T>(result: Result<T, Problem>) -> Result<Response<T>, Status> {
    result.map(Response::new).map_err(|problem| status(&problem))
}

pub(crate) fn status(problem: &Problem) -> Status {
    if problem.status().is_server_error() {
        tracing::warn!(code = problem.code(), detail = problem.detail(), "call.failed");
    }
    let mut details = ErrorDetails::new();
    details.set_error_info(problem.code(), ERROR_DOMAIN, typed::metadata(problem));
    if let Some(ms) = problem.retry_after_ms() {
        details.set_retry_info(Some(Duration::from_millis(ms.into())));
    }
    if problem.status() == StatusCode::BAD_REQUEST {
        details.add_bad_request_violation(field(problem.detail()), problem.detail());
    }
    if [StatusCode::PRECONDITION_FAILED, StatusCode::PRECONDITION_REQUIRED].contains(&problem.status()) {
        details.add_precondition_failure_violation(problem.code(), "room", problem.detail());
    }
    Status::with_error_details(code(problem), format!("{}: {}", problem.code(), problem.detail()), details)
}

/// The field that a sentence names between backquotes, if it does.
fn field(detail: &str) -> &str {
    detail.split('`').nth(1).unwrap_or_default()
}

fn code(problem: &Problem) -> Code {
    match problem.code() {
        // What was asked may have been done.
        "deadline_exceeded" | "outcome_unknown" | "request_timeout" => return Code::DeadlineExceeded,
        "room_exists" => return Code::AlreadyExists,
        "stale_item" | "stale_version" | "precondition_failed" => return Code::Aborted,
        _ => {}
    }
    match problem.status() {
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Code::InvalidArgument,
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::FORBIDDEN => Code::PermissionDenied,
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::GONE => Code::OutOfRange,
        StatusCode::TOO_MANY_REQUESTS => Code::ResourceExhausted,
        StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
        StatusCode::INTERNAL_SERVER_ERROR => Code::Internal,
        _ => Code::FailedPrecondition,
    }
}

/// Why the server ends a session; `close_code` is what a socket would be closed with.
pub(crate) fn ending(close: u16, reason: &str) -> Status {
    let (code, name) = match End::Close(close, "") {
        End::Close(4001, _) => (Code::Unavailable, "draining"),
        End::Close(4008, _) => (Code::Unavailable, "slow"),
        End::Close(4009, _) => (Code::DeadlineExceeded, "deadline_exceeded"),
        End::Close(4010, _) => (Code::Aborted, "epoch_changed"),
        End::Close(4401, _) => (Code::Unauthenticated, "token_expired"),
        End::Close(4403, _) => (Code::PermissionDenied, "not_a_member"),
        End::Close(4404, _) => (Code::FailedPrecondition, "room_closed"),
        End::Close(4429, _) => (Code::ResourceExhausted, "rate_limited"),
        End::Close(4500.., _) => (Code::InvalidArgument, "invalid_message"),
        _ => (Code::Unavailable, "unavailable"),
    };
    coded(code, name, reason, [("close_code".to_owned(), close.to_string())])
}

/// A message of a session was too large.
pub(crate) fn too_large(why: &Status) -> Status {
    coded(Code::ResourceExhausted, "body_too_large", why.message(), [])
}

/// A status with a code of ours.
pub(crate) fn coded(code: Code, name: &str, why: &str, metadata: impl IntoIterator<Item = (String, String)>) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info(name, ERROR_DOMAIN, metadata.into_iter().collect::<std::collections::HashMap<_, _>>());
    Status::with_error_details(code, format!("{name}: {why}"), details)
}
