//! The page, from the binary.

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::problem::Problem;
use crate::state::Http;

const INDEX: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/index.html"));
const SCRIPT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/app.js"));
const STYLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/style.css"));
const SAMPLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sample.mp4"));

pub(crate) fn routes() -> Router<Http> {
    Router::new()
        .route("/", get(|| async { file("text/html; charset=utf-8", INDEX) }))
        .route("/r/{room}", get(|| async { file("text/html; charset=utf-8", INDEX) }))
        // Browsers ask for it unasked.
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .route("/app.js", get(|| async { file("text/javascript; charset=utf-8", SCRIPT) }))
        .route("/style.css", get(|| async { file("text/css; charset=utf-8", STYLE) }))
        .route("/sample.mp4", get(sample))
}

fn file(kind: &'static str, content: &'static [u8]) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], content).into_response()
}

/// Players seek by range.
async fn sample(request: Request) -> Result<Response, Problem> {
    if SAMPLE.is_empty() {
        return Err(Problem::new(StatusCode::NOT_FOUND, "not_found", "the sample video is not part of this build"));
    }
    let size = SAMPLE.len();
    let headers = [(header::CONTENT_TYPE, "video/mp4"), (header::ACCEPT_RANGES, "bytes")];
    let Some(asked) = request
        .headers()
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok())
        .and_then(|range| range.strip_prefix("bytes="))
    else {
        return Ok((headers, SAMPLE).into_response());
    };
    match range(asked, size) {
        Some((first, last)) => {
            let span = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}"))];
            Ok((StatusCode::PARTIAL_CONTENT, headers, span, &SAMPLE[first..=last]).into_response())
        }
        None => {
            Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, format!("bytes */{size}"))])
                .into_response())
        }
    }
}

/// `first-last`, `first-` or `-count`, as inclusive bounds within the file.
fn range(asked: &str, size: usize) -> Option<(usize, usize)> {
    let (first, last) = asked.split_once('-')?;
    let (first, last) = match (first, last) {
        ("", count) => (size.saturating_sub(count.parse().ok()?), size - 1),
        (first, "") => (first.parse().ok()?, size - 1),
        (first, last) => (first.parse().ok()?, last.parse::<usize>().ok()?.min(size - 1)),
    };
    (first <= last && first < size).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_stay_within_the_file() {
        let cases = [
            ("0-", Some((0, 9))),
            ("2-4", Some((2, 4))),
            ("5-99", Some((5, 9))),
            ("-3", Some((7, 9))),
            ("-99", Some((0, 9))),
            ("10-", None),
            ("4-2", None),
            ("x-", None),
            ("1", None),
            ("-0", None),
        ];
        for (asked, expected) in cases {
            assert_eq!(range(asked, 10), expected, "{asked}");
        }
    }
}
