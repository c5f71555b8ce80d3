//! The files of the page, in the binary as they go out: plain, and compressed where that is smaller.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use synctv_edge::Problem;

use crate::problem::Refusal;

/// One file.
pub(crate) struct Asset {
    path: &'static str,
    kind: &'static str,
    /// Differs between contents.
    tag: &'static str,
    pub(crate) plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

const ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Files below it are named after their content.
const HASHED: &str = "assets/";

/// The file at a path, without its leading slash. A build without the page has few.
pub(crate) fn asset(path: &str) -> Result<&'static Asset, Problem> {
    let absent = || Problem::new(StatusCode::NOT_FOUND, "not_found", "this file is not part of this build");
    ASSETS.iter().find(|asset| asset.path == path).ok_or_else(absent)
}

/// Answers with the file at a path, in the best form that the request takes.
pub(crate) fn answer(path: &str, request: &HeaderMap) -> Result<Response, Refusal> {
    Ok(asset(path)?.answer(request))
}

impl Asset {
    fn answer(&self, request: &HeaderMap) -> Response {
        let (encoding, content) = self.best(request);
        let tag = self.tag(encoding);
        let mut headers = self.headers(&tag);
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if is_known(request, &tag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        (headers, content).into_response()
    }

    /// What every answer about this file says.
    pub(crate) fn headers(&self, tag: &str) -> HeaderMap {
        let keep = if self.path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
        let pairs: [(HeaderName, &str); 3] =
            [(header::CONTENT_TYPE, self.kind), (header::CACHE_CONTROL, keep), (header::ETAG, tag)];
        pairs.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::from_str(value).ok()?))).collect()
    }

    /// Strong: every encoding has one of its own.
    pub(crate) fn tag(&self, encoding: Option<&str>) -> String {
        match encoding {
            Some(encoding) => format!("\"{}-{encoding}\"", self.tag),
            None => format!("\"{}\"", self.tag),
        }
    }

    fn best(&self, request: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
        let forms = [("br", self.brotli), ("gzip", self.gzip)];
        let taken = forms.into_iter().filter_map(|(name, content)| Some((weight(request, name), name, content?)));
        // Of those that are as welcome, the first is the smallest.
        let best = taken.filter(|(weight, ..)| *weight > 0).rev().max_by_key(|(weight, ..)| *weight);
        best.map_or((None, self.plain), |(_, name, content)| (Some(name), content))
    }
}

/// How welcome an encoding is, in thousandths; one that is not named is not.
fn weight(request: &HeaderMap, encoding: &str) -> u16 {
    let listed = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let offers = listed.flat_map(|value| value.split(',')).map(|offer| {
        let (name, parameter) = offer.split_once(';').unwrap_or((offer, "q=1"));
        let quality = parameter.trim().strip_prefix("q=").and_then(|quality| quality.parse().ok());
        (name.trim(), quality.unwrap_or(0.0))
    });
    let mut any: f32 = 0.0;
    for (name, quality) in offers {
        if name.eq_ignore_ascii_case(encoding) {
            return thousandths(quality);
        }
        if name == "*" {
            any = quality;
        }
    }
    thousandths(any)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn thousandths(quality: f32) -> u16 {
    (quality.clamp(0.0, 1.0) * 1000.0) as u16
}

/// Whether the asker holds what has this tag.
pub(crate) fn is_known(request: &HeaderMap, tag: &str) -> bool {
    let listed = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = listed.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, StatusCode, header};
    use axum::response::Response;

    use super::Asset;

    const SCRIPT: Asset = Asset {
        path: "app.js",
        kind: "text/javascript; charset=utf-8",
        tag: "7a",
        plain: b"plain",
        brotli: Some(b"br"),
        gzip: Some(b"gzip"),
    };

    fn asked(asset: &Asset, headers: &[(HeaderName, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().expect("a value")));
        asset.answer(&headers.collect::<HeaderMap>())
    }

    fn said<'a>(response: &'a Response, name: &HeaderName) -> &'a str {
        response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
    }

    #[test]
    fn the_encoding_is_the_most_welcome_one() {
        let cases = [
            ("", "", "\"7a\""),
            ("br", "br", "\"7a-br\""),
            ("gzip, deflate, br, zstd", "br", "\"7a-br\""),
            ("gzip; q=1.0, br ;q=0.5", "gzip", "\"7a-gzip\""),
            ("GZIP", "gzip", "\"7a-gzip\""),
            ("br;q=0, *", "gzip", "\"7a-gzip\""),
            ("*", "br", "\"7a-br\""),
            ("br;q=0, gzip;q=0", "", "\"7a\""),
            ("identity, brotli, br;q=x", "", "\"7a\""),
        ];
        for (accepted, encoding, tag) in cases {
            let response = asked(&SCRIPT, &[(header::ACCEPT_ENCODING, accepted)]);
            let got = (said(&response, &header::CONTENT_ENCODING), said(&response, &header::ETAG));
            assert_eq!(got, (encoding, tag), "{accepted}");
            assert_eq!(said(&response, &header::VARY), "accept-encoding", "{accepted}");
            assert_eq!(said(&response, &header::CONTENT_TYPE), SCRIPT.kind, "{accepted}");
        }
    }

    #[test]
    fn what_is_not_smaller_compressed_goes_out_plain() {
        let image = Asset { brotli: None, gzip: None, ..SCRIPT };
        let response = asked(&image, &[(header::ACCEPT_ENCODING, "br, gzip")]);
        assert_eq!((said(&response, &header::CONTENT_ENCODING), said(&response, &header::ETAG)), ("", "\"7a\""));
    }

    #[test]
    fn who_has_it_gets_no_second_copy() {
        let cases = [
            ("\"7a-br\"", StatusCode::NOT_MODIFIED),
            ("\"x\", W/\"7a-br\"", StatusCode::NOT_MODIFIED),
            ("*", StatusCode::NOT_MODIFIED),
            ("\"7a\"", StatusCode::OK),
            ("7a-br", StatusCode::OK),
        ];
        for (known, status) in cases {
            let response = asked(&SCRIPT, &[(header::ACCEPT_ENCODING, "br"), (header::IF_NONE_MATCH, known)]);
            assert_eq!(response.status(), status, "{known}");
            assert_eq!(said(&response, &header::ETAG), "\"7a-br\"", "{known}");
            assert_eq!(said(&response, &header::CACHE_CONTROL), "no-cache", "{known}");
        }
    }

    #[test]
    fn only_what_is_named_after_its_content_is_kept_unasked() {
        let chunk = Asset { path: "assets/hls-ABCD1234.js", ..SCRIPT };
        let kept = said(&asked(&chunk, &[]), &header::CACHE_CONTROL).to_owned();
        assert_eq!(kept, "public, max-age=31536000, immutable");
        assert_eq!(said(&asked(&SCRIPT, &[]), &header::CACHE_CONTROL), "no-cache");
    }
}
