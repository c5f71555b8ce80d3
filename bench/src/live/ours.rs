//! Our server, and rooms with streams on it.

use std::path::PathBuf;

use serde_json::json;

use super::nginx::free_address;
use super::{Stage, failed};
use crate::delivery::{Guest, Process, Settings};
use crate::failure::Failure;
use crate::schema;

/// Settings besides those that every server of the harness has.
const EXTRA: [(&str, &str); 1] = [("TOKIO_WORKER_THREADS", "1")];
/// Whether streams are cut into segments.
const HLS: &str = "SYNCTV_LIVE_HLS";

pub struct Ours {
    pub process: Process,
    pub guest: Guest,
    /// `127.0.0.1:port`
    pub rtmp: String,
    /// Goes after the process, which writes into it.
    segments: Folder,
}

/// Removed with the value.
struct Folder(PathBuf);

/// A room that can be published to.
pub struct Room {
    pub id: String,
    pub key: String,
}

impl Ours {
    /// Over an empty database, perhaps with segments, in files.
    pub async fn start(stage: &Stage<'_>, cuts: bool) -> Result<Self, Failure> {
        let database = schema::fresh(stage.postgres, "live").await?;
        let rtmp = free_address().map_err(failed)?;
        let segments = Folder(std::env::temp_dir().join(format!("synctv-bench-segments-{}", std::process::id())));
        std::fs::create_dir_all(&segments.0).map_err(failed)?;
        let store = format!("file:{}", segments.0.display());
        let mut extra = EXTRA.to_vec();
        extra.extend([
            (HLS, if cuts { "on" } else { "off" }),
            ("SYNCTV_RTMP_LISTEN", &*rtmp),
            ("SYNCTV_LIVE_STORE", &*store),
        ]);
        let process =
            Process::serve(&Settings { database: &database, redis: None, listen: "127.0.0.1:0", extra: &extra })?;
        let guest = Guest::new(&process.host).await?;
        Ok(Self { process, guest, rtmp, segments })
    }

    /// One of the guest's.
    pub async fn room(&self) -> Result<Room, Failure> {
        let id = self.guest.room().await?;
        let made = self.guest.post(&format!("/v1/rooms/{id}/commands"), &json!({ "type": "live.create_key" })).await?;
        let key = made["secret"]["key"].as_str().ok_or_else(|| failed(format!("no key in {made}")))?;
        Ok(Room { key: key.to_owned(), id })
    }

    /// How many segments there are.
    pub fn segments(&self) -> usize {
        files(&self.segments.0)
    }
}

/// Segments in a directory and those in it.
fn files(dir: &std::path::Path) -> usize {
    let paths = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let count = |path: PathBuf| match path.is_dir() {
        true => files(&path),
        false => usize::from(path.extension().is_some_and(|kind| kind == "ts")),
    };
    paths.map(count).sum()
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
