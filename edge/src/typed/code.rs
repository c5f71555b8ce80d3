//! Codes of gRPC (`google.rpc.Code`).

use http::StatusCode;

/// Their names, by number.
pub const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// The name of the code that goes with a failure of this code and status.
#[must_use]
pub fn name(code: &str, status: StatusCode) -> &'static str {
    match code {
        // What was asked may have been done.
        "deadline_exceeded" | "outcome_unknown" | "request_timeout" => return "DEADLINE_EXCEEDED",
        "room_exists" => return "ALREADY_EXISTS",
        // To be done again with what is there now.
        "stale_item" | "stale_version" | "precondition_failed" => return "ABORTED",
        "body_too_large" => return "RESOURCE_EXHAUSTED",
        _ => {}
    }
    match status {
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => "INVALID_ARGUMENT",
        StatusCode::UNAUTHORIZED => "UNAUTHENTICATED",
        StatusCode::FORBIDDEN => "PERMISSION_DENIED",
        StatusCode::NOT_FOUND => "NOT_FOUND",
        StatusCode::GONE => "OUT_OF_RANGE",
        StatusCode::TOO_MANY_REQUESTS => "RESOURCE_EXHAUSTED",
        StatusCode::SERVICE_UNAVAILABLE => "UNAVAILABLE",
        StatusCode::INTERNAL_SERVER_ERROR => "INTERNAL",
        _ => "FAILED_PRECONDITION",
    }
}

/// Its number.
#[must_use]
pub fn number(code: &str, status: StatusCode) -> i32 {
    let name = name(code, status);
    let number = CODES.iter().position(|known| *known == name).unwrap_or(2);
    i32::try_from(number).unwrap_or(2)
}
