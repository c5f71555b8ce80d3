//! An event as an entry of a stream.

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::Sha256;
use synctv_commands::{Carried, Seen};
use synctv_domain::{Position, Seq};

/// Characters of the seal: 16 bytes, hex.
const SEAL: usize = 32;

/// The document of an entry: `{"stream","seq","id","type","v","at","command_id","metadata":{},"payload":{},"last","hash"}`;
/// `at` in µs, `last` and `hash` of the last event that was stored together with this one.
#[derive(Serialize, Deserialize)]
struct Document<'a> {
    stream: &'a str,
    seq: i64,
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    v: i16,
    at: i64,
    command_id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    metadata: &'a RawValue,
    #[serde(borrow)]
    payload: &'a RawValue,
    last: i64,
    hash: &'a str,
}

/// What the nodes of one log seal entries with, so that nobody else can make one.
#[derive(Clone)]
pub(crate) struct Seal(Hmac<Sha256>);

impl Seal {
    /// From what the nodes share.
    pub(crate) fn new(secret: &[u8]) -> Self {
        let mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        let key = mac.chain_update(b"events on their way").finalize().into_bytes();
        Self(Hmac::new_from_slice(&key).expect("HMAC takes a key of any length"))
    }

    /// The document of an event, and its seal.
    pub(crate) fn write(&self, epoch: &str, event: &Carried) -> Option<(String, String)> {
        let hash = hex(&event.witness.hash);
        let document = Document {
            stream: &event.stream,
            seq: event.seq.0,
            id: &event.id,
            kind: &event.kind,
            v: event.version,
            at: event.at,
            command_id: event.command_id.as_str().into(),
            metadata: serde_json::from_str(&event.metadata).ok()?,
            payload: serde_json::from_str(&event.payload).ok()?,
            last: event.witness.position.0,
            hash: &hash,
        };
        let document = serde_json::to_string(&document).ok()?;
        let seal = self.over(epoch, event.position, document.as_bytes());
        Some((document, seal))
    }

    /// The event of an entry; None: no node of this log made it.
    pub(crate) fn read(&self, epoch: &str, position: Position, document: &[u8], seal: &[u8]) -> Option<Carried> {
        let own = self.over(epoch, position, document);
        // It tells nothing to be found out: whoever can write here can also read what is sealed.
        if own.as_bytes() != seal {
            return None;
        }
        let document: Document<'_> = serde_json::from_slice(document).ok()?;
        Some(Carried {
            position,
            stream: document.stream.to_owned(),
            seq: Seq(document.seq),
            id: document.id.to_owned(),
            kind: document.kind.to_owned(),
            version: document.v,
            at: document.at,
            command_id: document.command_id.into_owned(),
            metadata: document.metadata.get().to_owned(),
            payload: document.payload.get().to_owned(),
            witness: Seen { position: Position(document.last), hash: unhex(document.hash)? },
        })
    }

    fn over(&self, epoch: &str, position: Position, document: &[u8]) -> String {
        let mac = self.0.clone().chain_update(epoch).chain_update(position.0.to_be_bytes()).chain_update(document);
        let mut seal = hex(&mac.finalize().into_bytes());
        seal.truncate(SEAL);
        seal
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| DIGITS[usize::from(digit)] as char).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Carried {
        Carried {
            position: Position(7),
            stream: "room_01".to_owned(),
            seq: Seq(3),
            id: "evt_01".to_owned(),
            kind: "chat.posted".to_owned(),
            version: 1,
            at: 1_700_000_000_000_000,
            command_id: "a \"quoted\" key".to_owned(),
            metadata: r#"{"actor":{"id":"gst_01"},  "decided_by":"role:member"}"#.to_owned(),
            payload: r#"{"text":{"sealed":"\u00e4"},"n":1.50}"#.to_owned(),
            witness: Seen { position: Position(9), hash: std::array::from_fn(|at| u8::try_from(at).unwrap_or(0) * 7) },
        }
    }

    #[test]
    fn an_event_comes_out_as_it_went_in() {
        let seal = Seal::new(b"secret");
        let (document, mark) = seal.write("epoch", &event()).expect("it is JSON");
        assert_eq!(seal.read("epoch", Position(7), document.as_bytes(), mark.as_bytes()), Some(event()));
    }

    #[test]
    fn nobody_else_makes_an_entry_or_moves_one() {
        let seal = Seal::new(b"secret");
        let (document, mark) = seal.write("epoch", &event()).expect("it is JSON");
        let (document, mark) = (document.as_bytes(), mark.as_bytes());
        assert_eq!(seal.read("epoch", Position(8), document, mark), None, "another place");
        assert_eq!(seal.read("later", Position(7), document, mark), None, "another incarnation");
        assert_eq!(Seal::new(b"other").read("epoch", Position(7), document, mark), None, "another secret");
        for at in 0..document.len() {
            let mut changed = document.to_vec();
            changed[at] ^= 1;
            assert_eq!(seal.read("epoch", Position(7), &changed, mark), None, "byte {at}");
        }
        for wrong in [&b""[..], b"00", &mark[1..]] {
            assert_eq!(seal.read("epoch", Position(7), document, wrong), None);
        }
    }
}
