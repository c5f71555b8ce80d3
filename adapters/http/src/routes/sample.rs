//! The sample video, from the binary.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::assets::{asset, is_known};
use crate::docs::params::{Held, Range};
use crate::docs::refusals::Unchanged;
use crate::problem::Refusal;
use crate::routes::page::Absent;
use crate::state::Http;

pub(crate) fn routes() -> OpenApiRouter<Http> {
    OpenApiRouter::new().routes(routes!(sample))
}

/// A short video to try the page with
///
/// Players seek by range.
#[utoipa::path(
    get,
    path = "/sample.mp4",
    tag = "page",
    params(Range, Held),
    responses(
        (status = 200, description = "All of it", body = [u8], content_type = "video/mp4"),
        (
            status = 206,
            description = "The part that Range names",
            body = [u8],
            content_type = "video/mp4",
            headers(("Content-Range" = String, description = "Which part of what size"))
        ),
        Unchanged,
        (
            status = 416,
            description = "Range names no part of it",
            headers(("Content-Range" = String, description = "Its size"))
        ),
        Absent
    )
)]
async fn sample(request: HeaderMap) -> Result<Response, Refusal> {
    let asset = asset("sample.mp4")?;
    let tag = asset.tag(None);
    let mut headers = asset.headers(&tag);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if is_known(&request, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let size = asset.plain.len();
    let Some(asked) = asked(&request, &tag) else { return Ok((headers, asset.plain).into_response()) };
    match range(asked, size) {
        Some((first, last)) => {
            let span = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}"))];
            Ok((StatusCode::PARTIAL_CONTENT, headers, span, &asset.plain[first..=last]).into_response())
        }
        None => {
            Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, format!("bytes */{size}"))])
                .into_response())
        }
    }
}

/// The part that is asked for, unless it belongs to another file than this one.
fn asked<'a>(request: &'a HeaderMap, tag: &str) -> Option<&'a str> {
    if request.get(header::IF_RANGE).is_some_and(|held| held != tag) {
        return None;
    }
    // Several parts at once are not asked for by players: they get all of it.
    let range = request.get(header::RANGE)?.to_str().ok()?.strip_prefix("bytes=")?;
    (!range.contains(',')).then_some(range)
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
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{asked, range};

    #[test]
    fn a_part_of_another_file_is_not_sent() {
        let mut request = HeaderMap::new();
        request.insert(header::RANGE, HeaderValue::from_static("bytes=2-4"));
        assert_eq!(asked(&request, "\"7a\""), Some("2-4"));
        request.insert(header::IF_RANGE, HeaderValue::from_static("\"7a\""));
        assert_eq!(asked(&request, "\"7a\""), Some("2-4"));
        assert_eq!(asked(&request, "\"7b\""), None);
    }

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
