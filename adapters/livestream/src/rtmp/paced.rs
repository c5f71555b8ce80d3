//! A connection that is read every few milliseconds, and no faster than it may be.

use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// Memory for what is read is made ready so far.
const READ: usize = 16 << 10;
/// Connections are looked at together, at multiples of this or of a quarter of a longer wait: one wake-up serves many of them.
const TOGETHER: Duration = Duration::from_millis(5);
/// Whoever had so much to say may be waiting for room to say more.
const MUCH: usize = 48 << 10;
/// Who sends more than is taken is read so often.
const HELD_UP: Duration = Duration::from_millis(50);
/// A stream that nobody watches is read after so many steps.
const UNWATCHED: u32 = 4;

/// How a publisher is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// So often while somebody watches, else a quarter as often. Zero: as soon as something comes.
    pub step: Duration,
    /// Where steps are counted from, the same for all.
    pub origin: Instant,
    /// Bytes a second at most; as many at once.
    pub most: u64,
}

/// The socket, and whether the runtime tells when something comes.
#[derive(Debug)]
enum Socket {
    Heard(TcpStream),
    Looked(std::net::TcpStream),
    /// It could not be made one or the other.
    Lost,
}

/// What was there.
#[derive(PartialEq, Eq)]
enum Taken {
    /// Nothing.
    Nothing,
    /// Everything, also the end.
    All,
    /// What fits or may be read.
    Some,
    /// Nothing may be read now.
    TooMuch,
}

/// The socket of somebody who talks. Whoever waits for an answer is heard at once; who goes on talking is looked at every step:
/// all that has come by then is one piece of work instead of many, and nobody is woken by what comes in between.
#[derive(Debug)]
pub struct Paced {
    pace: Pace,
    /// Whether somebody waits for what is read.
    watched: Arc<AtomicBool>,
    socket: Socket,
    /// When it is looked at next, if it rests.
    due: Pin<Box<Sleep>>,
    rests: bool,
    /// Bytes since it rested.
    come: usize,
    /// Bytes that may be read, as of then.
    left: u64,
    since: Instant,
    /// It was told that this publisher sends too much.
    told: bool,
}

impl Paced {
    /// Over a connection that is heard from now.
    #[must_use]
    pub fn new(socket: TcpStream, pace: Pace, watched: Arc<AtomicBool>) -> Self {
        let (socket, now) = (Socket::Heard(socket), Instant::now());
        let due = Box::pin(sleep_until(now));
        Self { pace, watched, socket, due, rests: false, come: 0, left: pace.most, since: now, told: false }
    }

    /// Looks away until the next step.
    fn rest(&mut self) -> io::Result<()> {
        let steps = if self.watched.load(Ordering::Relaxed) { 1 } else { UNWATCHED };
        let more = std::mem::take(&mut self.come) >= MUCH;
        self.socket.look_away()?;
        self.rest_for(if more { TOGETHER } else { self.pace.step * steps });
        Ok(())
    }

    fn rest_for(&mut self, time: Duration) {
        let together = TOGETHER.max(time / 4);
        let together = together.as_micros();
        let until = (self.pace.origin.elapsed() + time).as_micros().div_ceil(together) * together;
        self.due.as_mut().reset(self.pace.origin + Duration::from_micros(u64::try_from(until).unwrap_or(u64::MAX)));
        self.rests = true;
    }

    /// How much may be read now: nothing, as long as it is hardly worth it.
    fn allowed(&mut self) -> usize {
        let now = Instant::now();
        let more = u128::from(self.pace.most) * (now - self.since).as_micros() / 1_000_000;
        // What is too little to count goes on growing.
        if more > 0 {
            self.left = self.pace.most.min(self.left.saturating_add(u64::try_from(more).unwrap_or(u64::MAX)));
            self.since = now;
        }
        let worth = (self.pace.most / 20).clamp(1, READ as u64);
        let left = if self.left < worth { 0 } else { self.left };
        usize::try_from(left).unwrap_or(usize::MAX).min(READ)
    }

    /// Reads what there is and what fits.
    fn take(&mut self, buffer: &mut ReadBuf<'_>) -> io::Result<Taken> {
        let before = buffer.filled().len();
        loop {
            let most = self.allowed().min(buffer.remaining());
            let something = buffer.filled().len() > before;
            if most == 0 {
                return Ok(if something { Taken::Some } else { Taken::TooMuch });
            }
            match self.socket.read(buffer.initialize_unfilled_to(most)) {
                Ok(count) => {
                    buffer.advance(count);
                    self.left -= count as u64;
                    self.come += count;
                    if count < most {
                        return Ok(Taken::All);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
                Err(_) => return Ok(if something { Taken::All } else { Taken::Nothing }),
            }
        }
    }

    fn held_up(&mut self) {
        if !std::mem::replace(&mut self.told, true) {
            let peer = self.socket.peer();
            tracing::warn!(
                ?peer,
                most = self.pace.most,
                "live.held_up: a publisher sends more bytes a second than are taken"
            );
        }
        self.rest_for(HELD_UP);
    }
}

impl Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Heard(socket) => socket.try_read(buffer),
            Self::Looked(socket) => socket.read(buffer),
            Self::Lost => Err(ErrorKind::NotConnected.into()),
        }
    }

    fn look_away(&mut self) -> io::Result<()> {
        *self = match std::mem::replace(self, Self::Lost) {
            Self::Heard(socket) => Self::Looked(socket.into_std()?),
            same => same,
        };
        Ok(())
    }

    fn listen(&mut self) -> io::Result<&mut TcpStream> {
        *self = match std::mem::replace(self, Self::Lost) {
            Self::Looked(socket) => Self::Heard(TcpStream::from_std(socket)?),
            same => same,
        };
        match self {
            Self::Heard(socket) => Ok(socket),
            _ => Err(ErrorKind::NotConnected.into()),
        }
    }

    fn peer(&self) -> Option<std::net::SocketAddr> {
        match self {
            Self::Heard(socket) => socket.peer_addr().ok(),
            Self::Looked(socket) => socket.peer_addr().ok(),
            Self::Lost => None,
        }
    }
}

impl AsyncRead for Paced {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.rests {
                ready!(self.due.as_mut().poll(cx));
                self.rests = false;
            }
            match self.take(buffer)? {
                Taken::TooMuch => self.held_up(),
                Taken::Some => return Poll::Ready(Ok(())),
                Taken::All if self.pace.step.is_zero() => return Poll::Ready(Ok(())),
                Taken::All => return Poll::Ready(self.rest()),
                Taken::Nothing => match &self.socket {
                    Socket::Heard(socket) => ready!(socket.poll_read_ready(cx))?,
                    _ => self.rest()?,
                },
            }
        }
    }
}

impl AsyncWrite for Paced {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // The next that comes may be an answer.
        self.rests = false;
        Pin::new(self.socket.listen()?).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.socket.listen()?).poll_shutdown(cx)
    }
}
