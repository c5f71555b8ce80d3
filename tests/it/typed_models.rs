//! The read models over calls: the list of rooms, and what operators do.

use serde_json::{Value, json};
use sqlx::{Connection, Executor};
use synctv_proto::json::{from_json, to_json};
use synctv_proto::v1;
use tokio::time::timeout;
use tonic::{Code, Streaming};

use crate::support::{Failure, Grpc, Guest, MODELS, SOON, World, caught_up, code_of, eventually, open};

async fn list(call: &Grpc, wanted: &Value) -> Result<v1::RoomsListResponse, Failure> {
    let wanted: v1::RoomsListRequest = from_json(wanted).unwrap_or_else(|mismatch| panic!("{wanted}: {mismatch}"));
    Ok(call.rooms().list(call.request(wanted)).await?.into_inner())
}

/// The same as a query.
fn query(wanted: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let fields = wanted.as_object().expect("an object").iter();
    fields.map(|(name, value)| format!("{name}={}&", text(value))).collect()
}

#[tokio::test]
async fn the_list_of_rooms_is_that_of_rest() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let mut made = Vec::new();
    for (name, visibility) in [("one", "listed"), ("two", "unlisted"), ("three", "listed"), ("four", "listed")] {
        let room = json!({ "name": name, "join_rule": "public", "visibility": visibility });
        made.push(ann.post("/v1/rooms", &room).await.ok());
    }
    let closed = made[3]["room_id"].as_str().expect("an id");
    let last = ann.command(closed, json!({ "type": "room.close" })).await.ok()["position"].clone();
    let shown = list(&ann.grpc(), &json!({ "min_position": last })).await.expect("a list");
    assert_eq!(shown.rooms.iter().map(|room| &*room.name).collect::<Vec<_>>(), ["three", "two", "one"]);
    for who in [&ann, &ben] {
        let call = who.grpc();
        for wanted in [
            json!({}),
            json!({ "mine": true }),
            json!({ "query": "T" }),
            json!({ "query": "nothing" }),
            json!({ "page_size": 1 }),
            json!({ "page_size": 0 }),
            json!({ "page_size": 100_000 }),
        ] {
            let rest = who.get(&format!("/v1/rooms?{}", query(&wanted))).await.ok();
            assert_eq!(Ok(list(&call, &wanted).await.expect("a list")), from_json(&rest), "{wanted}");
        }
        for wanted in [
            json!({ "page_token": "x" }),
            json!({ "min_position": -1 }),
            json!({ "min_position": i64::MAX }),
            json!({ "query": "x".repeat(101) }),
        ] {
            let rest = who.get(&format!("/v1/rooms?{}", query(&wanted))).await;
            let refused = list(&call, &wanted).await.expect_err("it makes no sense");
            assert_eq!(refused.codes(), (code_of(rest.status), rest.code()), "{wanted}: {refused:?}");
        }
    }
    let (call, mut names, mut token) = (ann.grpc(), Vec::new(), String::new());
    loop {
        let page = list(&call, &json!({ "page_size": 2, "page_token": token, "mine": true })).await.expect("a page");
        assert!(page.rooms.len() <= 2);
        names.extend(page.rooms.into_iter().map(|room| room.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["four", "three", "two", "one"]);
}

#[tokio::test]
async fn who_asks_for_their_own_write_waits_for_it_or_is_told_to_come_again() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let mut holder = open(&world.database).await;
    let hold = "BEGIN; SELECT FROM checkpoints WHERE name = 'room_directory' FOR UPDATE";
    holder.execute(hold).await.expect("it can be held");
    let room = json!({ "name": "r", "join_rule": "public", "visibility": "listed" });
    let position = ann.post("/v1/rooms", &room).await.ok()["position"].clone();
    let behind = list(&ann.grpc(), &json!({ "min_position": position })).await.expect_err("it is held");
    assert_eq!(behind.codes(), (Code::Unavailable, "behind"));
    assert!(behind.retry_ms.is_some_and(|wait| wait > 0), "{behind:?}");
    holder.close().await.expect("it is open");
    let shown = eventually("the list", async || list(&ann.grpc(), &json!({ "min_position": position })).await.ok());
    assert_eq!(shown.await.rooms.len(), 1);
}

async fn next(stream: &mut Streaming<v1::ProjectionsRebuildResponse>) -> Option<Value> {
    let told = timeout(SOON, stream.message()).await.expect("in time").expect("no failure");
    told.map(|told| to_json(&told)["status"].take())
}

async fn rebuild(call: &Grpc, name: &str) -> Result<Streaming<v1::ProjectionsRebuildResponse>, Failure> {
    let wanted = v1::ProjectionsRebuildRequest { name: name.to_owned() };
    Ok(call.projections().rebuild(call.stream(wanted)).await?.into_inner())
}

async fn cancel(call: &Grpc, name: &str) -> Result<Value, Failure> {
    let wanted = v1::ProjectionsCancelRequest { name: name.to_owned() };
    Ok(to_json(call.projections().cancel(call.request(wanted)).await?.get_ref())["status"].take())
}

async fn listed(call: &Grpc) -> v1::ProjectionsListResponse {
    let listed = call.projections().list(call.request(v1::ProjectionsListRequest {})).await;
    listed.expect("a list").into_inner()
}

async fn added(ann: &Guest) -> (String, Value) {
    let room = ann.room().await;
    let add = json!({ "type": "playlist.add", "url": "https://media.test/a.mp4" });
    let done = ann.command(&room, add).await.ok();
    (room, done)
}

#[tokio::test]
async fn operators_see_every_read_model_as_over_rest() {
    let world = World::new().await;
    let (ann, operator) = (world.guest("Ann").await, world.auditor().await);
    added(&ann).await;
    let call = operator.grpc();
    eventually("the same list twice", async || {
        caught_up(&world.database).await;
        let rest = operator.get("/v1/projections").await.ok();
        let typed = listed(&call).await;
        let names: Vec<_> = typed.projections.iter().map(|one| &*one.name).collect();
        assert_eq!(names, MODELS);
        (Ok(typed) == from_json(&rest)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_rebuild_tells_how_far_it_is_until_it_is_done_or_called_off() {
    let world = World::new().await;
    let (ann, operator) = (world.guest("Ann").await, world.auditor().await);
    let (room, done) = added(&ann).await;
    let before = ann.shown(&room, "playlist", &done).await;
    let call = operator.grpc();
    // A slow reader keeps the new tables from taking the place of those that it reads.
    let mut reader = open(&world.database).await;
    reader.execute("BEGIN; SELECT FROM playlists").await.expect("it can be read");
    let mut watched = rebuild(&call, "playlists").await.expect("it begins");
    let first = next(&mut watched).await.expect("how it begins");
    assert_eq!((&first["name"], &first["generation"]), (&json!("playlists"), &json!(2)));
    let mut states = vec![first["state"].clone()];
    while states.last() != Some(&json!("swapping")) {
        states.push(next(&mut watched).await.expect("it goes on")["state"].clone());
    }
    let again = rebuild(&call, "playlists").await.expect_err("it is under way");
    assert_eq!(again.codes(), (Code::FailedPrecondition, "rebuild_running"));
    assert_eq!(cancel(&call, "playlists").await.expect("it is called off")["state"], "cancelled");
    let mut last = None;
    while let Some(status) = next(&mut watched).await {
        last = Some(status);
    }
    assert_eq!(last.expect("its end")["state"], "cancelled");
    let twice = cancel(&call, "playlists").await.expect_err("it is over");
    assert_eq!(twice.codes(), (Code::NotFound, "rebuild_not_found"));
    reader.close().await.expect("it is open");

    let mut watched = rebuild(&call, "playlists").await.expect("it begins");
    let (mut last, mut told) = (Value::Null, 0);
    while let Some(status) = next(&mut watched).await {
        assert_ne!(status, last, "the same was told twice");
        (last, told) = (status, told + 1);
    }
    assert_eq!((&last["state"], &last["done"]), (&json!("done"), &last["of"]), "{last:#} after {told}");
    let rest = operator.get("/v1/projections/playlists/rebuild").await.ok();
    assert_eq!(from_json::<v1::RebuildStatus>(&last), from_json(&rest));
    assert_eq!(ann.shown(&room, "playlist", &done).await, before);
}

#[tokio::test]
async fn a_rebuild_goes_on_when_nobody_listens_and_unknown_ones_are_refused() {
    let world = World::new().await;
    let (ann, operator) = (world.guest("Ann").await, world.auditor().await);
    added(&ann).await;
    let call = operator.grpc();
    for name in ["nothing", ""] {
        let refused = rebuild(&call, name).await.expect_err("there is none");
        assert_eq!(refused.codes(), (Code::NotFound, "projection_not_found"), "{name:?}");
        let refused = cancel(&call, name).await.expect_err("there is none");
        assert_eq!(refused.codes(), (Code::NotFound, "projection_not_found"), "{name:?}");
    }
    drop(rebuild(&call, "playlists").await.expect("it begins"));
    drop(call);
    let state = async || operator.get("/v1/projections/playlists/rebuild").await.ok()["state"].clone();
    eventually("it to be done", async || (state().await == "done").then_some(())).await;
}
