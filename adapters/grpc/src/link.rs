//! A session over a stream.

use bytes::Bytes;
use synctv_commands::Frames;
use synctv_edge::session::{End, Heard, Link, PATIENCE, Told};
use synctv_edge::typed;
use synctv_proto::Encoded;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, timeout};
use tonic::{Code, Status, Streaming};

use crate::deadline::late;
use crate::outlet::Outgoing;
use crate::status::{ending, explained, status};

/// The caller's time is over.
const DEADLINE: End = End::Close(4009, "deadline");

pub(crate) struct StreamLink {
    outgoing: Outgoing,
    /// None: the client only reads, or has said all it wanted.
    incoming: Option<Streaming<Encoded>>,
    deadline: Option<Instant>,
    /// It is all events, and nothing of a session.
    watching: bool,
    /// Somebody asked for a sign of life: connections have their own.
    pinged: bool,
    /// Why it ends, where that is known better than by a code.
    last: Option<Status>,
}

impl StreamLink {
    pub(crate) fn watching(outgoing: Outgoing, deadline: Option<Instant>) -> Self {
        Self { outgoing, incoming: None, deadline, watching: true, pinged: false, last: None }
    }

    pub(crate) fn session(outgoing: Outgoing, incoming: Streaming<Encoded>, deadline: Option<Instant>) -> Self {
        Self { outgoing, incoming: Some(incoming), deadline, watching: false, pinged: false, last: None }
    }

    async fn send(&self, message: Bytes) -> Result<(), End> {
        // Most of the time nothing has to be waited for.
        let message = match self.outgoing.try_send(Encoded(message)) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Closed(_)) => return Err(End::Gone),
            Err(TrySendError::Full(message)) => message,
        };
        match timeout(PATIENCE.stall, self.outgoing.send(message)).await {
            Ok(sent) => sent.map_err(|_| End::Gone),
            Err(_) => Err(End::SLOW),
        }
    }

    /// What cannot be read is the client's fault; what never came is not.
    fn unheard(&mut self, error: Status) -> End {
        tracing::debug!(%error, "session.unreadable");
        if ![Code::InvalidArgument, Code::Internal, Code::OutOfRange].contains(&error.code()) {
            return End::Gone;
        }
        self.last = Some(explained(error));
        End::PROTOCOL
    }
}

impl Link for StreamLink {
    async fn hear(&mut self) -> Result<Heard, End> {
        if std::mem::take(&mut self.pinged) {
            return Ok(Heard::Alive);
        }
        let said = tokio::select! {
            said = said(&mut self.incoming, &self.outgoing) => said,
            () = self.outgoing.stalled() => return Err(End::SLOW),
            () = late(self.deadline) => return Err(DEADLINE),
        };
        match said {
            Ok(Some(Encoded(message))) => Ok(Heard::Ask(Box::new(typed::parse(&message)))),
            Ok(None) if self.incoming.is_none() => Err(End::Gone),
            Ok(None) => {
                // It has asked everything; it may want to read on.
                self.incoming = None;
                Ok(Heard::Alive)
            }
            Err(error) => Err(self.unheard(error)),
        }
    }

    async fn feed(&mut self, told: Told<'_>) -> Result<(), End> {
        match (&told, self.watching) {
            (Told::Refused { problem, .. }, true) => {
                self.last = Some(status(problem));
                Err(End::UNAVAILABLE)
            }
            (Told::Expiring(_) | Told::Ephemeral(_), true) => Ok(()),
            _ => self.send(typed::told(&told)).await,
        }
    }

    async fn pass_on(&mut self, frames: &Frames) -> Result<(), End> {
        for event in typed::events(frames) {
            self.send(event).await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), End> {
        Ok(())
    }

    async fn ping(&mut self) -> Result<(), End> {
        self.pinged = true;
        Ok(())
    }

    async fn close(mut self, end: End) {
        if let End::Close(code, reason) = end {
            let last = self.last.take().unwrap_or_else(|| ending(code, reason));
            if end == End::SLOW { self.outgoing.cut(last) } else { self.outgoing.end(last) }
        }
    }
}

/// What the client says next; nothing, when it has said everything, or is gone after that.
async fn said(incoming: &mut Option<Streaming<Encoded>>, outgoing: &Outgoing) -> Result<Option<Encoded>, Status> {
    match incoming {
        Some(incoming) => incoming.message().await,
        None => {
            outgoing.closed().await;
            Ok(None)
        }
    }
}
