//! Failures.

use std::collections::HashMap;

use serde_json::Value;
use synctv_proto::strict::Malformed;
use synctv_proto::v1;

use crate::problem::Problem;

/// Bytes of what is told beside a code and a sentence: it has to fit into the end of an answer, as headers do.
const MOST: usize = 2048;

/// What is told beside a code and a sentence, under the names of the document; what is no text as JSON. A room is never
/// among it: it is asked for.
#[must_use]
pub fn metadata(problem: &Problem) -> HashMap<String, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (mut all, mut size) = (HashMap::new(), 0);
    for (name, value) in problem.more().iter().filter(|(name, value)| *name != "room" && !value.is_null()) {
        let text = text(value);
        if size + name.len() + text.len() <= MOST {
            size += name.len() + text.len();
            all.insert(name.clone(), text);
        }
    }
    all
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        Self::bad_request(malformed.code(), malformed.to_string())
    }
}

/// A failure within a session.
pub(super) fn problem(problem: &Problem) -> v1::Problem {
    v1::Problem {
        code: problem.code().to_owned(),
        detail: problem.detail().to_owned(),
        status: problem.status().as_u16().into(),
        retry_after_ms: problem.retry_after_ms(),
        metadata: metadata(problem),
    }
}
