//! All routes.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};

use crate::extract::BODY;
use crate::headers;
use crate::problem::Problem;
use crate::routes::{commands, directory, events, guests, health, log, page, rooms, tickets, time};
use crate::socket;
use crate::state::Http;

/// The router of one listener.
pub fn router(http: Http) -> Router {
    Router::new()
        .route("/v1/guests", post(guests::create))
        .route("/v1/tokens", post(guests::renew))
        .route("/v1/rooms", get(directory::list).post(rooms::create))
        .route("/v1/rooms/{room}", get(rooms::show))
        .route("/v1/rooms/{room}/commands", post(commands::execute))
        .route("/v1/rooms/{room}/events", get(events::read))
        .route("/v1/rooms/{room}/tickets", post(tickets::create))
        .route("/v1/log", get(log::read))
        .route("/v1/rooms/{room}/ws", get(socket::open))
        .route("/v1/time", get(time::now))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/version", get(health::version))
        .merge(page::routes())
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this address") })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this address has other methods")
        })
        .layer(DefaultBodyLimit::max(BODY))
        .layer(axum::middleware::from_fn(headers::secure))
        .with_state(http)
}
