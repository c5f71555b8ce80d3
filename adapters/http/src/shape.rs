//! JSON as it is allowed in: no key twice, no NUL, no type but the right one.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use synctv_edge::Problem;

const DUPLICATE: &str = "duplicate field";
const NUL: &str = "a text holds U+0000";

/// Parses a body. `serde_json` already refuses lone surrogates, numbers out of range and nesting beyond 128.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = Strict.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| {
        let detail = error.to_string();
        let code = match &detail {
            _ if detail.starts_with(DUPLICATE) => "duplicate_field",
            _ if detail.starts_with(NUL) => "invalid_text",
            _ => "invalid_json",
        };
        Problem::bad_request(code, detail)
    })
}

/// Builds a [`Value`] and refuses what a plain one would swallow.
#[derive(Clone, Copy)]
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        if value.contains('\0') {
            return Err(E::custom(NUL));
        }
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("{DUPLICATE} `{key}`")));
            }
            let value = entries.next_value_seed(self)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(body: &str) -> String {
        parse(body.as_bytes()).map_or_else(|problem| problem.body()["code"].to_string(), |_| "ok".to_owned())
    }

    #[test]
    fn hostile_json_is_refused_with_a_code() {
        let deep = "[".repeat(10_000);
        for (body, expected) in [
            (r#"{"a":1,"b":{"c":[null,true,-1,0.5,"x"]}}"#, "ok"),
            (r#"{"a":1,"a":1}"#, "\"duplicate_field\""),
            (r#"{"b":{"a":1,"a":2}}"#, "\"duplicate_field\""),
            (r#"{"a":"\u0000"}"#, "\"invalid_text\""),
            (r#"{"a":"\ud800"}"#, "\"invalid_json\""),
            (r#"{"a":1e400}"#, "\"invalid_json\""),
            (r#"{"a":1} x"#, "\"invalid_json\""),
            (deep.as_str(), "\"invalid_json\""),
            ("", "\"invalid_json\""),
        ] {
            assert_eq!(code(body), expected, "{body:.60}");
        }
    }
}
