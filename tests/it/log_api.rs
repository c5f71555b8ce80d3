//! The log of all rooms, for auditors.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Guest, World, eventually, grow, head, send, synctv};

/// How an answer is asked for.
const MANNERS: [&str; 3] = ["application/json", "application/x-ndjson", "text/event-stream"];

fn say(text: &str) -> Value {
    json!({ "type": "chat.post", "text": text })
}

/// Two people and two rooms, with events of both in turns.
async fn busy(world: &World) -> (Guest, Guest, [String; 2]) {
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let rooms = [ann.room().await, ben.room().await];
    ben.join(&rooms[0]).await;
    for number in 0..4 {
        ann.command(&rooms[0], say(&format!("one {number}"))).await.ok();
        ben.command(&rooms[0], say(&format!("two {number}"))).await.ok();
        ben.command(&rooms[1], say(&format!("three {number}"))).await.ok();
    }
    ann.command(&rooms[0], json!({ "type": "member.kick", "member": ben.id, "reason": "noise" })).await.ok();
    (ann, ben, rooms)
}

fn events(answer: &Value) -> Vec<Value> {
    answer["events"].as_array().expect("there is a list").clone()
}

/// All that a query finds, by pages of `limit`, and how many pages that took.
async fn all(auditor: &Guest, query: &str, limit: usize) -> (Vec<Value>, usize) {
    let (mut found, mut after, mut pages) = (Vec::new(), 0, 0);
    loop {
        let page = auditor.get(&format!("/v1/log?after={after}&limit={limit}{query}")).await.ok();
        let part = events(&page);
        assert!(part.len() <= limit, "{query}: {} events", part.len());
        found.extend(part);
        pages += 1;
        let Some(next) = page["next"].as_i64() else { return (found, pages) };
        assert!(next > after, "{query}: from {after} to {next}");
        after = next;
    }
}

#[tokio::test]
async fn the_log_is_for_the_operators_token_alone() {
    let world = World::new().await;
    let (other, other_dir) = world.beside();
    let ann = world.guest("Ann").await;
    ann.room().await;
    let auditor = world.auditor().await;
    let elsewhere = std::fs::read_to_string(other_dir.path().join("operator.token")).expect("it was written");
    let short = &auditor.token[..auditor.token.len() - 1];
    let long = format!("{}0", auditor.token);
    for accept in MANNERS {
        let ask = |authorization: Option<String>| {
            let request = crate::support::client().get(format!("{}/v1/log", world.server.url));
            let request = request.header("accept", accept);
            send(match authorization {
                Some(text) => request.header("authorization", text),
                None => request,
            })
        };
        for (given, status, code) in [
            (None, 401, "unauthenticated"),
            (Some("Bearer ".to_owned()), 401, "unauthenticated"),
            (Some(auditor.token.clone()), 401, "unauthenticated"),
            (Some(format!("Basic {}", auditor.token)), 401, "unauthenticated"),
            (Some(format!("Bearer {short}")), 401, "invalid_token"),
            (Some(format!("Bearer {long}")), 401, "invalid_token"),
            (Some(format!("Bearer {}", auditor.token.to_uppercase())), 401, "invalid_token"),
            (Some(format!("Bearer {}", elsewhere.trim())), 401, "invalid_token"),
            (Some(format!("Bearer {}", ann.token)), 403, "forbidden"),
        ] {
            let answer = ask(given.clone()).await;
            assert_eq!((answer.status, answer.code()), (status, code), "{accept}: {given:?}");
        }
    }
    assert_eq!(auditor.get("/v1/log").await.ok()["head"]["position"], 2);
    // It opens nothing else, and is told to nobody.
    let refused =
        auditor.post("/v1/rooms", &json!({ "name": "r", "join_rule": "public", "visibility": "listed" })).await;
    assert_eq!((refused.status, refused.code()), (401, "invalid_token"));
    let log = format!("{}{}", world.server.log(), other.log());
    assert!(!log.contains(&auditor.token) && !log.contains(elsewhere.trim()), "a token is in the log");
}

#[tokio::test]
async fn a_server_with_an_operators_token_that_is_none_does_not_start() {
    let World { server, database, dir } = World::new().await;
    assert!(server.terminate().success());
    let file = dir.path().join("operator.token");
    for token in ["", "\n", "short\n"] {
        std::fs::write(&file, token).expect("it is ours");
        let mut command = synctv(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
        let output = command.arg(dir.path()).env("DATABASE_URL", &database).output().expect("the binary runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && told.contains("operator.token"), "{token:?}: {told}");
    }
}

#[tokio::test]
async fn pages_show_all_rooms_in_the_order_of_the_log() {
    let world = World::new().await;
    let (ann, ben, rooms) = busy(&world).await;
    let auditor = world.auditor().await;
    let page = auditor.get("/v1/log?limit=1000").await.ok();
    let epoch = ann.snapshot(&rooms[0]).await.ok()["epoch"].clone();
    let last = head(&world.database).await;
    assert_eq!((&page["head"], &page["next"]), (&json!({ "epoch": epoch, "position": last }), &Value::Null));
    let events = events(&page);
    let positions: Vec<_> = events.iter().map(|event| event["position"].as_i64().expect("a number")).collect();
    assert_eq!(positions, (1..=last).collect::<Vec<_>>());
    for (who, room) in [(&ann, &rooms[0]), (&ben, &rooms[1])] {
        let mut seen = who.events(room).await;
        for event in &mut seen {
            event["room_id"] = json!(room);
        }
        let shown: Vec<_> = events.iter().filter(|event| event["room_id"] == **room).cloned().collect();
        assert_eq!(shown, seen, "an auditor sees something else than a member");
    }
    for limit in [1, 3, 1000] {
        assert_eq!(all(&auditor, "", limit).await.0, events, "by {limit}");
    }
}

#[tokio::test]
async fn pages_of_the_log_have_at_most_a_thousand() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    ann.command(&ann.room().await, say("again and again")).await.ok();
    grow(&world.database, 1097).await;
    let auditor = world.auditor().await;
    for (query, first, count, next) in [
        ("", 1, 100, Some(100)),
        ("?limit=0", 1, 1, Some(1)),
        ("?limit=-5", 1, 1, Some(1)),
        ("?limit=3&after=7", 8, 3, Some(10)),
        ("?limit=9223372036854775807", 1, 1000, Some(1000)),
        ("?limit=1000&after=1000", 1001, 100, None),
        ("?limit=100&after=1000", 1001, 100, None),
        ("?after=1100", 1101, 0, None),
    ] {
        let page = auditor.get(&format!("/v1/log{query}")).await.ok();
        let positions: Vec<_> = events(&page).iter().filter_map(|event| event["position"].as_i64()).collect();
        assert_eq!(positions, (first..first + count).collect::<Vec<i64>>(), "{query}");
        assert_eq!(page["next"].as_i64(), next, "{query}");
    }
}

#[tokio::test]
async fn filters_find_what_matches_and_nothing_else() {
    let world = World::new().await;
    let (ann, ben, rooms) = busy(&world).await;
    let auditor = world.auditor().await;
    let everything = all(&auditor, "", 1000).await.0;
    let at = |index: usize| everything[index]["at"].as_str().expect("a string").to_owned();
    let nobody = "gst_00000000000000000000000000";
    let nowhere = "room_00000000000000000000000000";
    let (actors, places) = ([&ann.id, &ben.id, nobody], [&rooms[0], &rooms[1], nowhere]);
    let mut conditions = vec![Vec::new()];
    for (name, values) in [
        ("actor", actors.map(str::to_owned).to_vec()),
        ("room", places.map(str::to_owned).to_vec()),
        ("type", ["chat.posted", "member.kicked", "no.such"].map(str::to_owned).to_vec()),
        ("since", vec![at(0), at(6), at(everything.len() - 1), "9999-12-31T23:59:59Z".to_owned()]),
        ("until", vec![at(0), at(9), "1970-01-01T00:00:00Z".to_owned()]),
    ] {
        let more = conditions.iter().flat_map(|before: &Vec<(&str, String)>| {
            values.iter().map(|value| [&before[..], &[(name, value.clone())]].concat())
        });
        conditions.extend(more.collect::<Vec<_>>());
    }
    let mut found = 0;
    for (number, condition) in conditions.iter().enumerate() {
        let query: String = condition.iter().map(|(name, value)| format!("&{name}={value}")).collect();
        let matches = |event: &Value| {
            condition.iter().all(|(name, value)| match *name {
                "actor" => event["actor"]["id"] == **value,
                "room" => event["room_id"] == **value,
                "type" => event["type"] == **value,
                "since" => event["at"].as_str().is_some_and(|at| at >= &**value),
                _ => event["at"].as_str().is_some_and(|at| at <= &**value),
            })
        };
        let expected: Vec<_> = everything.iter().filter(|event| matches(event)).cloned().collect();
        found += expected.len();
        assert_eq!(all(&auditor, &query, [2, 5, 1000][number % 3]).await.0, expected, "{query}");
    }
    assert!(found > 100, "{found} events were found by {} filters", conditions.len());
    let east = format!("since={}", at(6).replace('Z', "+00:00"));
    let page = auditor.get(&format!("/v1/log?limit=1&{east}")).await.ok();
    assert_eq!(page["events"][0]["at"], at(6), "a plus sign that was not escaped");
}

#[tokio::test]
async fn a_filter_that_matches_nothing_is_answered_in_bounded_steps() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let (quiet, room) = (ann.room().await, ann.room().await);
    ann.command(&room, say("again and again")).await.ok();
    grow(&world.database, 49_995).await;
    let auditor = world.auditor().await;
    for query in [format!("&room={room}&type=room.closed"), format!("&actor=system&type=chat.posted&room={room}")] {
        let (found, pages) = all(&auditor, &query, 100).await;
        assert_eq!((found, pages), (vec![], 3), "{query}");
        let first = auditor.get(&format!("/v1/log?limit=100{query}")).await.ok();
        assert!(first["next"].as_i64().is_some_and(|next| next <= 20_010), "{query}: {first:#}");
    }
    // What is not in the audit index yet is looked for in the log.
    for query in ["&type=room.closed", "&actor=system", "&command=none"] {
        let found = eventually("one page, once the index is there", async || {
            let (found, pages) = all(&auditor, query, 100).await;
            (pages == 1).then_some(found)
        });
        assert_eq!(found.await, Vec::<Value>::new(), "{query}");
    }
    // What an index finds is found at once.
    let (found, pages) = all(&auditor, &format!("&room={quiet}"), 100).await;
    assert_eq!((found.len(), pages), (2, 1));
    let (found, pages) = all(&auditor, "&since=9999-01-01T00:00:00Z&type=room.closed", 100).await;
    assert_eq!((found.len(), pages), (0, 1));
    assert_eq!(all(&auditor, "&type=room.created", 100).await.0.len(), 2);
}

#[tokio::test]
async fn a_cursor_of_another_log_gets_the_head() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let auditor = world.auditor().await;
    let epoch = ann.snapshot(&room).await.ok()["epoch"].as_str().expect("a string").to_owned();
    let ask = async |after: &str, accept: &str| -> Answer {
        send(auditor.request(Method::GET, &format!("/v1/log?after={after}")).header("accept", accept)).await
    };
    for accept in &MANNERS[..2] {
        for (after, reason) in [
            ("other:1", "epoch_changed"),
            ("other:99", "epoch_changed"),
            ("3", "ahead_of_head"),
            ("9223372036854775807", "ahead_of_head"),
        ] {
            let reset = ask(after, accept).await;
            assert_eq!(
                (reset.status, reset.code(), &reset.body["reason"]),
                (410, "cursor_reset", &json!(reason)),
                "{after}"
            );
            assert_eq!(reset.body["head"], json!({ "epoch": epoch, "position": 2 }), "{after}");
        }
        for after in [format!("{epoch}:2"), "2".to_owned(), format!("{epoch}:0")] {
            assert_eq!(ask(&after, accept).await.status, 200, "{after}");
        }
    }
    let told = crate::restore::restored(&world.database);
    let now = told["after"]["epoch"].clone();
    eventually("the new epoch", async || {
        let reset = ask(&format!("{epoch}:1"), MANNERS[0]).await;
        (reset.status == 410).then(|| assert_eq!(reset.body["head"], json!({ "epoch": now, "position": 2 })))
    })
    .await;
}

#[tokio::test]
async fn a_query_of_the_log_that_is_wrong_is_refused_with_a_code() {
    let world = World::new().await;
    let auditor = world.auditor().await;
    let long = format!("type={}", "x".repeat(101));
    for (query, code) in [
        ("after=", "invalid_cursor"),
        ("after=-1", "invalid_cursor"),
        ("after=x", "invalid_cursor"),
        ("limit=x", "invalid_query"),
        ("limit=99999999999999999999", "invalid_query"),
        ("actor=", "invalid_query"),
        ("actor=ann", "invalid_query"),
        ("actor=room_00000000000000000000000000", "invalid_query"),
        ("room=gst_00000000000000000000000000", "invalid_query"),
        ("room=room_x", "invalid_query"),
        ("type=", "invalid_query"),
        ("type=%00", "invalid_query"),
        (&long, "invalid_query"),
        ("since=yesterday", "invalid_time"),
        ("until=2026-02-30T00:00:00Z", "invalid_time"),
        ("format=xml", "invalid_query"),
        ("order=desc", "unknown_field"),
        ("type=a&type=b", "invalid_query"),
    ] {
        for accept in MANNERS {
            let request = auditor.request(Method::GET, &format!("/v1/log?{query}")).header("accept", accept);
            let answer = send(request.timeout(Duration::from_secs(30))).await;
            assert_eq!((answer.status, answer.code()), (400, code), "{accept} {query}: {:#}", answer.body);
        }
    }
}

#[tokio::test]
async fn auditors_do_not_read_what_was_erased() {
    let world = World::new().await;
    let (_, ben, _) = busy(&world).await;
    let auditor = world.auditor().await;
    let before = auditor.get("/v1/log?limit=1000").await.ok().to_string();
    assert!(before.contains("two 3") && before.contains("noise") && before.contains("one 3"));
    let mut erase = synctv(&["subject", "erase", &ben.id, "--data-dir"]);
    let erased = erase.arg(world.dir.path()).env("DATABASE_URL", &world.database).output().expect("the binary runs");
    assert!(erased.status.success());
    let last = head(&world.database).await;
    for format in ["", "&format=cloudevents"] {
        eventually("the texts to be gone", async || {
            let mut seen = auditor.get(&format!("/v1/log?limit=1000{format}")).await.ok().to_string();
            let mut stream = auditor.stream(&format!("/v1/log?after=0{format}"), None).await;
            for _ in 0..last {
                seen += &stream.next().await.expect("the stream goes on").data.to_string();
            }
            assert!(seen.contains("one 3"), "somebody else was erased");
            ["two 3", "three 3", "noise", "Ben"].iter().all(|text| !seen.contains(text)).then_some(())
        })
        .await;
    }
}
