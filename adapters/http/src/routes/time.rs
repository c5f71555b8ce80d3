//! PostgreSQL's time, for clients that keep their own offset to it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use synctv_domain::ServerMs;
use synctv_edge::Problem;
use utoipa::ToSchema;

use crate::docs::names;
use crate::docs::refusals::{QUERY, refusals};
use crate::extract::Asked;
use crate::problem::Refusal;
use crate::state::Http;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    /// When the client sends this, ms of its own clock.
    #[param(value_type = Option<f64>, example = 1234.5)]
    t0: Option<String>,
}

/// Ms: the offset is `((t1 - t0) + (t2 - t3)) / 2`, with t3 the client's clock when this arrives.
#[derive(Serialize, ToSchema)]
pub(crate) struct Times {
    /// As it was sent.
    #[schema(value_type = Option<f64>, required)]
    t0: Option<Number>,
    /// PostgreSQL's clock when the request came.
    #[schema(value_type = names::ServerMs)]
    t1: ServerMs,
    /// PostgreSQL's clock when the answer went.
    #[schema(value_type = names::ServerMs)]
    t2: ServerMs,
}

refusals!(
    /// Of asking for the time.
    Refused: QUERY
);

/// Ask for PostgreSQL's time
#[utoipa::path(
    get,
    path = "/v1/time",
    operation_id = "read_time",
    tag = "server",
    params(Sent),
    responses((status = 200, description = "The time", body = Times), Refused)
)]
pub(crate) async fn now(State(http): State<Http>, Asked(sent): Asked<Sent>) -> Result<Json<Times>, Refusal> {
    let received = http.edge.clock.now();
    let t0 = sent.t0.map(|t0| t0.parse::<Number>()).transpose();
    let t0 = t0.map_err(|_| Problem::bad_request("invalid_query", "t0 has to be a number"))?;
    Ok(Json(Times { t0, t1: received, t2: http.edge.clock.now() }))
}
