//! Failures as `google.rpc.Status`: the code of the problem is the reason of an `ErrorInfo`.

use std::time::Duration;

use http::StatusCode;
use synctv_edge::{Problem, typed};
use synctv_proto::ERROR_DOMAIN;
use tonic::{Code, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::outlet::Stream;

/// The answer of a unary call.
pub(crate) fn answer<T>(result: Result<T, Problem>) -> Result<Response<T>, Status> {
    result.map(Response::new).map_err(|problem| status(&problem))
}

/// The answer of a call that goes on.
pub(crate) fn streamed(result: Result<Stream, Problem>) -> Result<Response<Stream>, Status> {
    result.map(Stream::answer).map_err(|problem| status(&problem))
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
        details.add_bad_request_violation(field(problem.detail()), brief(problem.detail()));
    }
    if [StatusCode::PRECONDITION_FAILED, StatusCode::PRECONDITION_REQUIRED].contains(&problem.status()) {
        details.add_precondition_failure_violation(problem.code(), "room", problem.detail());
    }
    let code = Code::from(typed::code::number(problem.code(), problem.status()));
    Status::with_error_details(code, format!("{}: {}", problem.code(), brief(problem.detail())), details)
}

/// What fits into headers: a sentence may say back what was asked.
fn brief(detail: &str) -> &str {
    &detail[..detail.floor_char_boundary(1024)]
}

/// The field that a sentence names between backquotes, if it does.
fn field(detail: &str) -> &str {
    detail.split('`').nth(1).unwrap_or_default()
}

/// Why the server ends a session; `close_code` is what a socket would be closed with.
pub(crate) fn ending(close: u16, reason: &str) -> Status {
    let (code, name) = match close {
        4001 => (Code::Unavailable, "draining"),
        4008 => (Code::Unavailable, "slow"),
        // Unlike `deadline_exceeded` it says nothing about commands that were not answered.
        4009 => (Code::DeadlineExceeded, "deadline"),
        4010 => (Code::Aborted, "epoch_changed"),
        4401 => (Code::Unauthenticated, "token_expired"),
        4403 => (Code::PermissionDenied, "not_a_member"),
        4404 => (Code::FailedPrecondition, "room_closed"),
        4429 => (Code::ResourceExhausted, "rate_limited"),
        4500.. => (Code::InvalidArgument, "invalid_message"),
        _ => (Code::Unavailable, "unavailable"),
    };
    coded(code, name, reason, [("close_code".to_owned(), close.to_string())])
}

/// What is refused before it reaches a service gets a code as well.
pub(crate) fn explained(refused: Status) -> Status {
    let (code, name) = match refused.code() {
        _ if !refused.details().is_empty() => return refused,
        Code::OutOfRange => (Code::ResourceExhausted, "body_too_large"),
        Code::Internal => (Code::InvalidArgument, "incomplete_body"),
        Code::Unimplemented => (Code::Unimplemented, "not_found"),
        other => (other, "invalid_message"),
    };
    coded(code, name, refused.message(), [])
}

/// A status with a code of ours.
pub(crate) fn coded(code: Code, name: &str, why: &str, metadata: impl IntoIterator<Item = (String, String)>) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info(name, ERROR_DOMAIN, metadata.into_iter().collect::<std::collections::HashMap<_, _>>());
    Status::with_error_details(code, format!("{name}: {why}"), details)
}
