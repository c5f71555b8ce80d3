//! What the generator of load is told, and what it answers: one line of JSON each.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One after the other; each is answered when it is done.
#[derive(Serialize, Deserialize)]
pub enum Order {
    /// Answered with [`Published`] once nobody is still trying.
    Publish(Publish),
    /// Answered with [`Joined`] once everybody has seen a picture.
    Watch(Watch),
    /// What a group of viewers saw since the last time: [`Seen`].
    Take(Group),
    /// Whether the sleepers sleep; answered with nothing.
    Sleep(bool),
    /// How the publishers are: [`Publishing`].
    Publishers,
}

/// Paced streams of the film.
#[derive(Serialize, Deserialize)]
pub struct Publish {
    pub film: PathBuf,
    pub address: String,
    pub app: String,
    /// One stream each.
    pub keys: Vec<String>,
    /// They begin within this time.
    pub within_ms: u64,
    /// Bytes.
    pub chunk: u32,
}

#[derive(Serialize, Deserialize)]
pub struct Published {
    pub accepted: usize,
    /// Why others were not.
    pub refused: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Publishing {
    /// Streams that ended.
    pub lost: usize,
    /// How late a frame was sent at worst, ms.
    pub late_ms: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Group {
    Steady,
    /// Those that stop reading when they are told to.
    Sleepers,
}

/// Viewers of one stream.
#[derive(Serialize, Deserialize)]
pub struct Watch {
    pub address: String,
    pub way: Way,
    pub count: u32,
    /// They join within this time, evenly.
    pub within_ms: u32,
    pub group: Group,
}

#[derive(Clone, Serialize, Deserialize)]
pub enum Way {
    Flv { path: String, token: String },
    Rtmp { app: String, key: String },
}

#[derive(Serialize, Deserialize)]
pub struct Joined {
    /// From the first byte of the connection to the first whole picture of each, ms, sorted.
    pub first_ms: Vec<f64>,
    /// Why others saw none.
    pub failed: Vec<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    pub bytes: u64,
    pub pictures: u64,
    /// From publisher to viewer, ms.
    pub delay_p50: f64,
    pub delay_p99: f64,
    /// Between two pictures of one viewer, ms.
    pub longest_gap: f64,
    /// Gaps of more than half a second.
    pub gaps: u64,
    /// Viewers that the server has closed.
    pub closed: u64,
}
