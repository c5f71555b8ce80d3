//! Health and version.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::state::{Build, Http};

/// `GET /livez`: the process answers.
pub(crate) async fn live() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// `GET /readyz`: it can append and read.
pub(crate) async fn ready(State(http): State<Http>) -> Result<Json<Value>, Problem> {
    if *http.draining.borrow() {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "draining", "the server is about to stop"));
    }
    let head = http.tail.head().await?;
    Ok(Json(json!({ "status": "ok", "head": head.position })))
}

/// `GET /version`
pub(crate) async fn version(State(http): State<Http>) -> Json<Build> {
    Json(http.build.clone())
}
