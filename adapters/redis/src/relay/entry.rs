//! Events as an entry of a stream: `p` their positions, `s` their seal, and `e` for each its document.

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::Sha256;
use synctv_commands::{Carried, Seen};
use synctv_domain::{Position, Seq};

/// Characters of the seal: 16 bytes, hex.
const SEAL: usize = 32;

/// The document of an event: `{"stream","seq","id","type","v","at","command_id","metadata":{},"payload":{},"last","hash"}`;
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

/// Events of one stream, in order.
pub(crate) struct Entry {
    /// Under which it is added.
    pub(crate) last: Position,
    /// Names and values of its fields in turn.
    pub(crate) fields: Vec<String>,
}

/// What is in an entry, before its seal is looked at.
pub(crate) struct Sealed<'a> {
    places: &'a [u8],
    seal: &'a [u8],
    documents: Vec<&'a [u8]>,
    /// Where its events say they are; at least one.
    pub(crate) positions: Vec<Position>,
}

impl<'a> Sealed<'a> {
    /// From names and values of fields in turn; None: no node made it.
    pub(crate) fn parse(fields: &'a [Vec<u8>]) -> Option<Self> {
        let [_, places, _, seal, rest @ ..] = fields else { return None };
        let documents: Vec<&[u8]> = rest.chunks_exact(2).map(|field| &*field[1]).collect();
        let text = std::str::from_utf8(places).ok()?;
        let positions = text.split(' ').map(|place| place.parse().ok().map(Position)).collect::<Option<Vec<_>>>()?;
        (positions.len() == documents.len()).then_some(Self { places, seal, documents, positions })
    }
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

    /// Events of one stream, in order. None: there are none.
    pub(crate) fn write(&self, epoch: &str, events: &[&Carried]) -> Option<Entry> {
        // What is no JSON is in no log.
        let written = events.iter().filter_map(|event| Some((event.position, write(event)?)));
        let (positions, documents): (Vec<Position>, Vec<String>) = written.unzip();
        let last = *positions.last()?;
        let places = positions.iter().map(|position| position.0.to_string()).collect::<Vec<_>>().join(" ");
        let seal = self.over(epoch, places.as_bytes(), documents.iter().map(String::as_bytes));
        let mut fields = vec!["p".to_owned(), places, "s".to_owned(), seal];
        fields.extend(documents.into_iter().flat_map(|document| ["e".to_owned(), document]));
        Some(Entry { last, fields })
    }

    /// Those events of an entry that are wanted, by their positions and the log's streams; None: no node of this log made it.
    pub(crate) fn read(
        &self,
        epoch: &str,
        entry: &Sealed<'_>,
        mut wanted: impl FnMut(Position, &str) -> bool,
    ) -> Option<Vec<Carried>> {
        let own = self.over(epoch, entry.places, entry.documents.iter().copied());
        // It tells nothing to be found out: whoever can write here can also read what is sealed.
        if own.as_bytes() != entry.seal {
            return None;
        }
        let events = entry.positions.iter().zip(&entry.documents);
        // Most are of no concern here, and need not be read any further.
        let wanted = events.filter(|(position, document)| wanted(**position, stream_of(document)));
        wanted.map(|(position, document)| read(*position, document)).collect()
    }

    fn over<'a>(&self, epoch: &'a str, places: &'a [u8], documents: impl Iterator<Item = &'a [u8]>) -> String {
        let mut mac = self.0.clone();
        for part in [epoch.as_bytes(), places].into_iter().chain(documents) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let mut seal = hex(&mac.finalize().into_bytes());
        seal.truncate(SEAL);
        seal
    }
}

fn write(event: &Carried) -> Option<String> {
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
    serde_json::to_string(&document).ok()
}

/// The first thing that a document says.
fn stream_of(document: &[u8]) -> &str {
    let rest = document.strip_prefix(br#"{"stream":""#).unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == b'"').unwrap_or(0);
    std::str::from_utf8(&rest[..end]).unwrap_or_default()
}

fn read(position: Position, document: &[u8]) -> Option<Carried> {
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

    fn events() -> [Carried; 2] {
        [event(), Carried { position: Position(9), id: "evt_02".to_owned(), ..event() }]
    }

    /// As bytes, as they come back.
    fn written(seal: &Seal) -> Vec<Vec<u8>> {
        let [first, second] = &events();
        let entry = seal.write("epoch", &[first, second]).expect("they are JSON");
        assert_eq!(entry.last, Position(9));
        entry.fields.into_iter().map(String::into_bytes).collect()
    }

    fn read_as(seal: &Seal, epoch: &str, fields: &[Vec<u8>]) -> Option<Vec<Carried>> {
        let wanted = |_, stream: &str| {
            assert_eq!(stream, "room_01");
            true
        };
        seal.read(epoch, &Sealed::parse(fields)?, wanted)
    }

    #[test]
    fn events_come_out_as_they_went_in() {
        let seal = Seal::new(b"secret");
        assert_eq!(read_as(&seal, "epoch", &written(&seal)), Some(events().into()));
        let (fields, [_, second]) = (written(&seal), events());
        let entry = Sealed::parse(&fields).expect("it is one");
        assert_eq!(seal.read("epoch", &entry, |position, _| position == Position(9)), Some(vec![second]));
    }

    #[test]
    fn nobody_else_makes_an_entry_or_moves_one() {
        let seal = Seal::new(b"secret");
        let fields = written(&seal);
        assert_eq!(read_as(&seal, "later", &fields), None, "another incarnation");
        assert_eq!(read_as(&Seal::new(b"other"), "epoch", &fields), None, "another secret");
        for field in [1, 3, 5, 7] {
            for at in 0..fields[field].len() {
                let mut changed = fields.clone();
                changed[field][at] ^= 1;
                assert_eq!(read_as(&seal, "epoch", &changed), None, "field {field}, byte {at}");
            }
            for wrong in [&b""[..], b"00", &fields[field][1..]] {
                let mut changed = fields.clone();
                changed[field] = wrong.to_vec();
                assert_eq!(read_as(&seal, "epoch", &changed), None, "field {field}: {wrong:?}");
            }
        }
        for count in 0..fields.len() {
            assert_eq!(read_as(&seal, "epoch", &fields[..count]), None, "{count} fields");
        }
        let mut swapped = fields.clone();
        swapped.swap(5, 7);
        assert_eq!(read_as(&seal, "epoch", &swapped), None, "another order");
    }
}
