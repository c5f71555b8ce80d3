//! A connection until its stream flows.

use std::collections::{HashMap, VecDeque};
use std::io::Cursor;

use rml_amf0::Amf0Value::{self, Null, Number, Object, Utf8String};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{COMMAND, Chunks, Writer};

const HANDSHAKE: usize = 1536;
/// What a connection says before it has a stream belongs to none.
const NO_STREAM: u32 = 0;
/// The one that is made first.
pub const STREAM: u32 = 1;

pub struct Link {
    pub tcp: TcpStream,
    pub chunks: Chunks,
    pub writer: Writer,
    out: Vec<u8>,
    /// Messages that nobody has looked at.
    pub heard: VecDeque<(u8, Vec<u8>)>,
}

impl Link {
    /// With the simple handshake, at an application, and with a stream.
    pub async fn open(address: &str, app: &str, chunk: u32) -> Result<Self, String> {
        let mut tcp = TcpStream::connect(address).await.map_err(text)?;
        tcp.set_nodelay(true).map_err(text)?;
        shake_hands(&mut tcp).await.map_err(|error| format!("handshake: {error}"))?;
        let mut out = Vec::new();
        let writer = Writer::new(chunk, &mut out);
        let mut link = Self { tcp, chunks: Chunks::default(), writer, out, heard: VecDeque::new() };
        let about = [("app", app), ("type", "nonprivate"), ("flashVer", "FMLE/3.0 (compatible; synctv-bench)")];
        let mut about: HashMap<String, Amf0Value> = about.map(|(key, value)| (key.into(), string(value))).into();
        about.insert("tcUrl".into(), Utf8String(format!("rtmp://{address}/{app}")));
        link.tell(NO_STREAM, &[string("connect"), Number(1.0), Object(about)]).await?;
        link.result(1.0).await?;
        link.tell(NO_STREAM, &[string("createStream"), Number(2.0), Null]).await?;
        link.result(2.0).await?;
        Ok(link)
    }

    pub async fn publish(&mut self, key: &str) -> Result<(), String> {
        self.tell(STREAM, &[string("publish"), Number(3.0), Null, string(key), string("live")]).await?;
        self.status("NetStream.Publish.Start").await
    }

    pub async fn play(&mut self, key: &str) -> Result<(), String> {
        self.tell(STREAM, &[string("play"), Number(3.0), Null, string(key)]).await?;
        self.status("NetStream.Play.Start").await
    }

    async fn tell(&mut self, stream: u32, values: &[Amf0Value]) -> Result<(), String> {
        let content = rml_amf0::serialize(&values.to_vec()).map_err(text)?;
        self.writer.put(&mut self.out, (COMMAND, stream, 0), &content);
        self.tcp.write_all(&std::mem::take(&mut self.out)).await.map_err(text)
    }

    /// Until a call succeeded.
    async fn result(&mut self, call: f64) -> Result<(), String> {
        loop {
            match &self.command().await?[..] {
                [Utf8String(name), Number(id), ..] if name == "_result" && *id == call => return Ok(()),
                [Utf8String(name), rest @ ..] if name == "_error" => return Err(format!("{rest:?}")),
                _ => {}
            }
        }
    }

    /// Until the stream is in a state; others that are no errors may come before it.
    async fn status(&mut self, wanted: &str) -> Result<(), String> {
        loop {
            let command = self.command().await?;
            let [Utf8String(name), .., Object(info)] = &command[..] else { continue };
            let is = |key: &str, value: &str| matches!(info.get(key), Some(Utf8String(found)) if found == value);
            if name == "onStatus" && is("code", wanted) {
                return Ok(());
            }
            if name == "_error" || is("level", "error") {
                return Err(format!("{info:?}"));
            }
        }
    }

    /// The next one; what else comes is kept.
    async fn command(&mut self) -> Result<Vec<Amf0Value>, String> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(at) = self.heard.iter().position(|(kind, _)| *kind == COMMAND) {
                let (_, content) = self.heard.remove(at).expect("it was just found");
                return rml_amf0::deserialize(&mut Cursor::new(content)).map_err(text);
            }
            let count = self.tcp.read(&mut buffer).await.map_err(text)?;
            if count == 0 {
                return Err("it was closed".to_owned());
            }
            let heard = &mut self.heard;
            self.chunks.feed(&buffer[..count], |kind, content| heard.push_back((kind, content.to_vec())));
        }
    }
}

async fn shake_hands(tcp: &mut TcpStream) -> std::io::Result<()> {
    let mut hello = vec![0x5A; 1 + HANDSHAKE];
    // The version; then the time and four zeros, and anything.
    hello[0] = 3;
    hello[1..9].fill(0);
    tcp.write_all(&hello).await?;
    let mut answer = vec![0; 1 + 2 * HANDSHAKE];
    tcp.read_exact(&mut answer).await?;
    tcp.write_all(&answer[1..=HANDSHAKE]).await
}

fn string(value: &str) -> Amf0Value {
    Utf8String(value.to_owned())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
