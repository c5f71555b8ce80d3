//! Whom proxies speak for.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{is_secure, origin};

const PROXY: &str = "10.0.0.1";
const CLIENT: &str = "203.0.113.7";

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let line = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"))
    };
    let mut map = HeaderMap::new();
    for (name, value) in lines.iter().map(line) {
        map.append(name, value);
    }
    map
}

fn seen(peer: &str, lines: &[(&'static str, &str)]) -> String {
    let trusted = "10.0.0.0/8,fd00::/8".parse().expect("networks");
    origin(peer.parse().expect("an address"), &headers(lines), &trusted).to_string()
}

#[test]
fn strangers_are_not_believed() {
    for name in ["x-forwarded-for", "forwarded"] {
        let lie = if name == "forwarded" { "for=192.0.2.1" } else { "192.0.2.1" };
        assert_eq!(seen(CLIENT, &[(name, lie)]), CLIENT);
    }
    assert_eq!(seen("::ffff:203.0.113.7", &[("x-forwarded-for", "192.0.2.1")]), CLIENT);
}

#[test]
fn proxies_are_believed_up_to_the_first_stranger() {
    for (line, client) in [
        ("203.0.113.7", CLIENT),
        ("192.0.2.1, 203.0.113.7", CLIENT),
        ("rubbish \"(, 203.0.113.7", CLIENT),
        ("192.0.2.1,203.0.113.7, 10.0.0.2 ,10.9.9.9", CLIENT),
        ("203.0.113.7:4711", CLIENT),
        ("::ffff:203.0.113.7", CLIENT),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("203.0.113.7, fd00::1", CLIENT),
        // Somebody inside.
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
    ] {
        assert_eq!(seen(PROXY, &[("x-forwarded-for", line)]), client, "{line}");
    }
    for (line, client) in [
        ("for=203.0.113.7", CLIENT),
        ("For=\"203.0.113.7:4711\";proto=https;by=10.0.0.1", CLIENT),
        ("for=192.0.2.1, for=203.0.113.7;host=\"a,b;c\\\"d\" , for=10.0.0.2", CLIENT),
        ("for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
    ] {
        assert_eq!(seen(PROXY, &[("forwarded", line)]), client, "{line}");
    }
    let two = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "203.0.113.7, 10.0.0.2")];
    assert_eq!(seen(PROXY, &two), CLIENT);
    assert_eq!(seen(PROXY, &[("forwarded", "for=192.0.2.1;x=\""), ("forwarded", "for=203.0.113.7")]), CLIENT);
    assert_eq!(seen(PROXY, &[]), PROXY);
}

#[test]
fn what_cannot_be_read_counts_as_the_proxy() {
    for line in ["", "unknown", "203.0.113.7, ", "203.0.113.7.1", "[2001:db8::1", "203.0.113.7, x, 10.0.0.2"] {
        assert_eq!(seen(PROXY, &[("x-forwarded-for", line)]), PROXY, "{line}");
    }
    for line in [
        "",
        "203.0.113.7",
        "for=203.0.113.7,",
        "for=unknown",
        "for=_hidden",
        "for=[2001:db8::1]",
        "proto=https",
        "for=203.0.113.7;for=192.0.2.1",
        "for=\"203.0.113.7",
        "for=192.0.2.1;x=\", for=203.0.113.7",
        "for=192.0.2.1;x=\", for=\"203.0.113.7\"",
    ] {
        assert_eq!(seen(PROXY, &[("forwarded", line)]), PROXY, "{line}");
    }
}

#[test]
fn a_header_that_the_proxy_does_not_know_helps_nobody() {
    let both = [("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=192.0.2.1")];
    assert_eq!(seen(PROXY, &both), PROXY);
    let agreed = [("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=203.0.113.7")];
    assert_eq!(seen(PROXY, &agreed), CLIENT);
    assert_eq!(seen(PROXY, &[("x-forwarded-for", "203.0.113.7"), ("forwarded", "?")]), PROXY);
}

#[test]
fn only_a_proxy_tells_of_tls() {
    let secure = |peer: &str, lines: &[(&'static str, &str)]| {
        is_secure(peer.parse().expect("an address"), &headers(lines), &"10.0.0.0/8".parse().expect("a network"))
    };
    assert!(secure(PROXY, &[("x-forwarded-proto", "https")]));
    assert!(secure(PROXY, &[("x-forwarded-proto", "http, HTTPS")]));
    assert!(secure(PROXY, &[("forwarded", "for=192.0.2.1;proto=http, for=192.0.2.1;Proto=https")]));
    assert!(!secure(PROXY, &[("x-forwarded-proto", "https, http")]));
    assert!(!secure(PROXY, &[("x-forwarded-proto", "http")]));
    assert!(!secure(PROXY, &[("forwarded", "for=192.0.2.1;proto=https, for=192.0.2.1")]));
    assert!(!secure(PROXY, &[]));
    assert!(!secure(CLIENT, &[("x-forwarded-proto", "https")]));
}
