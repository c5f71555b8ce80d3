//! All routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use synctv_edge::Problem;
use tower::util::option_layer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::client;
use crate::extract::BODY;
use crate::headers;
use crate::measure::measure;
use crate::problem::Refusal;
use crate::routes::{
    chat, commands, directory, docs, events, explain, guests, health, history, live, log, members, page, playlist,
    projections, rooms, sample, tickets, time, watch_time,
};
use crate::socket;
use crate::state::Http;

/// The router of one listener.
pub fn router(http: Http) -> Router {
    let (routes, _) = described().split_for_parts();
    routes
        .fallback(|| async {
            Refusal(Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this address"))
        })
        .method_not_allowed_fallback(|| async {
            Refusal(Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this address has other methods",
            ))
        })
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn_with_state(http.clone(), measure))
        .layer(option_layer(http.origins.layer()))
        .layer(from_fn(client::brief))
        .layer(from_fn(headers::secure))
        .layer(from_fn_with_state(Arc::clone(&http.edge), client::know))
        .with_state(http)
}

/// The routes with their descriptions: a handler without one does not compile in here.
pub(crate) fn described() -> OpenApiRouter<Http> {
    OpenApiRouter::new()
        .routes(routes!(guests::create))
        .routes(routes!(guests::renew))
        .routes(routes!(directory::list, rooms::create))
        .routes(routes!(rooms::show))
        .routes(routes!(commands::execute))
        .routes(routes!(events::read))
        .routes(routes!(members::list))
        .routes(routes!(explain::explain))
        .routes(routes!(playlist::list))
        .routes(routes!(chat::list))
        .routes(routes!(history::list))
        .routes(routes!(watch_time::list))
        .routes(routes!(tickets::create))
        .routes(routes!(socket::open))
        .routes(routes!(live::addresses::list))
        .routes(routes!(live::playback::read))
        .routes(routes!(live::flv::watch))
        .routes(routes!(live::hls::list))
        .routes(routes!(live::hls::segment))
        .routes(routes!(log::read))
        .routes(routes!(projections::list))
        .routes(routes!(projections::rebuild, projections::status, projections::cancel))
        .routes(routes!(time::now))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::version))
        .merge(docs::routes())
        .merge(page::routes())
        .merge(sample::routes())
}
