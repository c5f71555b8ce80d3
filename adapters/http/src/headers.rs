//! Headers of every response.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::client::Client;

/// What the page may load. Scripts and styles are its own. Media lie wherever people put them: the browser plays files
/// from there (`media-src`), and HLS and FLV are fetched by a script and handed on as `blob:` (`connect-src`). A script
/// that takes such streams apart does so in a worker that it makes of a `blob:`.
const CONTENT: &str = "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self'; \
     img-src 'self' data:; media-src 'self' blob: data: http: https:; connect-src 'self' http: https:; manifest-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the page may ask the browser for: what a player needs, and nothing that watches people.
const PERMISSIONS: &str = "autoplay=(self), clipboard-write=(self), fullscreen=(self), picture-in-picture=(self), \
     screen-wake-lock=(self), camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()";

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Browsers that came over TLS once come so for a year.
const TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Nothing is sniffed, framed, opened by, embedded in or told to other sites.
pub(crate) async fn secure(client: Client, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    protect(response.headers_mut(), client.secure);
    response
}

fn protect(headers: &mut HeaderMap, over_tls: bool) {
    if over_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, TRANSPORT);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT));
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(PERMISSIONS));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{OPENER_POLICY, PERMISSIONS_POLICY, RESOURCE_POLICY, protect};

    fn protected(mut headers: HeaderMap) -> BTreeMap<String, String> {
        protect(&mut headers, false);
        let text = |value: &HeaderValue| value.to_str().expect("text").to_owned();
        headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
    }

    fn directives(policy: &str) -> BTreeMap<&str, &str> {
        policy.split(';').map(|directive| directive.trim().split_once(' ').expect("a name and sources")).collect()
    }

    #[test]
    fn only_own_code_runs_and_only_media_comes_from_elsewhere() {
        let headers = protected(HeaderMap::new());
        let mut allowed = directives(&headers[header::CONTENT_SECURITY_POLICY.as_str()]);
        for open in ["media-src", "connect-src"] {
            let sources = allowed.remove(open).expect(open);
            assert!(sources.starts_with("'self' ") && sources.ends_with("http: https:"), "{open} {sources}");
        }
        assert_eq!(allowed.remove("worker-src"), Some("'self' blob:"));
        assert_eq!(allowed.remove("img-src"), Some("'self' data:"));
        assert_eq!(allowed.get("script-src"), Some(&"'self'"));
        assert_eq!(allowed.get("frame-ancestors"), Some(&"'none'"));
        assert!(allowed.values().all(|sources| ["'self'", "'none'"].contains(sources)), "{allowed:?}");
    }

    #[test]
    fn every_response_is_protected_and_says_whether_it_may_be_kept() {
        let headers = protected(HeaderMap::new());
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers[OPENER_POLICY.as_str()], "same-origin");
        assert_eq!(headers[RESOURCE_POLICY.as_str()], "same-origin");
        assert!(!headers.contains_key("strict-transport-security"));
        let mut over_tls = HeaderMap::new();
        protect(&mut over_tls, true);
        assert_eq!(over_tls[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
        assert!(headers[PERMISSIONS_POLICY.as_str()].contains("camera=()"), "{headers:?}");
        assert_eq!(headers["cache-control"], "no-store");
        let kept = HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))]);
        assert_eq!(protected(kept)["cache-control"], "no-cache");
    }
}
