//! The documents of the JSON interface.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

/// A file of the workspace.
pub(crate) fn read(path: &str) -> Value {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&fs::read(&path).expect(&path)).expect("JSON")
}

pub(crate) fn openapi() -> Value {
    read("adapters/http/openapi.json")
}

/// Every schema of both documents.
pub(crate) fn schemas() -> BTreeMap<String, Value> {
    let of = |document: Value| document["components"]["schemas"].as_object().expect("schemas").clone();
    of(read("adapters/http/asyncapi.json")).into_iter().chain(of(openapi())).collect()
}

/// The name behind a `$ref`.
pub(crate) fn named(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}
