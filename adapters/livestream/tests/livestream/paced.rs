//! When a publisher is read, by a clock that only waiting moves.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use synctv_livestream::rtmp::{Pace, Paced};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;

const STEP: Duration = Duration::from_millis(20);
/// Steps are counted in pieces of 5 ms.
const PIECE: Duration = Duration::from_millis(5);
const MANY: u64 = 1 << 30;

async fn connection(step: Duration, most: u64, watched: bool) -> (TcpStream, Paced) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let far = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("it listens");
    let (near, _) = listener.accept().await.expect("somebody connected");
    let pace = Pace { step, origin: Instant::now(), most };
    (far, Paced::new(near, pace, Arc::new(AtomicBool::new(watched))))
}

/// A connection whose other side was heard once, and is looked at from then on.
async fn talking(watched: bool) -> (TcpStream, Paced) {
    let (mut far, mut paced) = connection(STEP, MANY, watched).await;
    far.write_all(b"a").expect("it is open");
    assert_eq!(next(&mut paced).await, (b"a".to_vec(), Duration::ZERO));
    (far, paced)
}

/// What is read next, and how long it took.
async fn next(paced: &mut Paced) -> (Vec<u8>, Duration) {
    let (mut buffer, begun) = (Vec::with_capacity(64 << 10), Instant::now());
    paced.read_buf(&mut buffer).await.expect("it is open");
    (buffer, begun.elapsed())
}

fn assert_about(took: Duration, wanted: Duration) {
    // Timers count in milliseconds.
    let (least, most) = (wanted.saturating_sub(PIECE), wanted + PIECE + Duration::from_millis(1));
    assert!((least..=most).contains(&took), "took {took:?}, wanted about {wanted:?}");
}

#[tokio::test(start_paused = true)]
async fn who_goes_on_talking_is_read_every_step_and_all_at_once() {
    let (mut far, mut paced) = talking(true).await;
    far.write_all(b"b").unwrap();
    far.write_all(b"c").unwrap();
    let (read, took) = next(&mut paced).await;
    assert_eq!(read, b"bc");
    assert_about(took, STEP);
}

#[tokio::test(start_paused = true)]
async fn who_was_spoken_to_is_heard_at_once() {
    let (mut far, mut paced) = connection(STEP, MANY, true).await;
    far.write_all(b"question").unwrap();
    assert_eq!(next(&mut paced).await.0, b"question");
    paced.write_all(b"answer").await.unwrap();
    far.write_all(b"again").unwrap();
    assert_eq!(next(&mut paced).await, (b"again".to_vec(), Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_nobody_watches_is_read_a_quarter_as_often() {
    let (mut far, mut paced) = talking(false).await;
    far.write_all(b"b").unwrap();
    let (read, took) = next(&mut paced).await;
    assert_eq!(read, b"b");
    assert_about(took, STEP * 4);
}

#[tokio::test(start_paused = true)]
async fn who_had_much_to_say_is_heard_again_soon() {
    let (mut far, mut paced) = connection(STEP, MANY, false).await;
    far.write_all(&[1; 50 << 10]).unwrap();
    assert_eq!(next(&mut paced).await.0.len(), 50 << 10);
    far.write_all(b"more").unwrap();
    let (read, took) = next(&mut paced).await;
    assert_eq!(read, b"more");
    assert_about(took, PIECE);
}

#[tokio::test(start_paused = true)]
async fn with_no_step_everything_is_read_as_it_comes() {
    let (mut far, mut paced) = connection(Duration::ZERO, MANY, true).await;
    for piece in [b"a", b"b", b"c"] {
        far.write_all(piece).unwrap();
        assert_eq!(next(&mut paced).await, (piece.to_vec(), Duration::ZERO));
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_sends_more_bytes_a_second_than_are_taken() {
    let (mut far, mut paced) = connection(STEP, 10_000, true).await;
    far.write_all(&[1; 40_000]).unwrap();
    drop(far);
    let (begun, mut count) = (Instant::now(), 0);
    loop {
        match next(&mut paced).await.0.len() {
            0 => break,
            more => count += more,
        }
        let allowed = 10_000.0 * (1.0 + begun.elapsed().as_secs_f64());
        assert!(count as f64 <= allowed, "{count} bytes after {:?}", begun.elapsed());
    }
    let took = begun.elapsed();
    assert_eq!(count, 40_000);
    assert!((3.0..3.3).contains(&took.as_secs_f64()), "40,000 bytes took {took:?}");
}

#[tokio::test]
async fn who_sends_far_too_much_costs_few_reads() {
    const MOST: u64 = 2 << 20;
    let (mut far, mut paced) = connection(STEP, MOST, true).await;
    let sending = std::thread::spawn(move || while far.write_all(&[1; 64 << 10]).is_ok() {});
    let (mut count, mut reads) = (0, 0);
    // What may come at once, and half a second of what is held up.
    while count < MOST * 3 / 2 {
        count += next(&mut paced).await.0.len() as u64;
        reads += 1;
    }
    drop(paced);
    sending.join().expect("it does not panic");
    assert!(reads <= MOST / 4096, "{reads} reads for {count} bytes");
}

#[tokio::test(start_paused = true)]
async fn an_end_is_seen_at_the_next_step() {
    let (mut far, mut paced) = connection(STEP, MANY, true).await;
    far.write_all(b"last").unwrap();
    drop(far);
    assert_eq!(next(&mut paced).await.0, b"last");
    let (read, took) = next(&mut paced).await;
    assert_eq!(read, b"");
    assert_about(took, STEP);
}
