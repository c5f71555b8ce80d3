//! Operators and auditors: whoever can read this node's data directory.

use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use subtle::ConstantTimeEq;

use crate::auth::given;
use crate::problem::Problem;
use crate::state::Http;

/// The token in this node's data directory. Shows itself to nobody.
pub struct OperatorToken(String);

impl OperatorToken {
    /// As it was read.
    #[must_use]
    pub fn new(token: String) -> Self {
        Self(token)
    }

    /// How long it takes tells nothing about the token; an empty one is nobody's.
    fn is(&self, given: &str) -> bool {
        !self.0.is_empty() && bool::from(self.0.as_bytes().ct_eq(given.as_bytes()))
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorToken")
    }
}

/// The caller has shown the operator's token. Routes of operators and auditors take this before anything else.
pub(crate) struct Operator;

impl FromRequestParts<Http> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Problem> {
        let token = given(parts)?;
        if http.operator.is(token) {
            return Ok(Self);
        }
        // Who is known is told that they may not; who is not, that they are not known.
        http.tokens.identify(token, http.clock.now())?;
        Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", "this is for the operator's token"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_the_token() {
        let token = OperatorToken::new("synctv_op_1234".to_owned());
        assert!(token.is("synctv_op_1234"));
        for other in ["", "synctv_op_123", "synctv_op_12345", "synctv_op_1235", "Synctv_op_1234"] {
            assert!(!token.is(other), "{other:?}");
        }
        assert!(!OperatorToken::new(String::new()).is(""));
        assert_eq!(format!("{token:?}"), "OperatorToken");
    }
}
