//! What is tried in the table of rights: every command, some of them upon several kinds of people and things.

/// What brings the room back to where it was after a deed that changed it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum After {
    /// It does not matter to any other deed.
    Stays,
    /// A command of the owner.
    Owner(&'static str),
    /// A command of whoever did it.
    Actor(&'static str),
    /// Somebody else takes the place of the one upon whom it was done.
    Target,
    /// Whoever came in goes out.
    Out,
    /// Whoever is not in the room any more comes back.
    Back,
    /// Whoever knocked does it again.
    Knock,
    /// The invite that was made is revoked.
    Revoked,
    /// The key that was made is revoked.
    Keyless,
    /// Another key takes the place of the one that is gone.
    Key,
    /// Another invite takes the place of the one that is gone.
    Invite,
    /// The things it was done to are used up.
    Spent(&'static str),
    /// Another room, made in the same way.
    Fresh,
}

/// A command as it is tried: `$name` stands for an id, a version, or something else of the room.
#[derive(Debug)]
pub struct Deed {
    /// The command, and after a colon what is special.
    pub name: &'static str,
    pub fields: &'static str,
    /// What the owner does before each try, and after it in any case.
    pub around: Option<(&'static str, &'static str)>,
    pub after: After,
}

const fn deed(name: &'static str, fields: &'static str, after: After) -> Deed {
    Deed { name, fields, around: None, after }
}

const fn within(name: &'static str, fields: &'static str, around: (&'static str, &'static str), after: After) -> Deed {
    Deed { name, fields, around: Some(around), after }
}

const PAUSE: &str = r#"{"type":"playback.pause"}"#;
const MIDDLE: &str = r#"{"type":"playback.select_item","item_id":"$middle"}"#;
const CANCEL: &str = r#"{"type":"ready.cancel"}"#;
const START: &str = r#"{"type":"ready.start"}"#;
const WITHDRAW: &str = r#"{"type":"room.transfer"}"#;

/// Every command at least once.
pub const DEEDS: &[Deed] = &[
    deed("room.update_settings", r#"{"name":"$unique","expect":{"settings":$settings}}"#, After::Stays),
    deed("room.update_settings:blind", r#"{"name":"$unique"}"#, After::Stays),
    deed(
        "room.update_settings:everyone",
        r#"{"control":"everyone","expect":{"settings":$settings}}"#,
        After::Owner(r#"{"type":"room.update_settings","control":"$control","expect":{"settings":$settings}}"#),
    ),
    deed(
        "room.update_settings:of_members",
        r#"{"permissions":{"member":{"allow":["members.mute"]}},"expect":{"settings":$settings}}"#,
        After::Owner(r#"{"type":"room.update_settings","permissions":{"member":{}},"expect":{"settings":$settings}}"#),
    ),
    deed(
        "room.update_settings:of_admins",
        r#"{"permissions":{"admin":{"deny":["room.settings"]}},"expect":{"settings":$settings}}"#,
        After::Owner(r#"{"type":"room.update_settings","permissions":{"admin":{}},"expect":{"settings":$settings}}"#),
    ),
    deed(
        "room.set_join_rule",
        r#"{"join_rule":"$other","expect":{"settings":$settings}}"#,
        After::Owner(r#"{"type":"room.set_join_rule",$rule,"expect":{"settings":$settings}}"#),
    ),
    deed("room.set_join_rule:blind", r#"{"join_rule":"$other"}"#, After::Stays),
    deed("room.transfer", r#"{"member":"$target"}"#, After::Owner(WITHDRAW)),
    deed("room.accept_transfer", "{}", After::Fresh),
    within(
        "room.accept_transfer:offered",
        "{}",
        (r#"{"type":"room.transfer","member":"$moderator"}"#, WITHDRAW),
        After::Fresh,
    ),
    deed("room.close", "{}", After::Owner(r#"{"type":"room.reopen"}"#)),
    deed("room.reopen", "{}", After::Owner(r#"{"type":"room.close"}"#)),
    deed("room.expel_guests", "{}", After::Back),
    deed("member.join", "{}", After::Out),
    deed("member.join:password", r#"{"password":"open sesame"}"#, After::Out),
    deed("member.join:wrong", r#"{"password":"open barley"}"#, After::Out),
    deed("member.join:invite", r#"{"invite":"$token"}"#, After::Out),
    deed("member.join:forged", r#"{"invite":"$token0"}"#, After::Out),
    deed("member.leave", "{}", After::Back),
    deed("member.approve", r#"{"member":"$knocking"}"#, After::Knock),
    deed("member.approve:nobody", r#"{"member":"$stranger"}"#, After::Fresh),
    deed("member.reject", r#"{"member":"$knocking"}"#, After::Knock),
    deed("member.kick", r#"{"member":"$target"}"#, After::Target),
    deed("member.kick:moderator", r#"{"member":"$moderator"}"#, After::Back),
    deed("member.kick:owner", r#"{"member":"$owner"}"#, After::Fresh),
    deed("member.ban", r#"{"member":"$target"}"#, After::Target),
    deed("member.ban:admin", r#"{"member":"$admin"}"#, After::Back),
    deed(
        "member.ban:stranger",
        r#"{"member":"$stranger"}"#,
        After::Owner(r#"{"type":"member.unban","member":"$stranger"}"#),
    ),
    deed("member.unban", r#"{"member":"$banned"}"#, After::Owner(r#"{"type":"member.ban","member":"$banned"}"#)),
    deed("member.mute", r#"{"member":"$target"}"#, After::Owner(r#"{"type":"member.unmute","member":"$target"}"#)),
    deed("member.mute:self", r#"{"member":"$self"}"#, After::Fresh),
    deed("member.unmute", r#"{"member":"$muted"}"#, After::Owner(r#"{"type":"member.mute","member":"$muted"}"#)),
    deed("member.unmute:nobody", r#"{"member":"$target"}"#, After::Fresh),
    deed(
        "member.set_role",
        r#"{"member":"$target","role":"member"}"#,
        After::Owner(r#"{"type":"member.set_role","member":"$target","role":"guest"}"#),
    ),
    deed(
        "member.set_role:to_admin",
        r#"{"member":"$target","role":"admin"}"#,
        After::Owner(r#"{"type":"member.set_role","member":"$target","role":"guest"}"#),
    ),
    deed(
        "member.override_permissions",
        r#"{"member":"$target","allow":["queue.add"],"deny":["chat.react"],"expect":{"members":$members}}"#,
        After::Owner(
            r#"{"type":"member.override_permissions","member":"$target","allow":[],"deny":[],"expect":{"members":$members}}"#,
        ),
    ),
    deed(
        "member.override_permissions:close",
        r#"{"member":"$target","allow":["room.close"],"deny":[],"expect":{"members":$members}}"#,
        After::Owner(
            r#"{"type":"member.override_permissions","member":"$target","allow":[],"deny":[],"expect":{"members":$members}}"#,
        ),
    ),
    deed(
        "member.override_permissions:self",
        r#"{"member":"$self","allow":[],"deny":["queue.clear"],"expect":{"members":$members}}"#,
        After::Fresh,
    ),
    deed("member.override_permissions:blind", r#"{"member":"$target","allow":[],"deny":["queue.add"]}"#, After::Fresh),
    deed("invite.create", r#"{"max_uses":1}"#, After::Revoked),
    deed("invite.create:moderator", r#"{"role":"moderator"}"#, After::Revoked),
    deed("invite.revoke", r#"{"invite_id":"$invite"}"#, After::Invite),
    deed("live.create_key", "{}", After::Keyless),
    deed("live.revoke_key", r#"{"key_id":"$key"}"#, After::Key),
    deed("live.stop", "{}", After::Stays),
    deed("playlist.add", r#"{"url":"https://media.test/more.mp4"}"#, After::Stays),
    deed("playlist.update:own", r#"{"item_id":"$own_item","title":"$unique"}"#, After::Stays),
    deed("playlist.update:theirs", r#"{"item_id":"$item","title":"$unique"}"#, After::Stays),
    deed(
        "playlist.move:own",
        r#"{"item_id":"$own_item","after":null}"#,
        After::Actor(r#"{"type":"playlist.move","item_id":"$own_item","after":"$middle"}"#),
    ),
    deed(
        "playlist.move:theirs",
        r#"{"item_id":"$item","after":null}"#,
        After::Owner(r#"{"type":"playlist.move","item_id":"$item","after":"$middle"}"#),
    ),
    deed("playlist.remove:own", r#"{"item_id":"$own_item"}"#, After::Spent("own_item")),
    deed("playlist.remove:theirs", r#"{"item_id":"$item"}"#, After::Spent("item")),
    deed("playlist.clear", "{}", After::Fresh),
    deed("playback.play", "{}", After::Owner(PAUSE)),
    within("playback.pause", "{}", (r#"{"type":"playback.play"}"#, PAUSE), After::Stays),
    deed("playback.seek", r#"{"position_ms":$number}"#, After::Stays),
    deed(
        "playback.set_rate",
        r#"{"rate_permille":1250}"#,
        After::Owner(r#"{"type":"playback.set_rate","rate_permille":1000}"#),
    ),
    deed(
        "playback.set_mode",
        r#"{"mode":"repeat_all"}"#,
        After::Owner(r#"{"type":"playback.set_mode","mode":"sequential"}"#),
    ),
    deed("playback.select_item", r#"{"item_id":"$first"}"#, After::Owner(MIDDLE)),
    deed("playback.next", "{}", After::Owner(MIDDLE)),
    deed("playback.previous", "{}", After::Owner(MIDDLE)),
    deed("ready.start", "{}", After::Owner(CANCEL)),
    within("ready.mark", r#"{"ready":true}"#, (START, CANCEL), After::Stays),
    deed("ready.mark:unasked", r#"{"ready":true}"#, After::Stays),
    within("ready.cancel", "{}", (START, CANCEL), After::Stays),
    deed("chat.post", r#"{"text":"hello"}"#, After::Stays),
    deed("chat.edit:own", r#"{"message_id":"$own_message","text":"$unique"}"#, After::Stays),
    deed("chat.edit:theirs", r#"{"message_id":"$message","text":"$unique"}"#, After::Stays),
    deed("chat.redact:own", r#"{"message_id":"$own_message"}"#, After::Spent("own_message")),
    deed("chat.redact:theirs", r#"{"message_id":"$message"}"#, After::Spent("message")),
    deed(
        "chat.react",
        r#"{"message_id":"$kept_message","reaction":"👍","on":true}"#,
        After::Actor(r#"{"type":"chat.react","message_id":"$kept_message","reaction":"👍","on":false}"#),
    ),
];

/// The deed of this name.
pub fn find(name: &str) -> &'static Deed {
    DEEDS.iter().find(|deed| deed.name == name).unwrap_or_else(|| panic!("there is no deed {name}"))
}
