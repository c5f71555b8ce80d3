//! What is no encoder, and what is a hostile one, at the port of RTMP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use rand::RngCore;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::support::live::{Encoder, RATE, Stage, numbers_until_cut, shake_hands};
use crate::support::{eventually, memory, rounds};

/// Who says nothing of use is hung up on after 5 s, and after 15 s behind the handshake; and what a busy machine adds.
const SILENT: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(15);
const SLACK: Duration = Duration::from_secs(5);
/// At once, in all.
const CONNECTIONS: usize = 300;
/// How much memory all of them may cost.
const COST: u64 = 64 << 20;
/// Between two bytes.
const DRIP: Duration = Duration::from_millis(100);
/// What somebody sends who hopes that it is kept.
const MUCH: usize = 4 << 20;

/// What is sent, and how.
#[derive(Clone)]
struct Attack {
    name: &'static str,
    /// After a handshake?
    greets: bool,
    bytes: Vec<u8>,
    /// Within this time the server hangs up.
    ends: Duration,
    /// A byte at a time, with a pause after each; so slow is no client.
    drips: bool,
}

fn attack(name: &'static str, greets: bool, bytes: impl Into<Vec<u8>>, ends: Duration) -> Attack {
    Attack { name, greets, bytes: bytes.into(), ends, drips: false }
}

/// A message of one chunk, whatever it says about its length.
fn chunk(stream: u8, kind: u8, length: u32, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![stream, 0, 0, 0];
    bytes.extend_from_slice(&length.to_be_bytes()[1..]);
    bytes.push(kind);
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(content);
    bytes
}

/// A whole message, in chunks of 128 bytes.
fn message(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("it is short");
    let pieces: Vec<_> = content.chunks(128).collect();
    chunk(3, kind, length, &pieces.join(&0xC3))
}

const COMMAND: u8 = 20;
const VIDEO: u8 = 9;
const CHUNK_SIZE: u8 = 1;

fn attacks() -> Vec<Attack> {
    let mut garbage = vec![0; 5000];
    rand::rng().fill_bytes(&mut garbage);
    garbage[0] = 0xFF;
    let at_once = Duration::ZERO;
    let command = |content: &[u8]| message(COMMAND, content);
    let nested = [&[2, 0, 1, b'x'][..], &[3, 0, 1, b'a'].repeat(4000)].concat();
    let many: Vec<u8> = (0..=u16::MAX).flat_map(|id| [&[1][..], &id.to_le_bytes(), &[0; 11]].concat()).collect();
    let large = [chunk(2, CHUNK_SIZE, 4, &[0x7F, 0xFF, 0xFF, 0xFF]), chunk(6, VIDEO, 8 << 20, &vec![0; MUCH])].concat();
    vec![
        attack("garbage", false, garbage, at_once),
        attack("TLS", false, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", at_once),
        attack("HTTP", false, "GET / HTTP/1.1\r\nhost: x\r\n\r\n", at_once),
        attack("silence", false, "", SILENT),
        attack("half a handshake", false, [&[3][..], &[0; 700]].concat(), SILENT),
        Attack { drips: true, ..attack("a byte at a time", false, vec![3; 1537], SILENT) },
        Attack { drips: true, ..attack("a byte at a time after the handshake", true, command(&[5; 1000]), IDLE) },
        attack("silence after the handshake", true, "", IDLE),
        attack("nesting", true, command(&nested), at_once),
        attack("a list of 2^32 - 1", true, command(&[2, 0, 1, b'x', 10, 0xFF, 0xFF, 0xFF, 0xFF]), at_once),
        attack("16,000 nulls", true, command(&[&[2, 0, 1, b'x'][..], &[5; 16_000]].concat()), at_once),
        attack("chunks of 0", true, chunk(2, CHUNK_SIZE, 4, &[0; 4]), at_once),
        attack("chunks of 2^31 - 1", true, chunk(2, CHUNK_SIZE, 4, &[0x7F, 0xFF, 0xFF, 0xFF]), IDLE),
        attack("65,536 chunk streams", true, many, at_once),
        attack("a length of 2^24 - 1", true, chunk(6, VIDEO, 0xFF_FFFF, b"x"), at_once),
        attack("a command of 16 MiB", true, chunk(3, COMMAND, 0xFF_FFFF, b"x"), at_once),
        attack("a picture of 8 MiB before there is a stream", true, large, at_once),
    ]
}

/// How long it took until the server hung up; None: it did not.
async fn suffer(rtmp: SocketAddr, attack: &Attack) -> Option<Duration> {
    let mut tcp = TcpStream::connect(rtmp).await.expect("the server listens");
    let began = Instant::now();
    if attack.greets {
        shake_hands(&mut tcp).await.expect("it greets");
    }
    let (mut read, mut write) = tcp.split();
    let mut buffer = [0; 4096];
    let ended = async { while read.read(&mut buffer).await.is_ok_and(|count| count > 0) {} };
    let sent = async {
        for piece in attack.bytes.chunks(if attack.drips { 1 } else { usize::MAX }) {
            // It may hang up in the middle of it.
            if write.write_all(piece).await.is_err() {
                break;
            }
            if attack.drips {
                sleep(DRIP).await;
            }
        }
        std::future::pending::<()>().await;
    };
    let ended = async {
        tokio::select! {
            () = ended => {}
            () = sent => {}
        }
    };
    timeout(attack.ends + 2 * SLACK, ended).await.ok().map(|()| began.elapsed())
}

#[tokio::test]
async fn whoever_does_not_publish_is_hung_up_on_and_harms_nobody() {
    let stage = Stage::new().await;
    let (ann, server) = (&stage.ann, &stage.world.server);
    let mut on_air = stage.on_air(&ann.stream_key(&stage.room).await).await;
    let mut viewer = ann.view(&stage.room).await;
    viewer.sees(RATE as usize).await;
    let before = memory(server.id());
    // In a short run nobody waits for those who are silent for long.
    let patience = if rounds(0, 1) == 0 { SILENT } else { IDLE };
    let attacks: Vec<_> = attacks().into_iter().filter(|attack| attack.ends <= patience).collect();
    let all: Vec<_> = attacks.iter().cycle().take(CONNECTIONS).collect();
    let ends = join_all(all.iter().map(|attack| suffer(stage.rtmp(), attack)));
    let most = async {
        let mut most = 0;
        // As long as some of them may be there.
        let until = Instant::now() + patience;
        while Instant::now() < until {
            most = most.max(memory(server.id()));
            viewer.sees(1).await;
        }
        most
    };
    let (ends, most) = tokio::join!(ends, most);
    let mut wrong = Vec::new();
    for (attack, ended) in all.iter().zip(ends) {
        let allowed = attack.ends.saturating_sub(Duration::from_millis(500))..attack.ends + SLACK;
        if !ended.is_some_and(|ended| allowed.contains(&ended)) {
            wrong.push(format!("{}: {allowed:?} expected, it was {ended:?}", attack.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let cost = most.saturating_sub(before);
    println!("{CONNECTIONS} hostile connections cost {} KiB", cost >> 10);
    assert!(cost < COST, "they cost {} MiB", cost >> 20);
    on_air.shows(1).await;
    assert!(!on_air.is_over(), "the publisher goes on");
    let film = numbers_until_cut(&viewer.film.bytes);
    assert!(film.is_sorted_by(|one, next| one + 1 == *next), "something is missing: {film:?}");
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
}

#[tokio::test]
async fn whoever_publishes_without_end_costs_little_and_reads_why_it_ends() {
    const FLOOD: u64 = 64 << 20;
    const KEPT: u64 = 128 << 20;
    let stage = Stage::new().await;
    let Stage { ann, room, world } = &stage;
    let key = ann.stream_key(room).await;
    let encoder = Encoder::publish(stage.rtmp(), &key.text()).await;
    let (before, sent) = (memory(world.server.id()), Arc::new(AtomicU64::new(0)));
    let (began, flood) = (Instant::now(), encoder.flood(Arc::clone(&sent)));
    eventually("a flood", async || (sent.load(Ordering::Relaxed) > FLOOD).then_some(())).await;
    let (took, cost) = (began.elapsed(), memory(world.server.id()).saturating_sub(before));
    println!("{} MiB within {took:?} cost {} MiB", FLOOD >> 20, cost >> 20);
    assert!(cost < KEPT, "it cost {} MiB", cost >> 20);
    ann.command(room, json!({ "type": "live.stop" })).await.ok();
    let said = flood.end().await;
    assert!(said.description.contains("the stream was stopped"), "{said:?}");
}
