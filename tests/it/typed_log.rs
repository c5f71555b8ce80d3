//! The log of all rooms over calls: what REST tells of it.

use serde_json::{Value, json};
use synctv_proto::json::{from_json, to_json};
use synctv_proto::v1;
use tokio::time::timeout;
use tonic::{Code, Streaming};

use crate::restore::restored;
use crate::support::{Failure, Grpc, Guest, SOON, World, code_of};

fn say(text: &str) -> Value {
    json!({ "type": "chat.post", "text": text })
}

/// Two people in two rooms, and what they did.
async fn busy(world: &World) -> (Guest, Guest, [String; 2]) {
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let rooms = [ann.room().await, ben.room().await];
    ben.join(&rooms[0]).await;
    for number in 0..3 {
        ann.command(&rooms[0], say(&format!("one {number}"))).await.ok();
        ben.command(&rooms[1], say(&format!("two {number}"))).await.ok();
    }
    ann.command(&rooms[0], json!({ "type": "member.kick", "member": ben.id, "reason": "noise" })).await.ok();
    (ann, ben, rooms)
}

async fn read(call: &Grpc, wanted: &Value) -> Result<v1::LogReadResponse, Failure> {
    let wanted: v1::LogReadRequest = from_json(wanted).unwrap_or_else(|mismatch| panic!("{wanted}: {mismatch}"));
    Ok(call.log().read(call.request(wanted)).await?.into_inner())
}

async fn tail(call: &Grpc, wanted: &Value) -> Result<Streaming<v1::LogTailResponse>, Failure> {
    let wanted: v1::LogTailRequest = from_json(wanted).unwrap_or_else(|mismatch| panic!("{wanted}: {mismatch}"));
    Ok(call.log().tail(call.stream(wanted)).await?.into_inner())
}

async fn next(stream: &mut Streaming<v1::LogTailResponse>) -> Result<Value, Failure> {
    let told = timeout(SOON, stream.message()).await.expect("in time")?;
    Ok(to_json(&told.expect("the stream has no end of its own")))
}

/// Positions up to `last`, each with the token to go on behind it.
async fn until(stream: &mut Streaming<v1::LogTailResponse>, epoch: &str, last: i64) -> Vec<i64> {
    let mut positions = Vec::new();
    while positions.last() != Some(&last) {
        let told = next(stream).await.expect("the stream goes on");
        let position = told["event"]["position"].as_i64().expect("a number");
        assert_eq!(told["resume_token"], format!("{epoch}:{position}"));
        positions.push(position);
    }
    positions
}

/// The same as a query.
fn query(wanted: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let fields = wanted.as_object().expect("an object").iter();
    fields.map(|(name, value)| format!("{name}={}&", text(value))).collect()
}

#[tokio::test]
async fn a_page_is_the_page_of_rest() {
    let world = World::new().await;
    let (ann, ben, rooms) = busy(&world).await;
    let auditor = world.auditor().await;
    let call = auditor.grpc();
    let page = auditor.get("/v1/log").await.ok();
    let (events, epoch) = (page["events"].as_array().expect("a list"), page["head"]["epoch"].as_str().expect("a text"));
    let (at, command) = (&events[6]["at"], &events[7]["command_id"]);
    let mut found = 0;
    for wanted in [
        json!({}),
        json!({ "limit": 3 }),
        json!({ "limit": 0 }),
        json!({ "limit": -5 }),
        json!({ "limit": 1_000_000, "after": "4" }),
        json!({ "limit": 2, "after": format!("{epoch}:4") }),
        json!({ "after": events.len().to_string() }),
        json!({ "actor": ben.id }),
        json!({ "room": rooms[1] }),
        json!({ "type": "member.kicked" }),
        json!({ "type": "no.such" }),
        json!({ "command": command }),
        json!({ "since": at }),
        json!({ "until": at, "limit": 4 }),
        json!({ "actor": ann.id, "room": rooms[0], "type": "chat.posted", "since": at, "limit": 1 }),
    ] {
        let rest = auditor.get(&format!("/v1/log?{}", query(&wanted))).await.ok();
        let answer = read(&call, &wanted).await.unwrap_or_else(|failure| panic!("{wanted}: {failure:?}"));
        found += answer.events.len();
        assert_eq!(Ok(answer), from_json(&rest), "{wanted}");
    }
    assert!(found > 40, "{found} events were found");
    let head = call.log().head(call.request(v1::LogHeadRequest {})).await.expect("an answer").into_inner();
    assert_eq!(to_json(&head)["head"], page["head"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_as_over_rest() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    ann.room().await;
    let auditor = world.auditor().await;
    let call = auditor.grpc();
    for wanted in [
        json!({ "after": "" }),
        json!({ "after": "-1" }),
        json!({ "after": "x" }),
        json!({ "after": "other:1" }),
        json!({ "after": "3" }),
        json!({ "actor": "" }),
        json!({ "actor": "ann" }),
        json!({ "room": ann.id }),
        json!({ "type": "" }),
        json!({ "type": "x".repeat(101) }),
        json!({ "command": "" }),
    ] {
        let rest = auditor.get(&format!("/v1/log?{}", query(&wanted))).await;
        let refused = read(&call, &wanted).await.expect_err("it makes no sense");
        assert_eq!(refused.codes(), (code_of(rest.status), rest.code()), "{wanted}: {refused:?}");
        if rest.status == 410 {
            assert_eq!(refused.more["reason"], rest.body["reason"], "{wanted}");
            assert_eq!(serde_json::from_str::<Value>(&refused.more["head"]).ok().as_ref(), Some(&rest.body["head"]));
            continue;
        }
        let refused = tail(&call, &wanted).await.expect_err("it makes no sense");
        assert_eq!(refused.codes(), (code_of(rest.status), rest.code()), "{wanted}: {refused:?}");
    }
}

#[tokio::test]
async fn the_log_and_the_read_models_are_for_the_operators_token_alone() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let forged = Grpc { token: Some("x".to_owned()), ..ann.grpc() };
    for (call, wanted) in [
        (ann.grpc(), (Code::PermissionDenied, "forbidden")),
        (forged, (Code::Unauthenticated, "invalid_token")),
        (Grpc::stranger(&world.server.url), (Code::Unauthenticated, "unauthenticated")),
    ] {
        let named = || v1::ProjectionsRebuildRequest { name: "playlists".to_owned() };
        let cancelled = v1::ProjectionsCancelRequest { name: "playlists".to_owned() };
        let head = call.log().head(call.request(v1::LogHeadRequest {})).await;
        let list = call.projections().list(call.request(v1::ProjectionsListRequest {})).await;
        for refused in [
            read(&call, &json!({})).await.err(),
            tail(&call, &json!({})).await.err(),
            head.err().map(Failure::from),
            list.err().map(Failure::from),
            call.projections().rebuild(call.request(named())).await.err().map(Failure::from),
            call.projections().cancel(call.request(cancelled)).await.err().map(Failure::from),
        ] {
            let refused = refused.expect("it is not theirs");
            assert_eq!(refused.codes(), wanted, "{refused:?}");
        }
    }
    // It opens nothing else.
    let operator = world.auditor().await.grpc();
    let refused = operator.rooms().list(operator.request(v1::RoomsListRequest::default())).await.expect_err("no guest");
    assert_eq!(Failure::from(refused).codes(), (Code::Unauthenticated, "invalid_token"));
    assert!(!world.server.log().contains(operator.token.as_deref().expect("a token")), "a token is in the log");
}

#[tokio::test]
async fn a_tail_shows_what_anybody_writes_anywhere_and_goes_on_behind_its_token() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let (ann, ben) = (world.guest("Ann").await, Guest::new(&other.url, "Ben").await);
    let rooms = [ann.room().await, ben.room().await];
    let call = world.auditor().await.grpc();
    let all = read(&call, &json!({})).await.expect("a page");
    let epoch = all.head.expect("a head").epoch;
    let mut stream = tail(&call, &json!({})).await.expect("it begins");
    let wanted = json!({ "room": rooms[1], "type": "chat.posted", "actor": ben.id });
    let mut filtered = tail(&call, &wanted).await.expect("it begins");
    for event in all.events {
        assert_eq!(next(&mut stream).await.expect("an event")["event"], to_json(&event), "a page and a stream differ");
    }
    for number in 0..3 {
        ann.command(&rooms[0], say(&format!("{number}"))).await.ok();
        ben.command(&rooms[1], say(&format!("{number}"))).await.ok();
    }
    assert_eq!(until(&mut stream, &epoch, 10).await, (5..=10).collect::<Vec<_>>());
    assert_eq!(until(&mut filtered, &epoch, 10).await, [6, 8, 10]);
    let mut again = tail(&call, &json!({ "after": format!("{epoch}:7") })).await.expect("it begins");
    assert_eq!(until(&mut again, &epoch, 10).await, [8, 9, 10]);
    for (after, reason) in [("other:1", "epoch_changed"), ("11", "ahead_of_head"), ("other:99", "epoch_changed")] {
        let mut stream = tail(&call, &json!({ "after": after })).await.expect("it begins");
        let reset = json!({ "reason": reason, "epoch": epoch, "position": 10 });
        let told = next(&mut stream).await.expect("a reset");
        assert_eq!(told, json!({ "reset": reset, "resume_token": format!("{epoch}:10") }), "{after}");
    }
}

#[tokio::test]
async fn a_tail_ends_with_its_epoch_and_with_its_server() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let call = world.auditor().await.grpc();
    let epoch = read(&call, &json!({})).await.expect("a page").head.expect("a head").epoch;
    let mut stream = tail(&call, &json!({})).await.expect("it begins");
    until(&mut stream, &epoch, 2).await;
    let now = restored(&world.database)["after"]["epoch"].clone();
    let told = next(&mut stream).await.expect("a reset");
    assert_eq!(told["reset"], json!({ "reason": "epoch_changed", "epoch": now, "position": 2 }));
    let ended = next(&mut stream).await.expect_err("its end");
    assert_eq!(ended.codes(), (Code::Aborted, "epoch_changed"), "{ended:?}");
    let mut again = tail(&call, &json!({ "after": told["resume_token"] })).await.expect("it begins");
    crate::restore::until(&ann, &room, "ok").await;
    until(&mut again, now.as_str().expect("a text"), 3).await;
    let World { server, database: _database, dir: _dir } = world;
    let stopping = tokio::task::spawn_blocking(move || server.terminate());
    let drain = next(&mut again).await.expect("a drain");
    assert!(drain["drain"]["retry_after_ms"].as_i64().is_some_and(|wait| wait > 0), "{drain}");
    assert_eq!(drain["resume_token"], "");
    let ended = next(&mut again).await.expect_err("its end");
    assert_eq!(ended.codes(), (Code::Unavailable, "draining"), "{ended:?}");
    assert!(timeout(SOON, stopping).await.expect("it stops in time").expect("no panic").success());
}
