//! Frames of HTTP/2 that are right one by one and wrong together: the server refuses them or takes its time, within bounded
//! memory, and answers others meanwhile.

use std::time::{Duration, Instant};

use crate::support::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, Frames, HEADERS, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE, field,
    frame,
};
use crate::support::{Connection, Guest, Head, World, framed, frames, memory};

const MIB: u64 = 1 << 20;
/// What the server may have more during an attack: its own buffers, and what the allocator keeps.
const GROWTH: u64 = 32 * MIB;
/// How long others wait at most while one floods on a machine that does other things as well.
const PROMPT: Duration = Duration::from_secs(3);
const STREAMS: &str = "synctv_connections{transport=\"grpc\"}";
const QUIET: Duration = Duration::from_millis(500);

const PROTOCOL_ERROR: u32 = 1;
const FLOW_CONTROL_ERROR: u32 = 3;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

/// A server, somebody who attacks it, and somebody who uses it.
struct Siege {
    world: World,
    ann: Guest,
    room: String,
    other: Connection,
    before: u64,
}

impl Siege {
    async fn new() -> Self {
        let world = World::measured().await;
        let ann = world.guest("Ann").await;
        let room = ann.room().await;
        let other = Connection::open(&world.server.url).await;
        let siege = Self { before: 0, other, room, ann, world };
        siege.is_prompt().await;
        Self { before: memory(siege.world.server.id()), ..siege }
    }

    async fn frames(&self) -> Frames {
        Frames::open(&self.world.server.url).await
    }

    fn head(&self, method: &str) -> Vec<u8> {
        frames::head(method, &self.ann.token)
    }

    /// A watch, as a client of odd number begins it.
    fn watch(&self, number: u32) -> Vec<u8> {
        let message = [&[10, u8::try_from(self.room.len()).expect("an id")], self.room.as_bytes()].concat();
        let begin = frame(HEADERS, END_HEADERS, number, &self.head("Watch/Watch"));
        [begin, frame(DATA, END_STREAM, number, &framed(&message))].concat()
    }

    /// Somebody else is answered at once.
    async fn is_prompt(&self) {
        let began = Instant::now();
        let ended = self.other.call(Head::of("Rooms/List").by(&self.ann.token), b"").await;
        assert_eq!(ended.told(), (tonic::Code::Ok, String::new()));
        assert!(began.elapsed() < PROMPT, "it took {:?}", began.elapsed());
    }

    /// That the server is as before.
    async fn end(self) {
        self.is_prompt().await;
        assert_eq!(self.ann.snapshot(&self.room).await.status, 200);
        let growth = memory(self.world.server.id()).saturating_sub(self.before);
        assert!(growth < GROWTH, "{} MiB more", growth / MIB);
        assert!(!self.world.server.log().contains("panicked"), "{}", self.world.server.log());
    }
}

fn odd(count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(|number| 2 * number + 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_thousand_streams_on_one_connection_a_thousand_are_served() {
    let siege = Siege::new().await;
    let begin: Vec<_> = odd(10_000).map(|number| siege.watch(number)).collect();
    let (heard, connection) = siege.frames().await.exchange(begin.into_iter(), Duration::from_secs(2)).await;
    let open = siege.world.server.scrape().await.value(STREAMS);
    assert!(open <= 1000.0, "{open} streams are open");
    let refused = heard.resets.get(&REFUSED_STREAM).copied().unwrap_or_default();
    assert!(refused >= 1000 || heard.goaway == Some(ENHANCE_YOUR_CALM), "{heard:?}");
    siege.is_prompt().await;
    drop(connection);
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_calls_of_a_client_that_waits_its_turn_are_all_answered() {
    let siege = Siege::new().await;
    let connection = Connection::open(&siege.world.server.url).await;
    let calls = (0..10_000).map(|_| async {
        let ended = connection.call(Head::of("Log/Head"), b"").await;
        ended.told() == (tonic::Code::Unauthenticated, "unauthenticated".to_owned())
    });
    let answered = futures::future::join_all(calls).await;
    assert_eq!(answered.iter().filter(|right| **right).count(), 10_000);
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_opens_and_resets_again_and_again_is_sent_away() {
    let siege = Siege::new().await;
    for method in ["Watch/Watch", "Session/Session", "Rooms/Command"] {
        let head = siege.head(method);
        let pairs = odd(100_000).map(|number| {
            let reset = frame(RST_STREAM, 0, number, &8_u32.to_be_bytes());
            [frame(HEADERS, END_HEADERS, number, &head), reset].concat()
        });
        let (heard, _open) = siege.frames().await.exchange(pairs, Duration::from_secs(5)).await;
        assert_eq!((heard.goaway, heard.closed), (Some(ENHANCE_YOUR_CALM), true), "{method}: {heard:?}");
        siege.is_prompt().await;
    }
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_makes_the_server_reset_again_and_again_is_sent_away() {
    let siege = Siege::new().await;
    let head = siege.head("Rooms/Get");
    // Each is a fault of the client, which the server answers with a reset.
    let faults = odd(100_000).map(|number| {
        let nothing = frame(WINDOW_UPDATE, 0, number, &0_u32.to_be_bytes());
        [frame(HEADERS, END_HEADERS, number, &head), nothing].concat()
    });
    let (heard, _open) = siege.frames().await.exchange(faults, Duration::from_secs(5)).await;
    assert!(heard.closed && [Some(ENHANCE_YOUR_CALM), Some(PROTOCOL_ERROR)].contains(&heard.goaway), "{heard:?}");
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_signs_of_life_and_reads_none_fills_only_its_own_connection() {
    let siege = Siege::new().await;
    for (what, one) in [("PING", frame(PING, 0, 0, &[7; 8])), ("SETTINGS", frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]))]
    {
        let mut attacker = siege.frames().await;
        let sent = attacker.flood(&one.repeat(1000), Duration::from_secs(3)).await;
        assert!(sent > 100_000, "{what}: only {sent} bytes were taken");
        siege.is_prompt().await;
        let growth = memory(siege.world.server.id()).saturating_sub(siege.before);
        assert!(growth < GROWTH, "{what}: {} MiB more after {} MiB", growth / MIB, sent as u64 / MIB);
    }
    siege.end().await;
}

#[tokio::test]
async fn windows_beyond_all_measure_are_faults() {
    let siege = Siege::new().await;
    let most = 0x7fff_ffff_u32.to_be_bytes();
    let connection = frame(WINDOW_UPDATE, 0, 0, &most);
    let (heard, _open) = siege.frames().await.exchange([connection].into_iter(), Duration::from_secs(5)).await;
    assert_eq!((heard.goaway, heard.closed), (Some(FLOW_CONTROL_ERROR), true), "{heard:?}");
    let begin = [siege.watch(1), frame(WINDOW_UPDATE, 0, 1, &most)].concat();
    let (heard, _open) = siege.frames().await.exchange([begin].into_iter(), QUIET).await;
    let streams = heard.resets.get(&FLOW_CONTROL_ERROR).copied().unwrap_or_default();
    assert!(streams == 1 || heard.goaway == Some(FLOW_CONTROL_ERROR), "{heard:?}");
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_without_an_end_is_cut_off() {
    let siege = Siege::new().await;
    let head = siege.head("Rooms/Get");
    for more in [field("x", &"v".repeat(1000)), field("x", ""), Vec::new()] {
        let start = frame(HEADERS, END_STREAM, 1, &head);
        let pieces = (0..200_000).map(|_| frame(CONTINUATION, 0, 1, &more));
        let (heard, _open) =
            siege.frames().await.exchange([start].into_iter().chain(pieces), Duration::from_secs(5)).await;
        let sent_away = [Some(ENHANCE_YOUR_CALM), Some(PROTOCOL_ERROR)].contains(&heard.goaway);
        assert!(heard.closed && sent_away, "pieces of {}: {heard:?}", more.len());
        siege.is_prompt().await;
    }
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_of_nothing_and_broken_frames_end_a_connection_or_cost_nothing() {
    let siege = Siege::new().await;
    let mut attacker = siege.frames().await;
    attacker.flood(&frame(HEADERS, END_HEADERS, 1, &siege.head("Rooms/Command")), Duration::from_millis(1)).await;
    attacker.flood(&frame(DATA, 0, 1, &[]).repeat(1000), Duration::from_secs(2)).await;
    siege.is_prompt().await;
    for (what, bytes) in [
        ("a frame of 16 MiB", vec![0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]),
        ("an even stream", frame(HEADERS, END_HEADERS, 2, &siege.head("Rooms/Get"))),
        ("DATA before HEADERS", frame(DATA, 0, 1, b"x")),
        ("DATA of no stream", frame(DATA, 0, 0, b"x")),
        ("a short PING", frame(PING, 0, 0, b"x")),
        ("a long RST_STREAM", frame(RST_STREAM, 0, 1, &[0; 5])),
        ("broken HPACK", frame(HEADERS, END_HEADERS, 1, &[0xff; 40])),
        ("HPACK of a table beyond measure", frame(HEADERS, END_HEADERS, 1, &[0x3f, 0xff, 0xff, 0xff, 0x7f])),
        ("CONTINUATION alone", frame(CONTINUATION, 0, 1, b"x")),
    ] {
        let (heard, _open) = siege.frames().await.exchange([bytes].into_iter(), Duration::from_secs(5)).await;
        assert!(heard.closed && heard.goaway.is_some_and(|code| code != 0), "{what}: {heard:?}");
    }
    drop(attacker);
    siege.end().await;
}
