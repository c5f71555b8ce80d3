//! The connection of a publisher, from its first byte to its last.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::task::coop::consume_budget;
use tokio::time::{Instant, sleep, timeout};

use super::{Demuxer, Message, Publication, Session, SessionError, Wish, kind};
use crate::desk::{Admitted, Desk, End, Refusal};
use crate::hub::Stream;
use crate::media::Frame;

/// Read at once.
const READ: usize = 64 << 10;
/// What a publisher sends until the handshake is done.
const HANDSHAKE: usize = 1 + 1536 + 1536;
/// The version of RTMP that is spoken.
const VERSION: u8 = 3;
/// The publisher is told how much was received so often, unless it wishes otherwise.
const WINDOW: u64 = 2_500_000;

/// How long the last word may take.
const HEARD: Duration = Duration::from_secs(1);

/// How long publishers may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the handshake.
    pub handshake: Duration,
    /// From there until they say what they publish.
    pub publish: Duration,
    /// From there to the first frame.
    pub begin: Duration,
    /// From one frame to the next, and for what is sent to them.
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let [handshake, publish, begin, idle] = [5, 15, 20, 10].map(Duration::from_secs);
        Self { handshake, publish, begin, idle }
    }
}

/// Why a connection ended before anything was published.
#[derive(Debug, thiserror::Error)]
pub enum PublisherError {
    /// It is gone.
    #[error("the connection ended: {0}")]
    Io(#[from] std::io::Error),
    /// It did not say anything for too long.
    #[error("it was silent for too long")]
    Silent,
    /// It speaks something else.
    #[error("it does not begin as RTMP does")]
    NotRtmp,
    /// It says what no publisher says.
    #[error("{0}")]
    Session(#[from] SessionError),
    /// It may not publish.
    #[error("it may not publish: {0}")]
    Refused(String),
}

/// Serves a publisher until it has finished. What became of a publication is told to the desk. `watched` is kept true while
/// somebody waits for what is read.
///
/// # Errors
/// [`PublisherError`], if nothing was published.
pub async fn serve<I: AsyncRead + AsyncWrite + Unpin + Send>(
    io: I,
    peer: SocketAddr,
    desk: &dyn Desk,
    patience: Patience,
    watched: &AtomicBool,
) -> Result<(), PublisherError> {
    let mut publisher =
        Publisher { io, patience, watched, demuxer: Demuxer::stranger(), received: 0, told: 0, window: WINDOW };
    let late = |_| PublisherError::Silent;
    timeout(patience.handshake, publisher.shake_hands()).await.map_err(late)??;
    let mut session = Session::begin()?;
    let publication = timeout(patience.publish, publisher.until_publication(&mut session)).await.map_err(late)??;
    let mut admitted = match desk.admit(&publication.name, peer).await {
        Ok(admitted) => admitted,
        Err(Refusal { code, description }) => {
            session.refuse(&publication, code, &description);
            publisher.farewell(&mut session).await;
            return Err(PublisherError::Refused(description));
        }
    };
    publisher.demuxer.admit();
    let end = match session.accept(&publication) {
        Ok(()) => publisher.publish(&mut session, &publication, &mut admitted).await,
        Err(_) => End::Malformed,
    };
    if let Some((code, reason)) = last_word(end, &admitted) {
        session.refuse(&publication, code, &reason);
        // Nobody else waits until the publisher has heard it.
        tokio::join!(publisher.farewell(&mut session), desk.ended(admitted, end));
    } else {
        desk.ended(admitted, end).await;
    }
    Ok(())
}

/// What a publisher is told as the reason of an end that it did not choose.
fn last_word(end: End, admitted: &Admitted) -> Option<(&'static str, String)> {
    const FAILED: &str = "NetStream.Publish.Failed";
    match end {
        End::Recalled => Some(("NetStream.Publish.Denied", admitted.recalled.borrow().clone().unwrap_or_default())),
        End::Silent => Some((FAILED, "nothing came for too long".to_owned())),
        End::Malformed => Some((FAILED, "what came is no stream".to_owned())),
        End::Finished | End::Gone => None,
    }
}

struct Publisher<'a, I> {
    io: I,
    patience: Patience,
    watched: &'a AtomicBool,
    demuxer: Demuxer,
    /// Bytes since the handshake, and how many of them it was told of.
    received: u64,
    told: u64,
    window: u64,
}

impl<I: AsyncRead + AsyncWrite + Unpin> Publisher<'_, I> {
    async fn shake_hands(&mut self) -> Result<(), PublisherError> {
        let mut handshake = Handshake::new(PeerType::Server);
        let (mut buffer, mut left) = (BytesMut::with_capacity(HANDSHAKE), HANDSHAKE);
        loop {
            buffer.clear();
            // What follows the handshake stays where it is.
            if (&mut self.io).take(left as u64).read_buf(&mut buffer).await? == 0 {
                return Err(PublisherError::NotRtmp);
            }
            if left == HANDSHAKE && buffer[0] != VERSION {
                return Err(PublisherError::NotRtmp);
            }
            left -= buffer.len();
            let (response, done) = match handshake.process_bytes(&buffer).map_err(|_| PublisherError::NotRtmp)? {
                HandshakeProcessResult::InProgress { response_bytes } => (response_bytes, false),
                HandshakeProcessResult::Completed { response_bytes, .. } => (response_bytes, true),
            };
            self.say(&response).await?;
            if done {
                return Ok(());
            }
        }
    }

    /// Reads until the publisher says what it publishes.
    async fn until_publication(&mut self, session: &mut Session) -> Result<Publication, PublisherError> {
        loop {
            while let Some(message) = self.demuxer.message().map_err(SessionError::from)? {
                let wish = session.take(&message)?;
                self.obey(&message, session);
                if let Some(Wish::Publish(publication)) = wish {
                    return Ok(publication);
                }
            }
            self.say(&session.writer().take()).await?;
            if self.read().await? == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
        }
    }

    /// Passes on what comes until something ends it.
    async fn publish(&mut self, session: &mut Session, publication: &Publication, admitted: &mut Admitted) -> End {
        let Admitted { stream, recalled, .. } = admitted;
        let mut recalled = pin!(recalled.wait_for(Option::is_some));
        let mut silent = pin!(sleep(self.patience.begin));
        loop {
            match self.pass_on(session, publication, stream) {
                Ok(true) => silent.as_mut().reset(Instant::now() + self.patience.idle),
                Ok(false) => {}
                Err(end) => return end,
            }
            if self.send(session).await.is_err() {
                return End::Gone;
            }
            // Others have their turn, however fast this one sends.
            consume_budget().await;
            tokio::select! {
                read = self.read() => if !matches!(read, Ok(1..)) { return End::Gone },
                () = &mut silent => return End::Silent,
                _ = &mut recalled => return End::Recalled,
            }
        }
    }

    /// Passes on all that has come. Whether there were frames.
    fn pass_on(&mut self, session: &mut Session, publication: &Publication, stream: &Stream) -> Result<bool, End> {
        let mut frames = false;
        let malformed = |error: &dyn std::fmt::Display| {
            tracing::info!(%error, "live.malformed");
            End::Malformed
        };
        while let Some(message) = self.demuxer.message().map_err(|error| malformed(&error))? {
            let frame = match message.kind {
                _ if message.stream != publication.stream() => None,
                kind::AUDIO => Frame::audio(message.timestamp, message.payload.clone()),
                kind::VIDEO => Frame::video(message.timestamp, message.payload.clone()),
                _ => None,
            };
            if let Some(frame) = frame {
                stream.push(&frame);
                frames = true;
                continue;
            }
            match session.take(&message).map_err(|error| malformed(&error))? {
                Some(Wish::Finish) => return Err(End::Finished),
                Some(Wish::Describe(values)) => stream.describe(values),
                _ => self.obey(&message, session),
            }
        }
        stream.flush();
        self.watched.store(stream.is_watched(), Ordering::Relaxed);
        Ok(frames)
    }

    async fn read(&mut self) -> std::io::Result<usize> {
        let buffer = self.demuxer.buffer();
        buffer.reserve(READ);
        let count = self.io.read_buf(buffer).await?;
        self.received += count as u64;
        Ok(count)
    }

    async fn say(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.io.write_all(bytes).await?;
        // TLS may have taken it without having sent it.
        self.io.flush().await
    }

    /// What is said about the connection itself.
    fn obey(&mut self, message: &Message, session: &mut Session) {
        const PING: u16 = 6;
        const PONG: u16 = 7;
        match (message.kind, &message.payload[..]) {
            (kind::WINDOW, bytes) if bytes.len() == 4 => {
                let window = bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
                self.window = window.clamp(1 << 10, WINDOW);
            }
            (kind::USER_CONTROL, [0, event, rest @ ..]) if u16::from(*event) == PING && rest.len() == 4 => {
                let answer = [&PONG.to_be_bytes()[..], rest].concat();
                session.writer().put(kind::USER_CONTROL, 0, &answer);
            }
            _ => {}
        }
    }

    /// Sends what is to be said, and how much was received.
    async fn send(&mut self, session: &mut Session) -> std::io::Result<()> {
        if self.received - self.told >= self.window {
            self.told = self.received;
            #[expect(clippy::cast_possible_truncation, reason = "it wraps")]
            let received = self.received as u32;
            session.writer().put(kind::ACKNOWLEDGEMENT, 0, &received.to_be_bytes());
        }
        let bytes = session.writer().take();
        if bytes.is_empty() {
            return Ok(());
        }
        timeout(self.patience.idle, self.say(&bytes)).await?
    }

    /// The last that is said. What comes meanwhile is thrown away: a connection that is closed while there is something to be
    /// read is reset, and then the publisher may never read why.
    async fn farewell(&mut self, session: &mut Session) {
        // Whether it is heard is all the same.
        let _ = self.send(session).await;
        let heard = async {
            self.io.shutdown().await?;
            while self.read().await? > 0 {
                self.demuxer.buffer().clear();
            }
            Ok::<_, std::io::Error>(())
        };
        let _ = timeout(HEARD, heard).await;
    }
}
