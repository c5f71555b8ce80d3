//! The page's fold of events and the server's make the same room.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use synctv_domain::Event;

use crate::support::{Guest, World, assert_verified, random, rounds};

/// Every command that changes a room, with fields that may or may not be accepted.
const KINDS: [&str; 42] = [
    "room.update_settings",
    "room.set_join_rule",
    "room.transfer",
    "room.expel_guests",
    "member.approve",
    "member.reject",
    "member.ban",
    "member.unban",
    "member.unban",
    "member.mute",
    "member.unmute",
    "member.override_permissions",
    "member.override_permissions",
    "invite.create",
    "invite.revoke",
    "room.close",
    "room.reopen",
    "member.join",
    "member.leave",
    "member.kick",
    "member.set_role",
    "playlist.add",
    "playlist.update",
    "playlist.move",
    "playlist.remove",
    "playlist.clear",
    "playback.play",
    "playback.pause",
    "playback.seek",
    "playback.set_rate",
    "playback.set_mode",
    "playback.select_item",
    "ready.start",
    "ready.mark",
    "ready.cancel",
    "chat.post",
    "chat.edit",
    "chat.redact",
    "chat.react",
    "live.create_key",
    "live.revoke_key",
    "live.stop",
];

fn pick<'a>(from: &[&'a str]) -> &'a str {
    from[usize::try_from(random(from.len() as u64)).expect("an index")]
}

/// One of the ids in a list of the room; one that does not exist where there are none.
fn some(list: &Value, id: &str) -> Value {
    let ids: Vec<&str> = list.as_array().into_iter().flatten().filter_map(|entry| entry[id].as_str()).collect();
    if ids.is_empty() { json!("itm_01J00000000000000000000000") } else { json!(pick(&ids)) }
}

fn overrides() -> Value {
    let some = || pick(&["chat.send", "chat.react", "playback.control", "queue.add", "members.kick", "room.settings"]);
    json!({ "allow": [some(), some()], "deny": [some()] })
}

fn command(kind: &str, room: &Value, messages: &[Value]) -> Value {
    let (items, members) = (&room["playlist"], &room["members"]);
    let message = || messages.get(usize::try_from(random(messages.len().max(1) as u64)).expect("an index"));
    let mut command = match kind {
        "room.update_settings" => match random(7) {
            5 => json!({ "permissions": { pick(&["moderator", "member", "guest"]): overrides() } }),
            6 => json!({ "max_members": 3 + random(9), "capabilities": { "reactions": random(2) > 0 } }),
            0 => json!({ "name": format!("r{}", random(9)) }),
            1 => json!({ "visibility": pick(&["listed", "unlisted"]), "default_role": pick(&["member", "guest"]) }),
            2 => json!({ "capabilities": { "chat": random(3) > 0 } }),
            3 => json!({ "barrier": pick(&["never", "grace", "strict"]) }),
            _ => json!({ "control": pick(&["everyone", "everyone", "moderators", "owner"]) }),
        },
        "room.set_join_rule" => json!({ "join_rule": pick(&["public", "public", "approval", "invite"]) }),
        "room.transfer" if random(2) == 0 => json!({}),
        "member.kick" | "member.ban" | "member.mute" => json!({ "member": some(members, "id"), "reason": "so" }),
        "room.transfer" | "member.unmute" => json!({ "member": some(members, "id") }),
        "member.approve" | "member.reject" => json!({ "member": some(&room["knocks"], "id") }),
        "member.unban" => json!({ "member": some(&room["bans"], "id") }),
        "member.override_permissions" => {
            let mut fields = overrides();
            fields["member"] = some(members, "id");
            fields["expect"] = json!({ "members": room["versions"]["members"] });
            fields
        }
        "invite.create" => json!({ "max_uses": 1 + random(3), "role": pick(&["moderator", "member", "guest"]) }),
        "invite.revoke" => json!({ "invite_id": some(&room["invites"], "invite_id") }),
        "live.revoke_key" => json!({ "key_id": some(&room["live_keys"], "key_id") }),
        "member.set_role" => {
            json!({ "member": some(members, "id"), "role": pick(&["admin", "moderator", "member", "guest"]) })
        }
        "playlist.add" => match random(3) {
            0 => json!({ "url": "https://media.test/a.mp4" }),
            1 => json!({ "url": "https://media.test/b.mp4", "title": "B", "duration_ms": random(9000) }),
            _ => json!({ "url": "https://media.test/c.mp4", "after": some(items, "item_id"), "delivery": "proxy" }),
        },
        "playlist.update" => match random(2) {
            0 => json!({ "item_id": some(items, "item_id"), "duration_ms": random(9000) }),
            _ => json!({ "item_id": some(items, "item_id"), "title": format!("t{}", random(9)) }),
        },
        "playlist.move" => match random(3) {
            0 => json!({ "item_id": some(items, "item_id"), "after": null }),
            _ => json!({ "item_id": some(items, "item_id"), "after": some(items, "item_id") }),
        },
        "playlist.remove" => json!({ "item_id": some(items, "item_id") }),
        "ready.start" => json!({ "deadline_ms": 1 + random(2000) }),
        "ready.mark" => json!({ "ready": random(3) > 0 }),
        "playback.seek" => json!({ "position_ms": random(9000) }),
        "playback.set_rate" => json!({ "rate_permille": 250 + random(3750) }),
        "playback.set_mode" => json!({ "mode": pick(&["sequential", "repeat_one", "repeat_all", "shuffle"]) }),
        "playback.select_item" => json!({ "item_id": some(items, "item_id"), "position_ms": random(9000) }),
        "chat.post" => json!({ "text": "hello" }),
        "chat.edit" => json!({ "message_id": message(), "text": "hallo" }),
        "chat.redact" => json!({ "message_id": message() }),
        "chat.react" => json!({ "message_id": message(), "reaction": "+1", "on": random(2) == 0 }),
        _ => json!({}),
    };
    command["type"] = match kind {
        "playback.select_item" => json!(pick(&["playback.select_item", "playback.next", "playback.previous"])),
        _ => json!(kind),
    };
    if matches!(kind, "room.update_settings" | "room.set_join_rule") {
        command["expect"] = json!({ "settings": room["versions"]["settings"] });
    }
    command
}

/// Sends random commands until told to stop. Most are decided upon a room that has moved on meanwhile.
pub async fn write(who: Guest, room: String, stop: Arc<AtomicBool>) {
    let mut messages = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let now = who.snapshot(&room).await;
        if now.code() == "not_a_member" {
            who.command(&room, json!({ "type": "member.join" })).await;
            continue;
        }
        let now = now.ok();
        // What ends or empties everything is rarer than what fills it.
        let kind = match (&now["closed"], random(3)) {
            (Value::Bool(true), _) => "room.reopen",
            (_, 0) => pick(&["playlist.add", "chat.post"]),
            _ => pick(&KINDS),
        };
        let answer = who.command(&room, command(kind, &now, &messages)).await;
        assert!(answer.status < 500, "{kind}: {} {:#}", answer.status, answer.body);
        messages.extend(answer.body["events"].as_array().into_iter().flatten().filter_map(|event| {
            let id = &event["data"]["message_id"];
            id.is_string().then(|| id.clone())
        }));
    }
}

/// Plays until somebody buffers, and until they do no more.
async fn stall(owner: &Guest, room: &str) {
    owner.command(room, json!({ "type": "playlist.add", "url": "https://media.test/long.mp4" })).await.ok();
    owner.command(room, json!({ "type": "playback.play" })).await.ok();
    let (mut socket, _) = owner.subscribed(room, "now").await;
    for state in ["active", "buffering", "ready"] {
        socket.tell(json!({ "presence": { "state": state } })).await;
        let awaited = match state {
            "buffering" => "playback.held",
            "ready" => "playback.released",
            _ => continue,
        };
        while socket.until("event").await["type"] != awaited {}
    }
}

/// Everything about who is in and may do what.
async fn doors(owner: &Guest, other: &Guest, room: &str) {
    let id = || other.id.clone();
    let versions = async || owner.snapshot(room).await.ok()["versions"].clone();
    let set = async |rule: &str, more: Value| {
        let mut command = json!({ "type": "room.set_join_rule", "join_rule": rule });
        command["expect"] = json!({ "settings": versions().await["settings"] });
        if more.is_string() {
            command["password"] = more;
        }
        owner.command(room, command).await.ok();
    };
    set("password", json!("sesame")).await;
    other.command(room, json!({ "type": "member.join", "password": "sesame" })).await.ok();
    owner.command(room, json!({ "type": "room.expel_guests" })).await.ok();
    set("approval", json!(null)).await;
    owner.command(room, json!({ "type": "member.unban", "member": id() })).await.ok();
    other.command(room, json!({ "type": "member.join", "message": "it is me" })).await.ok();
    owner.command(room, json!({ "type": "member.reject", "member": id(), "reason": "who?" })).await.ok();
    owner.command(room, json!({ "type": "member.unban", "member": id() })).await.ok();
    other.command(room, json!({ "type": "member.join" })).await.ok();
    owner.command(room, json!({ "type": "member.approve", "member": id() })).await.ok();
    owner.command(room, json!({ "type": "member.mute", "member": id(), "reason": "noise" })).await.ok();
    owner.command(room, json!({ "type": "member.unmute", "member": id() })).await.ok();
    let mut denied = json!({ "type": "member.override_permissions", "member": id(), "allow": ["queue.clear"] });
    denied["deny"] = json!(["chat.react"]);
    denied["expect"] = json!({ "members": versions().await["members"] });
    owner.command(room, denied).await.ok();
    owner.command(room, json!({ "type": "member.ban", "member": id() })).await.ok();
    owner.command(room, json!({ "type": "member.unban", "member": id() })).await.ok();
    let revoked = owner.command(room, json!({ "type": "invite.create" })).await.ok()["events"][0]["data"].clone();
    let revoked = json!({ "type": "invite.revoke", "invite_id": revoked["invite_id"] });
    owner.command(room, revoked).await.ok();
    let invite = owner.command(room, json!({ "type": "invite.create", "max_uses": 2, "role": "guest" })).await.ok();
    let token = invite["secret"]["token"].clone();
    other.command(room, json!({ "type": "member.join", "invite": token })).await.ok();
    for (from, to) in [(owner, other), (other, owner)] {
        from.command(room, json!({ "type": "room.transfer", "member": to.id })).await.ok();
        to.command(room, json!({ "type": "room.accept_transfer" })).await.ok();
    }
    set("public", json!(null)).await;
    let key = owner.command(room, json!({ "type": "live.create_key" })).await.ok()["events"][0]["data"].clone();
    owner.command(room, json!({ "type": "live.revoke_key", "key_id": key["key_id"] })).await.ok();
}

/// Every kind of event once, whatever chance brings later.
pub async fn one_of_each(owner: &Guest, other: &Guest, room: &str) {
    doors(owner, other, room).await;
    other.command(room, json!({ "type": "member.leave" })).await.ok();
    other.join(room).await;
    let done = |command: Value| async move { owner.command(room, command).await.ok()["events"][0]["data"].clone() };
    let item = done(json!({ "type": "playlist.add", "url": "https://media.test/a.mp4" })).await["item_id"].clone();
    let second = json!({ "type": "playlist.add", "url": "https://media.test/b.mp4", "after": item });
    let second = done(second).await["item_id"].clone();
    let message = done(json!({ "type": "chat.post", "text": "hello" })).await["message_id"].clone();
    let withdrawn = done(json!({ "type": "chat.post", "text": "hello" })).await["message_id"].clone();
    for command in [
        json!({ "type": "member.set_role", "member": other.id, "role": "moderator" }),
        json!({ "type": "member.kick", "member": other.id }),
        json!({ "type": "playlist.update", "item_id": item, "duration_ms": 9000 }),
        json!({ "type": "playlist.move", "item_id": second, "after": null }),
        json!({ "type": "playback.select_item", "item_id": item }),
        json!({ "type": "playback.play" }),
        json!({ "type": "playback.seek", "position_ms": 70 }),
        json!({ "type": "playback.set_rate", "rate_permille": 1500 }),
        json!({ "type": "playback.set_mode", "mode": "shuffle" }),
        json!({ "type": "playlist.update", "item_id": item, "duration_ms": 8000 }),
        json!({ "type": "playback.pause" }),
        json!({ "type": "ready.start" }),
        json!({ "type": "ready.mark", "ready": true }),
        json!({ "type": "ready.cancel" }),
        json!({ "type": "playlist.remove", "item_id": item }),
        json!({ "type": "playlist.clear" }),
        json!({ "type": "chat.edit", "message_id": message, "text": "hallo" }),
        json!({ "type": "chat.react", "message_id": message, "reaction": "+1", "on": true }),
        json!({ "type": "chat.redact", "message_id": withdrawn }),
        json!({ "type": "room.close" }),
        json!({ "type": "room.reopen" }),
    ] {
        done(command).await;
    }
    let settings = owner.snapshot(room).await.ok()["versions"]["settings"].clone();
    done(json!({ "type": "room.update_settings", "control": "moderators", "expect": { "settings": settings } })).await;
    stall(owner, room).await;
    let seen: BTreeSet<String> =
        owner.events(room).await.iter().filter_map(|event| Some(event["type"].as_str()?.to_owned())).collect();
    // Publishers make the events of streams.
    let made = |name: &str| !name.starts_with("projection.") && !["live.started", "live.stopped"].contains(&name);
    let of_rooms = Event::NAMES.iter().map(|(name, _)| *name).filter(|name| made(name));
    let missing: Vec<_> = of_rooms.filter(|name| !seen.contains(*name)).collect();
    assert!(missing.is_empty(), "nothing here makes {missing:?}: add a command that does, to KINDS as well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_folds_a_room_as_the_server_does() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    one_of_each(&ann, &world.guest("Bob").await, &room).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut writers = vec![tokio::spawn(write(ann.clone(), room.clone(), Arc::clone(&stop)))];
    for name in ["Bob", "Cat", "Dan"] {
        let writer = world.guest(name).await;
        writers.push(tokio::spawn(write(writer, room.clone(), Arc::clone(&stop))));
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/client/fold.mjs");
    let mut node = Command::new("node");
    node.arg(script).args([&ann.url, &ann.token, &room]).arg(rounds(100, 1000).to_string());
    let output = tokio::task::spawn_blocking(move || node.output().expect("node runs")).await.expect("it ends");
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("a writer goes on to the end");
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success(), "{text}");
    println!("{text}");
    assert_verified(&world.database);
}
