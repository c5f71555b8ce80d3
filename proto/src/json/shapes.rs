//! Where JSON has another shape than the message.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost_reflect::{FieldDescriptor, MessageDescriptor};

use crate::schema::pool;

/// A `oneof` whose arm JSON tells by a text: the first underscore of the arm is a dot there.
#[derive(Debug)]
pub(super) struct Tagged {
    message: &'static str,
    /// The field of the text.
    pub(super) tag: &'static str,
    /// The field of what the arm holds; if there is none, its fields are beside the text.
    pub(super) content: Option<&'static str>,
}

const TAGGED: &[Tagged] = &[
    Tagged { message: "synctv.v1.Command", tag: "type", content: None },
    Tagged { message: "synctv.v1.Event", tag: "type", content: Some("data") },
    Tagged { message: "synctv.v1.Ephemeral", tag: "kind", content: Some("value") },
];

/// Required in JSON, where null says what a message says by leaving it out.
const NULLABLE: &[&str] = &["synctv.v1.PlaylistMoveCommand.after", "synctv.v1.Report.skew_ms"];

/// A message and its field that is a message whose fields JSON has beside the others.
const FLAT: &[(&str, &str)] = &[("synctv.v1.LogEvent", "event")];

/// With this arm there is nothing but what is set.
const BARE: &str = "synctv.v1.Event.redacted";

/// Whether the `oneof` of this message is told by a text.
pub(super) fn tagged(message: &MessageDescriptor) -> Option<&'static Tagged> {
    TAGGED.iter().find(|tagged| tagged.message == message.full_name())
}

/// Whether it is one of several that exclude each other.
pub(super) fn is_arm(field: &FieldDescriptor) -> bool {
    field.containing_oneof().is_some_and(|oneof| !oneof.is_synthetic())
}

/// The fields that exclude no other. Looked up: commands and events have fifty arms, of which one is set.
pub(super) fn plain(message: &MessageDescriptor) -> &'static [FieldDescriptor] {
    static PLAIN: LazyLock<HashMap<String, Vec<FieldDescriptor>>> = LazyLock::new(|| {
        let plain = |message: &MessageDescriptor| message.fields().filter(|field| !is_arm(field)).collect();
        pool().all_messages().map(|message| (message.full_name().to_owned(), plain(&message))).collect()
    });
    PLAIN.get(message.full_name()).map_or(&[], Vec::as_slice)
}

pub(super) fn is_nullable(field: &FieldDescriptor) -> bool {
    NULLABLE.contains(&field.full_name())
}

/// The field whose fields JSON has beside the others.
pub(super) fn flat(message: &MessageDescriptor) -> Option<FieldDescriptor> {
    let (_, field) = FLAT.iter().find(|(name, _)| *name == message.full_name())?;
    message.get_field_by_name(field)
}

pub(super) fn is_bare(arm: &FieldDescriptor) -> bool {
    arm.full_name() == BARE
}

/// `playback_set_rate` as `playback.set_rate`.
pub(super) fn dotted(name: &str) -> String {
    name.replacen('_', ".", 1)
}

/// `playback.set_rate` as `playback_set_rate`.
pub(super) fn underscored(name: &str) -> String {
    name.replacen('.', "_", 1)
}
