//! What is refused when bytes are decoded, and under which code.

use bytes::Bytes;
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};
use synctv_proto::strict::{Malformed, decode};
use synctv_proto::v1::{self, SessionRequest, session_request::Ask};

/// A field that holds these bytes.
fn within(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut record = Vec::new();
    encode_key(number, WireType::LengthDelimited, &mut record);
    encode_varint(bytes.len() as u64, &mut record);
    [&record, bytes].concat()
}

fn number(field: u32, number: u64) -> Vec<u8> {
    let mut record = Vec::new();
    encode_key(field, WireType::Varint, &mut record);
    encode_varint(number, &mut record);
    record
}

/// A session's request with a command, whose bytes are these.
fn command(arm: u32, bytes: &[u8]) -> Vec<u8> {
    within(4, &within(1, &within(arm, bytes)))
}

fn refused(bytes: Vec<u8>) -> (&'static str, String) {
    let malformed = decode::<SessionRequest>(Bytes::from(bytes)).expect_err("refused");
    (malformed.code(), malformed.to_string())
}

const SEEK: u32 = 28;
const SET_RATE: u32 = 29;
const SET_MODE: u32 = 30;
const OVERRIDE: u32 = 15;
const KICK: u32 = 19;
const POST: u32 = 37;

#[test]
fn what_the_schema_lacks_is_named() {
    let seek = [number(1, 5000), number(17, 1)].concat();
    assert_eq!(
        refused(command(SEEK, &seek)),
        ("unknown_field", "field 17 of synctv.v1.PlaybackSeekCommand".to_owned())
    );
    assert_eq!(refused(number(14, 1)), ("unknown_field", "field 14 of synctv.v1.SessionRequest".to_owned()));
    assert_eq!(refused(command(999, &[])), ("unknown_field", "field 999 of synctv.v1.Command".to_owned()));
    // Before what follows it.
    assert_eq!(refused([number(14, 1), vec![0xff]].concat()).0, "unknown_field");
}

#[test]
fn choices_are_those_of_the_schema() {
    let mode = "synctv.v1.PlaybackSetModeCommand.mode has a value that it cannot have";
    for unknown in [0, 5, 1 << 32 | 1, u64::MAX] {
        assert_eq!(refused(command(SET_MODE, &number(1, unknown))), ("invalid_field", mode.to_owned()), "{unknown}");
    }
    for allow in [number(2, 99), within(2, &[1, 99]), within(2, &[0])] {
        assert_eq!(refused(command(OVERRIDE, &allow)).0, "invalid_field");
    }
    assert!(decode::<SessionRequest>(command(OVERRIDE, &within(2, &[1, 21])).into()).is_ok());
}

#[test]
fn numbers_lose_no_half() {
    assert_eq!(refused(command(SET_RATE, &number(1, 1 << 32 | 1000))).0, "invalid_field");
    assert!(decode::<SessionRequest>(command(SET_RATE, &number(1, 1000)).into()).is_ok());
}

#[test]
fn instants_are_those_of_rfc_3339() {
    let expiring = |seconds: i64, nanos: i64| {
        let instant = [number(1, seconds.cast_unsigned()), number(2, nanos.cast_unsigned())].concat();
        decode::<SessionRequest>(command(KICK, &within(3, &instant)).into()).map_err(|malformed| malformed.code())
    };
    for (seconds, nanos) in [(253_402_300_800, 0), (-62_135_596_801, 0), (i64::MAX, 0), (0, 1_000_000_000), (0, -1)] {
        assert_eq!(expiring(seconds, nanos).err(), Some("invalid_field"), "{seconds} {nanos}");
    }
    assert!(expiring(253_402_300_799, 999_999_999).is_ok());
}

#[test]
fn a_field_comes_once() {
    let twice = [number(1, 1000), number(1, 2000)].concat();
    assert_eq!(refused(command(SEEK, &twice)).0, "duplicate_field");
    let both = [within(SEEK, &[]), within(SET_RATE, &[])].concat();
    assert_eq!(refused(within(4, &within(1, &both))).0, "duplicate_field");
    let lists = [number(2, 1), within(2, &[2]), number(2, 3)].concat();
    assert!(decode::<SessionRequest>(command(OVERRIDE, &lists).into()).is_ok());
}

#[test]
fn texts_hold_no_zero() {
    let refused = refused(command(POST, &within(1, b"a\0b")));
    assert_eq!(refused, ("invalid_text", "synctv.v1.ChatPostCommand.text holds U+0000".to_owned()));
}

#[test]
fn what_is_no_message_is_refused() {
    let long_number = [vec![0x08], vec![0xff; 10], vec![0x01]].concat();
    let huge = [vec![0x22], vec![0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]].concat();
    for bytes in [
        vec![0x00],                         // no number
        vec![0x08],                         // ends in a number
        vec![0x23],                         // a group
        vec![0x0f],                         // no such wire type
        long_number,                        // more than 64 bits
        huge,                               // longer than memory
        vec![0x22, 5, 0],                   // longer than it is
        vec![0x0d, 0, 0, 0, 0],             // four bytes for a number
        command(POST, &within(1, &[0xff])), // not UTF-8
        command(POST, &number(1, 7)),       // a number for a text
    ] {
        assert_eq!(refused(bytes.clone()).0, "invalid_message", "{bytes:?}");
    }
}

/// Nothing of the schema is within itself: a bomb needs a field that is unknown, or bytes in a place of others.
#[test]
fn bombs_are_refused() {
    for field in [1, 2, 4, 8, 28] {
        let bomb = (0..10_000).fold(Vec::new(), |bytes, _| within(field, &bytes));
        assert!(decode::<SessionRequest>(bomb.into()).is_err(), "{field}");
    }
    let groups = vec![0x0b; 60_000];
    assert!(decode::<SessionRequest>(groups.into()).is_err());
}

#[test]
fn every_cut_of_a_request_is_refused_or_decoded() {
    let text = Some("as long as a message is".to_owned());
    let post = v1::ChatPostCommand { text, reply_to: None };
    let order = v1::Order {
        command: Some(v1::Command { command: Some(v1::command::Command::ChatPost(post)) }),
        ..v1::Order::default()
    };
    let whole = SessionRequest { id: 7, ask: Some(Ask::Command(order)) };
    let bytes = Bytes::from(whole.encode_to_vec());
    assert_eq!(decode(bytes.clone()), Ok(whole));
    for end in 3..bytes.len() {
        let cut = decode::<SessionRequest>(bytes.slice(..end));
        assert!(matches!(cut, Err(Malformed::Unreadable(_))), "{end}: {cut:?}");
    }
}
