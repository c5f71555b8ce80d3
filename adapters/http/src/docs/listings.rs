//! What read models show, and how they are kept.

use super::shape::Kind::{Bool, List, ListsBy, Number, NumberOrNull, Of, OrNull, Text, TextOrNull};
use super::shape::{Kind, Object, need, shown};

const WHOLE: Kind = Of("Count");

pub(super) const LISTINGS: &[Object] = &[
    shown(
        "RoomListing",
        "A room in the list.",
        &[
            need("room_id", Of("RoomId"), "Its id."),
            need("name", Of("RoomName"), "What it is called."),
            need("members", WHOLE, "How many."),
            need("playing", Bool, "Whether something plays."),
            need("live", Bool, "Whether somebody is live."),
            need(
                "closed",
                Bool,
                "Whether it takes no commands: such rooms are shown to their members alone, with `mine`.",
            ),
            need("created_at", Of("Timestamp"), "When it was made."),
            need("active_at", Of("Timestamp"), "When something happened in it last."),
        ],
    ),
    shown(
        "MemberListing",
        "A member of a room in the list.",
        &[
            need("id", Of("ActorId"), "Who it is."),
            need("kind", Of("ActorKind"), "What kind of party."),
            need("display_name", OrNull("DisplayName"), "What they are called; null once they were erased."),
            need("role", Of("Role"), "Their role."),
            need("joined_at", Of("Timestamp"), "When they joined."),
            need("seq", Of("Seq"), "The event that made them a member."),
        ],
    ),
    shown(
        "MessageListing",
        "A message.",
        &[
            need("message_id", Of("MessageId"), "Its id."),
            need("seq", Of("Seq"), "The event that posted it."),
            need("author", Of("ActorId"), "Who wrote it."),
            need("text", OrNull("ChatText"), "What it says; null once it was withdrawn, or its author erased."),
            need("redacted", Bool, "Whether it was withdrawn."),
            need("reply_to", OrNull("MessageId"), "What it answers."),
            need("at", Of("Timestamp"), "When it was written."),
            need("edited_at", OrNull("Timestamp"), "When it got its present text, if it had another."),
            need("reactions", ListsBy("Reaction", "ActorId"), "Who reacted, by reaction."),
        ],
    ),
    shown(
        "ShowingListing",
        "A showing of an item: it was current, and played.",
        &[
            need("seq", Of("Seq"), "The event that began it."),
            need("item_id", Of("ItemId"), "What was shown."),
            need("url", Of("MediaUrl"), "Where it was."),
            need("title", OrNull("Title"), "What it was called when it began."),
            need("started_by", Of("ActorId"), "Who started it."),
            need("started_at", Of("Timestamp"), "When it was started."),
            need("ended_at", OrNull("Timestamp"), "When it was no longer current; null while it is."),
            need("played_ms", WHOLE, "How long it has played, ms, whatever its speed."),
            need("steered", WHOLE, "How often it was steered."),
        ],
    ),
    shown(
        "WatchListing",
        "How long somebody has watched in a room.",
        &[
            need("member", Of("ActorId"), "Who."),
            need("watched_ms", WHOLE, "For how long something played while they were a member, ms."),
            need("present", Bool, "Whether they are a member."),
        ],
    ),
    shown(
        "ProjectionStatus",
        "A read model as it is kept.",
        &[
            need("name", Text, "Its name."),
            need("generation", WHOLE, "Which set of tables it has: each rebuild makes the next one."),
            need("position", Of("Position"), "The last event that is in it."),
            need("lag_events", WHOLE, "How many events of the log it lacks."),
            need("lag_seconds", Number, "How long ago the first of them was recorded."),
            need("state", Of("ProjectionState"), "What it is doing."),
            need("owner", TextOrNull, "The node that is at work on it."),
            need("poison", OrNull("PoisonStatus"), "What stopped it."),
            need("rebuild", OrNull("RebuildStatus"), "The present rebuild, or the last one."),
            need("kept", List("Count"), "Earlier generations that are kept until dropped."),
        ],
    ),
    shown(
        "PoisonStatus",
        "What stopped a read model.",
        &[
            need("position", Of("Position"), "The event."),
            need("reason", Text, "Why it cannot be taken in."),
            need("since", Of("Timestamp"), "Since when."),
        ],
    ),
    shown(
        "RebuildStatus",
        "A rebuild of a read model.",
        &[
            need("name", Text, "Of which one."),
            need("generation", WHOLE, "The set of tables that it makes."),
            need("state", Of("RebuildState"), "How far it is."),
            need("done", WHOLE, "Events read."),
            need("of", WHOLE, "Events to read."),
            need("rate", NumberOrNull, "Events a second, since it began or was taken up again."),
            need("eta_seconds", NumberOrNull, "Seconds left to read, at this rate."),
            need("started_at", Of("Timestamp"), "When it began."),
            need("ended_at", OrNull("Timestamp"), "When it ended."),
            need("owner", TextOrNull, "Who is at work on it; null: it waits for a node."),
            need("error", TextOrNull, "Why it failed."),
        ],
    ),
    shown(
        "DegradedProjection",
        "A read model that does not show what happened.",
        &[
            need("projection", Text, "Its name."),
            need("reason", Of("DegradedReason"), "What is wrong with it."),
            need("position", Of("Position"), "The event that stopped it, or the last one that is in it."),
            need("lag_seconds", Number, "How long ago the first event that it lacks was recorded."),
            need("detail", Text, "The same for people."),
        ],
    ),
];
