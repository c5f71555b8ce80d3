//! The words in which shapes are described, and their JSON Schema.

use serde_json::{Map, Value, json};

/// What a field or an element holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A shape of the catalogue.
    Of(&'static str),
    /// This shape, or null.
    OrNull(&'static str),
    /// One of these shapes.
    Either(&'static str, &'static str),
    /// Any number of them.
    List(&'static str),
    /// Lists of the second, each under one of the first.
    ListsBy(&'static str, &'static str),
    /// Always this text.
    Is(&'static str),
    Bool,
    BoolOrNull,
    /// A text without a form of its own.
    Text,
    /// Any text, or null.
    TextOrNull,
    /// Any JSON number.
    Number,
    NumberOrNull,
}

/// A field of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    about: &'static str,
}

/// A field that is always there.
pub(super) const fn need(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, required: true, about }
}

/// A field that may be left out.
pub(super) const fn may(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, required: false, about }
}

/// An object with a name of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) fields: &'static [Field],
    /// Other fields are refused: it is part of a request.
    pub(super) closed: bool,
}

/// Something that is only read: it may get other fields.
pub(super) const fn shown(name: &'static str, about: &'static str, fields: &'static [Field]) -> Object {
    Object { name, about, fields, closed: false }
}

/// A command or an event: what it is called on the wire, and its fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) fields: &'static [Field],
}

pub(super) const fn entry(name: &'static str, about: &'static str, fields: &'static [Field]) -> Entry {
    Entry { name, about, fields }
}

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

impl Kind {
    pub(super) fn schema(self) -> Value {
        match self {
            Self::Of(name) => reference(name),
            Self::OrNull(name) => json!({ "oneOf": [reference(name), { "type": "null" }] }),
            Self::Either(one, other) => json!({ "oneOf": [reference(one), reference(other)] }),
            Self::List(name) => json!({ "type": "array", "items": reference(name) }),
            Self::ListsBy(key, name) => {
                let list = json!({ "type": "array", "items": reference(name) });
                json!({ "type": "object", "propertyNames": reference(key), "additionalProperties": list })
            }
            Self::Is(text) => json!({ "type": "string", "const": text }),
            Self::Bool => json!({ "type": "boolean" }),
            Self::BoolOrNull => json!({ "type": ["boolean", "null"] }),
            Self::Text => json!({ "type": "string" }),
            Self::TextOrNull => json!({ "type": ["string", "null"] }),
            Self::NumberOrNull => json!({ "type": ["number", "null"] }),
            Self::Number => json!({ "type": "number" }),
        }
    }
}

/// `PascalCase` of `dotted.and_underscored`.
pub(super) fn pascal(name: &str) -> String {
    let words = name.split(['.', '_']);
    words.flat_map(|word| word[..1].to_uppercase().chars().chain(word[1..].chars()).collect::<Vec<_>>()).collect()
}

/// The schema of an object of these fields.
pub(super) fn object(about: &str, fields: &[Field], closed: bool) -> Value {
    let mut properties = Map::new();
    for field in fields {
        let mut schema = field.kind.schema();
        schema["description"] = field.about.into();
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<_> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = json!({ "type": "object", "description": about, "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    if closed {
        schema["additionalProperties"] = false.into();
    }
    schema
}

/// One of several objects, told apart by this field.
pub(super) fn one_of(about: &str, field: &str, variants: impl Iterator<Item = (&'static str, String)>) -> Value {
    let (mut choices, mut mapping) = (Vec::new(), Map::new());
    for (tag, schema) in variants {
        choices.push(reference(&schema));
        mapping.insert(tag.to_owned(), format!("#/components/schemas/{schema}").into());
    }
    let discriminator = json!({ "propertyName": field, "mapping": mapping });
    json!({ "description": about, "oneOf": choices, "discriminator": discriminator })
}
