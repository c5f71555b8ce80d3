//! The stream under a socket, onto which bytes are put that are the same for many.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Whole frames that were encoded once, put between those that the socket encodes itself: they are neither copied nor
/// masked nor buffered for one connection.
pub(crate) struct Shared<S> {
    stream: S,
    /// What is left of them. All else that is written waits for it.
    frames: Bytes,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Shared<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, frames: Bytes::new() }
    }

    /// To be called between two frames, when the socket has been flushed.
    pub(super) fn put(&mut self, frames: Bytes) {
        debug_assert!(self.frames.is_empty(), "those before were written");
        self.frames = frames;
    }

    /// Writes some of them; whether any are left.
    pub(super) fn poll_some(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if !self.frames.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.frames))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.frames.advance(written);
        }
        Poll::Ready(Ok(!self.frames.is_empty()))
    }

    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while ready!(self.poll_some(cx))? {}
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Shared<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Shared<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_all(cx))?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_all(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_all(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
