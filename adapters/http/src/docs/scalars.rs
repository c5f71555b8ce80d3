//! Texts, numbers and choices that have a name.

use serde_json::{Value, json};
use synctv_domain::command::Password;
use synctv_domain::{
    ChatText, DisplayName, InviteUses, MediaMs, MediaUrl, Permission, RatePermille, Reaction, Reason, RoomName,
    RoomSize, Title,
};

pub(super) enum Form {
    /// A ULID behind one of these prefixes, or this word.
    Id(&'static [&'static str], Option<&'static str>),
    /// Up to so many characters, none of them a control, and not only spaces.
    Text(usize),
    /// The same with line breaks and tabs.
    Lines(usize),
    /// A URL of up to so many characters.
    Url(usize),
    /// A whole number within bounds.
    Whole(i64, i64),
    Choice(&'static [&'static str]),
    /// RFC 3339.
    Time,
    /// 1 to 255 printable ASCII characters.
    Key,
    /// A text of this form.
    Pattern(&'static str),
    /// Any text of so many characters at most, and at least one.
    Length(usize),
    /// A number, a text of up to so many characters, or null.
    Given(usize),
    /// Any text.
    Open,
}

pub(super) struct Scalar {
    pub(super) name: &'static str,
    about: &'static str,
    pub(super) form: Form,
    example: &'static str,
}

const fn scalar(name: &'static str, about: &'static str, form: Form, example: &'static str) -> Scalar {
    Scalar { name, about, form, example }
}

const ULID: &str = "[0-7][0-9A-HJKMNP-TV-Z]{25}";
/// Greatest whole number that JavaScript holds exactly.
const EXACT: i64 = (1 << 53) - 1;

const EXAMPLE_HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

const PERMISSIONS: &[&str] = &{
    let mut names = [""; Permission::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = Permission::ALL[index].as_str();
        index += 1;
    }
    names
};

use Form::{Choice, Given, Id, Key, Length, Lines, Open, Pattern, Text, Time, Url, Whole};

pub(super) const SCALARS: &[Scalar] = &[
    scalar("RoomId", "A room.", Id(&["room_"], None), "room_01JZ0000000000000000000001"),
    scalar("ItemId", "An item of a playlist.", Id(&["itm_"], None), "itm_01JZ0000000000000000000002"),
    scalar("MessageId", "A chat message.", Id(&["msg_"], None), "msg_01JZ0000000000000000000003"),
    scalar("InviteId", "An invite.", Id(&["inv_"], None), "inv_01JZ0000000000000000000007"),
    scalar("LiveKeyId", "A key of live streams.", Id(&["lky_"], None), "lky_01JZ0000000000000000000009"),
    scalar("CredentialId", "A kept password.", Id(&["crd_"], None), "crd_01JZ0000000000000000000008"),
    scalar("RoomSize", "How many members a room may have.", Whole(RoomSize::MIN.get(), RoomSize::MAX.get()), "50"),
    scalar("InviteUses", "How often an invite can be used.", Whole(InviteUses::MIN.get(), InviteUses::MAX.get()), "5"),
    scalar("Password", "The password of a room, as it is.", Length(Password::MAX_CHARS), "open sesame"),
    scalar("Permission", "A right within a room.", Choice(PERMISSIONS), "playback.control"),
    scalar("EventId", "An event.", Id(&["evt_"], None), "evt_01JZ0000000000000000000004"),
    scalar(
        "ActorId",
        "Somebody who acts: a user, a guest, or the system.",
        Id(&["usr_", "gst_"], Some("system")),
        "gst_01JZ0000000000000000000005",
    ),
    scalar("Seq", "The number of an event within its room: 1, 2, 3 … without a hole.", Whole(0, EXACT), "42"),
    scalar("Position", "The number of an event in the whole log; 0 when nothing was stored.", Whole(0, EXACT), "1234"),
    scalar("ServerMs", "An instant of PostgreSQL's clock, ms since 1970.", Whole(0, EXACT), "1780000000000"),
    scalar(
        "Deadline",
        "An instant of PostgreSQL's clock, ms since 1970, or up to 600000 a span in ms from now.",
        Whole(1, EXACT),
        "30000",
    ),
    scalar("Seed", "What the order of a shuffled round follows from.", Whole(0, EXACT), "7"),
    scalar(
        "MediaMs",
        "A place in a medium, or its length, in ms.",
        Whole(MediaMs::MIN.get(), MediaMs::MAX.get()),
        "90000",
    ),
    scalar(
        "RatePermille",
        "Playback speed in thousandths.",
        Whole(RatePermille::MIN.get(), RatePermille::MAX.get()),
        "1000",
    ),
    scalar("Micros", "An instant of PostgreSQL's clock, µs since 1970.", Whole(0, EXACT), "1780000000000000"),
    scalar("Timestamp", "An instant of PostgreSQL's clock.", Time, "2026-06-01T20:15:00.000000Z"),
    scalar("Epoch", "The incarnation of the log; another one after a restore.", Open, "01JZ0000000000000000000006"),
    scalar("CommandId", "The name that a client gave its command: an idempotency key.", Key, "7d0c3c2e"),
    scalar("DisplayName", "What a person is called.", Text(DisplayName::MAX_CHARS), "Ann"),
    scalar("RoomName", "What a room is called.", Text(RoomName::MAX_CHARS), "Movie night"),
    scalar("Title", "What an item is called.", Text(Title::MAX_CHARS), "A film"),
    scalar("ChatText", "A message; may hold line breaks and tabs.", Lines(ChatText::MAX_CHARS), "hello"),
    scalar("Reason", "Why somebody did something.", Text(Reason::MAX_CHARS), "spam"),
    scalar("Reaction", "A reaction to a message, an emoji as a rule.", Text(Reaction::MAX_CHARS), "🎉"),
    scalar(
        "MediaUrl",
        "An absolute http or https URL with a host, without spaces.",
        Url(MediaUrl::MAX_CHARS),
        "https://media.example/film.mp4",
    ),
    scalar("Secret", "A password or a token; never shown again.", Open, "correct horse"),
    scalar("ActorKind", "What kind of party it is.", Choice(&["user", "guest", "system"]), "guest"),
    scalar("JoinRule", "How one gets in.", Choice(&["public", "password", "approval", "invite"]), "public"),
    scalar(
        "LiveEnd",
        "Why a live stream ended.",
        Choice(&[
            "finished",
            "disconnected",
            "silent",
            "malformed",
            "replaced",
            "asked",
            "key_revoked",
            "not_allowed",
            "room_closed",
            "node_gone",
        ]),
        "finished",
    ),
    scalar("Visibility", "Whether the room is listed.", Choice(&["listed", "unlisted"]), "listed"),
    scalar("DefaultRole", "What a joiner becomes.", Choice(&["moderator", "member", "guest"]), "member"),
    scalar(
        "Role",
        "What a member is in a room, highest first.",
        Choice(&["owner", "admin", "moderator", "member", "guest"]),
        "member",
    ),
    scalar(
        "AssignableRole",
        "A role that can be given.",
        Choice(&["admin", "moderator", "member", "guest"]),
        "moderator",
    ),
    scalar(
        "Barrier",
        "Whether playback waits for those who buffer: never, for a bounded time, or until all are ready.",
        Choice(&["never", "grace", "strict"]),
        "grace",
    ),
    scalar(
        "Control",
        "Who may hold the rights over playback.",
        Choice(&["everyone", "moderators", "owner"]),
        "everyone",
    ),
    scalar(
        "Mode",
        "What follows an item.",
        Choice(&["sequential", "repeat_one", "repeat_all", "shuffle"]),
        "sequential",
    ),
    scalar(
        "Delivery",
        "How a medium reaches the viewers: as fits, from its source, or through the server.",
        Choice(&["auto", "direct", "proxy"]),
        "auto",
    ),
    scalar("ReleasedBy", "What ends a wait by itself.", Choice(&["ready", "deadline"]), "ready"),
    scalar(
        "ReadyEnd",
        "What ends a ready check without a start.",
        Choice(&["asked", "deadline", "overtaken", "nothing_to_play"]),
        "asked",
    ),
    scalar("Effect", "What a layer of a decision says.", Choice(&["allow", "deny", "none"]), "deny"),
    scalar(
        "Concern",
        "A part of a room with a version of its own.",
        Choice(&["settings", "members", "playlist", "playback"]),
        "playback",
    ),
    scalar(
        "ResetReason",
        "Why a cursor is no place in the log.",
        Choice(&["epoch_changed", "ahead_of_head"]),
        "epoch_changed",
    ),
    scalar(
        "ProjectionState",
        "What a read model is doing: is kept up to date, was stopped by an event, or has no server at work on it.",
        Choice(&["running", "stopped", "idle"]),
        "running",
    ),
    scalar(
        "RebuildState",
        "How far a rebuild is: reads the log, makes indexes, applies what happened meanwhile, waits to take its place; or \
         how it ended.",
        Choice(&["copying", "indexing", "catching_up", "swapping", "done", "cancelled", "failed"]),
        "copying",
    ),
    scalar(
        "DegradedReason",
        "What is wrong with a read model: an event stopped it, or it is more than 30 s late.",
        Choice(&["stopped", "behind"]),
        "stopped",
    ),
    scalar(
        "PresenceState",
        "What a viewer is doing: watches, hides the page, waits for media, can start.",
        Choice(&["active", "away", "buffering", "ready"]),
        "active",
    ),
    scalar(
        "SeenState",
        "What a member is doing: is there and said no more, what the viewer told, or is gone.",
        Choice(&["online", "active", "away", "buffering", "ready", "offline"]),
        "online",
    ),
    scalar(
        "Verb",
        "What a message of the socket's client has one of.",
        Choice(&["subscribe", "command", "clock", "presence", "typing", "report", "auth"]),
        "subscribe",
    ),
    scalar("Hash", "A SHA-256, hex.", Pattern("^[0-9a-f]{64}$"), EXAMPLE_HASH),
    scalar("Sequence", "A position with zeros in front.", Pattern("^[0-9]{19}$"), "0000000000000001234"),
    scalar("Count", "How many.", Whole(0, EXACT), "3"),
    scalar(
        "Beginning",
        "`snapshot`, `now`, or a cursor.",
        Pattern("^(snapshot|now|(.*[^:]:)?[0-9]{1,19})$"),
        "snapshot",
    ),
    scalar("Version", "`<epoch>:<seq>`", Pattern("^.*[^:]:[0-9]{1,19}$"), "01JZ0000000000000000000006:42"),
    scalar("Ms", "How long, ms.", Whole(-EXACT, EXACT), "40"),
    scalar("RequestId", "Chosen by the client: a number or a short text; the reply carries it.", Given(255), "1"),
];

impl Scalar {
    pub(super) fn example(&self) -> Value {
        match self.form {
            Whole(..) => self.example.parse::<i64>().unwrap_or_default().into(),
            _ => self.example.into(),
        }
    }

    pub(super) fn schema(&self) -> Value {
        let mut schema = match &self.form {
            Id(prefixes, None) => json!({ "type": "string", "pattern": format!("^({}){ULID}$", prefixes.join("|")) }),
            Id(prefixes, Some(word)) => {
                json!({ "type": "string", "pattern": format!("^(({}){ULID}|{word})$", prefixes.join("|")) })
            }
            Text(most) => text(*most, r"\u0000-\u001F\u007F-\u009F"),
            Lines(most) => text(*most, r"\u0000-\u0008\u000B-\u001F\u007F-\u009F"),
            Url(most) => {
                let pattern = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#\\]\S*$";
                json!({ "type": "string", "maxLength": most, "pattern": pattern })
            }
            Whole(least, most) => json!({ "type": "integer", "format": "int64", "minimum": least, "maximum": most }),
            Choice(values) => json!({ "type": "string", "enum": values }),
            Time => json!({ "type": "string", "format": "date-time" }),
            Key => json!({ "type": "string", "pattern": "^[ -~]{1,255}$" }),
            Pattern(pattern) => json!({ "type": "string", "pattern": pattern }),
            Given(most) => json!({ "type": ["number", "string", "null"], "maxLength": most }),
            Length(most) => json!({ "type": "string", "minLength": 1, "maxLength": most }),
            Open => json!({ "type": "string" }),
        };
        schema["description"] = self.about.into();
        schema["examples"] = json!([self.example()]);
        schema
    }
}

/// A text without these characters, and with one that is no space.
fn text(most: usize, without: &str) -> Value {
    let pattern = format!("^[^{without}]*[^\\s{without}][^{without}]*$");
    json!({ "type": "string", "minLength": 1, "maxLength": most, "pattern": pattern })
}
