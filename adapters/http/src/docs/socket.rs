//! The messages of the socket and of the streams.

use super::shape::Kind::{Bool, Is, List, Number, Of, OrNull};
use super::shape::{Field, Object, may, need};

/// A message: its name, its payload, and what it is for.
pub(super) type Message = (&'static str, &'static str, &'static str);

const ID: Field = may("id", Of("RequestId"), "Chosen by the client; a reply carries it.");
const GIVEN: Field = need("id", Of("RequestId"), "As the client gave it; null if it did not.");

/// From the client. Every one may be answered with `refused`.
pub(crate) const ASKED: &[Message] = &[
    ("subscribe", "SubscribeMessage", "Begins the events; another one takes the place of the one before."),
    (
        "command",
        "CommandMessage",
        "Asks something of the room, as `POST …/commands`; commands are taken up in the order they come.",
    ),
    ("askClock", "AskClockMessage", "Asks for PostgreSQL's time; answered at once."),
    ("presence", "PresenceMessage", "Tells what the viewer is doing; shown to the others, in no event."),
    (
        "typing",
        "TypingMessage",
        "Tells that the viewer is typing, or no more; true is taken once a second, and forgotten after 5 s.",
    ),
    ("report", "ReportMessage", "Tells how well the viewer keeps up."),
    ("auth", "AuthMessage", "Renews the token in place: another one of the same actor."),
];

/// From the server.
pub(crate) const TOLD: &[Message] = &[
    ("snapshot", "SnapshotMessage", "The room; events from `seq + 1` follow."),
    ("resumed", "ResumedMessage", "The cursor was taken; the events behind it follow."),
    (
        "reset",
        "ResetMessage",
        "The cursor is no place in this log. In answer to `subscribe`: events from `seq + 1` follow, and what lies before \
         is to be read again. Before a close with 4010: where the new log is.",
    ),
    ("event", "EventMessage", "What happened, in order and without a hole."),
    ("reply", "ReplyMessage", "What became of a command; behind the events that it caused, for who follows them."),
    ("renewed", "RenewedMessage", "The token of `auth` was taken."),
    ("refused", "RefusedMessage", "Why a request was refused."),
    ("clock", "ClockMessage", "PostgreSQL's time."),
    (
        "ephemeral",
        "EphemeralMessage",
        "What another member is doing, at most ten times a second; the newest of each kind, and in no event.",
    ),
    (
        "heartbeat",
        "HeartbeatMessage",
        "The head, every 20 s for who follows, so that an idle client can tell that it has everything.",
    ),
    ("drain", "DrainMessage", "The server is about to stop: come back after that time. A close with 4001 follows."),
    ("tokenExpires", "TokenMessage", "The token expires in 60 s: renew it with `auth`."),
];

/// Of a room's stream: the `event` field, the shape of `data`, and what it is for.
pub(super) const STREAMED: &[Message] = &[
    ("message", "Event", "What happened. It has no `event` field, and `id: <epoch>:<seq>`."),
    ("reset", "Reset", "The cursor is no place in this log; the stream goes on, or is to be opened again, from `id`."),
    ("heartbeat", "Heartbeat", "The head, after 15 s of silence."),
    ("drain", "Drain", "The server is about to stop: come back after that time, which `retry` tells as well."),
];

/// Of the stream of the log of all rooms.
pub(super) const LOGGED: &[Message] = &[
    (
        "message",
        "LoggedEvent",
        "What happened: a `CloudEvent` where `format=cloudevents` asks for it. It has no `event` field, and \
         `id: <epoch>:<position>`.",
    ),
    (
        "reset",
        "LogReset",
        "The cursor is no place in this log; the stream goes on, or is to be opened again, from `id`.",
    ),
    ("heartbeat", "LogHeartbeat", "The head, after 15 s of silence. Its `id` is how far the filter has looked."),
    ("drain", "Drain", "The server is about to stop: come back after that time, which `retry` tells as well."),
];

/// Close codes with their reasons: those of RFC 6455; below 4400 reconnect and resume, below 4500 mend first, else do not come back.
pub(crate) const CLOSED: &[(u16, &str, &str)] = &[
    (1002, "malformed", "What the client sent is not framed as RFC 6455 wants it."),
    (1007, "not UTF-8", "A text message of the client is not UTF-8."),
    (1009, "too big", "A message of the client has more than 64 KiB."),
    (4001, "draining", "The server is about to stop: reconnect after `drain.retry_after_ms`, and resume."),
    (4002, "silent", "Nothing was heard for 45 s, not even the answer to a ping: reconnect, and resume."),
    (4008, "slow", "The client took nothing for 15 s: reconnect, and resume."),
    (4010, "epoch changed", "The log was replaced by an older one: reconnect, and subscribe from what `reset` told."),
    (4011, "unavailable", "It cannot be told now whether the caller may read on: reconnect, and resume."),
    (4401, "token expired", "The token expired: get another one, and a ticket with it."),
    (4403, "forbidden", "The caller may not read the room any more."),
    (4404, "room closed", "The room was closed."),
    (
        4429,
        "too many messages",
        "The client went on saying more than 50 messages a second: mend it before it comes back.",
    ),
    (4500, "protocol error", "What the client sent is not this protocol: a binary message."),
];

const fn part(name: &'static str, about: &'static str, fields: &'static [Field]) -> Object {
    Object { name, about, fields, closed: false }
}

/// A part of what a client says.
const fn given(name: &'static str, about: &'static str, fields: &'static [Field]) -> Object {
    Object { name, about, fields, closed: true }
}

const fn asked(name: &'static str, fields: &'static [Field]) -> Object {
    given(name, "From the client.", fields)
}

const fn told(name: &'static str, fields: &'static [Field]) -> Object {
    part(name, "From the server.", fields)
}

const MEMBER: Field = need("member", Of("ActorId"), "Who.");

pub(crate) const SHAPES: &[Object] = &[
    asked("SubscribeMessage", &[ID, need("subscribe", Of("Subscribe"), "Where to begin.")]),
    given(
        "Subscribe",
        "Where to begin.",
        &[need("from", Of("Beginning"), "`snapshot`, `now`, or what the client has: `<epoch>:<seq>` or `<seq>`.")],
    ),
    asked(
        "CommandMessage",
        &[
            ID,
            need("command", Of("Command"), "The command."),
            may("key", Of("CommandId"), "As `Idempotency-Key`."),
            may("if_match", Of("Version"), "As `If-Match`, without quotes: `<epoch>:<seq>`."),
        ],
    ),
    asked("AskClockMessage", &[ID, need("clock", Of("Sent"), "The client's time.")]),
    given("Sent", "The client's time.", &[need("t0", Number, "When it was sent, ms of the client's own clock.")]),
    asked("PresenceMessage", &[ID, need("presence", Of("Presence"), "What the viewer is doing.")]),
    given("Presence", "What a viewer is doing.", &[need("state", Of("PresenceState"), "What.")]),
    asked("TypingMessage", &[ID, need("typing", Bool, "Whether.")]),
    asked("ReportMessage", &[ID, need("report", Of("Report"), "How well.")]),
    given(
        "Report",
        "How well a viewer keeps up.",
        &[
            need("skew_ms", OrNull("Ms"), "Distance to where playback should be; null while nothing is shown."),
            need("rtt_ms", Of("Ms"), "There and back."),
            need("buffered_ms", Of("Ms"), "How much is buffered."),
        ],
    ),
    asked("AuthMessage", &[ID, need("auth", Of("Auth"), "The new token.")]),
    given("Auth", "A token.", &[need("token", Of("Secret"), "An access token of the same actor.")]),
    told(
        "SnapshotMessage",
        &[
            need("snapshot", Of("Room"), "The room."),
            need("epoch", Of("Epoch"), "The incarnation of the log."),
            need("seq", Of("Seq"), "The last event that it holds."),
        ],
    ),
    told("ResumedMessage", &[need("resumed", Of("Resumed"), "What follows.")]),
    part(
        "Resumed",
        "What follows.",
        &[need("from", Of("Seq"), "What the client has."), need("to", Of("Seq"), "The head.")],
    ),
    told("ResetMessage", &[need("reset", Of("Reset"), "Why.")]),
    part(
        "Reset",
        "Why a cursor was not taken, and where the log is.",
        &[
            need("reason", Of("ResetReason"), "Why."),
            need("epoch", Of("Epoch"), "The incarnation of the log."),
            need("seq", Of("Seq"), "The room's last event."),
        ],
    ),
    told("EventMessage", &[need("event", Of("Event"), "What happened.")]),
    told("ReplyMessage", &[need("reply", Of("Reply"), "What became of it.")]),
    part(
        "Reply",
        "What became of a command.",
        &[
            GIVEN,
            need("seq", Of("Seq"), "The room's last event after it."),
            need("position", Of("Position"), "Position of its last event."),
            need("events", List("Event"), "What happened."),
            may(
                "secret",
                Of("Revealed"),
                "What is told to the caller alone, and again to whoever repeats the command.",
            ),
        ],
    ),
    told("RenewedMessage", &[need("reply", Of("Renewal"), "What became of it.")]),
    part("Renewal", "The token was taken.", &[GIVEN, need("expires_at", Of("Timestamp"), "The new token's end.")]),
    told("RefusedMessage", &[need("reply", Of("Refused"), "Why.")]),
    part("Refused", "Why a request was refused.", &[GIVEN, need("problem", Of("Problem"), "Why.")]),
    told("ClockMessage", &[need("clock", Of("Clock"), "The time.")]),
    part(
        "Clock",
        "PostgreSQL's time: the offset is `((t1 - t0) + (t2 - t3)) / 2`, with t3 the client's clock now.",
        &[
            need("t0", Number, "As it was sent."),
            need("t1", Of("ServerMs"), "When the request came."),
            need("t2", Of("ServerMs"), "When the answer went."),
        ],
    ),
    told("EphemeralMessage", &[need("ephemeral", Of("Ephemeral"), "What.")]),
    part(
        "PresenceEphemeral",
        "Whether a member is there, and what they are doing.",
        &[need("kind", Is("presence"), "This."), MEMBER, need("value", Of("SeenPresence"), "As it is seen.")],
    ),
    part("SeenPresence", "What a member is doing.", &[need("state", Of("SeenState"), "What.")]),
    part(
        "TypingEphemeral",
        "Whether a member is typing.",
        &[need("kind", Is("typing"), "This."), MEMBER, need("value", Bool, "Whether.")],
    ),
    part(
        "ReportEphemeral",
        "How well a member keeps up.",
        &[need("kind", Is("report"), "This."), MEMBER, need("value", Of("Report"), "As that member sent it.")],
    ),
    told("HeartbeatMessage", &[need("heartbeat", Of("Heartbeat"), "The head.")]),
    part(
        "Heartbeat",
        "The head.",
        &[
            need("epoch", Of("Epoch"), "The incarnation of the log."),
            need("seq", Of("Seq"), "The room's last event."),
            need("server_ms", Of("ServerMs"), "PostgreSQL's time."),
        ],
    ),
    told("DrainMessage", &[need("drain", Of("Drain"), "When to come back.")]),
    part("Drain", "When to come back.", &[need("retry_after_ms", Of("Count"), "After how long, ms.")]),
    told("TokenMessage", &[need("token", Of("TokenExpiry"), "The token's end.")]),
    part("TokenExpiry", "The token's end.", &[need("expires_at", Of("Timestamp"), "When.")]),
    part(
        "LogReset",
        "Why a cursor was not taken, and where the log is.",
        &[
            need("reason", Of("ResetReason"), "Why."),
            need("epoch", Of("Epoch"), "The incarnation of the log."),
            need("position", Of("Position"), "The log's last event."),
        ],
    ),
    part(
        "LogHeartbeat",
        "The head.",
        &[
            need("epoch", Of("Epoch"), "The incarnation of the log."),
            need("position", Of("Position"), "The log's last event."),
            need("server_ms", Of("ServerMs"), "PostgreSQL's time."),
        ],
    ),
];

/// What is one of several shapes of these, told apart by `kind`.
pub(super) const EPHEMERAL: &[(&str, &str)] =
    &[("presence", "PresenceEphemeral"), ("typing", "TypingEphemeral"), ("report", "ReportEphemeral")];
