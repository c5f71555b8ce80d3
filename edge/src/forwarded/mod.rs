//! What proxies tell about whom they speak for: `Forwarded` (RFC 7239) and `X-Forwarded-For`.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header};

use crate::trusted::Trusted;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Where a request comes from: the peer, or whom a trusted peer speaks for. What lies left of the first stranger was
/// written by the stranger, and is not looked at. What cannot be read, and two headers that differ, count as the peer:
/// one of them may have come from the client.
#[must_use]
pub fn origin(peer: IpAddr, headers: &HeaderMap, trusted: &Trusted) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted.holds(peer) {
        return peer;
    }
    let told = match (by_forwarded(headers, trusted), by_x_forwarded_for(headers, trusted)) {
        (Some(one), Some(other)) if one != other => None,
        (one, other) => one.or(other).flatten(),
    };
    told.unwrap_or(peer)
}

/// Whether the client of a trusted peer came over TLS.
#[must_use]
pub fn is_secure(peer: IpAddr, headers: &HeaderMap, trusted: &Trusted) -> bool {
    let last = |text: &str| text.rsplit(',').next().unwrap_or_default().trim().to_ascii_lowercase();
    let plain = || lines(headers, &X_FORWARDED_PROTO).last().flatten().is_some_and(|text| last(text) == "https");
    let elements = || lines(headers, &header::FORWARDED).last().flatten().and_then(elements);
    let proto = |element: &Element| element.get("proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
    trusted.holds(peer) && (plain() || elements().is_some_and(|elements| elements.last().is_some_and(proto)))
}

/// None: nothing is told. Some(None): it cannot be read.
fn by_x_forwarded_for(headers: &HeaderMap, trusted: &Trusted) -> Option<Option<IpAddr>> {
    headers.get(X_FORWARDED_FOR)?;
    let lines: Vec<_> = lines(headers, &X_FORWARDED_FOR).collect();
    let hops = lines.iter().rev().flat_map(|line| match line {
        Some(line) => line.rsplit(',').map(|hop| address(hop.trim())).collect(),
        None => vec![None],
    });
    Some(stranger(hops, trusted))
}

fn by_forwarded(headers: &HeaderMap, trusted: &Trusted) -> Option<Option<IpAddr>> {
    headers.get(header::FORWARDED)?;
    let lines: Vec<_> = lines(headers, &header::FORWARDED).collect();
    let hops = lines.iter().rev().flat_map(|line| match line.and_then(elements) {
        Some(elements) => elements.iter().rev().map(|element| element.get("for").and_then(address)).collect(),
        None => vec![None],
    });
    Some(stranger(hops, trusted))
}

/// Of hops, the nearest first: the first that is not one of the proxies. When all of them are, the farthest.
fn stranger(hops: impl Iterator<Item = Option<IpAddr>>, trusted: &Trusted) -> Option<IpAddr> {
    let mut farthest = None;
    for hop in hops {
        farthest = Some(hop?);
        if farthest.is_some_and(|hop| !trusted.holds(hop)) {
            break;
        }
    }
    farthest
}

/// Lines of a header, in order; None: one that is no text.
fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl DoubleEndedIterator<Item = Option<&'a str>> {
    headers.get_all(name).iter().map(|line| line.to_str().ok())
}

/// With or without a port; IPv6 in brackets or bare.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let found = text.parse().ok().or_else(bracketed).or_else(with_port)?;
    Some(IpAddr::to_canonical(&found))
}

/// One hop: its parameters.
#[derive(Debug, PartialEq)]
struct Element(Vec<(String, String)>);

impl Element {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A line of `Forwarded`, by its grammar. None: it does not follow it.
fn elements(line: &str) -> Option<Vec<Element>> {
    let (mut rest, mut elements, mut pairs) = (line.trim(), Vec::new(), Vec::new());
    loop {
        let (name, after) = rest.split_at(rest.find(|letter: char| !is_token(letter))?);
        let (value, after) = value(after.strip_prefix('=')?)?;
        if name.is_empty() || pairs.iter().any(|(own, _): &(String, _)| own.eq_ignore_ascii_case(name)) {
            return None;
        }
        pairs.push((name.to_owned(), value));
        let after = after.trim_start();
        match after.chars().next() {
            None => {
                elements.push(Element(pairs));
                return Some(elements);
            }
            Some(',') => elements.push(Element(std::mem::take(&mut pairs))),
            Some(';') => {}
            Some(_) => return None,
        }
        rest = after[1..].trim_start();
    }
}

/// A token or a quoted string, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|letter: char| !is_token(letter)).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let (mut value, mut letters) = (String::new(), quoted.char_indices());
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(letters.next()?.1),
            _ => value.push(letter),
        }
    }
    None
}

fn is_token(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter)
}

#[cfg(test)]
mod tests;
