//! An encoder at the other end of a pipe.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;
use bytes::Bytes;
use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use rml_rtmp::sessions::{
    ClientSession, ClientSessionConfig, ClientSessionError, ClientSessionEvent, ClientSessionResult, PublishRequestType,
};
use rml_rtmp::time::RtmpTimestamp;
use synctv_domain::{Position, RoomId};
use synctv_livestream::desk::{Admitted, Desk, End, Refusal};
use synctv_livestream::hub::{Settings, Stream};
use synctv_livestream::rtmp::{Patience, PublisherError, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

pub type Served = JoinHandle<Result<(), PublisherError>>;

/// Lets everybody publish who knows the name.
pub struct Open {
    pub stream: Arc<Stream>,
    pub recalled: watch::Sender<Option<String>>,
    ends: mpsc::UnboundedSender<End>,
}

#[async_trait]
impl Desk for Open {
    async fn admit(&self, name: &str, _: std::net::SocketAddr) -> Result<Admitted, Refusal> {
        if name == "room?key=right" {
            return Ok(Admitted {
                stream: Arc::clone(&self.stream),
                recalled: self.recalled.subscribe(),
                room: RoomId::new(ulid::Ulid(1)),
                token: Position(1),
            });
        }
        Err(Refusal { code: "NetStream.Publish.BadName", description: "no such key".to_owned() })
    }

    async fn ended(&self, _: Admitted, end: End) {
        self.ends.send(end).expect("somebody looks");
    }
}

/// A desk, and how publications ended.
pub fn desk() -> (Arc<Open>, mpsc::UnboundedReceiver<End>) {
    let (ends, ended) = mpsc::unbounded_channel();
    let stream = Stream::new(Settings::default());
    (Arc::new(Open { stream, recalled: watch::Sender::new(None), ends }), ended)
}

/// A pipe to a server.
pub fn connect(desk: &Arc<Open>) -> (DuplexStream, Served) {
    let (near, far) = tokio::io::duplex(1 << 20);
    let (desk, peer) = (Arc::clone(desk), ([127, 0, 0, 1], 1).into());
    (near, tokio::spawn(async move { serve(far, peer, &*desk, Patience::default(), &AtomicBool::default()).await }))
}

pub struct Encoder {
    pub pipe: DuplexStream,
    session: ClientSession,
    events: VecDeque<ClientSessionEvent>,
}

/// Shakes hands.
pub async fn shake_hands(pipe: &mut DuplexStream) -> Vec<u8> {
    let mut handshake = Handshake::new(PeerType::Client);
    let first = handshake.generate_outbound_p0_and_p1().expect("random bytes");
    pipe.write_all(&first).await.expect("it is open");
    let mut buffer = vec![0; 4096];
    loop {
        let count = pipe.read(&mut buffer).await.expect("it is open");
        assert!(count > 0, "the server hung up");
        match handshake.process_bytes(&buffer[..count]).expect("a server") {
            HandshakeProcessResult::InProgress { response_bytes } => {
                pipe.write_all(&response_bytes).await.expect("it is open");
            }
            HandshakeProcessResult::Completed { response_bytes, remaining_bytes } => {
                pipe.write_all(&response_bytes).await.expect("it is open");
                return remaining_bytes;
            }
        }
    }
}

impl Encoder {
    /// Connected to an application.
    pub async fn connect(mut pipe: DuplexStream, application: &str) -> Self {
        let rest = shake_hands(&mut pipe).await;
        let (session, first) = ClientSession::new(ClientSessionConfig::new()).expect("it begins");
        let mut encoder = Self { pipe, session, events: VecDeque::new() };
        encoder.done(first).await;
        let results = encoder.session.handle_input(&rest);
        encoder.done(results.expect("a server")).await;
        let request = encoder.session.request_connection(application.to_owned());
        encoder.say(request).await;
        encoder
    }

    /// Connected, and allowed to publish.
    pub async fn publishing(pipe: DuplexStream) -> Self {
        let mut encoder = Self::connect(pipe, "live").await;
        assert_eq!(encoder.event().await, Some(ClientSessionEvent::ConnectionRequestAccepted));
        encoder.request("room?key=right").await;
        assert_eq!(encoder.event().await, Some(ClientSessionEvent::PublishRequestAccepted));
        encoder
    }

    /// Asks whether it may publish.
    pub async fn request(&mut self, name: &str) {
        let request = self.session.request_publishing(name.to_owned(), PublishRequestType::Live);
        self.say(request).await;
    }

    async fn say(&mut self, result: Result<ClientSessionResult, ClientSessionError>) {
        self.done(vec![result.expect("it can be said")]).await;
    }

    async fn done(&mut self, results: Vec<ClientSessionResult>) {
        for result in results {
            match result {
                ClientSessionResult::OutboundResponse(packet) => {
                    // Whether it is still open is seen by reading.
                    let _ = self.pipe.write_all(&packet.bytes).await;
                }
                ClientSessionResult::RaisedEvent(event) => self.events.push_back(event),
                ClientSessionResult::UnhandleableMessageReceived(_) => {}
            }
        }
    }

    /// What the server says next. None: it hung up.
    pub async fn event(&mut self) -> Option<ClientSessionEvent> {
        let mut buffer = vec![0; 4096];
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let count = self.pipe.read(&mut buffer).await.unwrap_or(0);
            if count == 0 {
                return None;
            }
            let results = self.session.handle_input(&buffer[..count]).expect("a server");
            self.done(results).await;
        }
    }

    pub async fn picture(&mut self, time: u32, body: &'static [u8]) {
        let said = self.session.publish_video_data(Bytes::from_static(body), RtmpTimestamp::new(time), false);
        self.say(said).await;
    }

    pub async fn sound(&mut self, time: u32, body: &'static [u8]) {
        let said = self.session.publish_audio_data(Bytes::from_static(body), RtmpTimestamp::new(time), false);
        self.say(said).await;
    }

    pub async fn describe(&mut self, metadata: &rml_rtmp::sessions::StreamMetadata) {
        let said = self.session.publish_metadata(metadata);
        self.say(said).await;
    }

    pub async fn finish(&mut self) {
        let results = self.session.stop_publishing().expect("it can be said");
        self.done(results).await;
    }
}
