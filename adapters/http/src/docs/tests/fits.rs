//! Whether a value is what a schema says: as much of JSON Schema as the catalogue uses, and no field that it lacks.

use serde_json::{Map, Value};

pub(super) fn fits(value: &Value, schema: &Value, shapes: &Map<String, Value>) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        return fits(value, &shapes[name], shapes).map_err(|error| format!("{name}: {error}"));
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let errors: Vec<_> = choices.iter().filter_map(|choice| fits(value, choice, shapes).err()).collect();
        let one = errors.len() + 1 == choices.len();
        return if one { Ok(()) } else { Err(format!("{value} is not one of: {}", errors.join("; "))) };
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let wanted = schema["type"].as_str().unwrap_or(kind);
    let length = value.as_str().map(|text| text.chars().count() as u64);
    let right = [
        wanted == kind || (wanted == "number" && kind == "integer"),
        schema.get("const").is_none_or(|only| only == value),
        schema["enum"].as_array().is_none_or(|choices| choices.contains(value)),
        schema["minimum"].as_i64().is_none_or(|least| value.as_i64().is_none_or(|value| value >= least)),
        schema["maximum"].as_i64().is_none_or(|most| value.as_i64().is_none_or(|value| value <= most)),
        schema["minLength"].as_u64().is_none_or(|least| length.is_none_or(|length| length >= least)),
        schema["maxLength"].as_u64().is_none_or(|most| length.is_none_or(|length| length <= most)),
    ];
    if right.contains(&false) {
        return Err(format!("{value} is not {schema}"));
    }
    for item in value.as_array().into_iter().flatten() {
        fits(item, &schema["items"], shapes)?;
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        value.get(name).ok_or_else(|| format!("{name} is missing"))?;
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        let any = || schema.get("additionalProperties").filter(|any| any.is_object());
        let schema = schema["properties"].get(name).or_else(any).ok_or_else(|| format!("{name} is not described"))?;
        fits(value, schema, shapes).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}
