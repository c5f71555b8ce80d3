//! The committed documents, and that they hold together.

use std::path::Path;

use serde_json::Value;

use crate::docs::{asyncapi, openapi};

fn documents() -> [(&'static str, Value); 2] {
    [("openapi.json", openapi::document()), ("asyncapi.json", asyncapi::document())]
}

#[test]
fn the_committed_documents_are_current() {
    for (file, document) in documents() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = serde_json::to_string_pretty(&document).expect("JSON") + "\n";
        if std::env::var_os("SYNCTV_UPDATE_DOCS").is_some() {
            std::fs::write(&path, &text).expect("it is ours");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "{file} is not what the code describes; to renew it: SYNCTV_UPDATE_DOCS=1 cargo test -p synctv-http documents"
        );
    }
}

/// Every `$ref` with the place that it stands at.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for (file, document) in documents() {
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 50, "{file} has {} references", found.len());
        for reference in found {
            let target = document.pointer(reference.trim_start_matches('#'));
            assert!(target.is_some_and(|target| target["$ref"] != *reference), "{file}: {reference} leads nowhere");
        }
    }
}

#[test]
fn every_operation_is_described_and_has_a_name_of_its_own() {
    let document = openapi::document();
    let mut names = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            for part in ["summary", "operationId", "tags", "responses"] {
                assert!(!operation[part].is_null(), "{method} {path} has no {part}");
            }
            names.push(operation["operationId"].to_string());
        }
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "{names:?}");
}
