//! PostgreSQL's time, for clients that keep their own offset to it.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Number, Value, json};

use crate::extract::Asked;
use crate::problem::Problem;
use crate::state::Http;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    t0: Option<String>,
}

/// `GET /v1/time?t0=`
pub(crate) async fn now(State(http): State<Http>, Asked(sent): Asked<Sent>) -> Result<Json<Value>, Problem> {
    let received = http.clock.now();
    let t0 = sent.t0.map(|t0| t0.parse::<Number>()).transpose();
    let t0 = t0.map_err(|_| Problem::bad_request("invalid_query", "t0 has to be a number"))?;
    Ok(Json(json!({ "t0": t0, "t1": received, "t2": http.clock.now() })))
}
