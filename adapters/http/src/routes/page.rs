//! The page, from the binary.

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::docs::params::Range;
use crate::docs::refusals::refusals;
use crate::problem::Problem;
use crate::state::Http;

const INDEX: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/index.html"));
const SCRIPT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/app.js"));
const STYLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/style.css"));
const SAMPLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sample.mp4"));

pub(crate) fn routes() -> OpenApiRouter<Http> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(room))
        .routes(routes!(icon))
        .routes(routes!(script))
        .routes(routes!(style))
        .routes(routes!(sample))
}

/// The page
#[utoipa::path(
    get,
    path = "/",
    tag = "page",
    responses((status = 200, body = str, content_type = "text/html", description = "The page"))
)]
async fn index() -> Response {
    file("text/html; charset=utf-8", INDEX)
}

/// The page, in a room
#[utoipa::path(
    get,
    path = "/r/{room}",
    operation_id = "room_page",
    tag = "page",
    params(("room" = String, Path, description = "The room that the page opens; not looked at here.")),
    responses((status = 200, body = str, content_type = "text/html", description = "The page"))
)]
async fn room() -> Response {
    file("text/html; charset=utf-8", INDEX)
}

/// No icon
///
/// Browsers ask for it unasked.
#[utoipa::path(get, path = "/favicon.ico", tag = "page", responses((status = 204, description = "None")))]
async fn icon() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The page's script
#[utoipa::path(
    get,
    path = "/app.js",
    tag = "page",
    responses((status = 200, body = str, content_type = "text/javascript", description = "The script"))
)]
async fn script() -> Response {
    file("text/javascript; charset=utf-8", SCRIPT)
}

/// The page's style
#[utoipa::path(
    get,
    path = "/style.css",
    tag = "page",
    responses((status = 200, body = str, content_type = "text/css", description = "The style"))
)]
async fn style() -> Response {
    file("text/css; charset=utf-8", STYLE)
}

pub(crate) fn file(kind: &'static str, content: &'static [u8]) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], content).into_response()
}

refusals!(
    /// Of the sample.
    Absent: &["not_found"]
);

/// A short video to try the page with
///
/// Players seek by range.
#[utoipa::path(
    get,
    path = "/sample.mp4",
    tag = "page",
    params(Range),
    responses(
        (status = 200, description = "All of it", body = [u8], content_type = "video/mp4"),
        (
            status = 206,
            description = "The part that Range names",
            body = [u8],
            content_type = "video/mp4",
            headers(("Content-Range" = String, description = "Which part of what size"))
        ),
        (
            status = 416,
            description = "Range names no part of it",
            headers(("Content-Range" = String, description = "Its size"))
        ),
        Absent
    )
)]
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
        // Several parts at once are not asked for by players: they get all of it.
        .filter(|range| !range.contains(','))
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
