//! Where the protocol is not named or cut as JSON is.

/// Schemas that have another name here.
pub(super) const RENAMED: &[(&str, &str)] = &[
    ("CommandAnswer", "synctv.v1.RoomsCommandResponse"),
    ("CreateRoom", "synctv.v1.RoomsCreateRequest"),
    ("DegradedProjection", "synctv.management.v1.DegradedProjection"),
    ("DegradedReason", "synctv.management.v1.DegradedReason"),
    ("Guest", "synctv.v1.GuestsCreateResponse"),
    ("GuestRequest", "synctv.v1.GuestsCreateRequest"),
    ("LogPage", "synctv.v1.LogReadResponse"),
    ("ProjectionList", "synctv.v1.ProjectionsListResponse"),
    ("Renewed", "synctv.v1.GuestsRenewResponse"),
    ("RoomMade", "synctv.v1.RoomsCreateResponse"),
    ("RoomPage", "synctv.v1.RoomsListResponse"),
    ("Sent", "synctv.v1.ClockAsk"),
    ("TokenExpiry", "synctv.v1.TokenExpiring"),
];

/// Schemas that have another shape here, and how they are looked at.
pub(super) const SHAPED: &[(&str, &str)] = &[
    ("Command", "a oneof, with the text `type` in JSON: below"),
    ("Event", "a oneof, with the text `type` in JSON: below"),
    ("Ephemeral", "a oneof, with the text `kind` in JSON: below"),
    ("LogEvent", "an event and its room beside it, not around it"),
    ("Problem", "what comes with single codes is in `metadata`"),
    ("RedactedEvent", "an event with nothing in it"),
    ("Subscribe", "`From` says what a text says there"),
    ("EventData", "typed"),
];

/// Schemas of what is not served over gRPC, or in messages of another cut. Names that end so, or are these.
pub(super) const ELSEWHERE: &[&str] = &[
    // What lists of REST alone answer.
    "ChatPage",
    "HistoryPage",
    "MemberListing",
    "MemberPage",
    "MessageListing",
    "PlaylistPage",
    "ShowingListing",
    "WatchListing",
    "WatchTimePage",
    "EventPage",
    // Explanations and exports.
    "CloudEvent",
    "Concern",
    "Effect",
    "Head",
    "LoggedEvent",
    "StoredEvent",
    "Step",
    "Trace",
    "Verb",
    // HTTP's own: addresses of live streams and of media among it, which are fetched over HTTP.
    "Alive",
    "Build",
    "LiveAddresses",
    "PlaybackSource",
    "PublishAddress",
    "Ready",
    "RoomPlayback",
    "SourceDelivery",
    "SourceFormat",
    "Ticket",
    "TicketRequest",
    "TicketUse",
    "Times",
    // The socket's messages around what they hold: `SessionRequest`, `SessionResponse`, `Reply`, `Done`, `Snapshot`.
    "AskClockMessage",
    "AuthMessage",
    "ClockMessage",
    "CommandMessage",
    "DrainMessage",
    "EphemeralMessage",
    "EventMessage",
    "HeartbeatMessage",
    "PresenceMessage",
    "RefusedMessage",
    "RenewedMessage",
    "ReplyMessage",
    "ReportMessage",
    "ResetMessage",
    "ResumedMessage",
    "SnapshotMessage",
    "SubscribeMessage",
    "TokenMessage",
    "TypingMessage",
    "Refused",
    "Renewal",
    "Reply",
    // Of the oneof of `Ephemeral`.
    "PresenceEphemeral",
    "ReportEphemeral",
    "TypingEphemeral",
];

/// Whole numbers that stay below 2^32; all others have 64 bits.
pub(super) const SHORT: &[&str] = &["RatePermille", "RoomSize", "InviteUses"];
