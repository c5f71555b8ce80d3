//! Any bytes as the request of any method: each call gets a status, nothing that is refused is stored, and the connection
//! goes on.

use bytes::Bytes;
use futures::future::join_all;
use prost::Message;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngCore, SeedableRng};
use synctv_proto::v1::command::Command as Arm;
use synctv_proto::{FILE_DESCRIPTOR_SET, v1};
use tonic::Code;

use crate::support::{Connection, Head, World, assert_verified, framed, head, rounds};

/// Sessions side by side: fewer than the streams of a connection.
const TOGETHER: usize = 60;

/// All methods of the protocol that take one message.
fn methods() -> Vec<String> {
    let files = prost_types::FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("it was made from the schema").file;
    let mut methods = Vec::new();
    for file in files.iter().filter(|file| file.package() == "synctv.v1") {
        for service in &file.service {
            for method in service.method.iter().filter(|method| !method.client_streaming()) {
                methods.push(format!("{}/{}", service.name(), method.name()));
            }
        }
    }
    methods
}

/// Messages that a client would send.
fn sound(room: &str) -> Vec<Vec<u8>> {
    let text = || Some("x".to_owned());
    let command = |arm| {
        let command = Some(v1::Command { command: Some(arm) });
        v1::RoomsCommandRequest { room_id: room.to_owned(), command, ..Default::default() }.encode_to_vec()
    };
    let from = v1::From { from: Some(v1::from::From::ResumeToken("e:1".to_owned())) };
    vec![
        command(Arm::ChatPost(v1::ChatPostCommand { text: text(), reply_to: None })),
        command(Arm::PlaybackSeek(v1::PlaybackSeekCommand { position_ms: Some(60_000), expected_item: text() })),
        command(Arm::MemberOverridePermissions(v1::MemberOverridePermissionsCommand::default())),
        v1::RoomsGetRequest { room_id: room.to_owned(), ..Default::default() }.encode_to_vec(),
        v1::RoomsCreateRequest { name: text(), ..Default::default() }.encode_to_vec(),
        v1::GuestsCreateRequest { display_name: text() }.encode_to_vec(),
        v1::WatchRequest { room_id: room.to_owned(), from: Some(from) }.encode_to_vec(),
        v1::RoomsListRequest { page_size: Some(10), ..Default::default() }.encode_to_vec(),
    ]
}

/// Noise, or something sound with a few bytes changed, cut out, doubled or put in.
fn bytes(random: &mut StdRng, sound: &[Vec<u8>]) -> Vec<u8> {
    if random.random_bool(0.2) {
        let mut noise = vec![0; random.random_range(0..300)];
        random.fill_bytes(&mut noise);
        return noise;
    }
    let mut bytes = sound.choose(random).expect("there are some").clone();
    for _ in 0..random.random_range(0..4) {
        let at = random.random_range(0..=bytes.len());
        match random.random_range(0..4) {
            0 => bytes.insert(at, random.random()),
            1 => bytes.truncate(at),
            2 => bytes.extend_from_within(at..),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = random.random();
                }
            }
        }
    }
    bytes
}

#[tokio::test]
async fn any_bytes_as_any_request_get_a_status() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let operator = world.auditor().await.token;
    let room = ann.room().await;
    let seed: u64 = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let (connection, sound, methods) = (Connection::open(&world.server.url).await, sound(&room), methods());
    assert!(methods.len() >= 12, "{methods:?}");
    let (mut before, mut done, mut refused) = (head(&world.database).await, 0, 0);
    for round in 0..rounds(1500, 40_000) {
        let method = methods.choose(&mut random).expect("there are some");
        let message = bytes(&mut random, &sound);
        let operators = method.starts_with("Log/") || method.starts_with("Projections/");
        // What goes well may be a stream without an end.
        let head_of_call = Head::of(method).with("grpc-timeout", b"1S");
        let ask = head_of_call.by(if operators { &operator } else { &ann.token });
        let ended = connection.call(ask, &message).await;
        let shown = || format!("seed {seed}, round {round}: {method} {message:?}\n{ended:?}");
        let (code, reason) = ended.told();
        assert_eq!(ended.http, 200, "{}", shown());
        assert!(![Code::Internal, Code::Unknown, Code::DataLoss].contains(&code), "{}", shown());
        assert!(code == Code::Ok || !reason.is_empty(), "{}", shown());
        let now = head(&world.database).await;
        assert!(now == before || code == Code::Ok, "a refused request was stored: {}", shown());
        before = now;
        *(if code == Code::Ok { &mut done } else { &mut refused }) += 1;
    }
    assert!(done > 0 && refused > done, "{done} done, {refused} refused: it is not the mixture it was meant to be");
    assert!(!world.server.log().contains("panicked"), "{}", world.server.log());
    assert_verified(&world.database);
}

#[tokio::test]
async fn any_bytes_in_a_session_are_answered_or_end_it() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let seed: u64 = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let connection = Connection::open(&world.server.url).await;
    let open = v1::session_request::Ask::Open(v1::Open { room_id: Some(room.clone()) });
    let open = v1::SessionRequest { ask: Some(open), ..Default::default() }.encode_to_vec();
    let sound = [sound(&room), vec![open.clone()]].concat();
    for round in 0..rounds(10, 200) {
        let talk = async |said: Vec<u8>, whole: bool| {
            let head = Head::of("Session/Session").by(&ann.token).with("grpc-timeout", b"1S");
            let mut begun = connection.begin(head).await;
            begun.body.send_data(Bytes::from(said.clone()), !whole).expect("the stream is open");
            let ended = begun.end().await;
            let (code, reason) = ended.told();
            let shown = || format!("seed {seed}, round {round}: {said:?}\n{ended:?}");
            assert!(![Code::Ok, Code::Internal, Code::Unknown].contains(&code), "{}", shown());
            assert!(!reason.is_empty(), "{}", shown());
        };
        // Those that are nothing bad end by the time that they have: side by side.
        let talks = (0..TOGETHER).map(|_| {
            let mut said = if random.random_bool(0.7) { framed(&open).to_vec() } else { Vec::new() };
            said.extend(framed(&bytes(&mut random, &sound)));
            let whole = random.random_bool(0.5);
            if !whole {
                said.truncate(random.random_range(0..said.len()));
            }
            talk(said, whole)
        });
        join_all(talks).await;
    }
    assert_eq!(ann.snapshot(&room).await.status, 200, "the server goes on");
    assert!(!world.server.log().contains("panicked"), "{}", world.server.log());
    assert_verified(&world.database);
}
