//! Laws of every request: what is decoded is what was said, and bytes of a stranger do no harm.

use std::collections::BTreeSet;
use std::fmt::Debug;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use prost::{Message, Name};
use synctv_proto::json::{from_json, to_json};
use synctv_proto::strict::{Malformed, decode};
use synctv_proto::{management, v1};

use crate::support::generated::bytes_of;

/// A request, and what is tried with bytes.
struct Request {
    name: String,
    /// Decodes; what could be decoded stays what it is in bytes.
    bytes: fn(Bytes) -> Result<(), Malformed>,
    /// And in JSON.
    json: fn(Bytes),
}

impl Request {
    fn of<M: Message + Name + Default + PartialEq + Debug>() -> Self {
        Self { name: M::full_name(), bytes: stays_in_bytes::<M>, json: stays_in_json::<M> }
    }
}

fn stays_in_bytes<M: Message + Name + Default + PartialEq + Debug>(bytes: Bytes) -> Result<(), Malformed> {
    let message: M = decode(bytes)?;
    let again = message.encode_to_vec();
    // Compared as bytes: a number that is none does not equal itself.
    let repeated: M = decode(again.clone().into()).expect("what was decoded");
    assert_eq!(again, repeated.encode_to_vec());
    drop(to_json(&message));
    Ok(())
}

fn stays_in_json<M: Message + Name + Default + PartialEq + Debug>(bytes: Bytes) {
    let message: M = decode(bytes).expect("bytes that the schema allows");
    let json = to_json(&message);
    assert_eq!(from_json::<M>(&json).expect("JSON of a message"), message, "{json}");
}

macro_rules! requests {
    ($($message:ty),* $(,)?) => { vec![$(Request::of::<$message>()),*] };
}

fn requests() -> Vec<Request> {
    requests![
        v1::RoomsCreateRequest,
        v1::RoomsGetRequest,
        v1::RoomsCommandRequest,
        v1::RoomsListRequest,
        v1::GuestsCreateRequest,
        v1::GuestsRenewRequest,
        v1::WatchRequest,
        v1::SessionRequest,
        v1::LogReadRequest,
        v1::LogTailRequest,
        v1::LogHeadRequest,
        v1::ProjectionsListRequest,
        v1::ProjectionsRebuildRequest,
        v1::ProjectionsCancelRequest,
        management::v1::StatusRequest,
        management::v1::StopRequest,
    ]
}

/// So many cases of each request.
fn runner() -> TestRunner {
    let cases = if std::env::var_os("SYNCTV_TEST_LONG").is_some() { 20_000 } else { 300 };
    TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) })
}

/// Of a request that the schema allows.
fn allowed(request: &Request) -> BoxedStrategy<Vec<u8>> {
    bytes_of(&synctv_proto::pool().get_message_by_name(&request.name).expect("a message"))
}

#[test]
fn these_are_all_requests() {
    let services = synctv_proto::pool().services();
    let ours = services.filter(|service| service.package_name().starts_with("synctv."));
    let inputs: BTreeSet<_> = ours
        .flat_map(|service| service.methods().map(|method| method.input().full_name().to_owned()).collect::<Vec<_>>())
        .collect();
    assert_eq!(inputs, requests().into_iter().map(|request| request.name).collect());
}

#[test]
fn what_the_schema_allows_is_decoded_and_stays_what_it_is() {
    for request in requests() {
        let outcome = runner().run(&allowed(&request), |bytes| {
            let bytes = Bytes::from(bytes);
            (request.bytes)(bytes.clone()).map_err(|malformed| TestCaseError::fail(malformed.to_string()))?;
            (request.json)(bytes);
            Ok(())
        });
        assert!(outcome.is_ok(), "{}: {}", request.name, outcome.expect_err("a failure"));
    }
}

#[test]
fn any_bytes_are_decoded_or_refused() {
    for request in requests() {
        let outcome = runner().run(&vec(any::<u8>(), 0..200), |bytes| {
            drop((request.bytes)(bytes.into()));
            Ok(())
        });
        assert!(outcome.is_ok(), "{}: {}", request.name, outcome.expect_err("a failure"));
    }
}

/// Nearly right: a few bytes are others, or it ends early.
#[test]
fn spoilt_requests_are_decoded_or_refused() {
    let spoiling = || (vec((any::<Index>(), any::<u8>()), 1..4), any::<Option<Index>>());
    for request in requests() {
        let outcome = runner().run(&(allowed(&request), spoiling()), |(mut bytes, (others, end))| {
            for (place, byte) in others.iter().filter(|_| !bytes.is_empty()).copied().collect::<Vec<_>>() {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            if let Some(end) = end {
                bytes.truncate(end.index(bytes.len() + 1));
            }
            drop((request.bytes)(bytes.into()));
            Ok(())
        });
        assert!(outcome.is_ok(), "{}: {}", request.name, outcome.expect_err("a failure"));
    }
}
