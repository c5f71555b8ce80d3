//! An encoder over a connection of its own, which sends what it is told to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use rml_rtmp::sessions::{
    ClientSession, ClientSessionConfig, ClientSessionError, ClientSessionEvent, ClientSessionResult, PublishRequestType,
};
use rml_rtmp::time::RtmpTimestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use super::ffmpeg::clip;
use super::film::{Tag, TagKind};
use crate::support::SOON;

/// The clip, ms.
const LENGTH: u32 = 60_000;

/// What a server says about a publication: `NetStream.Publish.…`, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub code: String,
    pub description: String,
}

/// An encoder that is connected.
pub struct Encoder {
    tcp: TcpStream,
    session: ClientSession,
    events: VecDeque<ClientSessionEvent>,
    /// All that the server sent.
    heard: Vec<u8>,
}

/// Shakes hands, and says what follows.
pub async fn shake_hands(tcp: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut handshake = Handshake::new(PeerType::Client);
    let first = handshake.generate_outbound_p0_and_p1().expect("random bytes");
    tcp.write_all(&first).await?;
    let mut buffer = vec![0; 4096];
    loop {
        let count = tcp.read(&mut buffer).await?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match handshake.process_bytes(&buffer[..count]).expect("a server") {
            HandshakeProcessResult::InProgress { response_bytes } => tcp.write_all(&response_bytes).await?,
            HandshakeProcessResult::Completed { response_bytes, remaining_bytes } => {
                tcp.write_all(&response_bytes).await?;
                return Ok(remaining_bytes);
            }
        }
    }
}

impl Encoder {
    /// Connected to `live`.
    pub async fn connect(rtmp: SocketAddr) -> Self {
        let mut tcp = TcpStream::connect(rtmp).await.expect("the server listens");
        tcp.set_nodelay(true).expect("it is open");
        let rest = shake_hands(&mut tcp).await.expect("it is open");
        let (session, first) = ClientSession::new(ClientSessionConfig::new()).expect("it begins");
        let mut encoder = Self { tcp, session, events: VecDeque::new(), heard: Vec::new() };
        encoder.done(first).await;
        encoder.hear(&rest).await;
        let request = encoder.session.request_connection("live".to_owned()).expect("it can be said");
        encoder.done(vec![request]).await;
        let accepted = timeout(SOON, encoder.event()).await.expect("an answer");
        assert_eq!(accepted, Some(ClientSessionEvent::ConnectionRequestAccepted));
        encoder
    }

    /// Publishes, or is told why not.
    pub async fn try_publish(rtmp: SocketAddr, name: &str) -> Result<Self, Said> {
        let mut encoder = Self::connect(rtmp).await;
        let request = encoder.session.request_publishing(name.to_owned(), PublishRequestType::Live);
        encoder.done(vec![request.expect("it can be said")]).await;
        match timeout(SOON, encoder.event()).await.expect("an answer") {
            Some(ClientSessionEvent::PublishRequestAccepted) => Ok(encoder),
            _ => Err(encoder.end().await),
        }
    }

    /// Publishes.
    pub async fn publish(rtmp: SocketAddr, name: &str) -> Self {
        Self::try_publish(rtmp, name).await.unwrap_or_else(|said| panic!("it may not publish: {said:?}"))
    }

    async fn done(&mut self, results: Vec<ClientSessionResult>) {
        for result in results {
            match result {
                ClientSessionResult::OutboundResponse(packet) => {
                    // Whether it is still open is seen by reading.
                    let _ = self.tcp.write_all(&packet.bytes).await;
                }
                ClientSessionResult::RaisedEvent(event) => self.events.push_back(event),
                ClientSessionResult::UnhandleableMessageReceived(_) => {}
            }
        }
    }

    async fn hear(&mut self, bytes: &[u8]) {
        self.heard.extend_from_slice(bytes);
        let results = self.session.handle_input(bytes).expect("a server");
        self.done(results).await;
    }

    /// What the server says next. None: it hung up.
    async fn event(&mut self) -> Option<ClientSessionEvent> {
        let mut buffer = vec![0; 4096];
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let count = self.tcp.read(&mut buffer).await.unwrap_or(0);
            if count == 0 {
                return None;
            }
            self.hear(&buffer[..count]).await;
        }
    }

    /// Sends a tag at another time than its own, ms.
    pub async fn tag(&mut self, tag: &Tag, time: u32) {
        if let Some(bytes) = packet(&mut self.session, tag, time).expect("it can be said") {
            // Whether it is still open is seen by reading.
            let _ = self.tcp.write_all(&bytes).await;
        }
    }

    /// Says that it was all.
    pub async fn finish(&mut self) {
        let results = self.session.stop_publishing().expect("it can be said");
        self.done(results).await;
    }

    /// Waits until the server hangs up; what it said last about the publication.
    pub async fn end(mut self) -> Said {
        let ended = async { while self.event().await.is_some() {} };
        timeout(SOON, ended).await.expect("the server hangs up");
        said(&self.heard)
    }

    /// Sends the clip over and over, as fast as it is taken.
    pub fn flood(self, sent: Arc<AtomicU64>) -> Flood {
        let Self { tcp, mut session, heard, .. } = self;
        let (read, mut write) = tcp.into_split();
        let task = tokio::spawn(async move {
            for round in 0.. {
                for tag in clip() {
                    let packet = packet(&mut session, tag, tag.time + round * LENGTH).expect("it can be said");
                    let bytes = packet.unwrap_or_default();
                    if write.write_all(&bytes).await.is_err() {
                        return;
                    }
                    sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                }
            }
        });
        Flood { read, heard, task }
    }

    /// Publishes the clip, as time goes.
    pub fn on_air(self) -> OnAir {
        self.on_air_at(1)
    }

    /// As [`Encoder::on_air`], so many times as fast.
    pub fn on_air_at(self, speed: u32) -> OnAir {
        let sent = watch::Sender::new(Vec::new());
        OnAir { sent: sent.subscribe(), task: Some(tokio::spawn(self.play(speed, sent))) }
    }

    async fn play(mut self, speed: u32, sent: watch::Sender<Vec<(u32, Instant)>>) -> Said {
        // It takes a while to be made.
        let clip = clip();
        let (began, mut buffer) = (Instant::now(), vec![0; 4096]);
        for tag in clip {
            let due = began + Duration::from_millis(u64::from(tag.time)) / speed;
            loop {
                tokio::select! {
                    () = sleep_until(due) => break,
                    read = self.tcp.read(&mut buffer) => match read {
                        Ok(count @ 1..) => self.hear(&buffer[..count]).await,
                        _ => return said(&self.heard),
                    },
                }
            }
            if tag.kind == TagKind::Video {
                sent.send_modify(|sent| sent.push((tag.time, Instant::now())));
            }
            self.tag(tag, tag.time).await;
        }
        self.finish().await;
        self.end().await
    }
}

/// A publisher that sends without end, and does not look at what the server says.
pub struct Flood {
    read: OwnedReadHalf,
    heard: Vec<u8>,
    task: JoinHandle<()>,
}

impl Flood {
    /// Looks now, until the server hangs up; what it said.
    pub async fn end(mut self) -> Said {
        // Whether it ends with a reset is all the same here.
        let _ = timeout(SOON, self.read.read_to_end(&mut self.heard)).await.expect("the server hangs up");
        self.task.abort();
        said(&self.heard)
    }
}

/// A tag as it is sent; None: it is not.
fn packet(session: &mut ClientSession, tag: &Tag, time: u32) -> Result<Option<Vec<u8>>, ClientSessionError> {
    let (body, time) = (tag.body.clone(), RtmpTimestamp::new(time));
    let said = match tag.kind {
        TagKind::Audio => session.publish_audio_data(body, time, false)?,
        TagKind::Video => session.publish_video_data(body, time, false)?,
        TagKind::Script => return Ok(None),
    };
    Ok(match said {
        ClientSessionResult::OutboundResponse(packet) => Some(packet.bytes),
        _ => None,
    })
}

/// A publication under way; its connection ends with the value.
pub struct OnAir {
    /// Times of pictures, and when they were sent.
    pub sent: watch::Receiver<Vec<(u32, Instant)>>,
    task: Option<JoinHandle<Said>>,
}

impl OnAir {
    /// Waits until the server ends it; what it said.
    pub async fn ended(mut self) -> Said {
        let task = self.task.take().expect("it is waited for once");
        timeout(SOON, task).await.expect("the server ends it").expect("it does not panic")
    }

    pub fn is_over(&self) -> bool {
        self.task.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until so many pictures were sent.
    pub async fn shows(&mut self, pictures: usize) {
        let sent = timeout(SOON, self.sent.wait_for(|sent| sent.len() >= pictures)).await;
        sent.expect("time goes on").expect("it is on the air");
    }
}

impl Drop for OnAir {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

/// The last status in what a server sent; its messages are short, so that none is cut into chunks.
fn said(heard: &[u8]) -> Said {
    let last = |name: &str| {
        let length = u16::try_from(name.len()).expect("a short name");
        let before = [&length.to_be_bytes()[..], name.as_bytes(), &[2]].concat();
        let at = heard.windows(before.len()).rposition(|window| window == before)? + before.len();
        let length = usize::from(u16::from_be_bytes([*heard.get(at)?, *heard.get(at + 1)?]));
        Some(String::from_utf8_lossy(heard.get(at + 2..at + 2 + length)?).into_owned())
    };
    Said { code: last("code").unwrap_or_default(), description: last("description").unwrap_or_default() }
}
