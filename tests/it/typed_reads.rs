//! Guests and rooms over calls: what REST tells of them.

use serde_json::{Value, json};
use synctv_proto::json::{from_json, to_json};
use synctv_proto::v1;
use synctv_proto::v1::rooms_get_request::When;
use tonic::Code;

use crate::support::{Failure, Grpc, World, code_of, eventually};

fn play_list() -> [Value; 8] {
    [
        json!({ "type": "playlist.add", "url": "http://x.test/a", "title": "A", "duration_ms": 60_000 }),
        json!({ "type": "playback.play" }),
        json!({ "type": "playlist.add", "url": "http://x.test/b" }),
        json!({ "type": "chat.post", "text": "hello" }),
        json!({ "type": "playback.next" }),
        json!({ "type": "playback.seek", "position_ms": 30_000 }),
        json!({ "type": "ready.start" }),
        json!({ "type": "room.close" }),
    ]
}

fn room(json: &Value) -> v1::Room {
    from_json(json).unwrap_or_else(|mismatch| panic!("{json}: {mismatch}"))
}

async fn get(call: &Grpc, room_id: &str, when: Option<When>) -> Result<v1::Room, Failure> {
    let wanted = v1::RoomsGetRequest { room_id: room_id.to_owned(), when };
    let answer = call.rooms().get(call.request(wanted)).await?.into_inner();
    Ok(answer.room.expect("a room"))
}

fn at(text: &str) -> When {
    When::At(text.parse().expect("an instant"))
}

#[tokio::test]
async fn a_room_is_that_of_rest_now_and_at_any_time() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let id = ann.room().await;
    ben.join(&id).await;
    let mut seen = vec![ann.snapshot(&id).await.ok()];
    let call = ann.grpc();
    for command in play_list() {
        ann.command(&id, command).await.ok();
        let now = ann.snapshot(&id).await.ok();
        assert_eq!(get(&call, &id, None).await, Ok(room(&now)));
        seen.push(now);
    }
    let (other, _dir) = world.beside();
    let events = ann.events(&id).await;
    for then in &seen {
        let seq = then["seq"].as_i64().expect("a number");
        let text = events[seq as usize - 1]["at"].as_str().expect("a string");
        for call in [ann.grpc(), ann.at(&other.url).grpc()] {
            assert_eq!(get(&call, &id, Some(When::AsOf(seq))).await, Ok(room(then)), "as of {seq}");
            assert_eq!(get(&call, &id, Some(at(text))).await, Ok(room(then)), "at {text}, which is {seq}");
        }
    }
    let last = seen.last().expect("there are some");
    assert_eq!(get(&call, &id, Some(at("9999-12-31T23:59:59Z"))).await, Ok(room(last)));
    for gone in [When::AsOf(0), When::AsOf(-1), When::AsOf(events.len() as i64 + 1), at("2000-01-01T00:00:00Z")] {
        let refused = get(&call, &id, Some(gone)).await.expect_err("there is none");
        assert_eq!(refused.codes(), (Code::NotFound, "no_such_version"), "{gone:?}: {refused:?}");
    }
}

#[tokio::test]
async fn who_may_not_see_a_room_is_refused_as_over_rest() {
    let world = World::new().await;
    let (ann, eve) = (world.guest("Ann").await, world.guest("Eve").await);
    let id = ann.room().await;
    for unknown in [&*id, "room_00000000000000000000000000", "room_x", "x"] {
        let rest = eve.snapshot(unknown).await;
        let wanted = (code_of(rest.status), rest.code());
        let refused = get(&eve.grpc(), unknown, None).await.expect_err("it is not hers");
        assert_eq!(refused.codes(), wanted, "{unknown}: {refused:?}");
        let refused = eve.grpc().watch(unknown, "snapshot").await.err().expect("it is not hers");
        assert_eq!(refused.codes(), wanted, "{unknown}: {refused:?}");
        let mut session = eve.grpc().session(unknown).await.expect("the room is named later");
        let ended = session.next().await.expect_err("it is not hers");
        assert_eq!(ended.failure().codes(), wanted, "{unknown}: {ended:?}");
        let rest = eve.command(unknown, json!({ "type": "chat.post", "text": "x" })).await;
        let refused = eve.grpc().command(unknown, &json!({ "type": "chat.post", "text": "x" })).await;
        let refused = refused.expect_err("it is not hers");
        assert_eq!(refused.codes(), (code_of(rest.status), rest.code()), "{unknown}: {refused:?}");
    }
    let refused = get(&eve.grpc(), "", None).await.expect_err("no room");
    assert_eq!(refused.codes(), (Code::NotFound, "room_not_found"), "{refused:?}");
    for (token, code) in [(None, "unauthenticated"), (Some("x".to_owned()), "invalid_token")] {
        let call = Grpc { token, ..ann.grpc() };
        let wanted = (Code::Unauthenticated, code);
        assert_eq!(get(&call, &id, None).await.expect_err("nobody").codes(), wanted);
        assert_eq!(call.watch(&id, "now").await.err().expect("nobody").codes(), wanted);
        assert_eq!(call.silent().await.err().expect("nobody").codes(), wanted);
        assert_eq!(call.command(&id, &json!({ "type": "room.close" })).await.expect_err("nobody").codes(), wanted);
    }
}

async fn admit(call: &Grpc, name: Option<&str>) -> Result<v1::GuestsCreateResponse, Failure> {
    let wanted = v1::GuestsCreateRequest { display_name: name.map(str::to_owned) };
    Ok(call.guests().create(call.request(wanted)).await?.into_inner())
}

#[tokio::test]
async fn a_guest_of_a_call_is_a_guest_everywhere_and_renews_its_token() {
    let world = World::with(&[("SYNCTV_GUEST_TOKEN_SECS", "60")]).await;
    let stranger = Grpc::stranger(&world.server.url);
    let made = admit(&stranger, Some("Ann")).await.expect("a guest");
    let actor = made.actor.clone().expect("who it is");
    assert_eq!((actor.kind(), &*actor.display_name), (v1::ActorKind::Guest, "Ann"));
    let mut ann = world.guest("another").await;
    (ann.id, ann.token) = (actor.id, made.access_token.clone());
    let id = ann.room().await;
    assert_eq!(ann.snapshot(&id).await.ok()["members"][0]["id"], json!(ann.id));
    let call = ann.grpc();
    // A token is good for whole seconds.
    let expiry = |at: Option<prost_types::Timestamp>| at.expect("its end").seconds;
    let renewed = eventually("a token that is good for longer", async || {
        let renewed = call.guests().renew(call.request(v1::GuestsRenewRequest {})).await.expect("a token").into_inner();
        (expiry(renewed.expires_at) > expiry(made.expires_at)).then_some(renewed)
    });
    let again = Grpc { token: Some(renewed.await.access_token), ..call };
    assert_eq!(get(&again, &id, None).await.map(|room| room.owner), Ok(ann.id));
    let refused = again.guests().renew(stranger.request(v1::GuestsRenewRequest {})).await.expect_err("nobody");
    assert_eq!(Failure::from(refused).codes(), (Code::Unauthenticated, "unauthenticated"));
}

#[tokio::test]
async fn guests_and_rooms_that_cannot_be_are_refused_as_over_rest() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let call = ann.grpc();
    let long = "x".repeat(65);
    for name in [None, Some(""), Some(" "), Some("a\u{7}b"), Some(&*long)] {
        let body = name.map_or_else(|| json!({}), |name| json!({ "display_name": name }));
        let rest = ann.post("/v1/guests", &body).await;
        let refused = admit(&call, name).await.expect_err("no name");
        assert_eq!(refused.codes(), (code_of(rest.status), rest.code()), "{name:?}: {refused:?}");
    }
    let whole = json!({ "name": "r", "join_rule": "public", "visibility": "listed" });
    for (field, value) in [
        ("name", Value::Null),
        ("name", json!("")),
        ("join_rule", Value::Null),
        ("visibility", Value::Null),
        ("password", json!("")),
        ("settings", json!({ "max_members": 0 })),
        ("settings", json!({ "permissions": { "member": { "allow": ["room.close"] } } })),
    ] {
        let mut body = whole.clone();
        body[field] = value;
        if body[field].is_null() {
            body.as_object_mut().expect("an object").remove(field);
        }
        let rest = ann.post("/v1/rooms", &body).await;
        let wanted: v1::RoomsCreateRequest = from_json(&body).expect("the same shape");
        let made = call.rooms().create(call.request(wanted)).await;
        let outcome = made.map(|made| to_json(made.get_ref())).map_err(Failure::from);
        match outcome {
            Ok(made) => assert_eq!(rest.status, 201, "{body}: {made} {:#}", rest.body),
            Err(refused) => assert_eq!(refused.codes(), (code_of(rest.status), rest.code()), "{body}: {refused:?}"),
        }
    }
}
