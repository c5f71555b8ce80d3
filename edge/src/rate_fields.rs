//! `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11), as structured fields.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::meter::Asked;

/// How much somebody may ask.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// How much of it is left.
pub const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// Tells of everything that was asked for, what is used up most first.
pub fn tell(headers: &mut HeaderMap, asked: &[Asked]) {
    let mut asked: Vec<&Asked> = asked.iter().collect();
    asked.sort_by_key(|asked| (asked.quota.wait.is_none(), thousandths(asked)));
    let policy = |asked: &&Asked| {
        let Asked { limit, .. } = asked;
        format!("\"{}\";q={};w={}", limit.name, limit.rate.burst, seconds(limit.rate.window()))
    };
    let left = |asked: &&Asked| {
        let Asked { limit, quota, .. } = asked;
        format!("\"{}\";r={};t={}", limit.name, quota.remaining, seconds(quota.reset))
    };
    let list = |items: Vec<String>| HeaderValue::from_str(&items.join(", ")).ok().filter(|_| !items.is_empty());
    for (name, value) in
        [(POLICY, list(asked.iter().map(policy).collect())), (LEFT, list(asked.iter().map(left).collect()))]
    {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
}

/// How much of it is left.
fn thousandths(asked: &Asked) -> u64 {
    u64::from(asked.quota.remaining) * 1000 / u64::from(asked.limit.rate.burst.max(1))
}

/// Whole, and not too soon.
fn seconds(time: Duration) -> u64 {
    time.as_nanos().div_ceil(1_000_000_000).try_into().unwrap_or(u64::MAX)
}
