//! The page, from the binary.

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::assets::answer;
use crate::docs::params::Held;
use crate::docs::refusals::{Unchanged, refusals};
use crate::problem::Refusal;
use crate::state::Http;

pub(crate) fn routes() -> OpenApiRouter<Http> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(room_page))
        .routes(routes!(favicon))
        .routes(routes!(icon))
        .routes(routes!(manifest))
        .routes(routes!(theme))
        .routes(routes!(script))
        .routes(routes!(style))
        .routes(routes!(chunk))
}

refusals!(
    /// Of a file that the build may lack.
    Absent: &["not_found"]
);

/// A file of the page that a build without the page lacks.
macro_rules! file {
    ($(#[$about:meta])* $name:ident, $path:literal, $body:ident, $kind:literal, $what:literal) => {
        $(#[$about])*
        #[utoipa::path(
            get,
            path = $path,
            tag = "page",
            params(Held),
            responses(
                (status = 200, body = $body, content_type = $kind, description = $what),
                Unchanged,
                Absent
            )
        )]
        async fn $name(headers: HeaderMap) -> Result<Response, Refusal> {
            answer($path.trim_start_matches('/'), &headers)
        }
    };
}
pub(super) use file;

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
async fn index(headers: HeaderMap) -> Result<Response, Refusal> {
    answer("index.html", &headers)
}

/// The page, in a room
#[utoipa::path(
    get,
    path = "/r/{room}",
    tag = "page",
    params(("room" = String, Path, description = "The room that the page opens; not looked at here."), Held),
    responses(
        (status = 200, body = str, content_type = "text/html", description = "The page"),
        Unchanged
    )
)]
async fn room_page(headers: HeaderMap) -> Result<Response, Refusal> {
    index(headers).await
}

/// No icon
///
/// Browsers ask for it unasked.
#[utoipa::path(get, path = "/favicon.ico", tag = "page", responses((status = 204, description = "None")))]
async fn favicon() -> StatusCode {
    StatusCode::NO_CONTENT
}

file!(
    /// The page's icon
    icon, "/icon.svg", str, "image/svg+xml", "The icon"
);
file!(
    /// The page as an application
    manifest, "/manifest.webmanifest", Object, "application/manifest+json", "The manifest"
);
file!(
    /// The script before the first paint
    ///
    /// Chooses the colours.
    theme, "/theme.js", str, "text/javascript", "The script"
);
file!(
    /// The page's script
    script, "/app.js", str, "text/javascript", "The script"
);
file!(
    /// The page's style
    style, "/style.css", str, "text/css", "The style"
);

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
async fn chunk(address: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    answer(address.path().trim_start_matches('/'), &headers)
}
