//! Frames of HTTP/2 as they come, for what no client of HTTP/2 would send.

use std::collections::HashMap;
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// A connection to a server, open for frames.
pub struct Frames {
    writer: OwnedWriteHalf,
    reader: OwnedReadHalf,
}

/// What a server sent.
#[derive(Debug, Default)]
pub struct Heard {
    /// Streams that it reset, by the code.
    pub resets: HashMap<u32, usize>,
    /// The code of its farewell.
    pub goaway: Option<u32>,
    /// Whether it closed the connection.
    pub closed: bool,
}

/// One frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = BytesMut::with_capacity(9 + payload.len());
    bytes.put_uint(payload.len() as u64, 3);
    bytes.put_u8(kind);
    bytes.put_u8(flags);
    bytes.put_u32(stream);
    bytes.put_slice(payload);
    bytes.to_vec()
}

/// The head of a call, in HPACK without any table.
pub fn head(method: &str, token: &str) -> Vec<u8> {
    let (path, bearer) = (format!("/synctv.v1.{method}"), format!("Bearer {token}"));
    let fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":authority", "x"),
        (":path", &*path),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        ("authorization", &*bearer),
    ];
    fields.iter().flat_map(|(name, value)| field(name, value)).collect()
}

/// A header that no table takes.
pub fn field(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        length(text.len(), &mut bytes);
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// RFC 7541, 5.1, with seven bits.
fn length(mut length: usize, into: &mut Vec<u8>) {
    let byte = |part: usize| u8::try_from(part).expect("it is masked");
    if length < 127 {
        into.push(byte(length));
        return;
    }
    into.push(127);
    length -= 127;
    while length >= 128 {
        into.push(byte(length % 128) | 128);
        length /= 128;
    }
    into.push(byte(length));
}

impl Frames {
    pub async fn open(url: &str) -> Self {
        let stream = TcpStream::connect(url.trim_start_matches("http://")).await.expect("the server listens");
        let (reader, mut writer) = stream.into_split();
        writer.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.expect("it is open");
        writer.write_all(&frame(SETTINGS, 0, 0, &[])).await.expect("it is open");
        Self { writer, reader }
    }

    /// Sends the same again and again, as much as the server takes in this time, and reads nothing meanwhile: bytes.
    pub async fn flood(&mut self, bytes: &[u8], length: Duration) -> usize {
        let mut sent = 0;
        let _ = timeout(length, async {
            while self.writer.write_all(bytes).await.is_ok() {
                sent += bytes.len();
            }
        })
        .await;
        sent
    }

    /// Sends while it reads, until the server closes or nothing comes for a while.
    pub async fn exchange(self, bytes: impl Iterator<Item = Vec<u8>>, quiet: Duration) -> (Heard, OwnedWriteHalf) {
        let Self { mut writer, reader } = self;
        let send = async {
            for bytes in bytes {
                // A server that has seen enough takes no more.
                if writer.write_all(&bytes).await.is_err() {
                    break;
                }
            }
        };
        let (heard, ()) = futures::future::join(hear(reader, quiet), send).await;
        (heard, writer)
    }
}

/// Reads until the server closes or nothing comes for a while.
async fn hear(mut reader: OwnedReadHalf, quiet: Duration) -> Heard {
    let mut heard = Heard::default();
    loop {
        match timeout(quiet, next(&mut reader)).await {
            Err(_) => return heard,
            Ok(None) => return Heard { closed: true, ..heard },
            Ok(Some((kind, payload))) => {
                let code =
                    |at: usize| payload.get(at..at + 4).map(|code| u32::from_be_bytes(code.try_into().expect("four")));
                match kind {
                    RST_STREAM => *heard.resets.entry(code(0).expect("a code")).or_default() += 1,
                    GOAWAY => heard.goaway = code(4),
                    _ => {}
                }
            }
        }
    }
}

async fn next(reader: &mut OwnedReadHalf) -> Option<(u8, Vec<u8>)> {
    let mut start = [0; 9];
    reader.read_exact(&mut start).await.ok()?;
    let length = u32::from_be_bytes([0, start[0], start[1], start[2]]);
    let mut payload = vec![0; usize::try_from(length).ok()?];
    reader.read_exact(&mut payload).await.ok()?;
    Some((start[3], payload))
}
