//! `RateLimit` and `RateLimit-Policy`, parsed as the structured fields that they are (RFC 9651): lists of strings with whole
//! numbers as parameters.

use std::collections::BTreeMap;

use reqwest::Response;

/// A member of the list: the limit's name and its parameters.
pub type Field = (String, BTreeMap<String, u64>);

/// Panics at what is no such list.
pub fn field(response: &Response, name: &str) -> Vec<Field> {
    let Some(value) = response.headers().get(name) else { return Vec::new() };
    let mut rest = value.to_str().expect("ASCII");
    let mut found = Vec::new();
    loop {
        let quoted = rest.strip_prefix('"').unwrap_or_else(|| panic!("no string: {value:?}"));
        let (own, mut after) = quoted.split_once('"').unwrap_or_else(|| panic!("an open string: {value:?}"));
        assert!(own.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{value:?}");
        let mut parameters = BTreeMap::new();
        while let Some(parameter) = after.strip_prefix(';') {
            let (key, number) = parameter.split_once('=').unwrap_or_else(|| panic!("no value: {value:?}"));
            let end = number.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(number.len());
            let whole = number[..end].parse().unwrap_or_else(|_| panic!("no number: {value:?}"));
            assert!(parameters.insert(key.to_owned(), whole).is_none(), "twice: {value:?}");
            after = &number[end..];
        }
        found.push((own.to_owned(), parameters));
        match after.strip_prefix(", ") {
            Some(next) => rest = next,
            None if after.is_empty() => return found,
            None => panic!("something behind the list: {value:?}"),
        }
    }
}

/// What is left of a limit: `r` of `RateLimit`.
pub fn left(response: &Response, limit: &str) -> Option<u64> {
    field(response, "ratelimit").into_iter().find(|(own, _)| own == limit).map(|(_, parameters)| parameters["r"])
}
