//! What the routes use.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use synctv_edge::{Edge, Problem};
use synctv_livestream::studio::Studio;

use crate::ingest::Ingest;
use crate::origins::Origins;

/// Shared by all requests.
#[derive(Clone)]
pub struct Http {
    /// What every way in uses.
    pub edge: Arc<Edge>,
    /// Pages of other sites.
    pub origins: Arc<Origins>,
    /// Live streams.
    pub studio: Arc<Studio>,
    /// Where they are published.
    pub ingest: Arc<Ingest>,
}

impl Http {
    /// Whether pages of this origin may open sockets.
    pub(crate) fn admit(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let detail = "pages of this origin may not open sockets here: SYNCTV_CORS_ORIGINS";
        let refused = || Problem::new(StatusCode::FORBIDDEN, "origin_not_allowed", detail);
        self.origins.admit(headers).then_some(()).ok_or_else(refused)
    }
}
