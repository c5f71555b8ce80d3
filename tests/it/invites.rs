//! Invites: how often, how long, as what and for which room they are good, whoever uses them at whichever node.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Answer, Guest, Server, TempDir, World, assert_verified, eventually, later, rounds};

struct Stage {
    world: World,
    other: Server,
    _dir: TempDir,
    ann: Guest,
    room: String,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new().await;
        let (other, dir) = world.beside();
        let ann = world.guest("Ann").await;
        let room = closed_to_others(&ann).await;
        Self { world, other, _dir: dir, ann, room }
    }

    /// Somebody new, at either node.
    async fn guest(&self, number: usize) -> Guest {
        let urls = [&self.world.server.url, &self.other.url];
        Guest::new(urls[number % 2], &format!("g{number}")).await
    }

    async fn invite(&self, fields: Value) -> Invite {
        Invite::of(&self.create(&self.ann, fields).await)
    }

    async fn create(&self, who: &Guest, mut fields: Value) -> Answer {
        fields["type"] = json!("invite.create");
        who.command(&self.room, fields).await
    }

    async fn uses(&self, who: &Guest, token: &str) -> Answer {
        who.command(&self.room, join(token)).await
    }

    /// Refused for this reason, with nothing stored.
    async fn refused(&self, token: &str, why: &str) {
        let stranger = self.guest(1).await;
        let refused = self.uses(&stranger, token).await;
        assert_eq!((refused.status, refused.code()), (403, "invalid_invite"), "{token}: {:#}", refused.body);
        assert!(
            refused.body["detail"].as_str().is_some_and(|detail| detail.contains(why)),
            "{why}: {:#}",
            refused.body
        );
        assert_eq!(stranger.snapshot(&self.room).await.code(), "not_a_member");
    }
}

struct Invite {
    id: String,
    token: String,
}

impl Invite {
    fn of(answer: &Answer) -> Self {
        let made = answer.clone().ok();
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        Self { id: text(&made["events"][0]["data"]["invite_id"]), token: text(&made["secret"]["token"]) }
    }
}

/// A room that nobody enters without an invite.
async fn closed_to_others(ann: &Guest) -> String {
    let body = json!({ "name": "r", "join_rule": "invite", "visibility": "unlisted" });
    ann.post("/v1/rooms", &body).await.ok()["room_id"].as_str().expect("an id").to_owned()
}

fn join(token: &str) -> Value {
    json!({ "type": "member.join", "invite": token })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_who_use_an_invite_at_once_as_many_get_in_as_it_says() {
    let stage = Stage::new().await;
    let invite = stage.invite(json!({ "max_uses": 5 })).await;
    let guests = join_all((0..100).map(|number| stage.guest(number))).await;
    let used = guests.iter().map(|guest| {
        let (guest, room, token) = (guest.clone(), stage.room.clone(), invite.token.clone());
        tokio::spawn(async move { (guest.command(&room, join(&token)).await, guest) })
    });
    let answers: Vec<(Answer, Guest)> = join_all(used).await.into_iter().map(|done| done.expect("no panic")).collect();
    let (inside, outside): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(answer, _)| answer.status == 200);
    assert_eq!(inside.len(), 5, "{:?}", inside.iter().map(|(answer, _)| &answer.body).collect::<Vec<_>>());
    for (answer, _) in &outside {
        assert_eq!((answer.status, answer.code()), (403, "invalid_invite"), "{:#}", answer.body);
    }
    let events = stage.ann.events(&stage.room).await;
    let joined = events.iter().filter(|event| event["data"]["invite"] == json!(invite.id)).count();
    assert_eq!(joined, 5, "{events:#?}");
    let by = format!("invite:{}", invite.id);
    assert!(inside.iter().all(|(answer, _)| answer.body["events"][0]["decided_by"] == json!(by)));
    // Whoever goes leaves no place behind.
    inside[0].1.command(&stage.room, json!({ "type": "member.leave" })).await.ok();
    for guest in [&inside[0].1, &outside[0].1] {
        assert_eq!(stage.uses(guest, &invite.token).await.code(), "invalid_invite");
    }
    assert_verified(&stage.world.database);
}

#[tokio::test]
async fn an_invite_is_good_until_its_end_and_for_its_room() {
    let stage = Stage::new().await;
    let long = stage.invite(json!({})).await;
    let end = later(&stage.world.database, "1 second").await;
    let short = stage.invite(json!({ "expires_at": end })).await;
    let past = later(&stage.world.database, "-1 second").await;
    let refused = stage.create(&stage.ann, json!({ "expires_at": past })).await;
    assert_eq!((refused.status, refused.code()), (400, "invalid_expiry"), "{:#}", refused.body);

    let stranger = stage.guest(1).await;
    let path = format!("/v1/rooms/{}/commands?validate_only=true", stage.room);
    let over = async || (stranger.post(&path, &join(&short.token)).await.code() == "invalid_invite").then_some(());
    eventually("the invite is over", over).await;
    stage.refused(&short.token, "expired").await;

    let elsewhere = closed_to_others(&stage.ann).await;
    let refused = stranger.command(&elsewhere, join(&long.token)).await;
    assert_eq!((refused.status, refused.code()), (403, "invalid_invite"), "{:#}", refused.body);
    let at = |index: usize, with: &str| format!("{}{with}{}", &long.token[..index], &long.token[index + 1..]);
    let last = long.token.len() - 1;
    let other = if long.token.ends_with('0') { "1" } else { "0" };
    let swapped = format!("{}{}", &short.token[..last - 31], &long.token[last - 31..]);
    for forged in [&at(last, other), &at(last - 32, "Z"), &at(0, "S"), &at(last, ""), &swapped, &long.id, ""] {
        stage.refused(forged, "is not for this room").await;
    }
    stage.uses(&stranger, &long.token).await.ok();
    assert_verified(&stage.world.database);
}

#[tokio::test]
async fn an_invite_gives_a_role_as_long_as_its_maker_may_give_it() {
    let stage = Stage::new().await;
    let plain = stage.invite(json!({})).await;
    let ranked = stage.invite(json!({ "role": "moderator" })).await;
    let low = stage.invite(json!({ "role": "guest" })).await;
    let guests = join_all((0..3).map(|number| stage.guest(number))).await;
    for ((guest, invite), role) in guests.iter().zip([&plain, &ranked, &low]).zip(["member", "moderator", "guest"]) {
        let joined = stage.uses(guest, &invite.token).await.ok();
        assert_eq!(joined["events"][0]["data"]["role"], role, "{joined:#}");
    }
    let [member, moderator, _] = &guests[..] else { panic!("three") };
    for (who, role, code) in [
        (member, "moderator", "forbidden"),
        (member, "guest", "ok"),
        (moderator, "moderator", "forbidden"),
        (moderator, "guest", "ok"),
        (&stage.ann, "owner", "invalid_field"),
    ] {
        let answer = stage.create(who, json!({ "role": role })).await;
        assert_eq!(answer.code(), code, "{role}: {:#}", answer.body);
    }
    // What a member may not give any more, their invite does not give.
    let theirs = Invite::of(&stage.create(member, json!({})).await);
    let demoted = json!({ "type": "member.set_role", "member": member.id, "role": "guest" });
    stage.ann.command(&stage.room, demoted).await.ok();
    stage.refused(&theirs.token, "void").await;
    let back = json!({ "type": "member.set_role", "member": member.id, "role": "member" });
    stage.ann.command(&stage.room, back).await.ok();
    let late = stage.guest(1).await;
    stage.uses(&late, &theirs.token).await.ok();
    assert_verified(&stage.world.database);
}

#[tokio::test]
async fn a_token_is_told_to_its_maker_alone_and_again_over_rest_and_socket() {
    let stage = Stage::new().await;
    let reader = stage.guest(1).await;
    let command = json!({ "type": "invite.create", "max_uses": 2 });
    let first = stage.ann.keyed(&stage.room, &command, "k").await;
    let invite = Invite::of(&first);
    stage.uses(&reader, &invite.token).await.ok();
    let at_other = stage.ann.at(&stage.other.url);
    assert_eq!(at_other.keyed(&stage.room, &command, "k").await, first);
    let mut listening = reader.subscribed(&stage.room, "now").await.0;
    let mut socket = at_other.socket(&stage.room).await;
    let mut tokens = vec![];
    for key in ["k", "socket", "socket"] {
        socket.tell(json!({ "id": key, "command": command, "key": key })).await;
        tokens.push(socket.until("reply").await["secret"]["token"].clone());
    }
    assert_eq!((&tokens[0], &tokens[1]), (&json!(invite.token), &tokens[2]));
    assert_ne!(tokens[0], tokens[1]);
    let over_rest = stage.ann.keyed(&stage.room, &command, "socket").await;
    assert_eq!(over_rest.body["secret"]["token"], tokens[1], "{:#}", over_rest.body);
    let told = listening.until("event").await;
    assert_eq!((&told["type"], &told["data"]["max_uses"]), (&json!("invite.created"), &json!(2)));
    assert!(!told.to_string().contains("synctv_invite_"), "{told:#}");
    for (number, token) in tokens.iter().enumerate() {
        let used = stage.uses(&stage.guest(number).await, token.as_str().expect("a token")).await;
        assert_eq!(used.status, 200, "{number}: {:#}", used.body);
    }

    // Revoked over the socket, it is worth nothing over REST at the other node.
    let open = Invite::of(&stage.create(&stage.ann, json!({})).await);
    socket.tell(json!({ "id": 1, "command": { "type": "invite.revoke", "invite_id": open.id } })).await;
    assert_eq!(socket.until("reply").await["events"][0]["type"], "invite.revoked");
    stage.refused(&open.token, "revoked").await;
    let again = stage.ann.command(&stage.room, json!({ "type": "invite.revoke", "invite_id": open.id })).await;
    assert_eq!((again.status, again.code()), (404, "invite_not_found"));
    assert_verified(&stage.world.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_in_by_an_invite_after_it_was_revoked() {
    let stage = Stage::new().await;
    for round in 0..rounds(10, 100) {
        let invite = stage.invite(json!({})).await;
        let guests = join_all((0..6).map(|number| stage.guest(number))).await;
        let used: Vec<_> = guests
            .into_iter()
            .map(|guest| {
                let (room, token) = (stage.room.clone(), invite.token.clone());
                tokio::spawn(async move { guest.command(&room, join(&token)).await })
            })
            .collect();
        let revoke = json!({ "type": "invite.revoke", "invite_id": invite.id });
        let revoked = stage.ann.command(&stage.room, revoke).await.ok()["seq"].as_i64().expect("a seq");
        stage.refused(&invite.token, "revoked").await;
        let mut inside = Vec::new();
        for answer in join_all(used).await {
            let answer = answer.expect("no panic");
            match answer.status {
                200 => inside.extend(answer.seqs()),
                _ => assert_eq!(answer.code(), "invalid_invite", "{:#}", answer.body),
            }
        }
        inside.sort_unstable();
        assert!(inside.iter().all(|seq| *seq < revoked), "round {round}: {inside:?} after {revoked}");
        let events = stage.ann.events(&stage.room).await;
        let by_it = events.iter().filter(|event| event["data"]["invite"] == json!(invite.id));
        let joined: Vec<_> = by_it.filter_map(|event| event["seq"].as_i64()).collect();
        assert_eq!(joined, inside, "round {round}");
    }
    assert_verified(&stage.world.database);
}
