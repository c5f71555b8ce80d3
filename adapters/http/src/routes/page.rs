//! The page, from the binary.

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::assets::answer;
use crate::docs::params::Held;
use crate::docs::refusals::{Unchanged, refusals};
use crate::problem::Problem;
use crate::state::Http;

pub(crate) fn routes() -> OpenApiRouter<Http> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(room))
        .routes(routes!(favicon))
        .routes(routes!(icon))
        .routes(routes!(manifest))
        .routes(routes!(theme))
        .routes(routes!(script))
        .routes(routes!(style))
        .routes(routes!(chunk))
}

refusals!(
    /// Of what a build without the page lacks.
    Absent: &["not_found"]
);

/// The page
#[utoipa::path(
    get,
    path = "/",
    tag = "page",
    params(Held),
    responses(
        (status = 200, body = str, content_type = "text/html", description = "The page"),
        Unchanged
    )
)]
async fn index(headers: HeaderMap) -> Result<Response, Problem> {
    answer("index.html", &headers)
}

/// The page, in a room
#[utoipa::path(
    get,
    path = "/r/{room}",
    operation_id = "room_page",
    tag = "page",
    params(("room" = String, Path, description = "The room that the page opens; not looked at here."), Held),
    responses(
        (status = 200, body = str, content_type = "text/html", description = "The page"),
        Unchanged
    )
)]
async fn room(headers: HeaderMap) -> Result<Response, Problem> {
    answer("index.html", &headers)
}

/// No icon
///
/// Browsers ask for it unasked.
#[utoipa::path(get, path = "/favicon.ico", tag = "page", responses((status = 204, description = "None")))]
async fn favicon() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The page's icon
#[utoipa::path(
    get,
    path = "/icon.svg",
    tag = "page",
    params(Held),
    responses(
        (status = 200, body = str, content_type = "image/svg+xml", description = "The icon"),
        Unchanged,
        Absent
    )
)]
async fn icon(headers: HeaderMap) -> Result<Response, Problem> {
    answer("icon.svg", &headers)
}

/// The page as an application
#[utoipa::path(
    get,
    path = "/manifest.webmanifest",
    tag = "page",
    params(Held),
    responses(
        (status = 200, body = Object, content_type = "application/manifest+json", description = "The manifest"),
        Unchanged,
        Absent
    )
)]
async fn manifest(headers: HeaderMap) -> Result<Response, Problem> {
    answer("manifest.webmanifest", &headers)
}

/// The script before the first paint
///
/// Chooses the colours.
#[utoipa::path(
    get,
    path = "/theme.js",
    tag = "page",
    params(Held),
    responses(
        (status = 200, body = str, content_type = "text/javascript", description = "The script"),
        Unchanged,
        Absent
    )
)]
async fn theme(headers: HeaderMap) -> Result<Response, Problem> {
    answer("theme.js", &headers)
}

/// The page's script
#[utoipa::path(
    get,
    path = "/app.js",
    tag = "page",
    params(Held),
    responses(
        (status = 200, body = str, content_type = "text/javascript", description = "The script"),
        Unchanged,
        Absent
    )
)]
async fn script(headers: HeaderMap) -> Result<Response, Problem> {
    answer("app.js", &headers)
}

/// The page's style
#[utoipa::path(
    get,
    path = "/style.css",
    tag = "page",
    params(Held),
    responses(
        (status = 200, body = str, content_type = "text/css", description = "The style"),
        Unchanged,
        Absent
    )
)]
async fn style(headers: HeaderMap) -> Result<Response, Problem> {
    answer("style.css", &headers)
}

/// A part of the page's script
///
/// Named after its content, so that it may be kept for ever.
#[utoipa::path(
    get,
    path = "/assets/{file}",
    tag = "page",
    params(("file" = String, Path, description = "The name that the script gives it."), Held),
    responses(
        (status = 200, body = str, content_type = "text/javascript", description = "The part"),
        Unchanged,
        Absent
    )
)]
async fn chunk(address: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    answer(address.path().trim_start_matches('/'), &headers)
}
