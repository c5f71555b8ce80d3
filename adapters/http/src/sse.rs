//! Events of a room as a stream that a browser reconnects by itself.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use serde_json::json;
use synctv_commands::{Barrier, Coding, Delivery, Frames, Subscription};
use synctv_domain::{ActorId, RoomId, Seq};
use synctv_edge::session::{HEARTBEAT, JUDGE, is_replay};
use synctv_edge::{Open, Seat};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::state::Http;

/// A reader's stream.
struct Reader {
    http: Http,
    room: RoomId,
    actor: ActorId,
    cursor: Box<dyn Subscription>,
    /// The room's head when it was known that they may read from there on.
    opened: Seq,
    /// Seconds of PostgreSQL time after which the token is no more good.
    expires: i64,
    /// When it was last known that they may read.
    judged: Instant,
    opening: Option<Bytes>,
    draining: watch::Receiver<bool>,
    _open: (Open, Seat),
}

/// Where a stream starts, and for whom.
pub(crate) struct Start {
    pub(crate) room: RoomId,
    pub(crate) actor: ActorId,
    pub(crate) expires: i64,
    pub(crate) cursor: Box<dyn Subscription>,
    /// The room's head when it was known that they may read.
    pub(crate) opened: Seq,
    /// The head and why the reader's own cursor was not taken.
    pub(crate) reset: Option<(Seq, &'static str)>,
    pub(crate) seat: Seat,
}

pub(crate) fn respond(http: &Http, from: Start) -> Response {
    let mut opening = "retry: 2000\n\n".to_owned();
    if let Some((head, reason)) = from.reset {
        http.edge.metrics.reset(reason);
        opening.push_str(&reset(&from.cursor.epoch().name, head, reason));
    }
    let reader = Reader {
        http: http.clone(),
        room: from.room,
        actor: from.actor,
        cursor: from.cursor,
        opened: from.opened,
        expires: from.expires,
        judged: Instant::now(),
        opening: Some(opening.into()),
        draining: http.edge.draining.clone(),
        _open: (http.edge.metrics.sse.open(), from.seat),
    };
    let body = stream::unfold(Some(reader), |reader| async {
        let (bytes, reader) = reader?.next().await?;
        Some((bytes, reader))
    });
    stream_of(body)
}

/// A stream of events that nothing on the way keeps back.
pub(crate) fn stream_of(events: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(events.map(Ok::<_, Infallible>))).into_response()
}

impl Reader {
    /// The next bytes, and the reader if more may follow.
    async fn next(mut self) -> Option<(Bytes, Option<Self>)> {
        if let Some(opening) = self.opening.take() {
            return Some((opening, Some(self)));
        }
        let left = self.left()?;
        let delivery = tokio::select! {
            delivery = self.cursor.next() => Some(delivery),
            () = tokio::time::sleep(HEARTBEAT.min(left)) => None,
            _ = self.draining.wait_for(|draining| *draining) => return Some((drain(self.http.edge.come_back()), None)),
        };
        self.left()?;
        let Some(delivery) = delivery else { return Some((self.heartbeat(), Some(self))) };
        match delivery {
            Ok(Delivery::Frames(frames)) => {
                if is_replay(&*self.cursor, &frames) && self.judged.elapsed() > JUDGE {
                    self.http.edge.rooms.room(self.room, self.actor).await.ok()?;
                    self.judged = Instant::now();
                }
                let (frames, goes_on) = self.passed(frames).await;
                self.http.edge.metrics.sse.delivered(frames.count());
                Some((encoded(&frames), goes_on.then_some(self)))
            }
            Ok(Delivery::Reset) => {
                // Whoever is still a member comes back with the new place; nobody else is told it.
                let now = self.http.edge.rooms.room(self.room, self.actor).await.ok()?;
                self.http.edge.metrics.reset("epoch_changed");
                Some((reset(&now.epoch.name, now.room.seq(), "epoch_changed").into(), None))
            }
            // The browser comes back with its last id.
            Err(error) => {
                tracing::debug!(%error, "sse.unread");
                None
            }
        }
    }

    /// How long the token is still good; None: no more.
    fn left(&self) -> Option<Duration> {
        let left = self.expires.saturating_mul(1000).saturating_sub(self.http.edge.clock.now().0);
        u64::try_from(left).ok().filter(|left| *left > 0).map(Duration::from_millis)
    }

    /// What may be sent of them, and whether more may follow.
    async fn passed(&self, frames: Frames) -> (Frames, bool) {
        let mut passed = 0;
        for (piece, barrier) in frames.pieces() {
            passed += piece.count();
            if !self.passes(barrier, piece.last()).await {
                return (frames.clone().up_to(passed), false);
            }
        }
        (frames, true)
    }

    /// What happened since they came ends it, also when they may read again by now: they hear nothing of the meantime. An
    /// older event of leaving or closing does not end the stream of somebody who may read on today. When that cannot be told
    /// it ends: the browser comes back, and is asked again.
    async fn passes(&self, barrier: &Barrier, at: Seq) -> bool {
        if !barrier.concerns(self.actor) {
            return true;
        }
        if at > self.opened {
            return false;
        }
        let now = self.http.edge.rooms.room(self.room, self.actor).await;
        now.is_ok_and(|now| *barrier != Barrier::Closed || !now.room.is_closed())
    }

    /// Carries the head, so that an idle client can tell that it has everything.
    fn heartbeat(&self) -> Bytes {
        let (epoch, seq) = (&*self.cursor.epoch().name, self.cursor.head());
        let data = json!({ "epoch": epoch, "seq": seq, "server_ms": self.http.edge.clock.now() });
        Bytes::from(format!("event: heartbeat\ndata: {data}\n\n"))
    }
}

/// Events, each with its id `<epoch>:<seq>`.
fn encoded(frames: &Frames) -> Bytes {
    frames.encoded(Coding::Sse, |bytes, epoch, frame| {
        bytes.extend_from_slice(format!("id: {epoch}:{}\ndata: ", frame.seq.0).as_bytes());
        bytes.extend_from_slice(frame.json.as_bytes());
        bytes.extend_from_slice(b"\n\n");
    })
}

fn reset(epoch: &str, head: Seq, reason: &str) -> String {
    let data = json!({ "reason": reason, "epoch": epoch, "seq": head });
    format!("id: {epoch}:{}\nevent: reset\ndata: {data}\n\n", head.0)
}

/// Come back in so many ms.
pub(crate) fn drain(wait: u64) -> Bytes {
    Bytes::from(format!("retry: {wait}\nevent: drain\ndata: {{\"retry_after_ms\":{wait}}}\n\n"))
}
