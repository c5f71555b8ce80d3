//! Choices: `JOIN_RULE_PUBLIC` is `public`, and `PERMISSION_QUEUE_EDIT_OWN` is `queue.edit_own`.

use prost_reflect::EnumDescriptor;

use super::shapes::{dotted, underscored};

/// Choices whose first underscore is a dot in JSON.
const DOTTED: &[&str] = &["synctv.v1.Permission"];

/// Every name begins with that of the enum, as the one of zero does.
const ZERO: &str = "UNSPECIFIED";

/// What JSON calls it; None for zero, and for what the schema lacks.
pub(super) fn text(choices: &EnumDescriptor, number: i32) -> Option<String> {
    let value = choices.get_value(number).filter(|value| value.number() != 0)?;
    let text = value.name().strip_prefix(&*prefix(choices))?.to_ascii_lowercase();
    Some(if is_dotted(choices) { dotted(&text) } else { text })
}

/// Its number; None for what the schema lacks.
pub(super) fn number(choices: &EnumDescriptor, text: &str) -> Option<i32> {
    let mut name = prefix(choices);
    if is_dotted(choices) {
        name += &underscored(text);
    } else {
        name += text;
    }
    name.make_ascii_uppercase();
    choices.get_value_by_name(&name).map(|value| value.number())
}

fn prefix(choices: &EnumDescriptor) -> String {
    choices.default_value().name().trim_end_matches(ZERO).to_owned()
}

fn is_dotted(choices: &EnumDescriptor) -> bool {
    DOTTED.contains(&choices.full_name())
}
