//! Bytes of messages that the schema allows.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

/// From the year 1 to 9999, s since 1970.
const SECONDS: std::ops::Range<i64> = -62_135_596_800..253_402_300_800;

/// The bytes of any message of this kind: each field is set or not, and of a `oneof` one or none.
pub(crate) fn bytes_of(message: &MessageDescriptor) -> BoxedStrategy<Vec<u8>> {
    if message.full_name() == "google.protobuf.Timestamp" {
        return (SECONDS, 0..1_000_000_i64).prop_map(|(seconds, micros)| timestamp(seconds, micros * 1000)).boxed();
    }
    let mut parts = Vec::new();
    for field in message.fields().filter(|field| !is_arm(field)) {
        parts.push(if field.is_list() {
            vec(record(&field), 0..4).prop_map(|all| all.concat()).boxed()
        } else {
            maybe(record(&field))
        });
    }
    for oneof in message.oneofs().filter(|oneof| !oneof.is_synthetic()) {
        let arms: Vec<_> = oneof.fields().map(|arm| record(&arm)).collect();
        parts.push(maybe(proptest::strategy::Union::new(arms).boxed()));
    }
    parts.prop_map(|parts| parts.concat()).boxed()
}

fn is_arm(field: &FieldDescriptor) -> bool {
    field.containing_oneof().is_some_and(|oneof| !oneof.is_synthetic())
}

fn maybe(bytes: BoxedStrategy<Vec<u8>>) -> BoxedStrategy<Vec<u8>> {
    proptest::option::weighted(0.7, bytes).prop_map(Option::unwrap_or_default).boxed()
}

/// The field with its key.
fn record(field: &FieldDescriptor) -> BoxedStrategy<Vec<u8>> {
    let (number, kind) = (field.number(), field.kind());
    let value = value(&kind);
    value
        .prop_map(move |value| {
            let mut bytes = Vec::new();
            encode_key(number, kind.wire_type(), &mut bytes);
            if kind.wire_type() == WireType::LengthDelimited {
                encode_varint(value.len() as u64, &mut bytes);
            }
            [bytes, value].concat()
        })
        .boxed()
}

fn value(kind: &Kind) -> BoxedStrategy<Vec<u8>> {
    match kind {
        Kind::Bool => any::<bool>().prop_map(|truth| varint(truth.into())).boxed(),
        Kind::Int64 => any::<i64>().prop_map(|number| varint(number.cast_unsigned())).boxed(),
        Kind::Uint64 => any::<u64>().prop_map(varint).boxed(),
        Kind::Uint32 => any::<u32>().prop_map(|number| varint(number.into())).boxed(),
        Kind::Double => (-1e15..1e15).prop_map(|number: f64| number.to_le_bytes().to_vec()).boxed(),
        Kind::String => "[^\0]{0,12}".prop_map(String::into_bytes).boxed(),
        Kind::Enum(choices) => {
            let numbers: Vec<_> = choices.values().map(|value| value.number()).filter(|number| *number != 0).collect();
            select(numbers).prop_map(|number| varint(u64::from(number.unsigned_abs()))).boxed()
        }
        Kind::Message(message) => bytes_of(message),
        other => panic!("the schema has no {other:?}"),
    }
}

fn varint(number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_varint(number, &mut bytes);
    bytes
}

fn timestamp(seconds: i64, nanos: i64) -> Vec<u8> {
    [vec![0x08], varint(seconds.cast_unsigned()), vec![0x10], varint(nanos.cast_unsigned())].concat()
}
