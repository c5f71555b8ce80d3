//! What is exported about live streams.

use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntGaugeVec, Opts};
use synctv_livestream::studio::Studio;

/// Each stream, by its room: looked at when somebody asks.
pub(crate) struct LiveStreams {
    studio: Arc<Studio>,
    all: Vec<(Measure, IntGaugeVec)>,
}

/// What is measured of a stream.
type Measure = fn(&synctv_livestream::studio::Seen) -> u64;

const MEASURES: [(&str, &str, Measure); 10] = [
    ("synctv_live_received_bytes", "Bytes of sound and pictures that came from a live stream's publisher", |seen| {
        seen.stats.bytes
    }),
    ("synctv_live_video_frames", "Pictures that came from a live stream's publisher", |seen| seen.stats.video_frames),
    ("synctv_live_audio_frames", "Pieces of sound that came from a live stream's publisher", |seen| {
        seen.stats.audio_frames
    }),
    ("synctv_live_bitrate_bits", "Bits in a second of a live stream, over the last seconds", |seen| {
        seen.report.bits_per_second
    }),
    ("synctv_live_gop_ms", "Between the last two frames of a live stream that need no earlier one", |seen| {
        u64::try_from(seen.stats.gop_ms).unwrap_or(0)
    }),
    ("synctv_live_viewers", "Who watches a live stream over FLV at this node", |seen| seen.report.viewers),
    ("synctv_live_skips", "How often a viewer of a live stream was so slow that it missed something", |seen| {
        seen.stats.skips
    }),
    (
        "synctv_live_delay_ms",
        "How far the viewer of a live stream who was furthest behind was behind, over the last seconds",
        |seen| seen.delay_ms,
    ),
    ("synctv_live_kept_bytes", "What is kept of a live stream for who begins to watch", |seen| seen.stats.kept as u64),
    (
        "synctv_live_segment_age_ms",
        "Since the newest segment of a live stream was listed; 0 before the first",
        |seen| seen.segment_age_ms,
    ),
];

impl LiveStreams {
    pub(crate) fn new(studio: Arc<Studio>) -> Self {
        let gauge =
            |name, about| IntGaugeVec::new(Opts::new(name, about), &["room"]).expect("constant names are valid");
        let all = MEASURES.map(|(name, about, measure)| (measure, gauge(name, about)));
        Self { studio, all: all.into() }
    }
}

impl Collector for LiveStreams {
    fn desc(&self) -> Vec<&Desc> {
        self.all.iter().flat_map(|(_, gauge)| gauge.desc()).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let seen = self.studio.seen();
        for (measure, gauge) in &self.all {
            // Those that ended are told of no more.
            gauge.reset();
            for stream in &seen {
                let value = i64::try_from(measure(stream)).unwrap_or(i64::MAX);
                gauge.with_label_values(&[&stream.room.to_string()]).set(value);
            }
        }
        self.all.iter().flat_map(|(_, gauge)| gauge.collect()).collect()
    }
}
