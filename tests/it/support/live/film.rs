//! A stream as FLV, as somebody gets it who watches.

use bytes::{Buf, Bytes, BytesMut};
use futures::StreamExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::support::{SOON, client};

/// The file header and the size of no tag before.
const BEGINNING: usize = 13;
/// The header of a tag, and its size behind it.
const AROUND: [usize; 2] = [11, 4];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagKind {
    Audio,
    Video,
    Script,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub kind: TagKind,
    /// When it is decoded, ms.
    pub time: u32,
    pub body: Bytes,
}

impl Tag {
    /// Whether it describes the coding.
    pub fn is_header(&self) -> bool {
        self.kind != TagKind::Script && self.body.get(1) == Some(&0)
    }
}

/// What was got, and when each tag was.
#[derive(Debug, Default)]
pub struct Film {
    pub bytes: BytesMut,
    pub tags: Vec<(Tag, Instant)>,
    read: usize,
}

impl Film {
    /// Of bytes that are there.
    pub fn of(bytes: &[u8]) -> Self {
        let mut film = Self::default();
        film.take(bytes);
        film
    }

    /// The flags of the file: 1 pictures, 4 sound.
    pub fn flags(&self) -> u8 {
        assert_eq!(&self.bytes[..4], b"FLV\x01");
        self.bytes[4]
    }

    /// Pictures, without what describes them.
    pub fn pictures(&self) -> impl Iterator<Item = &(Tag, Instant)> {
        self.tags.iter().filter(|(tag, _)| tag.kind == TagKind::Video && !tag.is_header())
    }

    /// Takes bytes in; panics at what is no FLV.
    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.read == 0 && self.bytes.len() >= BEGINNING {
            assert_eq!(&self.bytes[..4], b"FLV\x01", "it does not begin as FLV does");
            assert_eq!(&self.bytes[5..BEGINNING], [0, 0, 0, 9, 0, 0, 0, 0], "the end of its header");
            self.read = BEGINNING;
        }
        while let Some(length) = self.read.checked_sub(1).and_then(|_| self.tag()) {
            self.read += length;
        }
    }

    fn tag(&mut self) -> Option<usize> {
        let mut left = self.bytes.get(self.read..).filter(|left| left.len() >= AROUND[0])?;
        let kind = match left.get_u8() {
            8 => TagKind::Audio,
            9 => TagKind::Video,
            18 => TagKind::Script,
            kind => panic!("a tag of kind {kind} at byte {}", self.read),
        };
        let size = usize::try_from(left.get_uint(3)).expect("24 bits");
        let time = u32::try_from(left.get_uint(3)).expect("24 bits") | u32::from(left.get_u8()) << 24;
        assert_eq!(left.get_uint(3), 0, "the stream of a tag");
        let body = Bytes::copy_from_slice(left.get(..size)?);
        let (whole, mut behind) = (AROUND[0] + size, left.get(size..size + AROUND[1])?);
        assert_eq!(usize::try_from(behind.get_u32()).ok(), Some(whole), "the size behind a tag");
        self.tags.push((Tag { kind, time, body }, Instant::now()));
        Some(whole + AROUND[1])
    }
}

enum Wire {
    Http(reqwest::Response),
    Socket(Box<WebSocketStream<TcpStream>>),
}

/// Somebody who watches.
pub struct Viewer {
    wire: Wire,
    pub film: Film,
}

impl Viewer {
    /// By an address, or the status and the code of the refusal.
    pub async fn over_http(url: &str) -> Result<Self, (u16, String)> {
        let response = client().get(url).send().await.expect("the server answers");
        let status = response.status().as_u16();
        if status != 200 {
            let problem: serde_json::Value = response.json().await.unwrap_or_default();
            return Err((status, problem["code"].as_str().unwrap_or_default().to_owned()));
        }
        assert_eq!(response.headers()["content-type"], "video/x-flv");
        Ok(Self { wire: Wire::Http(response), film: Film::default() })
    }

    /// By the same address, over a socket.
    pub async fn over_socket(url: &str) -> Self {
        let address = url.trim_start_matches("http://").split('/').next().expect("a host");
        let tcp = TcpStream::connect(address).await.expect("the server listens");
        let opening = client_async(url.replacen("http", "ws", 1), tcp);
        let (socket, _) = timeout(SOON, opening).await.expect("an answer").expect("the server upgrades");
        Self { wire: Wire::Socket(Box::new(socket)), film: Film::default() }
    }

    /// Takes in what comes next; false: it has ended.
    pub async fn more(&mut self) -> bool {
        let bytes = match &mut self.wire {
            Wire::Http(response) => response.chunk().await.unwrap_or(None),
            Wire::Socket(socket) => match socket.next().await {
                Some(Ok(Message::Binary(bytes))) => Some(bytes),
                None | Some(Ok(Message::Close(_)) | Err(_)) => None,
                Some(Ok(other)) => panic!("a socket of a stream says {other}"),
            },
        };
        if let Some(bytes) = &bytes {
            self.film.take(bytes);
        }
        bytes.is_some()
    }

    /// Until something can be said about the film.
    pub async fn until(&mut self, what: &str, there: impl Fn(&Film) -> bool) {
        let more = async {
            while !there(&self.film) {
                assert!(self.more().await, "the stream ended before {what}");
            }
        };
        timeout(SOON, more).await.unwrap_or_else(|_| panic!("waited {SOON:?} for {what}"));
    }

    /// Until so many pictures are there, counted from now.
    pub async fn sees(&mut self, pictures: usize) {
        let wanted = self.film.pictures().count() + pictures;
        self.until(&format!("{pictures} more pictures"), |film| film.pictures().count() >= wanted).await;
    }

    /// Until it ends; the whole film.
    pub async fn end(mut self) -> Film {
        timeout(SOON, async { while self.more().await {} }).await.expect("the stream ends");
        self.film
    }
}
