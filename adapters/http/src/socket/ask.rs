//! What a client says in JSON, checked.

use serde_json::Value;
use synctv_edge::session::{Asked, read};

use crate::shape;

pub(super) fn parse(text: &str) -> Asked {
    match shape::parse(text.as_bytes()) {
        Ok(message) => read(message),
        Err(problem) => Asked { id: Value::Null, ask: Err(problem) },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn code(text: &str) -> (Value, String) {
        let Asked { id, ask } = parse(text);
        let code = ask
            .err()
            .map_or_else(|| "ok".to_owned(), |problem| problem.body()["code"].as_str().unwrap_or("?").to_owned());
        (id, code)
    }

    #[test]
    fn every_message_is_taken_or_refused_with_its_id() {
        for (text, id, wanted) in [
            (r#"{"id":1,"subscribe":{"from":"now"}}"#, json!(1), "ok"),
            (r#"{"id":1,"subscribe":{"from":"01J:7"}}"#, json!(1), "ok"),
            (r#"{"id":"a","clock":{"t0":1.5}}"#, json!("a"), "ok"),
            (r#"{"presence":{"state":"away"}}"#, Value::Null, "ok"),
            (r#"{"typing":true}"#, Value::Null, "ok"),
            (r#"{"report":{"skew_ms":1,"rtt_ms":2,"buffered_ms":3}}"#, Value::Null, "ok"),
            (r#"{"id":2,"command":{"type":"playback.play"},"key":"k"}"#, json!(2), "ok"),
            (r#"{"id":2,"command":{"type":"playback.play"},"if_match":"e:1"}"#, json!(2), "ok"),
            (r#"{"id":3,"subscribe":{"from":"x"}}"#, json!(3), "invalid_cursor"),
            (r#"{"id":3,"command":{"type":"playback.play"},"key":""}"#, json!(3), "invalid_idempotency_key"),
            (r#"{"id":3,"command":{"type":"playback.play"},"if_match":"1"}"#, json!(3), "invalid_if_match"),
            (r#"{"id":3,"command":{"type":"nonsense"}}"#, json!(3), "unknown_command"),
            (r#"{"id":3,"typing":true,"clock":{"t0":1}}"#, json!(3), "invalid_message"),
            (r#"{"id":3,"typing":"yes"}"#, json!(3), "invalid_message"),
            (r#"{"id":3,"typing":true,"key":"k"}"#, json!(3), "unknown_field"),
            (r#"{"id":3,"presence":{"state":"offline"}}"#, json!(3), "invalid_field"),
            (r#"{"id":[],"typing":true}"#, Value::Null, "invalid_message"),
            (r#"{"id":3}"#, json!(3), "invalid_message"),
            ("[]", Value::Null, "invalid_message"),
            ("{", Value::Null, "invalid_json"),
        ] {
            assert_eq!(code(text), (id, wanted.to_owned()), "{text}");
        }
    }
}
