//! The table of rights: who may do what in which room, and by what they are refused.
//!
//! A deed, then `actors: expectation`, separated by semicolons or line breaks. `ok` changes the room, `nothing` is accepted
//! and changes nothing; the rest are codes, `forbidden` with the right and what decided.

use crate::rights_as_made::AS_MADE;
use crate::rights_stage::Configuration;

const PUBLIC: &str = r#""join_rule":"public""#;

const fn public(name: &'static str, control: &'static str, last: Option<&'static str>) -> Configuration {
    Configuration { name, rule: PUBLIC, control, last }
}

const fn entered(name: &'static str, rule: &'static str) -> Configuration {
    Configuration { name, rule, control: "everyone", last: None }
}

/// Rooms, and what is allowed in them. The first table is of every deed.
pub const TABLES: &[(Configuration, &str)] = &[
    (public("as made", "everyone", None), AS_MADE),
    (
        public(
            "control of moderators",
            "moderators",
            Some(r#"{"type":"room.update_settings","control":"moderators","expect":{"settings":$settings}}"#),
        ),
        MODERATORS,
    ),
    (
        public(
            "control of the owner",
            "owner",
            Some(r#"{"type":"room.update_settings","control":"owner","expect":{"settings":$settings}}"#),
        ),
        OWNER,
    ),
    (
        public(
            "control of the owner and of members",
            "owner",
            Some(
                r#"{"type":"room.update_settings","control":"owner","permissions":{"member":{"allow":["playback.control"]}},"expect":{"settings":$settings}}"#,
            ),
        ),
        LED,
    ),
    (
        public(
            "chat off",
            "everyone",
            Some(r#"{"type":"room.update_settings","capabilities":{"chat":false},"expect":{"settings":$settings}}"#),
        ),
        CHAT_OFF,
    ),
    (
        public(
            "reactions off",
            "everyone",
            Some(
                r#"{"type":"room.update_settings","capabilities":{"reactions":false},"expect":{"settings":$settings}}"#,
            ),
        ),
        REACTIONS_OFF,
    ),
    (
        public(
            "rights of roles",
            "everyone",
            Some(
                r#"{"type":"room.update_settings","permissions":{"moderator":{"deny":["members.ban"]},"member":{"allow":["members.kick","members.ban"],"deny":["playback.control","chat.send"]},"guest":{"allow":["queue.add","members.kick"]}},"expect":{"settings":$settings}}"#,
            ),
        ),
        ROLES,
    ),
    (public("closed", "everyone", Some(r#"{"type":"room.close"}"#)), CLOSED),
    (
        public(
            "full",
            "everyone",
            Some(r#"{"type":"room.update_settings","max_members":9,"expect":{"settings":$settings}}"#),
        ),
        FULL,
    ),
    (entered("password", r#""join_rule":"password","password":"open sesame""#), PASSWORD),
    (entered("approval", r#""join_rule":"approval""#), APPROVAL),
    (entered("invite", r#""join_rule":"invite""#), INVITE),
];

const MODERATORS: &str = "
room.update_settings:everyone owner admin: ok; moderator: forbidden room.settings role:moderator
  allowed: forbidden room.settings ceiling:member; member muted denied: forbidden room.settings role:member
  guest: forbidden room.settings role:guest; outside: not_a_member
playback.play owner admin moderator: ok; member guest muted allowed: forbidden playback.control control:moderators
  denied: forbidden playback.control member_override; outside: not_a_member
playback.pause owner admin moderator: ok; member guest muted allowed: forbidden playback.control control:moderators
  denied: forbidden playback.control member_override; outside: not_a_member
playback.seek owner admin moderator: ok; member guest muted allowed: forbidden playback.control control:moderators
  denied: forbidden playback.control member_override; outside: not_a_member
playback.set_rate owner admin moderator: ok
  member guest muted allowed denied: forbidden playback.rate control:moderators; outside: not_a_member
playback.set_mode owner admin moderator: ok
  member guest muted allowed denied: forbidden playback.navigate control:moderators; outside: not_a_member
playback.select_item owner admin moderator: ok
  member guest muted allowed denied: forbidden playback.navigate control:moderators; outside: not_a_member
playback.next owner admin moderator: ok
  member guest muted allowed denied: forbidden playback.navigate control:moderators; outside: not_a_member
playback.previous owner admin moderator: ok
  member guest muted allowed denied: forbidden playback.navigate control:moderators; outside: not_a_member
ready.start owner admin moderator: ok; member guest muted allowed: forbidden playback.control control:moderators
  denied: forbidden playback.control member_override; outside: not_a_member
ready.cancel owner admin moderator: ok; member guest muted allowed: forbidden playback.control control:moderators
  denied: forbidden playback.control member_override; outside: not_a_member
ready.mark inside: ok; outside: not_a_member
";

const OWNER: &str = "
room.update_settings:everyone owner: ok; admin: forbidden playback.control control:owner
  moderator: forbidden room.settings role:moderator; allowed: forbidden room.settings ceiling:member
  member muted denied: forbidden room.settings role:member; guest: forbidden room.settings role:guest
  outside: not_a_member
playback.play owner: ok; admin moderator member guest muted allowed: forbidden playback.control control:owner
  denied: forbidden playback.control member_override; outside: not_a_member
playback.pause owner: ok; admin moderator member guest muted allowed: forbidden playback.control control:owner
  denied: forbidden playback.control member_override; outside: not_a_member
playback.set_rate owner: ok; admin moderator member guest muted allowed denied: forbidden playback.rate control:owner
  outside: not_a_member
playback.next owner: ok; admin moderator member guest muted allowed denied: forbidden playback.navigate control:owner
  outside: not_a_member
ready.start owner: ok; admin moderator member guest muted allowed: forbidden playback.control control:owner
  denied: forbidden playback.control member_override; outside: not_a_member
";

const LED: &str = "
playback.play owner member muted allowed: ok; admin moderator guest: forbidden playback.control control:owner
  denied: forbidden playback.control member_override; outside: not_a_member
playback.next owner: ok; admin moderator member guest muted allowed denied: forbidden playback.navigate control:owner
  outside: not_a_member
ready.cancel owner member muted allowed: ok; admin moderator guest: forbidden playback.control control:owner
  denied: forbidden playback.control member_override; outside: not_a_member
";

const CHAT_OFF: &str = "
chat.post inside: forbidden chat.send capability:chat; outside: not_a_member
chat.edit:own inside: forbidden chat.send capability:chat; outside: not_a_member
chat.react inside: forbidden chat.react capability:chat; outside: not_a_member
chat.redact:own inside: ok; outside: not_a_member
chat.redact:theirs owner admin moderator allowed: ok; member muted denied: forbidden chat.delete_any role:member
  guest: forbidden chat.delete_any role:guest; outside: not_a_member
";

const REACTIONS_OFF: &str = "
chat.react inside: forbidden chat.react capability:reactions; outside: not_a_member
chat.post owner admin moderator member guest allowed: ok; muted: forbidden chat.send muted
  denied: forbidden chat.send member_override; outside: not_a_member
";

const ROLES: &str = "
member.ban owner admin: ok; moderator: forbidden members.ban room_override:moderator
  member muted allowed denied: forbidden members.ban ceiling:member; guest: forbidden members.ban role:guest
  outside: not_a_member
member.unban owner admin: ok; moderator: forbidden members.ban room_override:moderator
  member muted allowed denied: forbidden members.ban ceiling:member; guest: forbidden members.ban role:guest
  outside: not_a_member
member.kick owner admin moderator member muted allowed denied: ok; guest: forbidden members.kick ceiling:guest
  outside: not_a_member
room.expel_guests owner admin moderator member muted allowed denied: ok; guest: forbidden members.kick ceiling:guest
  outside: not_a_member
playback.play owner admin moderator: ok; member muted allowed: forbidden playback.control room_override:member
  denied: forbidden playback.control member_override; guest: forbidden playback.control role:guest
  outside: not_a_member
chat.post owner admin moderator guest: ok; member allowed: forbidden chat.send room_override:member
  muted: forbidden chat.send muted; denied: forbidden chat.send member_override; outside: not_a_member
playlist.add owner admin moderator member guest muted allowed: ok; denied: forbidden queue.add member_override
  outside: not_a_member
";

/// Besides these, every command.
const CLOSED: &str = "
room.reopen owner: ok; admin: forbidden room.close role:admin; moderator: forbidden room.close role:moderator
  member muted allowed denied: forbidden room.close role:member; guest: forbidden room.close role:guest
  outside: not_a_member
room.close owner: nothing; admin: forbidden room.close role:admin; moderator: forbidden room.close role:moderator
  member muted allowed denied: forbidden room.close role:member; guest: forbidden room.close role:guest
  outside: not_a_member
member.leave owner: owner_cannot_leave; admin moderator member guest muted allowed denied: ok; outside: not_a_member
member.join inside outside: room_closed
member.join:invite inside outside: room_closed
rest inside: room_closed; outside: not_a_member
";

const FULL: &str = "
member.join inside: nothing; banned: banned; kicked: cooldown; knocking stranger: limit_reached
member.join:invite inside: nothing; banned: banned; kicked: cooldown; knocking stranger: limit_reached
member.join:forged inside: nothing; banned: banned; kicked: cooldown; knocking stranger: invalid_invite
member.approve owner admin moderator: limit_reached; member muted allowed denied: forbidden members.review role:member
  guest: forbidden members.review role:guest; outside: not_a_member
member.reject owner admin moderator: ok; member muted allowed denied: forbidden members.review role:member
  guest: forbidden members.review role:guest; outside: not_a_member
";

const PASSWORD: &str = "
member.join inside: nothing; banned: banned; kicked: cooldown; knocking stranger: join_refused
member.join:password inside: nothing; banned: banned; kicked: cooldown; knocking stranger: ok
member.join:wrong inside: nothing; banned: banned; kicked: cooldown; knocking stranger: wrong_password
member.join:invite inside: nothing; banned: banned; kicked: cooldown; knocking stranger: ok
member.join:forged inside: nothing; banned: banned; kicked: cooldown; knocking stranger: invalid_invite
room.set_join_rule owner admin: ok; moderator: forbidden room.join_rule role:moderator
  member muted allowed denied: forbidden room.join_rule role:member; guest: forbidden room.join_rule role:guest
  outside: not_a_member
";

const APPROVAL: &str = "
member.join inside knocking: nothing; banned: banned; kicked: cooldown; stranger: ok
member.join:password inside knocking: nothing; banned: banned; kicked: cooldown; stranger: ok
member.join:invite inside: nothing; banned: banned; kicked: cooldown; knocking stranger: ok
member.join:forged inside: nothing; banned: banned; kicked: cooldown; knocking stranger: invalid_invite
member.approve owner admin moderator: ok; member muted allowed denied: forbidden members.review role:member
  guest: forbidden members.review role:guest; outside: not_a_member
";

const INVITE: &str = "
member.join inside: nothing; banned: banned; kicked: cooldown; knocking stranger: join_refused
member.join:password inside: nothing; banned: banned; kicked: cooldown; knocking stranger: join_refused
member.join:invite inside: nothing; banned: banned; kicked: cooldown; knocking stranger: ok
member.join:forged inside: nothing; banned: banned; kicked: cooldown; knocking stranger: invalid_invite
";
