//! Operators and auditors: whoever can read this node's data directory.

use std::fmt;

use http::StatusCode;
use subtle::ConstantTimeEq;

use crate::edge::Edge;
use crate::problem::Problem;

/// The token in this node's data directory. Shows itself to nobody.
pub struct OperatorToken(String);

impl OperatorToken {
    /// As it was read.
    #[must_use]
    pub fn new(token: String) -> Self {
        Self(token)
    }

    /// Whether this is it. How long that takes tells nothing about the token; an empty one is nobody's.
    #[must_use]
    pub fn is(&self, given: &str) -> bool {
        !self.0.is_empty() && bool::from(self.0.as_bytes().ct_eq(given.as_bytes()))
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorToken")
    }
}

impl Edge {
    /// Whether this is the operator's token.
    ///
    /// # Errors
    /// Who is known is told that they may not; who is not, that they are not known.
    pub fn operator(&self, token: &str) -> Result<(), Problem> {
        if self.operator.is(token) {
            return Ok(());
        }
        self.tokens.identify(token, self.clock.now())?;
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
