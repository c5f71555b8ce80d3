//! Health and version.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use synctv_domain::Position;
use synctv_edge::{Degraded, Problem};
use utoipa::ToSchema;

use crate::docs::names;
use crate::docs::refusals::{LOG, refusals};
use crate::problem::Refusal;
use crate::state::Http;

#[derive(Serialize, ToSchema)]
pub(crate) struct Alive {
    /// `ok`
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Ready {
    /// `ok`; `degraded` when some read model is: commands and reads of rooms are answered all the same.
    status: &'static str,
    /// The last event of the log.
    #[schema(value_type = names::Position)]
    head: Position,
    /// Read models that stand still, or are more than 30 s late.
    #[schema(value_type = Vec<names::DegradedProjection>)]
    degraded: Vec<Degraded>,
}

/// What `/version` tells.
#[derive(Serialize, ToSchema)]
pub(crate) struct Build {
    /// The program.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

refusals!(
    /// Of readiness.
    NotReady: LOG, &["draining"]
);

/// Whether the process answers
#[utoipa::path(
    get,
    path = "/livez",
    operation_id = "live",
    tag = "server",
    responses((status = 200, description = "It does", body = Alive))
)]
pub(crate) async fn live() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

/// Whether the server can append and read
///
/// Also not ready: a server where something has waited to be appended for more than three seconds.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "ready",
    tag = "server",
    responses((status = 200, description = "It can", body = Ready), NotReady)
)]
pub(crate) async fn ready(State(http): State<Http>) -> Result<Json<Ready>, Refusal> {
    if *http.edge.leaving.borrow() {
        return Err(Problem::draining().into());
    }
    let head = http.edge.ready().await?.position;
    let degraded = http.edge.health.degraded(http.edge.projections.list()).await;
    let status = if degraded.is_empty() { "ok" } else { "degraded" };
    Ok(Json(Ready { status, head, degraded }))
}

/// What is running
#[utoipa::path(
    get,
    path = "/version",
    operation_id = "version",
    tag = "server",
    responses((status = 200, description = "The program and its version", body = Build))
)]
pub(crate) async fn version(State(http): State<Http>) -> Json<Build> {
    let synctv_edge::Build { name, version } = http.edge.build;
    Json(Build { name, version })
}
