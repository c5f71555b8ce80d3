//! The documents about this surface, and a page to read and try them.

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::docs::refusals::refusals;
use crate::docs::{ASYNCAPI, OPENAPI};
use crate::problem::Problem;
use crate::routes::page::file;
use crate::state::Http;

const PAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/docs.html"));
const SCRIPT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/docs.js.gz"));
const STYLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/docs.css.gz"));

pub(crate) fn routes() -> OpenApiRouter<Http> {
    OpenApiRouter::new()
        .routes(routes!(openapi))
        .routes(routes!(asyncapi))
        .routes(routes!(page))
        .routes(routes!(script))
        .routes(routes!(style))
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
    operation_id = "docs_page",
    tag = "page",
    responses((status = 200, body = str, content_type = "text/html", description = "The page"))
)]
async fn page() -> Response {
    file("text/html; charset=utf-8", PAGE)
}

refusals!(
    /// Of what a build without the page lacks.
    Absent: &["not_found"]
);

/// The script of `/docs`
#[utoipa::path(
    get,
    path = "/docs.js",
    operation_id = "docs_script",
    tag = "page",
    responses((status = 200, body = str, content_type = "text/javascript", description = "The script"), Absent)
)]
async fn script() -> Result<Response, Problem> {
    compressed("text/javascript; charset=utf-8", SCRIPT)
}

/// The style of `/docs`
#[utoipa::path(
    get,
    path = "/docs.css",
    operation_id = "docs_style",
    tag = "page",
    responses((status = 200, body = str, content_type = "text/css", description = "The style"), Absent)
)]
async fn style() -> Result<Response, Problem> {
    compressed("text/css; charset=utf-8", STYLE)
}

/// The viewer lies in the binary as it goes out: every browser takes gzip.
fn compressed(kind: &'static str, content: &'static [u8]) -> Result<Response, Problem> {
    if content.is_empty() {
        return Err(Problem::new(StatusCode::NOT_FOUND, "not_found", "the viewer is not part of this build"));
    }
    Ok(([(header::CONTENT_ENCODING, "gzip")], file(kind, content)).into_response())
}
