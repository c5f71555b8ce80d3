//! Routes of operators and auditors.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::auth::given;
use crate::problem::Refusal;
use crate::state::Http;

/// The caller has shown the operator's token. Routes of operators and auditors take this before anything else.
pub(crate) struct Operator;

impl FromRequestParts<Http> for Operator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Refusal> {
        http.edge.operator(given(parts)?)?;
        Ok(Self)
    }
}
