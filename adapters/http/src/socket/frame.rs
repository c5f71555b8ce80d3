//! Frames of a server's WebSocket (RFC 6455 §5.2) that are the same for all readers.

use bytes::Bytes;
use synctv_commands::{Coding, Frames};
use synctv_edge::typed;

const FINAL_TEXT: u8 = 0x81;
const FINAL_BINARY: u8 = 0x82;

/// Events as text messages, framed.
pub(super) fn text(frames: &Frames) -> Bytes {
    frames.encoded(Coding::Text, |bytes, _, frame| {
        let (open, close) = (b"{\"event\":", b"}");
        header(bytes, FINAL_TEXT, open.len() + frame.json.len() + close.len());
        bytes.extend_from_slice(open);
        bytes.extend_from_slice(frame.json.as_bytes());
        bytes.extend_from_slice(close);
    })
}

/// Events as messages of the typed protocol, framed.
pub(super) fn binary(frames: &Frames) -> Bytes {
    frames.encoded(Coding::Binary, |bytes, epoch, frame| {
        let message = typed::event(epoch, frame);
        header(bytes, FINAL_BINARY, message.len());
        bytes.extend_from_slice(&message);
    })
}

/// The header of a whole, unmasked message of this many bytes.
fn header(bytes: &mut Vec<u8>, kind: u8, length: usize) {
    bytes.push(kind);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length), _) if length < 126 => bytes.push(length),
        (_, Ok(length)) => {
            bytes.push(126);
            bytes.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            bytes.push(127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use synctv_commands::{Barrier, Burst, Frame};
    use synctv_domain::Seq;

    use super::*;

    #[test]
    fn events_are_framed_one_by_one() {
        let frame = |seq| Arc::new(Frame { seq: Seq(seq), barrier: Barrier::None, json: seq.to_string() });
        let burst = Arc::new(Burst::new("e".into(), vec![frame(7), frame(8)]));
        let frames = Frames::from(&burst, Seq(7)).expect("it holds 7");
        assert_eq!(&text(&frames)[..], b"\x81\x0b{\"event\":7}\x81\x0b{\"event\":8}");
    }

    #[test]
    fn typed_events_are_framed_one_by_one() {
        let json = |seq| format!("{{\"seq\":{seq},\"position\":{seq},\"type\":\"redacted\"}}");
        let frame = |seq| Frame { seq: Seq(seq), barrier: Barrier::None, json: json(seq) };
        let burst = Arc::new(Burst::new("e".into(), vec![Arc::new(frame(7)), Arc::new(frame(8))]));
        let framed = |seq| {
            let message = typed::event("e", &frame(seq));
            [&[FINAL_BINARY, u8::try_from(message.len()).expect("it is short")], &message[..]].concat()
        };
        let frames = Frames::from(&burst, Seq(7)).expect("it holds 7");
        assert_eq!(&binary(&frames)[..], [framed(7), framed(8)].concat());
    }

    #[test]
    fn lengths_take_one_three_or_nine_bytes() {
        for (length, wanted) in [
            (0, &[0x81, 0][..]),
            (125, &[0x81, 125]),
            (126, &[0x81, 126, 0, 126]),
            (65_535, &[0x81, 126, 0xff, 0xff]),
            (65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let mut bytes = Vec::new();
            header(&mut bytes, FINAL_TEXT, length);
            assert_eq!(bytes, wanted, "{length}");
        }
    }
}
