//! What those who are not inside cost those who are.

use serde_json::{Value, json};

use crate::support::{Guest, World, assert_verified, eventually};

async fn made(owner: &Guest, more: Value) -> String {
    let mut body = json!({ "name": "r", "join_rule": "public", "visibility": "unlisted" });
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    owner.post("/v1/rooms", &body).await.ok()["room_id"].as_str().expect("an id").to_owned()
}

/// What is left of the room's quota, as the owner is told.
async fn left(owner: &Guest, room: &str) -> i64 {
    let request = owner.request(reqwest::Method::POST, &format!("/v1/rooms/{room}/commands"));
    let response = request.json(&json!({ "type": "playback.pause" })).send().await.expect("the server answers");
    let fields = response.headers()["ratelimit"].to_str().expect("ASCII").to_owned();
    let room = fields.split(", ").find(|field| field.starts_with("\"room\"")).expect("the room's").to_owned();
    room.split([';', '=']).nth(2).and_then(|left| left.parse().ok()).expect("a number")
}

#[tokio::test]
async fn who_does_not_get_in_uses_up_nothing_of_the_room() {
    let world = World::with(&[("SYNCTV_RATE_LIMITS", "on")]).await;
    let (ann, eve) = (world.guest("Ann").await, world.guest("Eve").await);
    let full = made(&ann, json!({ "settings": { "max_members": 1 } })).await;
    let asking = made(&ann, json!({ "join_rule": "approval" })).await;
    eve.command(&asking, json!({ "type": "member.join" })).await.ok();
    for room in [&full, &asking] {
        for _ in 0..60 {
            let code = eve.command(room, json!({ "type": "member.join" })).await.code().to_owned();
            assert!(["limit_reached", "ok"].contains(&code.as_str()), "{code}");
        }
        // One for what is asked now, and what the knock cost.
        assert!(left(&ann, room).await >= 2000 - 5, "{} left", left(&ann, room).await);
    }
    assert_verified(&world.database);
}

#[tokio::test]
async fn passwords_that_nobody_asked_for_are_counted_as_well() {
    let world = World::with(&[("SYNCTV_RATE_LIMITS", "on")]).await;
    let ann = world.guest("Ann").await;
    let open = made(&ann, json!({})).await;
    let join = json!({ "type": "member.join", "password": "not asked for" });
    let mut refused = None;
    for number in 0..8 {
        let answer = ann.keyed(&open, &join, &format!("k{number}")).await;
        if answer.code() != "ok" {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("they are counted");
    assert_eq!((refused.code(), &refused.body["limit"]), ("rate_limited", &json!("password_actor")));
    let again = ann.keyed(&open, &join, "k0").await;
    assert!(again.code() == "rate_limited" || again.status == 200, "{:#}", again.body);
    assert_verified(&world.database);
}

#[tokio::test]
async fn ones_own_closed_room_can_be_found_and_opened() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    ann.command(&room, json!({ "type": "room.close" })).await.ok();
    let found = eventually("the list shows it", async || {
        let rooms = ann.get("/v1/rooms?mine=true").await.ok()["rooms"].clone();
        let own = rooms.as_array()?.iter().find(|listed| listed["room_id"] == json!(room))?.clone();
        (own["closed"] == json!(true)).then_some(own)
    })
    .await;
    assert_eq!(found["name"], "r");
    ann.command(&room, json!({ "type": "room.reopen" })).await.ok();
    assert_eq!(world.guest("Eve").await.get("/v1/rooms").await.ok()["rooms"], json!([]), "it is unlisted");
}
