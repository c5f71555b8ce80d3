//! The documents about this surface, and a page to read and try them.

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::assets::answer;
use crate::docs::params::Held;
use crate::docs::refusals::Unchanged;
use crate::docs::{ASYNCAPI, OPENAPI};
use crate::problem::Refusal;
use crate::routes::page::{Absent, file};
use crate::state::Http;

pub(crate) fn routes() -> OpenApiRouter<Http> {
    OpenApiRouter::new()
        .routes(routes!(openapi))
        .routes(routes!(asyncapi))
        .routes(routes!(docs_page))
        .routes(routes!(docs_script))
        .routes(routes!(docs_style))
}

/// This document
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "server",
    responses((status = 200, description = "OpenAPI 3.1", body = Object))
)]
async fn openapi() -> Response {
    json(&OPENAPI)
}

/// The document about the socket and the streams
#[utoipa::path(
    get,
    path = "/asyncapi.json",
    tag = "server",
    responses((status = 200, description = "AsyncAPI 3.0", body = Object))
)]
async fn asyncapi() -> Response {
    json(&ASYNCAPI)
}

fn json(document: &Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], document.clone())
        .into_response()
}

/// These documents, to read and to try
#[utoipa::path(
    get,
    path = "/docs",
    tag = "page",
    params(Held),
    responses((status = 200, body = str, content_type = "text/html", description = "The page"), Unchanged)
)]
async fn docs_page(headers: HeaderMap) -> Result<Response, Refusal> {
    answer("docs.html", &headers)
}

file!(
    /// The script of `/docs`
    docs_script, "/docs.js", str, "text/javascript", "The script"
);
file!(
    /// The style of `/docs`
    docs_style, "/docs.css", str, "text/css", "The style"
);
