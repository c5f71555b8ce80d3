//! How operators and probes see the read models.

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};

use crate::support::{Answer, Guest, MODELS, World, client, eventually, open, run, send};

async fn call(who: &Guest, method: Method, path: &str) -> Answer {
    send(who.request(method, path)).await
}

async fn listed(operator: &Guest, name: &str) -> Value {
    let list = operator.get("/v1/projections").await.ok()["projections"].clone();
    let found = list.as_array().into_iter().flatten().find(|projection| projection["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {list:#}")).clone()
}

/// Appends the last event again behind the server's back, with another type and time.
fn appended(kind: &str, at: &str) -> String {
    format!(
        "INSERT INTO events SELECT position + 1, event_id, stream_type, stream_id, seq + 1, {kind}, version, payload, \
         metadata, command_id, {at}, sha256(hash) FROM events ORDER BY position DESC LIMIT 1"
    )
}

async fn ready(world: &World) -> Value {
    let answer = send(client().get(format!("{}/readyz", world.server.url))).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    answer.body
}

#[tokio::test]
async fn projections_are_for_the_operators_token_alone() {
    let world = World::new().await;
    let (ann, operator) = (world.guest("Ann").await, world.auditor().await);
    let mut stranger = ann.clone();
    stranger.token = "x".to_owned();
    for (method, path, status, code) in [
        (Method::GET, "/v1/projections", 200, "ok"),
        (Method::GET, "/v1/projections?unknown=1", 400, "unknown_field"),
        (Method::GET, "/v1/projections/playlists/rebuild", 404, "rebuild_not_found"),
        (Method::DELETE, "/v1/projections/playlists/rebuild", 404, "rebuild_not_found"),
        (Method::GET, "/v1/projections/nothing/rebuild", 404, "projection_not_found"),
        (Method::POST, "/v1/projections/nothing/rebuild", 404, "projection_not_found"),
        (Method::POST, "/v1/projections/%FF/rebuild", 404, "projection_not_found"),
        (Method::DELETE, "/v1/projections/nothing/rebuild", 404, "projection_not_found"),
        (Method::POST, "/v1/projections/playlists/rebuild", 202, "ok"),
    ] {
        let what = format!("{method} {path}");
        let refused = call(&ann, method.clone(), path).await;
        assert_eq!((refused.status, refused.code()), (403, "forbidden"), "{what}");
        let refused = call(&stranger, method.clone(), path).await;
        assert_eq!((refused.status, refused.code()), (401, "invalid_token"), "{what}");
        let answer = call(&operator, method, path).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{what}: {:#}", answer.body);
    }
}

#[tokio::test]
async fn the_list_tells_where_each_read_model_is() {
    let world = World::new().await;
    let (ann, operator) = (world.guest("Ann").await, world.auditor().await);
    ann.room().await;
    let head = ready(&world).await["head"].clone();
    eventually("every read model to be there", async || {
        let list = operator.get("/v1/projections").await.ok()["projections"].clone();
        let list = list.as_array().expect("a list");
        assert_eq!(list.iter().map(|one| one["name"].as_str().unwrap_or("")).collect::<Vec<_>>(), MODELS);
        let there = |one: &Value| one["state"] == "running" && one["position"] == head && one["lag_events"] == 0;
        list.iter().all(there).then_some(())
    })
    .await;
    let one = listed(&operator, "playlists").await;
    let rest = ["lag_seconds", "poison", "rebuild", "kept", "generation"].map(|field| one[field].clone());
    assert_eq!(rest, [json!(0.0), Value::Null, Value::Null, json!([]), json!(1)]);
}

#[tokio::test]
async fn a_rebuild_is_begun_watched_refused_a_second_time_and_cancelled() {
    let world = World::new().await;
    let (ann, operator) = (world.guest("Ann").await, world.auditor().await);
    let room = ann.room().await;
    let add = json!({ "type": "playlist.add", "url": "https://media.test/a.mp4" });
    let added = ann.command(&room, add).await.ok();
    let before = ann.shown(&room, "playlist", &added).await;
    let path = "/v1/projections/playlists/rebuild";
    // A slow reader keeps the new tables from taking the place of those that it reads.
    let mut reader = open(&world.database).await;
    reader.execute("BEGIN; SELECT FROM playlists").await.expect("it can be read");

    let begun = call(&operator, Method::POST, path).await;
    assert_eq!(begun.status, 202, "{:#}", begun.body);
    assert_eq!((&begun.body["name"], &begun.body["generation"]), (&json!("playlists"), &json!(2)));
    let state = async || operator.get(path).await.ok()["state"].clone();
    eventually("it to wait for the reader", async || (state().await == "swapping").then_some(())).await;
    let again = call(&operator, Method::POST, path).await;
    assert_eq!((again.status, again.code()), (409, "rebuild_running"), "{:#}", again.body);
    assert_eq!(listed(&operator, "playlists").await["rebuild"]["state"], "swapping");
    assert_eq!(ann.shown(&room, "playlist", &added).await, before);

    let cancelled = call(&operator, Method::DELETE, path).await;
    assert_eq!((cancelled.status, &cancelled.body["state"]), (200, &json!("cancelled")), "{:#}", cancelled.body);
    let twice = call(&operator, Method::DELETE, path).await;
    assert_eq!((twice.status, twice.code()), (404, "rebuild_not_found"));
    assert_eq!(state().await, "cancelled");
    reader.close().await.expect("it is open");

    let begun = call(&operator, Method::POST, path).await.ok();
    eventually("it to be in place", async || (state().await == "done").then_some(())).await;
    let live = listed(&operator, "playlists").await;
    assert_eq!((&live["generation"], &live["kept"]), (&begun["generation"], &json!([1])), "{live:#}");
    assert_eq!(ann.shown(&room, "playlist", &added).await, before);
}

#[tokio::test]
async fn a_stopped_read_model_is_told_by_a_server_that_is_ready_all_the_same() {
    let world = World::new().await;
    let (ann, operator) = (world.guest("Ann").await, world.auditor().await);
    let room = ann.room().await;
    ann.room().await;
    let well = ready(&world).await;
    assert_eq!((&well["status"], &well["degraded"]), (&json!("ok"), &json!([])));
    // As a later version of the program may write.
    run(&world.database, &appended("'room.imagined'", "recorded_at")).await;
    let head = well["head"].as_i64().expect("a number");

    let seen = eventually("what stands still", async || {
        let seen = ready(&world).await;
        (seen["degraded"].as_array().map(Vec::len) == Some(6)).then_some(seen)
    })
    .await;
    assert_eq!(seen["status"], "degraded");
    for one in seen["degraded"].as_array().expect("a list") {
        assert_eq!((&one["reason"], &one["position"]), (&json!("stopped"), &json!(head + 1)), "{one:#}");
        assert_ne!(one["projection"], "audit_index", "it takes in whatever can be read");
    }
    let stopped = listed(&operator, "playlists").await;
    assert_eq!((&stopped["state"], &stopped["poison"]["position"]), (&json!("stopped"), &json!(head + 1)));
    assert!(stopped["poison"]["reason"].as_str().is_some_and(|reason| reason.contains("room.imagined")), "{stopped:#}");
    assert_eq!(ann.get(&format!("/v1/rooms/{room}/playlist")).await.status, 200, "what it had is still read");
}

/// Keeps a read model where it is until the session is closed.
async fn held(world: &World) -> PgConnection {
    let mut holder = open(&world.database).await;
    let hold = "BEGIN; SELECT FROM checkpoints WHERE name = 'playlists' FOR UPDATE";
    holder.execute(hold).await.expect("it can be held");
    holder
}

#[tokio::test]
async fn a_read_model_that_is_far_behind_is_told_until_it_has_caught_up() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let holder = held(&world).await;
    let done = ann.command(&room, json!({ "type": "chat.post", "text": "x" })).await.ok();
    ann.shown(&room, "chat", &done).await;
    let behind = ann.get(&format!("/v1/rooms/{room}/playlist?min_position={}", done["position"])).await;
    assert_eq!((behind.status, behind.code()), (503, "behind"));
    assert_eq!(ready(&world).await["degraded"], json!([]), "it is late by seconds only");
    holder.close().await.expect("it is open");
    ann.shown(&room, "playlist", &done).await;

    let holder = held(&world).await;
    run(&world.database, &appended("type", "recorded_at - interval '1 minute'")).await;
    let seen = eventually("the one that is held to be told alone", async || {
        let seen = ready(&world).await["degraded"].clone();
        (seen.as_array().map(Vec::len) == Some(1)).then_some(seen)
    })
    .await;
    let told = ["projection", "reason", "position"].map(|field| seen[0][field].clone());
    assert_eq!(told, [json!("playlists"), json!("behind"), done["position"].clone()]);
    assert!(seen[0]["lag_seconds"].as_f64().is_some_and(|lag| lag > 60.0), "{seen:#}");

    holder.close().await.expect("it is open");
    eventually("it to have caught up", async || (ready(&world).await["status"] == "ok").then_some(())).await;
}
