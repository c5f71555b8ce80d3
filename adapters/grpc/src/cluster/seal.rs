//! The signatures of calls and answers.

use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::{Digest, Sha256};
use synctv_domain::ServerMs;

/// Where a signature is.
pub(super) const HEADER: &str = "synctv-peer";
/// How far apart the times of two nodes may be, ms. Both are PostgreSQL's.
pub(super) const WINDOW_MS: i64 = 30_000;

type Hmac256 = Hmac<Sha256>;

/// What signs and recognises the calls of the nodes of a log.
#[derive(Clone)]
pub struct Key(Hmac256);

/// What makes a call another one than every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Once {
    /// By PostgreSQL's clock.
    pub(super) at: ServerMs,
    pub(super) nonce: [u8; 16],
}

impl Key {
    /// Of the secret that all nodes of a log share.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        let key = hmac(secret).chain_update("synctv cluster peers").finalize().into_bytes();
        Self(hmac(&key))
    }

    /// Tells whether two nodes have the same value, and nothing else about it.
    #[must_use]
    pub fn digest(&self, name: &str, value: &[u8]) -> String {
        let mac = parts(self.0.clone(), &[b"setting", name.as_bytes(), value]).finalize().into_bytes();
        hex(&mac[..8])
    }

    /// The header of a call.
    pub(super) fn sign_call(&self, once: Once, path: &str, body: &[u8]) -> String {
        let mac = self.call(once, path, body).finalize().into_bytes();
        format!("{}.{}.{}", once.at.0, hex(&once.nonce), hex(&mac))
    }

    /// In constant time.
    pub(super) fn knows_call(&self, seal: &Seal, path: &str, body: &[u8]) -> bool {
        self.call(seal.once, path, body).verify_slice(&seal.mac).is_ok()
    }

    /// The header of an answer: to that call, and to no other.
    pub(super) fn sign_answer(&self, once: Once, status: &[u8], body: &[u8]) -> String {
        hex(&self.answer(once, status, body).finalize().into_bytes())
    }

    pub(super) fn knows_answer(&self, mac: &str, once: Once, status: &[u8], body: &[u8]) -> bool {
        unhex::<32>(mac).is_some_and(|mac| self.answer(once, status, body).verify_slice(&mac).is_ok())
    }

    fn call(&self, once: Once, path: &str, body: &[u8]) -> Hmac256 {
        let at = once.at.0.to_be_bytes();
        parts(self.0.clone(), &[b"call", path.as_bytes(), &once.nonce, &at, &Sha256::digest(body)])
    }

    fn answer(&self, once: Once, status: &[u8], body: &[u8]) -> Hmac256 {
        let at = once.at.0.to_be_bytes();
        parts(self.0.clone(), &[b"answer", &once.nonce, &at, status, &Sha256::digest(body)])
    }
}

impl Once {
    /// A fresh one.
    pub(super) fn new(at: ServerMs) -> Self {
        let mut nonce = [0; 16];
        rand::rng().fill_bytes(&mut nonce);
        Self { at, nonce }
    }
}

/// The header of a call, read.
pub(super) struct Seal {
    pub(super) once: Once,
    mac: [u8; 32],
}

impl Seal {
    /// None: it is none, or of another time.
    pub(super) fn read(header: &str, now: ServerMs) -> Option<Self> {
        let mut fields = header.split('.');
        let (at, nonce, mac) = (fields.next()?.parse().ok()?, unhex(fields.next()?)?, unhex(fields.next()?)?);
        let in_time = now.0.abs_diff(at) <= WINDOW_MS.unsigned_abs();
        (in_time && fields.next().is_none()).then_some(Self { once: Once { at: ServerMs(at), nonce }, mac })
    }
}

fn hmac(key: &[u8]) -> Hmac256 {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// Each with its length, so that no two ways to cut them are the same.
fn parts(mac: Hmac256, parts: &[&[u8]]) -> Hmac256 {
    parts.iter().fold(mac, |mac, part| mac.chain_update((part.len() as u64).to_be_bytes()).chain_update(part))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: ServerMs = ServerMs(1_700_000_000_000);

    #[test]
    fn a_call_is_known_by_its_signature_alone() {
        let (key, once) = (Key::new(b"secret"), Once::new(NOW));
        let header = key.sign_call(once, "/a/B", b"body");
        let seal = Seal::read(&header, NOW).expect("it is one");
        assert!(key.knows_call(&seal, "/a/B", b"body"));
        for (path, body) in [("/a/C", &b"body"[..]), ("/a/B", b"bodY"), ("/a/B", b""), ("/a/Bb", b"ody")] {
            assert!(!key.knows_call(&seal, path, body), "{path} {body:?}");
        }
        assert!(!Key::new(b"another").knows_call(&seal, "/a/B", b"body"));
    }

    #[test]
    fn every_bit_of_a_signature_counts() {
        let (key, once) = (Key::new(b"secret"), Once::new(NOW));
        let header = key.sign_call(once, "/a/B", b"body");
        for at in 0..header.len() {
            for bit in 0..7 {
                let mut changed = header.clone().into_bytes();
                changed[at] ^= 1 << bit;
                let changed = String::from_utf8(changed).expect("ASCII");
                // Of a hexadecimal digit the case is no part.
                if changed.eq_ignore_ascii_case(&header) {
                    continue;
                }
                let known = Seal::read(&changed, NOW).is_some_and(|seal| key.knows_call(&seal, "/a/B", b"body"));
                assert!(!known, "{changed}");
            }
        }
    }

    #[test]
    fn a_call_of_another_time_is_none() {
        let header = Key::new(b"secret").sign_call(Once::new(NOW), "/a/B", b"");
        for (after, wanted) in
            [(0, true), (WINDOW_MS, true), (-WINDOW_MS, true), (WINDOW_MS + 1, false), (-WINDOW_MS - 1, false)]
        {
            assert_eq!(Seal::read(&header, ServerMs(NOW.0 + after)).is_some(), wanted, "{after}");
        }
    }

    #[test]
    fn an_answer_is_to_one_call_and_is_no_call() {
        let (key, once) = (Key::new(b"secret"), Once::new(NOW));
        let mac = key.sign_answer(once, b"0", b"body");
        assert!(key.knows_answer(&mac, once, b"0", b"body"));
        assert!(!key.knows_answer(&mac, Once::new(NOW), b"0", b"body"));
        assert!(!key.knows_answer(&mac, once, b"9", b"body"));
        let call = key.sign_call(once, "0", b"body");
        let mac = call.rsplit('.').next().expect("a field");
        assert!(!key.knows_answer(mac, once, b"0", b"body"));
    }
}
