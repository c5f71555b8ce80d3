//! A player of HLS: it reads the list again and again, and gets what is new in it.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::support::{SOON, client};

#[path = "../../../../adapters/livestream/tests/livestream/listing.rs"]
#[expect(dead_code, reason = "it reads more kinds of lists than there are here")]
mod listing;

#[path = "../../../../adapters/livestream/tests/livestream/transport.rs"]
#[expect(dead_code, reason = "it is also asked for single frames")]
mod transport;

use listing::List;

/// Between two looks at the list.
const LOOK: Duration = Duration::from_millis(250);

/// A segment, as it was got.
#[derive(Debug)]
pub struct Piece {
    pub sequence: u64,
    pub uri: String,
    pub seconds: f64,
    pub discontinuous: bool,
    pub content: Bytes,
}

/// Somebody who plays a list, and checks each against the one before.
pub struct Player {
    http: reqwest::Client,
    url: String,
    pub list: Option<List>,
    pub pieces: Vec<Piece>,
    packets: transport::Reader,
    /// When the first picture of the last segment is decoded, 1/90,000 s.
    began: u64,
}

impl Player {
    pub fn new(url: &str) -> Self {
        Self {
            http: client(),
            url: url.to_owned(),
            list: None,
            pieces: Vec::new(),
            packets: transport::Reader::default(),
            began: 0,
        }
    }

    /// Goes on with the list at another address.
    pub fn go_to(&mut self, url: &str) {
        url.clone_into(&mut self.url);
    }

    /// Reads the list once, and gets what is new. Err: status and code of a refusal.
    pub async fn look(&mut self) -> Result<(), (u16, String)> {
        let response = self.http.get(&self.url).send().await.map_err(|error| (0, error.to_string()))?;
        let status = response.status().as_u16();
        if status != 200 {
            let problem: Value = response.json().await.unwrap_or_default();
            return Err((status, problem["code"].as_str().unwrap_or_default().to_owned()));
        }
        assert_eq!(response.headers()["content-type"], "application/vnd.apple.mpegurl");
        let text = response.text().await.map_err(|error| (0, error.to_string()))?;
        let mut list = listing::read(&text).unwrap_or_else(|broken| panic!("{broken}:\n{text}"));
        let query = self.url.split_once('?').map_or(String::new(), |(_, query)| format!("?{query}"));
        for entry in &mut list.entries {
            // An address that was signed again is the same segment.
            entry.uri = entry.uri.strip_suffix(&query).expect("it is signed as the list is").to_owned();
        }
        if let Some(before) = &self.list {
            listing::follows(before, &list).unwrap_or_else(|broken| panic!("{broken}: {before:#?}\n{text}"));
        }
        for (sequence, entry) in (list.sequence..).zip(&list.entries) {
            if self.pieces.last().is_some_and(|last| sequence <= last.sequence) {
                continue;
            }
            let content = self.piece(&format!("{}{query}", entry.uri)).await?;
            let goes_on = self.pieces.last().is_some_and(|last| last.sequence + 1 == sequence) && !entry.discontinuous;
            self.check(&content, goes_on);
            let uri = entry.uri.clone();
            let (seconds, discontinuous) = (entry.seconds, entry.discontinuous);
            self.pieces.push(Piece { sequence, uri, seconds, discontinuous, content });
        }
        self.list = Some(list);
        Ok(())
    }

    /// Whether a segment is as RFC 8216 and MPEG-TS want it, and begins where the list says that the one before ended.
    fn check(&mut self, content: &[u8], goes_on: bool) {
        if !goes_on {
            self.packets = transport::Reader::default();
        }
        let held = self.packets.segment(content).unwrap_or_else(|broken| panic!("{broken}"));
        held.check(true).unwrap_or_else(|broken| panic!("{broken}"));
        let began = held.video.first().or(held.audio.first()).expect("it was checked").dts;
        if let (Some(last), true) = (self.pieces.last(), goes_on) {
            let seconds = (began - self.began) as f64 / 90_000.0;
            assert!((seconds - last.seconds).abs() < 0.002, "{}: {seconds} s, told as {}", last.uri, last.seconds);
        }
        self.began = began;
    }

    async fn piece(&self, uri: &str) -> Result<Bytes, (u16, String)> {
        let url = reqwest::Url::parse(&self.url).and_then(|list| list.join(uri)).expect("an address");
        let response = self.http.get(url).send().await.map_err(|error| (0, error.to_string()))?;
        assert_eq!(response.status(), 200, "a segment that is listed: {uri}");
        assert_eq!(response.headers()["content-type"], "video/mp2t");
        response.bytes().await.map_err(|error| (0, error.to_string()))
    }

    /// Plays until something can be said; what refuses it is asked again.
    pub async fn until(&mut self, what: &str, there: impl Fn(&Self) -> bool) {
        let (until, mut refused) = (Instant::now() + SOON, None);
        loop {
            refused = self.look().await.err().or(refused);
            if there(self) {
                return;
            }
            assert!(Instant::now() < until, "waited {SOON:?} for {what}: {:#?} {refused:?}", self.list);
            sleep(LOOK).await;
        }
    }

    /// How long what was got plays, s.
    pub fn seconds(&self) -> f64 {
        self.pieces.iter().map(|piece| piece.seconds).sum()
    }

    /// The segments between two interruptions, as players decode them.
    pub fn runs(&self) -> Vec<Vec<u8>> {
        let mut runs: Vec<Vec<u8>> = Vec::new();
        for (number, piece) in self.pieces.iter().enumerate() {
            if number == 0 || piece.discontinuous {
                runs.push(Vec::new());
            }
            runs.last_mut().expect("it was begun").extend_from_slice(&piece.content);
        }
        runs
    }
}
