//! What is exported about live streams, and whether it is so.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::live::{Encoder, RATE, Stage};
use crate::support::{METRICS, eventually};

/// So often a picture of the clip needs no other one, ms.
const GOP: f64 = 1000.0;

#[tokio::test]
async fn a_stream_is_measured_as_long_as_it_is_live() {
    let stage = Stage::with(&[METRICS]).await;
    let (ann, room, server) = (&stage.ann, &stage.room, &stage.world.server);
    let series = |name: &str| format!("synctv_live_{name}{{room=\"{room}\"}}");
    let on_air = stage.on_air(&ann.stream_key(room).await).await;
    let mut viewers = [ann.view(room).await, ann.view(room).await];
    for viewer in &mut viewers {
        viewer.sees(3 * RATE as usize).await;
    }
    // Somebody who takes what comes is behind by no more than anybody would notice, unless the machine holds up all of them.
    let near = async || Some(server.scrape().await).filter(|scrape| scrape.samples[&series("delay_ms")] <= 500.0);
    let scrape = eventually("viewers that are not far behind", near).await;
    let measured = |name: &str| scrape.samples[&series(name)];
    let sent = on_air.sent.borrow().len() as f64;
    assert_eq!((measured("viewers"), measured("gop_ms"), measured("skips")), (2.0, GOP, 0.0));
    let frames = measured("video_frames");
    assert!((3.0 * f64::from(RATE)..=sent).contains(&frames), "{frames} pictures came of {sent} that were sent");
    assert!(measured("audio_frames") > 0.0 && measured("received_bytes") > frames, "{scrape:?}");
    drop(viewers);
    let scrape = server.reaches(&series("viewers"), 0.0).await;
    let bits = eventually("a bitrate", async || {
        let scrape = server.scrape().await;
        Some(scrape.samples[&series("bitrate_bits")]).filter(|bits| *bits > 0.0)
    });
    let bits = bits.await;
    let second =
        scrape.samples[&series("received_bytes")] * 8.0 * f64::from(RATE) / scrape.samples[&series("video_frames")];
    assert!((second / 3.0..second * 3.0).contains(&bits), "{bits} bits in a second, where {second} were sent in one");
    drop(on_air);
    let gone = async || (!server.scrape().await.samples.contains_key(&series("viewers"))).then_some(());
    eventually("a stream that is over to be told of no more", gone).await;
}

#[tokio::test]
async fn what_a_slow_viewer_missed_is_counted() {
    let stage = Stage::with(&[METRICS]).await;
    let (ann, room, server) = (&stage.ann, &stage.room, &stage.world.server);
    let encoder = Encoder::publish(stage.rtmp(), &ann.stream_key(room).await.text()).await;
    let sent = Arc::new(AtomicU64::new(0));
    let _flood = encoder.flood(Arc::clone(&sent));
    let mut viewer = ann.view(room).await;
    viewer.sees(1).await;
    // More than the system keeps for who does not read.
    const MUCH: u64 = 48 << 20;
    let from = sent.load(Ordering::Relaxed);
    eventually("a flood", async || (sent.load(Ordering::Relaxed) > from + MUCH).then_some(())).await;
    let skips = format!("synctv_live_skips{{room=\"{room}\"}}");
    eventually("what it missed to be counted", async || {
        viewer.sees(1).await;
        (server.scrape().await.samples[&skips] >= 1.0).then_some(())
    })
    .await;
}
