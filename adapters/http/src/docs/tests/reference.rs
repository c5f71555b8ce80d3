//! The references in `runbooks/`: rights, from the domain; codes, from the documents.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};
use synctv_domain::{
    Actor, ActorId, Command, Company, Context, Permission, Proof, Recorded, Rejection, Role, Room, RoomId, ServerMs,
    decide,
};
use ulid::Ulid;

use crate::docs::catalogue::{command_example, event_example};
use crate::docs::commands::COMMANDS;
use crate::docs::events::EVENTS;
use crate::docs::refusals::REFUSALS;

const OWNER: ActorId = ActorId::User(Ulid(1));
const ADMIN: ActorId = ActorId::User(Ulid(2));

#[test]
fn the_references_are_current() {
    for (file, text) in [("permissions.md", permissions()), ("errors.md", errors())] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runbooks").join(file);
        if std::env::var_os("SYNCTV_UPDATE_DOCS").is_some() {
            std::fs::write(&path, &text).expect("it is ours");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        let renew = "to renew it: SYNCTV_UPDATE_DOCS=1 cargo test -p synctv-http reference";
        for (committed, line) in committed.lines().zip(text.lines()) {
            assert_eq!(committed, line, "{file} is not what the code says; {renew}");
        }
        assert_eq!(committed.len(), text.len(), "{file} has other lines; {renew}");
    }
}

fn permissions() -> String {
    let mut text = include_str!("permissions_head.md").to_owned();
    text +=
        "| right | owner | admin | moderator | member | guest | lets one | for |\n|---|---|---|---|---|---|---|---|\n";
    for permission in Permission::ALL {
        let cells: Vec<_> = Role::ALL.iter().map(|role| cell(*role, *permission)).collect();
        let commands: Vec<_> = commands_that_need(*permission).iter().map(|name| format!("`{name}`")).collect();
        let about = permission.about().trim_end_matches('.');
        let about = about[..1].to_lowercase() + &about[1..];
        let (cells, commands) = (cells.join(" | "), commands.join(" "));
        writeln!(text, "| `{permission}` | {cells} | {about} | {commands} |").expect("a string takes it");
    }
    text
}

fn cell(role: Role, permission: Permission) -> &'static str {
    if role.rank() >= permission.least_role().rank() {
        "yes"
    } else if role.rank() >= permission.ceiling().rank() {
        "–"
    } else {
        "never"
    }
}

/// Those that are refused for want of this right to an admin who has all others.
fn commands_that_need(permission: Permission) -> Vec<&'static str> {
    let rooms = [room_of(permission, ADMIN), room_of(permission, OWNER)];
    let lacks = |room: &Room, command: &Command| {
        let refused = decide(room, command, &context()).err();
        matches!(refused, Some(Rejection::Forbidden { permission: lacking, .. }) if lacking == permission.as_str())
    };
    let needs = |command: &Command| rooms.iter().any(|room| lacks(room, command));
    let examples = COMMANDS.iter().map(|entry| {
        let mut fields = command_example(entry);
        let given = fields.as_object_mut().expect("an object");
        // To give a role takes every right that comes with it.
        given.retain(|name, _| name != "type" && !(entry.name == "invite.create" && name == "role"));
        (entry.name, Command::parse(entry.name, fields).expect("an example"))
    });
    examples.filter(|(_, command)| needs(command)).map(|(name, _)| name).collect()
}

/// With an admin who lacks the right, and an item and a message of `author`.
fn room_of(permission: Permission, author: ActorId) -> Room {
    let mut room = Room::default();
    let denied = json!({ "member": ADMIN, "allow": [], "deny": [permission] });
    let created = json!({ "room_id": RoomId::new(Ulid(7)), "name": "r", "visibility": "listed", "join_rule": "public",
        "default_role": "member", "settings": {}, "owner": OWNER });
    let joined = |member: ActorId, role: Role| json!({ "member": member, "display_name": "n", "role": role });
    for (name, data) in [
        ("room.created", created),
        ("member.joined", joined(OWNER, Role::Owner)),
        ("member.joined", joined(ADMIN, Role::Admin)),
        ("member.permissions_overridden", denied),
        ("playlist.added", example_by("playlist.added", "added_by", author)),
        ("chat.posted", example_by("chat.posted", "author", author)),
    ] {
        room.apply(&recorded(name, data));
    }
    room
}

fn example_by(name: &str, field: &str, author: ActorId) -> Value {
    let entry = EVENTS.iter().find(|event| event.name == name).expect("it is described");
    let mut data = event_example(entry)["data"].clone();
    data[field] = json!(author);
    data
}

fn recorded(name: &str, data: Value) -> Recorded {
    let entry = EVENTS.iter().find(|event| event.name == name).expect("it is described");
    let mut event = event_example(entry);
    event["data"] = data;
    serde_json::from_value(event).expect("an event")
}

fn context() -> Context {
    Context {
        actor: Actor { id: ADMIN },
        display_name: None,
        now: ServerMs(0),
        lead_ms: 0,
        fresh: Ulid(9),
        room_id: RoomId::new(Ulid(7)),
        company: Company::default(),
        entropy: 0,
        proof: Proof::default(),
    }
}

fn errors() -> String {
    let mut text = include_str!("errors_head.md").to_owned();
    let statuses: BTreeSet<u16> = REFUSALS.iter().map(|(_, status, _)| *status).collect();
    for status in statuses {
        let title = axum::http::StatusCode::from_u16(status).expect("a status");
        write!(text, "\n## {title}\n\n| code | over gRPC | when |\n|---|---|---|\n").expect("a string takes it");
        for (code, _, about) in REFUSALS.iter().filter(|(_, given, _)| *given == status) {
            let rpc = synctv_edge::typed::code::name(code, title);
            writeln!(text, "| `{code}` | `{rpc}` | {about} |").expect("a string takes it");
        }
    }
    text
}
