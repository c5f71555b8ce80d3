//! Everything else that has a name: rooms and their parts, requests, problems.

use super::shape::Kind::{Bool, BoolOrNull, Either, Is, List, Of, OrNull, Text};
use super::shape::{Field, Kind, Object, may, need, shown};

const WHOLE: Kind = Of("Count");

const fn given(name: &'static str, about: &'static str, fields: &'static [Field]) -> Object {
    Object { name, about, fields, closed: true }
}

pub(super) const OBJECTS: &[Object] = &[
    shown(
        "Room",
        "A room as its events made it.",
        &[
            need("room_id", Of("RoomId"), "Its id."),
            need("epoch", Of("Epoch"), "The incarnation of the log that it was folded from."),
            need("seq", Of("Seq"), "Its last event."),
            need("name", Of("RoomName"), "What it is called."),
            need("visibility", Of("Visibility"), "Whether it is listed."),
            need("join_rule", Of("JoinRule"), "How one gets in."),
            need("default_role", Of("DefaultRole"), "What a joiner becomes."),
            need("owner", Of("ActorId"), "Whose it is."),
            need("settings", Of("Settings"), "Its settings."),
            need("members", List("Member"), "Its members, in the order they joined."),
            need("playback", Of("Playback"), "What plays, and where it is."),
            need("playlist", List("Item"), "Its playlist, in order."),
            need("ready", OrNull("ReadyCheck"), "The ready check; null when there is none."),
            need("live", OrNull("Live"), "What is live; null when nothing is."),
            need("versions", Of("Versions"), "The last event of each concern."),
            need("closed", Bool, "Whether it takes commands."),
        ],
    ),
    shown(
        "Member",
        "A member of a room.",
        &[
            need("id", Of("ActorId"), "Who it is."),
            need("kind", Of("ActorKind"), "What kind of party."),
            need("display_name", OrNull("DisplayName"), "What they are called; null once they were erased."),
            need("role", Of("Role"), "Their role."),
            need("joined_at", Of("Timestamp"), "When they joined."),
        ],
    ),
    shown(
        "Playback",
        "Where it is at time t: `position_ms + (t - anchor_ms) * rate_permille / 1000` while it plays and t is not \
         before the anchor, else `position_ms`; within 0 and the item's length.",
        &[
            need("item_id", OrNull("ItemId"), "The current item."),
            need("position_ms", Of("MediaMs"), "Where it is at the anchor."),
            need("anchor_ms", Of("ServerMs"), "When it is there; ahead of now for a scheduled start."),
            need("rate_permille", Of("RatePermille"), "How fast it moves while it plays."),
            need("playing", Bool, "Whether it moves."),
            need("duration_ms", OrNull("MediaMs"), "The length of the current item, if known."),
            need("mode", Of("Mode"), "What follows it."),
            need("hold", OrNull("Hold"), "Whom playback waits for; null when it waits for nobody."),
        ],
    ),
    shown(
        "Hold",
        "Playback waits for members who buffer.",
        &[
            need("members", List("ActorId"), "Whom for."),
            need("deadline_ms", OrNull("ServerMs"), "When it goes on in any case; null: it waits as long as it takes."),
        ],
    ),
    shown(
        "ReadyCheck",
        "Members are asked whether they are ready. It stays until playback is steered again.",
        &[
            need("started_by", Of("ActorId"), "Who asked."),
            need("deadline_ms", Of("ServerMs"), "When nobody is waited for any longer."),
            need("members", List("ActorId"), "Who is asked."),
            need("ready", List("ActorId"), "Who is ready."),
            need("counting", Bool, "The start is scheduled: the countdown ends at the anchor of playback."),
        ],
    ),
    shown(
        "Item",
        "An item of a playlist.",
        &[
            need("item_id", Of("ItemId"), "Its id."),
            need("url", Of("MediaUrl"), "Where the medium is."),
            need("title", OrNull("Title"), "What it is called."),
            need("duration_ms", OrNull("MediaMs"), "Its length, if known."),
            need("added_by", Of("ActorId"), "Who added it."),
            need("delivery", Of("Delivery"), "How it reaches the viewers."),
        ],
    ),
    shown("Live", "Something that is live.", &[]),
    shown(
        "Versions",
        "The seq of the last event that touched each concern; 0 if none did.",
        &[
            need("settings", Of("Seq"), "Name, visibility, default role, settings, open or closed."),
            need("members", Of("Seq"), "Members and their roles."),
            need("playlist", Of("Seq"), "The playlist."),
            need("playback", Of("Seq"), "Motion, mode and length."),
            need("chat", Of("Seq"), "Messages."),
        ],
    ),
    shown(
        "Settings",
        "The adjustable behaviour of a room.",
        &[
            need("capabilities", Of("Capabilities"), "What it offers."),
            need("barrier", Of("Barrier"), "Whether playback waits."),
            need("control", Of("Control"), "Who may hold the rights over playback."),
        ],
    ),
    shown("Capabilities", "What a room offers.", &[need("chat", Bool, "Writing and reacting.")]),
    given(
        "CapabilitiesPatch",
        "Capabilities to switch; absent ones stay.",
        &[may("chat", BoolOrNull, "Writing and reacting.")],
    ),
    given(
        "InitialSettings",
        "Settings to start with; absent ones have their defaults.",
        &[
            may("capabilities", Of("CapabilitiesPatch"), "What it offers; everything unless set."),
            may("barrier", Of("Barrier"), "`grace` unless set."),
            may("control", Of("Control"), "`everyone` unless set."),
        ],
    ),
    given(
        "CreateRoom",
        "A room to make; the caller becomes its owner.",
        &[
            need("name", Of("RoomName"), "What it is called."),
            need("join_rule", Of("JoinRule"), "How one gets in."),
            need("visibility", Of("Visibility"), "Whether it is listed."),
            may("default_role", OrNull("DefaultRole"), "What a joiner becomes; `member` unless set."),
            may("settings", OrNull("InitialSettings"), "The settings to start with."),
        ],
    ),
    given(
        "Expect",
        "The versions that a command depends on: another one refuses it with 409 `stale_version`.",
        &[
            may("settings", OrNull("Seq"), "Of the settings."),
            may("members", OrNull("Seq"), "Of the members."),
            may("playlist", OrNull("Seq"), "Of the playlist."),
            may("playback", OrNull("Seq"), "Of playback."),
        ],
    ),
    shown(
        "Actor",
        "Who did it.",
        &[need("id", Of("ActorId"), "Who."), need("kind", Of("ActorKind"), "What kind of party.")],
    ),
    shown(
        "Head",
        "The last event of a room.",
        &[need("epoch", Of("Epoch"), "The incarnation of the log."), need("seq", Of("Seq"), "Its number.")],
    ),
    shown(
        "LogHead",
        "The last event of the log.",
        &[need("epoch", Of("Epoch"), "The incarnation of the log."), need("position", Of("Position"), "Its number.")],
    ),
    shown(
        "RedactedEvent",
        "The place of an event that members are not shown: what a message said that was withdrawn.",
        &[
            need("seq", Of("Seq"), "Its number in the room."),
            need("position", Of("Position"), "Its number in the log."),
            need("type", Is("redacted"), "Always the same."),
        ],
    ),
    shown(
        "StoredEvent",
        "An event as it is stored, with all that its hash was made of.",
        &[
            need("position", Of("Position"), "Its number in the log."),
            need("hash", Of("Hash"), "Its hash."),
            need("previous", OrNull("Hash"), "The hash that it follows; null when that event is missing."),
            need("event_id", Of("EventId"), "Its id."),
            need("stream_type", Text, "The kind of its stream, such as `room`."),
            need("stream_id", Text, "Its stream: the room."),
            need("seq", Of("Seq"), "Its number in the stream."),
            need("type", Text, "Its name."),
            need("version", WHOLE, "The version of its data's shape."),
            need("recorded_at_us", Of("Micros"), "When it was recorded."),
            need("at", Of("Timestamp"), "The same for people."),
            need("command_id", Text, "The command that caused it."),
            need("payload", Text, "The stored text of its data, byte for byte; personal fields are sealed."),
            need("metadata", Text, "The stored text of what is about it, byte for byte."),
        ],
    ),
    shown(
        "CloudEvent",
        "An event as CloudEvents 1.0, structured mode.",
        &[
            need("specversion", Is("1.0"), "The version of CloudEvents."),
            need("id", Of("EventId"), "Its id."),
            need("source", Text, "`urn:synctv:log:` and the id of the log."),
            need("type", Text, "Its name."),
            need("subject", Text, "Its room; `log`, if it is an operator's act."),
            need("time", Of("Timestamp"), "When it was recorded."),
            need("datacontenttype", Is("application/json"), "What `data` is."),
            need("dataschema", Text, "`urn:synctv:event:<type>:<version>`"),
            need("sequence", Of("Sequence"), "Its position, so that the order is that of the text."),
            need("roomseq", Text, "Its number in the room."),
            need("actorid", Of("ActorId"), "Whose command caused it."),
            need("decidedby", Text, "The rule that allowed it, such as `role:moderator`."),
            need("commandid", Text, "The command that caused it."),
            may("hash", Of("Hash"), "Its hash, in exports."),
            need("data", Of("EventData"), "What happened; in exports as it is stored."),
        ],
    ),
    shown("EventData", "What happened: `data` of the `Event` of that type.", &[]),
    shown(
        "Step",
        "One layer of a decision about a right.",
        &[
            need("layer", Text, "The layer and its value, such as `role:guest`."),
            need("effect", Of("Effect"), "What it says."),
            need("event", OrNull("EventId"), "The event that gave it its value."),
        ],
    ),
    shown(
        "Problem",
        "Why it failed, as RFC 9457. `code` is stable; the other texts are for people.",
        &[
            need("type", Text, "`urn:synctv:problem:` and the code."),
            need("title", Text, "The status in words."),
            need("status", WHOLE, "The status."),
            need("code", Text, "What a program goes by."),
            need("detail", Text, "What a person goes by."),
            may("permission", Text, "With `forbidden`: the right that is lacking."),
            may("decided_by", Text, "With `forbidden`: the rule that denies it."),
            may("steps", List("Step"), "With `forbidden`: every layer that was asked."),
            may("current_item", OrNull("ItemId"), "With `stale_item`: the current item."),
            may("concern", Of("Concern"), "With `stale_version`: what changed."),
            may("current", Of("Seq"), "With `stale_version`: its version."),
            may(
                "room",
                Of("Room"),
                "With `stale_version` and `precondition_failed`: the room, if the caller may see it.",
            ),
            may("head", Either("Head", "LogHead"), "With `cursor_reset`: where to go on, in the room or in the log."),
            may("reason", Of("ResetReason"), "With `cursor_reset`: why."),
            may("command_id", Of("CommandId"), "With `outcome_unknown`: the key to repeat the command under."),
            may("retry_after_ms", WHOLE, "With `rate_limited`: when it will be taken."),
            may("verbs", List("Verb"), "With `invalid_message`: what a message of the socket has one of."),
        ],
    ),
];
