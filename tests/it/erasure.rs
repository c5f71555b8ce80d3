//! What is personal, and its end.

use serde_json::{Value, json};

use crate::support::{Guest, World, assert_verified, eventually, open};

/// Everything that a reader can see of a room.
async fn seen(guest: &Guest, room: &str) -> String {
    let mut all = String::new();
    for path in ["", "?as_of=4", "?at=9999-01-01T00:00:00Z", "/events?limit=1000"] {
        all += &guest.get(&format!("/v1/rooms/{room}{path}")).await.ok().to_string();
    }
    let last = guest.snapshot(room).await.ok()["seq"].as_i64().expect("a number");
    // From where the frames at hand begin.
    let mut stream = guest.follow(room, "3").await;
    loop {
        let sent = stream.next().await.expect("the stream goes on");
        all += &sent.data.to_string();
        if sent.seq() == last {
            return all;
        }
    }
}

#[tokio::test]
async fn an_erased_guest_leaves_no_name_and_no_text() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Benedict").await);
    let room = ann.room().await;
    let elsewhere = ann.room().await;
    ben.join(&room).await;
    // A reader keeps the room in memory all the time, and what is said as it goes over the wire.
    let mut open_stream = ann.follow(&room, "3").await;
    let said = ben.keyed(&room, &json!({ "type": "chat.post", "text": "something private" }), "k").await.ok();
    let message = &said["events"][0]["data"]["message_id"];
    ben.command(&room, json!({ "type": "chat.edit", "message_id": message, "text": "something else private" }))
        .await
        .ok();
    ann.command(&room, json!({ "type": "chat.post", "text": "kept" })).await.ok();
    open_stream.seqs_until(6).await;
    let before = seen(&ann, &room).await;
    assert!(before.contains("Benedict") && before.contains("something private"), "{before}");

    assert_eq!(world.erase("gst_00000000000000000000000000").0, Some(1));
    assert_eq!(world.erase(&ben.id), (Some(0), json!({ "subject": ben.id, "erased": true })));
    assert_eq!(world.erase(&ben.id).0, Some(1), "erased twice");
    assert_verified(&world.database);

    let (other, _dir) = world.beside();
    for server in [&other.url, &world.server.url] {
        let ann = ann.at(server);
        eventually("the texts to be gone", || async {
            let seen = seen(&ann, &room).await;
            (!seen.contains("Benedict") && !seen.contains("private")).then_some(())
        })
        .await;
        let events = ann.events(&room).await;
        assert_eq!((&events[2]["data"]["display_name"], &events[3]["data"]["text"]), (&Value::Null, &Value::Null));
        assert_eq!(events[5]["data"]["text"], "kept");
        let members = ann.snapshot(&room).await.ok()["members"].clone();
        let gone = members.as_array().into_iter().flatten().find(|member| member["id"] == ben.id.as_str());
        assert!(gone.is_some_and(|member| member["display_name"].is_null()), "{members:#}");

        let ben = ben.at(server);
        let before = crate::support::head(&world.database).await;
        for (room, command) in [
            (&room, json!({ "type": "chat.post", "text": "I am back" })),
            (&elsewhere, json!({ "type": "member.join" })),
        ] {
            let refused = ben.command(room, command.clone()).await;
            assert_eq!((refused.status, refused.code()), (403, "erased"), "{command}: {:#}", refused.body);
        }
        assert_eq!(crate::support::head(&world.database).await, before, "something was stored");
        let again = ben.keyed(&room, &json!({ "type": "chat.post", "text": "something private" }), "k").await.ok();
        assert_eq!((&again["seq"], &again["events"][0]["data"]["text"]), (&said["seq"], &Value::Null));
    }
    // He can still do what says nothing about him.
    ben.command(&room, json!({ "type": "member.leave" })).await.ok();
    assert_verified(&world.database);
}

#[tokio::test]
async fn nothing_secret_or_personal_is_in_the_output_or_in_the_log() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Annabelle the First").await, world.guest("Benedict the Last").await);
    let room = ann.room().await;
    ben.join(&room).await;
    let said = ben.command(&room, json!({ "type": "chat.post", "text": "a private sentence" })).await.ok();
    let message = &said["events"][0]["data"]["message_id"];
    let redact = json!({ "type": "chat.redact", "message_id": message, "reason": "a private reason" });
    ann.command(&room, redact).await.ok();
    ann.command(&room, json!({ "type": "member.kick", "member": ben.id, "reason": "another private reason" }))
        .await
        .ok();
    for number in 0..510 {
        ann.keyed(&room, &json!({ "type": "chat.post", "text": "a private sentence" }), &format!("k{number}"))
            .await
            .ok();
    }
    let ticket = ann.post(&format!("/v1/rooms/{room}/tickets"), &json!({ "use": "sse" })).await.ok();
    let ticket = ticket["ticket"].as_str().expect("a string").to_owned();
    ann.stream(&format!("/v1/rooms/{room}/events?ticket={ticket}"), None).await.next().await;
    ann.get(&format!("/v1/rooms/{room}/events?ticket={ticket}")).await;
    let operator = std::fs::read_to_string(world.dir.path().join("operator.token")).expect("it was written");
    let private = ["Annabelle", "Benedict", "private", &ann.token, &ben.token, &ticket, operator.trim()];

    let mut connection = open(&world.database).await;
    for table in ["events", "commands", "snapshots", "outbox", "subject_keys", "chat_messages", "room_members"] {
        let rows = format!("SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t");
        let stored: String = sqlx::query_scalar(&rows).fetch_one(&mut connection).await.expect("the table is there");
        let found: Vec<_> = private.iter().filter(|text| stored.contains(**text)).collect();
        assert!(found.is_empty(), "{table} holds {found:?}");
    }
    let World { server, .. } = world;
    let output = server.log();
    let found: Vec<_> = private.iter().filter(|text| output.contains(**text)).collect();
    assert!(found.is_empty(), "{found:?} in the output:\n{output}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_of_the_erased_fail_alone() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Benedict").await);
    let room = ann.room().await;
    ben.join(&room).await;
    assert_eq!(world.erase(&ben.id).0, Some(0));
    let say = json!({ "type": "chat.post", "text": "x" });
    eventually("the erasure", || async { (ben.command(&room, say.clone()).await.code() == "erased").then_some(()) })
        .await;
    let sent: Vec<_> = (0..64)
        .map(|number| {
            let (guest, room, say) =
                (if number % 2 == 0 { ann.clone() } else { ben.clone() }, room.clone(), say.clone());
            tokio::spawn(async move { guest.command(&room, say).await })
        })
        .collect();
    for (number, sent) in sent.into_iter().enumerate() {
        let answer = sent.await.expect("no panic");
        let expected = if number % 2 == 0 { "ok" } else { "erased" };
        assert_eq!(answer.code(), expected, "{:#}", answer.body);
    }
    assert_verified(&world.database);
}
