//! Calls of gRPC that are wrong in their metadata or in how their message is wrapped: each gets a status with its reason,
//! nothing is stored, and the connection goes on.

use bytes::Bytes;
use synctv_proto::v1;
use synctv_proto::v1::command::Command as Arm;
use tonic::Code;

use crate::support::{Connection, Guest, Head, Received, World, assert_verified, exchange, framed, head, prefixed};

const COMMAND: &str = "Rooms/Command";
/// Bytes of a message, at most.
const MESSAGE: usize = 64 * 1024;

/// A world with a room, a connection that is kept, and what went wrong.
struct Trial {
    world: World,
    ann: Guest,
    connection: Connection,
    head: i64,
    post: Vec<u8>,
    wrong: Vec<String>,
}

impl Trial {
    async fn new() -> Self {
        let world = World::new().await;
        let ann = world.guest("Ann").await;
        let post = post(&ann.room().await);
        let (connection, head) = (Connection::open(&world.server.url).await, head(&world.database).await);
        Self { world, ann, connection, head, post, wrong: Vec::new() }
    }

    fn ask(&self) -> Head {
        Head::of(COMMAND).by(&self.ann.token)
    }

    async fn refused(&mut self, what: &str, head: Head, body: Bytes, expected: (Code, &str)) {
        let ended = self.connection.send(head, body).await;
        self.judge(what, &ended, expected).await;
    }

    async fn judge(&mut self, what: &str, ended: &Received, expected: (Code, &str)) {
        let (code, reason) = ended.told();
        if (code, &*reason) != expected || ended.http != 200 {
            let said = ended.status.as_ref().map(tonic::Status::message);
            self.wrong.push(format!("{what}: {expected:?} expected, got {} {code:?} {reason} {said:?}", ended.http));
        }
        let now = head(&self.world.database).await;
        if now != self.head {
            self.wrong.push(format!("{what}: something was stored"));
            self.head = now;
        }
    }

    /// The connection that all this came over serves, and so does another one.
    async fn end(self) {
        let log = self.world.server.log();
        assert!(!log.contains("panicked"), "{log}");
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        for connection in [&self.connection, &Connection::open(&self.world.server.url).await] {
            let done = connection.call(Head::of(COMMAND).by(&self.ann.token), &self.post).await;
            assert_eq!(done.told(), (Code::Ok, String::new()));
        }
        assert_verified(&self.world.database);
    }
}

/// A command as a client sends it.
fn post(room: &str) -> Vec<u8> {
    let text = Some("x".to_owned());
    let command = Some(v1::Command { command: Some(Arm::ChatPost(v1::ChatPostCommand { text, reply_to: None })) });
    encoded(&v1::RoomsCommandRequest { room_id: room.to_owned(), command, ..Default::default() })
}

fn encoded(message: &impl prost::Message) -> Vec<u8> {
    message.encode_to_vec()
}

#[tokio::test]
async fn every_call_needs_one_valid_token() {
    let mut trial = Trial::new().await;
    let (good, post) = (format!("Bearer {}", trial.ann.token), framed(&trial.post));
    let long = format!("Bearer {}", "a".repeat(20_000));
    let none = (Code::Unauthenticated, "unauthenticated");
    let bad = (Code::Unauthenticated, "invalid_token");
    for (value, expected) in [
        (&b""[..], none),
        (b"Bearer", none),
        (b"Basic QW5uOng=", none),
        (b"Bearer\xff\xfe x", none),
        (b"\xff", none),
        (b"Bearer x", bad),
        (b"Bearer ..", bad),
        (long.as_bytes(), bad),
    ] {
        for method in [COMMAND, "Rooms/Create", "Rooms/Get", "Rooms/List", "Guests/Renew", "Watch/Watch", "Log/Head"] {
            let what = format!("{method} by {:.20}", String::from_utf8_lossy(value));
            let body = if method == COMMAND { post.clone() } else { framed(b"") };
            trial.refused(&what, Head::of(method).with("authorization", value), body, expected).await;
        }
    }
    trial.refused("nobody", Head::of(COMMAND), post.clone(), none).await;
    let twice = Head::of(COMMAND).with("authorization", good.as_bytes()).with("authorization", b"Bearer x");
    trial.refused("two tokens", twice, post.clone(), none).await;
    let same = Head::of(COMMAND).with("authorization", good.as_bytes()).with("authorization", good.as_bytes());
    trial.refused("the same twice", same, post.clone(), none).await;
    let binary = Head::of(COMMAND).with("authorization-bin", b"QmVhcmVyIHg");
    trial.refused("binary", binary, post, none).await;
    trial.end().await;
}

#[tokio::test]
async fn hostile_metadata_is_refused_or_overlooked() {
    let mut trial = Trial::new().await;
    let post = framed(&trial.post);
    let long = "k".repeat(256);
    let key = (Code::InvalidArgument, "invalid_idempotency_key");
    for value in [&b""[..], b"\xf0\x9f\x98\x80", b"\xff\xfe", b"a\tb", long.as_bytes()] {
        let what = format!("key {:.20}", String::from_utf8_lossy(value));
        trial.refused(&what, trial.ask().with("idempotency-key", value), post.clone(), key).await;
    }
    let twice = trial.ask().with("idempotency-key", b"a").with("idempotency-key", b"b");
    trial.refused("two keys", twice, post.clone(), key).await;

    let late = (Code::DeadlineExceeded, "deadline_exceeded");
    for timeout in [&b"0n"[..], b"0S", b"00000000H"] {
        let what = format!("timeout {}", String::from_utf8_lossy(timeout));
        trial.refused(&what, trial.ask().with("grpc-timeout", timeout), post.clone(), late).await;
    }
    for encoding in [&b"gzip"[..], b"br", b"zstd", b"x", b"\xff", b"", b"identity, gzip"] {
        let what = format!("encoding {}", String::from_utf8_lossy(encoding));
        let expected = (Code::Unimplemented, "unsupported_media_type");
        trial.refused(&what, trial.ask().with("grpc-encoding", encoding), post.clone(), expected).await;
    }
    for method in
        ["/", "//", "/synctv.v1.Rooms", "/synctv.v1.Rooms/", "/synctv.v1.Rooms/Delete", "/Rooms/Get", "/%00/%ff"]
    {
        let expected = (Code::Unimplemented, "not_found");
        trial.refused(method, Head::of(method).by(&trial.ann.token.clone()), post.clone(), expected).await;
    }

    // What nobody asked for is overlooked, if it is not too much.
    let before = trial.head;
    let good = trial.post.clone();
    let mut overlooked = vec![
        trial.ask().with("trace-bin", b"not base64!!"),
        trial.ask().with("grpc-status-details-bin", b"%%%"),
        trial.ask().with("grpc-status", b"0").with("grpc-message", b"%ff%00"),
        trial.ask().with("x", b"\xff\xfe\xfd"),
        trial.ask().with("grpc-encoding", b"identity"),
        trial.ask().with("grpc-accept-encoding", b"gzip,,\xff"),
        trial.ask().with("grpc-timeout", b"99999999H"),
        trial.ask().kind("application/grpc+proto"),
        trial.ask().kind("application/grpc;charset=utf-8"),
    ];
    // A time that cannot be read is none.
    for timeout in [&b""[..], b"1", b"-1S", b"1e9S", b"999999999S", b"99999999999999999999S", b"\xd9\xa3S", b"1s"] {
        overlooked.push(trial.ask().with("grpc-timeout", timeout));
    }
    overlooked.push((0..200).fold(trial.ask(), |ask, number| ask.with(&format!("x-{number}"), &[b'v'; 64])));
    let count = overlooked.len();
    for ask in overlooked {
        assert_eq!(trial.connection.call(ask, &good).await.told(), (Code::Ok, String::new()));
    }
    trial.head = head(&trial.world.database).await;
    assert_eq!(trial.head - before, i64::try_from(count).expect("a few"), "each is a message");
    trial.end().await;
}

#[tokio::test]
async fn more_metadata_than_is_read_ends_the_call_alone() {
    let mut trial = Trial::new().await;
    let post = framed(&trial.post);
    let many = (0..2000).fold(trial.ask(), |ask, number| ask.with(&format!("x-{number}"), &[b'v'; 32]));
    for (what, ask) in [("one of 40,000 bytes", trial.ask().with("x", &[b'v'; 40_000])), ("2,000", many)] {
        match trial.connection.try_send(ask, post.clone()).await {
            Ok(ended) => assert_eq!(ended.http, 431, "{what}: {ended:?}"),
            Err(error) => assert!(error.is_reset(), "{what}: {error}"),
        }
    }
    assert_eq!(head(&trial.world.database).await, trial.head);
    trial.head = head(&trial.world.database).await;
    trial.end().await;
}

#[tokio::test]
async fn messages_that_are_wrapped_wrongly_are_refused() {
    let mut trial = Trial::new().await;
    let (whole, message) = (framed(&trial.post), trial.post.clone());
    let length = u32::try_from(message.len()).expect("a short one");
    let large = (Code::ResourceExhausted, "body_too_large");
    let cut = (Code::InvalidArgument, "incomplete_body");
    let invalid = (Code::InvalidArgument, "invalid_message");
    let double = Bytes::from([&whole[..], &whole[..]].concat());
    let cases: Vec<(&str, Bytes, (Code, &str))> = vec![
        ("a byte too much", framed(&vec![0; MESSAGE + 1]), large),
        ("4 GiB", prefixed(0, u32::MAX, &message), large),
        ("4 GiB, and nothing", prefixed(0, u32::MAX, b""), large),
        ("no message", Bytes::new(), cut),
        ("a flag", Bytes::from_static(&[0]), cut),
        ("half a length", whole.slice(..3), cut),
        ("a length", whole.slice(..5), cut),
        ("half a message", whole.slice(..whole.len() / 2), cut),
        ("one byte less", whole.slice(..whole.len() - 1), cut),
        ("a length that is one more", prefixed(0, length + 1, &message), cut),
        ("compressed", prefixed(1, length, &message), invalid),
        ("a flag of two", prefixed(2, length, &message), invalid),
        ("a flag of 255", prefixed(255, length, &message), invalid),
        ("a length that is one less", prefixed(0, length - 1, &message), invalid),
        ("two messages", double, invalid),
        ("JSON", framed(b"{\"room_id\":\"x\"}"), invalid),
        ("JSON without a length", Bytes::from_static(b"{\"room_id\":\"x\",\"command\":{}}"), invalid),
    ];
    for (what, body, expected) in cases {
        let ask = trial.ask();
        trial.refused(what, ask, body, expected).await;
    }
    // The most that is read is judged by what it says.
    let filled = v1::RoomsCommandRequest { room_id: "x".repeat(MESSAGE - 4), ..Default::default() };
    assert_eq!(encoded(&filled).len(), MESSAGE);
    trial
        .refused("as long as may be", trial.ask(), framed(&encoded(&filled)), (Code::NotFound, "room_not_found"))
        .await;
    trial.end().await;
}

#[tokio::test]
async fn what_is_no_call_of_grpc_is_answered_as_http() {
    let trial = Trial::new().await;
    for kind in
        ["application/grpc-web", "application/grpc-web+proto", "application/grpcx", "application/json", "text/plain"]
    {
        let ended = trial.connection.send(trial.ask().kind(kind), framed(&trial.post)).await;
        assert_eq!((ended.http.as_u16(), ended.status.is_none()), (404, true), "{kind}: {ended:?}");
        assert!(ended.body.starts_with(b"{"), "{kind}: {ended:?}");
    }
    let one = format!(
        "POST /synctv.v1.Rooms/Get HTTP/1.1\r\nhost: x\r\ncontent-type: application/grpc\r\nte: trailers\r\n\
         authorization: Bearer {}\r\ncontent-length: 5\r\n\r\n\0\0\0\0\0",
        trial.ann.token
    );
    let answer = exchange(&trial.world.server.url, one.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 505 "), "{answer}");
    trial.end().await;
}
