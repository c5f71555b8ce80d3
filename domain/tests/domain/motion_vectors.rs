//! The page computes positions by itself: both sides are held to the same vectors.

use std::{env, fs};

use serde::{Deserialize, Serialize};
use synctv_domain::{MediaMs, Motion, RatePermille, ServerMs};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/motion.json");
const POSITIONS: [i64; 6] = [0, 1, 999, 5_400_000, (1 << 53) - 1, 1 << 53];
const RATES: [i64; 7] = [250, 333, 750, 1000, 1001, 3999, 4000];
const DURATIONS: [Option<i64>; 5] = [None, Some(0), Some(5_400_001), None, Some(1 << 53)];
const NOW: i64 = 1_790_000_000_123;
/// The last ms of the year 9999.
const LAST: i64 = 253_402_300_799_999;
/// Anchors in the future, now, and ever longer ago; then everything that can pass.
const INSTANTS: [(i64, i64); 9] = [
    (NOW, NOW + 800),
    (NOW, NOW + 1),
    (NOW, NOW),
    (NOW, NOW - 1),
    (NOW, NOW - 999),
    (NOW, NOW - 86_400_001),
    (NOW, 0),
    (LAST, 0),
    (0, LAST),
];

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Vector {
    #[serde(flatten)]
    motion: Motion,
    now_ms: ServerMs,
    duration_ms: Option<MediaMs>,
    expected_ms: MediaMs,
}

fn vectors() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for position in POSITIONS {
        for rate in RATES {
            for (now, anchor) in INSTANTS {
                vectors.push(vector(vectors.len(), position, rate, now, anchor));
            }
        }
    }
    vectors
}

fn vector(index: usize, position: i64, rate: i64, now: i64, anchor: i64) -> Vector {
    let media = |ms| MediaMs::try_from(ms).expect("a media time");
    let motion = Motion {
        item_id: None,
        position_ms: media(position),
        anchor_ms: ServerMs(anchor),
        rate_permille: RatePermille::try_from(rate).expect("a rate"),
        playing: !index.is_multiple_of(11),
    };
    let (now_ms, duration_ms) = (ServerMs(now), DURATIONS[index % DURATIONS.len()].map(media));
    Vector { motion, now_ms, duration_ms, expected_ms: motion.position_at(now_ms, duration_ms) }
}

/// One vector a line, so that a difference shows which.
fn spell(vectors: &[Vector]) -> String {
    let line = |vector| serde_json::to_string(vector).expect("plain values");
    format!("[\n{}\n]\n", vectors.iter().map(line).collect::<Vec<_>>().join(",\n"))
}

#[test]
fn positions_are_those_of_the_vectors_that_the_page_is_held_to() {
    if env::var_os("SYNCTV_UPDATE_GOLDEN").is_some() {
        fs::write(PATH, spell(&vectors())).expect("the file can be written");
    }
    let stored = fs::read_to_string(PATH).expect("the file");
    let stored: Vec<Vector> = serde_json::from_str(&stored).expect("vectors");
    let renew = "if it should: SYNCTV_UPDATE_GOLDEN=1 cargo test -p synctv-domain vectors";
    for (stored, computed) in stored.iter().zip(&vectors()) {
        assert_eq!(stored, computed, "a position changed; {renew}");
    }
    assert_eq!(stored.len(), vectors().len(), "the vectors changed; {renew}");
}
