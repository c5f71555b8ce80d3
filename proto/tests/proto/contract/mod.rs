//! The protocol is the contract of `openapi.json` and `asyncapi.json`: every field, choice, command and event of it, and
//! nothing more.

mod arms;
mod exceptions;

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{FieldDescriptor, Kind};
use serde_json::Value;

use self::exceptions::{ELSEWHERE, RENAMED, SHAPED, SHORT};
use crate::support::documents::{named, schemas};

struct Contract {
    schemas: BTreeMap<String, Value>,
    faults: Vec<String>,
}

#[test]
fn every_schema_is_covered_whole_and_nothing_more() {
    let mut contract = Contract { schemas: schemas(), faults: Vec::new() };
    for (name, schema) in contract.schemas.clone() {
        let shaped = SHAPED.iter().any(|(shaped, _)| *shaped == name);
        if shaped || ELSEWHERE.contains(&&*name) {
            continue;
        }
        if let Some(choices) = schema["enum"].as_array() {
            contract.choices(&name, choices);
        } else if schema["type"] == "object" {
            contract.object(&name, &schema);
        }
    }
    let stale =
        SHAPED.iter().map(|(name, _)| name).chain(ELSEWHERE).filter(|name| !contract.schemas.contains_key(**name));
    let stale: Vec<_> = stale.map(|name| format!("{name}: no such schema any more")).collect();
    contract.faults.extend(stale);
    assert!(contract.faults.is_empty(), "\n{}", contract.faults.join("\n"));
}

impl Contract {
    fn fault(&mut self, what: String) {
        self.faults.push(what);
    }

    fn choices(&mut self, name: &str, choices: &[Value]) {
        let Some(ours) = synctv_proto::pool().get_enum_by_name(&full_name(name)) else {
            return self.fault(format!("{name}: no enum"));
        };
        let prefix: String = ours.name().chars().enumerate().fold(String::new(), |prefix, (index, letter)| {
            let gap = if index > 0 && letter.is_uppercase() { "_" } else { "" };
            format!("{prefix}{gap}{}", letter.to_ascii_uppercase())
        });
        let texts = choices.iter().filter_map(Value::as_str).chain(["unspecified"]);
        let wanted: BTreeSet<_> =
            texts.map(|text| format!("{prefix}_{}", text.replace('.', "_").to_uppercase())).collect();
        let found: BTreeSet<_> = ours.values().map(|value| value.name().to_owned()).collect();
        for value in wanted.symmetric_difference(&found) {
            self.fault(format!("{name}: {value}"));
        }
    }

    /// An object, or the data of an event.
    fn object(&mut self, name: &str, schema: &Value) {
        let Some(message) = synctv_proto::pool().get_message_by_name(&full_name(name)) else {
            return self.fault(format!("{name}: no message"));
        };
        let command = name.ends_with("Command");
        let schema = if name.ends_with("Event") { &schema["properties"]["data"] } else { schema };
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        let beside = |property: &str| command && matches!(property, "type" | "expect");
        for (property, of) in properties.iter().filter(|(property, _)| !beside(property)) {
            match message.get_field_by_name(property) {
                None => self.fault(format!("{name}.{property}: no field")),
                Some(field) => self.field(schema, of, &field),
            }
        }
        for field in message.fields().filter(|field| !properties.contains_key(field.name())) {
            self.fault(format!("{}: not in the contract", field.full_name()));
        }
    }

    fn field(&mut self, schema: &Value, property: &Value, field: &FieldDescriptor) {
        let choices = property["oneOf"].as_array();
        let kind_or_null = property["type"].as_array();
        let null = |value: &Value| value["type"] == "null" || value == "null";
        let nullable = choices.or(kind_or_null).is_some_and(|choices| choices.iter().any(null));
        let shown = choices.and_then(|choices| choices.iter().find(|choice| !null(choice))).unwrap_or(property);
        let element = if shown["type"] == "array" { &shown["items"] } else { shown };

        let (wanted, found) = (self.kind(element), kind_of(field));
        if wanted != found || field.is_list() != (shown["type"] == "array") {
            self.fault(format!("{}: {found}, and {wanted} in the contract", field.full_name()));
        }
        let required = schema["required"].as_array().is_some_and(|names| names.iter().any(|name| name == field.name()));
        let told = schema["additionalProperties"] == false || nullable || !required;
        let single = !field.is_list() && !matches!(field.kind(), Kind::Message(_));
        if single && field.supports_presence() != told {
            self.fault(format!(
                "{}: whether it is set can{} be told",
                field.full_name(),
                if told { "not" } else { "" }
            ));
        }
    }

    /// What holds a value of this schema.
    fn kind(&self, schema: &Value) -> String {
        let name = named(schema).unwrap_or_default();
        let schema = self.schemas.get(name).unwrap_or(schema);
        let simple = schema["type"].as_array().map_or(&schema["type"], |kinds| &kinds[0]);
        match simple.as_str() {
            _ if name == "Timestamp" => "google.protobuf.Timestamp".to_owned(),
            Some("string") if schema["enum"].is_array() => full_name(name),
            Some("integer") if SHORT.contains(&name) => "uint32".to_owned(),
            Some("integer") => "int64".to_owned(),
            Some("number") => "double".to_owned(),
            Some("boolean") => "bool".to_owned(),
            Some("string") => "string".to_owned(),
            _ => full_name(name),
        }
    }
}

fn kind_of(field: &FieldDescriptor) -> String {
    match field.kind() {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(choices) => choices.full_name().to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn full_name(schema: &str) -> String {
    let renamed = RENAMED.iter().find(|(name, _)| *name == schema);
    renamed.map_or_else(|| format!("synctv.v1.{schema}"), |(_, name)| (*name).to_owned())
}
