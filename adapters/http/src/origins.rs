//! Pages of other sites that may use this server.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use synctv_edge::rate_fields;

/// How long a browser remembers what it may do.
const REMEMBERED: Duration = Duration::from_secs(7200);

const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Origins of pages, by default none but the server's own. Shown and read with commas between; `*` alone: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    /// The server's own.
    #[default]
    Own,
    /// These as well.
    These(Vec<HeaderValue>),
    /// All.
    All,
}

impl FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        match &parts[..] {
            [] => Ok(Self::Own),
            ["*"] => Ok(Self::All),
            _ => parts.into_iter().map(origin).collect::<Result<_, _>>().map(Self::These),
        }
    }
}

/// As browsers write one: without a path, without the port that goes without saying, in small letters.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let wrong = || format!("{text:?} is not an origin such as https://example.com, or * alone");
    let (scheme, host) = text.split_once("://").ok_or_else(wrong)?;
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-._:[]".contains(letter);
    let default_port =
        [("https", ":443"), ("http", ":80")].iter().any(|(own, port)| *own == scheme && host.ends_with(port));
    let right = !scheme.is_empty() && !host.is_empty() && host.chars().all(plain) && !default_port;
    if right { HeaderValue::from_str(text).map_err(|_| wrong()) } else { Err(wrong()) }
}

impl fmt::Display for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => Ok(()),
            Self::All => f.write_str("*"),
            Self::These(origins) => {
                let shown: Vec<_> = origins.iter().filter_map(|origin| origin.to_str().ok()).collect();
                f.write_str(&shown.join(","))
            }
        }
    }
}

impl Origins {
    /// What tells browsers which pages may read answers; None: only the server's own may. Nothing is ever sent along by the
    /// browser itself: whoever asks shows a token.
    pub(crate) fn layer(&self) -> Option<CorsLayer> {
        let allowed = match self {
            Self::Own => return None,
            Self::These(origins) => AllowOrigin::list(origins.iter().cloned()),
            Self::All => AllowOrigin::any(),
        };
        let asked = [
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
        ];
        let told = [header::ETAG, header::LOCATION, header::RETRY_AFTER, rate_fields::LEFT, rate_fields::POLICY];
        let layer = CorsLayer::new().allow_origin(allowed).allow_headers(asked).expose_headers(told);
        let layer = layer.allow_methods([Method::GET, Method::HEAD, Method::POST, Method::DELETE]).max_age(REMEMBERED);
        Some(layer.vary([header::ORIGIN]))
    }

    /// Whether a page of the origin that the browser names may open a socket here; CORS does not guard sockets. What is no
    /// browser names none.
    pub(crate) fn admit(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        match self {
            Self::All => true,
            Self::These(origins) if origins.contains(origin) => true,
            Self::These(_) | Self::Own => is_own(origin, headers),
        }
    }
}

/// Whether the origin is the host that was asked. A page cannot choose either of the headers.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let Some((_, site)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else { return false };
    let hosts = [header::HOST, X_FORWARDED_HOST].map(|name| headers.get(name).and_then(|host| host.to_str().ok()));
    let bare = |host: &str| host.trim_end_matches(":443").trim_end_matches(":80").to_ascii_lowercase();
    hosts.into_iter().flatten().any(|host| bare(host) == bare(site))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(text: &str) -> Origins {
        text.parse().expect("origins")
    }

    #[test]
    fn origins_are_read_as_browsers_write_them() {
        assert_eq!(origins(" "), Origins::Own);
        assert_eq!(origins("*"), Origins::All);
        for text in [
            "https://example.com",
            "http://localhost:5173,https://a.example",
            "capacitor://localhost",
            "http://[::1]:8080",
        ] {
            assert_eq!(origins(text).to_string(), text);
        }
        for wrong in [
            "example.com",
            "https://example.com/",
            "https://Example.com",
            "https://example.com:443",
            "*,https://example.com",
            "https://*.example.com",
            "null",
            "https://",
        ] {
            assert!(wrong.parse::<Origins>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_socket_is_for_the_servers_own_pages_and_those_that_are_named() {
        let admitted = |allowed: &str, pairs: &[(&'static str, &'static str)]| {
            let pair = |(name, value): &(&'static str, &'static str)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            };
            origins(allowed).admit(&pairs.iter().map(pair).collect())
        };
        let host = ("host", "tv.example:8080");
        for (allowed, pairs, wanted) in [
            ("", &[host][..], true),
            ("", &[host, ("origin", "https://tv.example:8080")], true),
            ("", &[host, ("origin", "https://tv.example")], false),
            ("", &[host, ("origin", "https://evil.example")], false),
            ("", &[host, ("origin", "null")], false),
            ("", &[("host", "tv.example:443"), ("origin", "https://tv.example")], true),
            ("", &[("host", "inner"), ("x-forwarded-host", "tv.example"), ("origin", "https://tv.example")], true),
            ("https://a.example", &[host, ("origin", "https://a.example")], true),
            ("https://a.example", &[host, ("origin", "http://a.example")], false),
            ("https://a.example", &[host, ("origin", "https://a.example.evil.example")], false),
            ("*", &[host, ("origin", "https://evil.example")], true),
        ] {
            assert_eq!(admitted(allowed, pairs), wanted, "{allowed} {pairs:?}");
        }
    }
}
