//! Addresses of receivers.

use http::Uri;

/// Characters of an address, at most.
const LONGEST: usize = 2048;

/// Whether events can be sent there.
///
/// # Errors
/// Why not.
pub fn check_url(text: &str) -> Result<(), &'static str> {
    if text.len() > LONGEST {
        return Err("an address has at most 2048 characters");
    }
    let uri: Uri = text.parse().map_err(|_| "not an address")?;
    let authority = uri.authority().ok_or("an address begins with https:// or http://")?;
    if !matches!(uri.scheme_str(), Some("https" | "http")) {
        return Err("an address begins with https:// or http://");
    }
    if authority.host().is_empty() {
        return Err("an address names a host");
    }
    if authority.as_str().contains('@') {
        return Err("an address has no user and no password: deliveries are signed");
    }
    if text.contains('#') {
        return Err("an address has no fragment");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_events_can_be_sent_to() {
        for good in ["https://example.org/hooks?key=1", "http://127.0.0.1:9000", "http://[::1]:80/x"] {
            assert_eq!(check_url(good), Ok(()), "{good}");
        }
        let long = format!("https://example.org/{}", "x".repeat(LONGEST));
        for bad in [
            "",
            "/hooks",
            "example.org",
            "ftp://example.org/",
            "https://a:b@example.org/",
            "http://example.org/#x",
            &long,
        ] {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }
}
