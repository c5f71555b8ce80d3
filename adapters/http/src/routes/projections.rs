//! The read models themselves, for operators.

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use synctv_projections::operate::{OperateError, ProjectionStatus, RebuildStatus};
use utoipa::ToSchema;

use crate::docs::names;
use crate::docs::refusals::{CALLER, QUERY, refusals};
use crate::extract::Asked;
use crate::operator::Operator;
use crate::problem::Refusal;
use crate::state::Http;

/// The projection of the path.
pub(crate) struct Named(String);

impl FromRequestParts<Http> for Named {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Refusal> {
        // What is no text names no projection.
        let none = |_| Refusal::from(OperateError::Unknown(String::new()));
        Path::<String>::from_request_parts(parts, http).await.map(|Path(name)| Self(name)).map_err(none)
    }
}

/// No parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

#[derive(Serialize, ToSchema)]
#[schema(as = ProjectionList)]
pub(crate) struct List {
    #[schema(value_type = Vec<names::ProjectionStatus>)]
    projections: Vec<ProjectionStatus>,
}

const OPERATOR: &[&str] = &["forbidden", "unavailable", "internal"];

refusals!(
    /// Of listing projections.
    NotListed: CALLER, QUERY, OPERATOR
);
refusals!(
    /// Of beginning a rebuild.
    NotBegun: CALLER, QUERY, OPERATOR, &["projection_not_found", "rebuild_running"]
);
refusals!(
    /// Of watching and cancelling one.
    NotFound: CALLER, QUERY, OPERATOR, &["projection_not_found", "rebuild_not_found"]
);

/// List the read models
///
/// Where each stands, what stopped it, and its rebuild.
#[utoipa::path(
    get,
    path = "/v1/projections",
    operation_id = "list_projections",
    tag = "projections",
    responses((status = 200, description = "All of them", body = List), NotListed),
    security(("operator" = []))
)]
pub(crate) async fn list(
    State(http): State<Http>,
    _: Operator,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<List>, Refusal> {
    Ok(Json(List { projections: http.edge.projections.list().await? }))
}

/// Rebuild a read model
///
/// Derives it anew from the whole log, beside the present one, which stays in use until the new one takes its place.
#[utoipa::path(
    post,
    path = "/v1/projections/{name}/rebuild",
    operation_id = "begin_rebuild",
    tag = "projections",
    params(Named),
    responses((status = 202, description = "It has begun", body = names::RebuildStatus), NotBegun),
    security(("operator" = []))
)]
pub(crate) async fn rebuild(
    State(http): State<Http>,
    _: Operator,
    Named(name): Named,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<(StatusCode, Json<RebuildStatus>), Refusal> {
    Ok((StatusCode::ACCEPTED, Json(http.edge.projections.rebuild(&name).await?)))
}

/// Watch a rebuild
///
/// The present one, or the last.
#[utoipa::path(
    get,
    path = "/v1/projections/{name}/rebuild",
    operation_id = "read_rebuild",
    tag = "projections",
    params(Named),
    responses((status = 200, description = "How far it is", body = names::RebuildStatus), NotFound),
    security(("operator" = []))
)]
pub(crate) async fn status(
    State(http): State<Http>,
    _: Operator,
    Named(name): Named,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<RebuildStatus>, Refusal> {
    Ok(Json(http.edge.projections.status(&name).await?))
}

/// Cancel a rebuild
///
/// The present read model stays as it is.
#[utoipa::path(
    delete,
    path = "/v1/projections/{name}/rebuild",
    operation_id = "cancel_rebuild",
    tag = "projections",
    params(Named),
    responses((status = 200, description = "It was called off", body = names::RebuildStatus), NotFound),
    security(("operator" = []))
)]
pub(crate) async fn cancel(
    State(http): State<Http>,
    _: Operator,
    Named(name): Named,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Json<RebuildStatus>, Refusal> {
    Ok(Json(http.edge.projections.cancel(&name).await?))
}
