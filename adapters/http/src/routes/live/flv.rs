//! Live streams over FLV: one answer, or one socket, as long as the stream.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use synctv_edge::{Problem, Seat};
use synctv_livestream::studio::{Audience, Found};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;

use super::{Watcher, not_live};
use crate::docs::params::LiveFile;
use crate::docs::refusals::{CALLER, LOG, ROOM, refusals};
use crate::problem::Refusal;
use crate::seat::Seated;
use crate::socket::{Pipe, Upgrade};
use crate::state::Http;

/// A watcher says no more than that it is there.
const MESSAGE: usize = 4096;

refusals!(
    /// Of watching a stream.
    Refused: CALLER, LOG, ROOM, &["not_live", "live_elsewhere", "websocket_required", "origin_not_allowed"]
);

/// Watch a live stream over FLV
///
/// From the last frame that needs no earlier one, and then as it comes; over a WebSocket, if the request asks for one. It goes
/// on when the publisher is gone for less than 10 s, and ends when the viewer stops being a member.
#[utoipa::path(
    get,
    path = "/live/{room}",
    operation_id = "watch_flv",
    tag = "live",
    params(LiveFile),
    responses(
        (status = 200, description = "The stream", body = String, content_type = "video/x-flv"),
        (status = 101, description = "A socket, whose messages are the pieces of the stream"),
        Refused
    ),
    security(("bearer" = []), ("access" = []))
)]
pub(crate) async fn watch(
    State(http): State<Http>,
    watcher: Watcher,
    Seated(seat): Seated,
    request: Request,
) -> Result<Response, Refusal> {
    if !request.uri().path().ends_with(".flv") {
        return Err(synctv_commands::ReadError::RoomNotFound.into());
    }
    let room = http.edge.rooms.room(watcher.room, watcher.identity.actor.id).await?.room;
    let audience = match http.studio.watch(watcher.room, &room, watcher.identity.actor.id).await {
        Found::Here(audience) => audience,
        Found::Elsewhere => return Err(elsewhere().into()),
        Found::Nothing => return Err(not_live().into()),
    };
    let left = watcher.identity.expires.saturating_mul(1000).saturating_sub(http.edge.clock.now().0);
    let until = Instant::now() + Duration::from_millis(u64::try_from(left).unwrap_or(0));
    let screen = Screen { http, audience, until, waiting: None, _seat: seat };
    if request.headers().contains_key(header::UPGRADE) {
        screen.http.admit(request.headers())?;
        let upgrade = Upgrade::from_request(request, &()).await?;
        return Ok(upgrade.accept(MESSAGE, async move |socket| screen.through(Pipe::new(socket)).await));
    }
    let headers = [
        (header::CONTENT_TYPE, "video/x-flv"),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    let over = screen.over();
    let body = stream::unfold(screen, |mut screen| async { Some((Ok::<_, Infallible>(screen.next().await?), screen)) });
    Ok((headers, Body::from_stream(body.take_until(over))).into_response())
}

fn elsewhere() -> Problem {
    let detail = "another node has the stream: watch it there, or over HLS";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "live_elsewhere", detail)
}

/// Somebody's stream.
struct Screen {
    http: Http,
    audience: Box<Audience>,
    /// When the token is no more good.
    until: Instant,
    waiting: Option<Bytes>,
    _seat: Seat,
}

impl Screen {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(waiting) = self.waiting.take() {
            return Some(waiting);
        }
        let (headers, tags) = self.audience.next().await?;
        match headers {
            Some(headers) => {
                self.waiting = Some(tags);
                Some(headers)
            }
            None => Some(tags),
        }
    }

    /// Waits until it has to end, whatever there is to see.
    fn over(&self) -> impl Future<Output = ()> + Send + use<> {
        let (mut draining, until) = (self.http.edge.draining.clone(), self.until);
        async move {
            tokio::select! {
                () = sleep_until(until) => {}
                _ = draining.wait_for(|draining| *draining) => {}
            }
        }
    }

    /// Through a socket, until either end has enough.
    async fn through(mut self, mut pipe: Pipe) {
        let mut over = std::pin::pin!(self.over());
        loop {
            tokio::select! {
                () = &mut over => return pipe.close(1001, "the server stops, or the token is over").await,
                bytes = self.next() => {
                    let Some(bytes) = bytes else { return pipe.close(1000, "the stream has ended").await };
                    if pipe.feed(Message::Binary(bytes)).await.is_err() || pipe.flush().await.is_err() {
                        return;
                    }
                }
                said = pipe.message() => if said.is_err() { return },
            }
        }
    }
}
