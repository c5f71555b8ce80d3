//! The same key on every way in: a repeat is answered as the first time, wherever that was.

use serde_json::{Value, json};
use synctv_proto::json::from_json;
use synctv_proto::v1;
use tonic::Code;

use crate::support::{Answer, Failure, Grpc, Guest, Socket, Typed, World, assert_verified, head, send};

/// Somebody with a connection of every kind to one room.
struct Everywhere {
    who: Guest,
    call: Grpc,
    socket: Socket,
    typed: [Typed; 2],
    room: String,
}

const WAYS: usize = 5;

impl Everywhere {
    async fn new(who: &Guest, room: &str) -> Self {
        let call = who.grpc();
        let typed = [who.typed_socket(room).await, call.session(room).await.expect("it opens")];
        Self { who: who.clone(), call, socket: who.socket(room).await, typed, room: room.to_owned() }
    }

    async fn give(&mut self, way: usize, command: &Value, key: &str) -> Answer {
        match way {
            0 => self.who.keyed(&self.room, command, key).await,
            1 => called(self.call.keyed(key).command(&self.room, command).await),
            2 => {
                self.socket.tell(json!({ "id": 1, "command": command, "key": key })).await;
                let mut reply = self.socket.until("reply").await;
                match reply.get_mut("problem") {
                    Some(problem) => Answer { status: 422, body: problem.take() },
                    None => Answer { status: 200, body: reply },
                }
            }
            way => self.typed[way - 3].answer(1, command, Some(key)).await,
        }
    }
}

fn called(done: Result<Value, Failure>) -> Answer {
    match done {
        Ok(body) => Answer { status: 200, body },
        Err(failure) => {
            assert_eq!(failure.code, Code::InvalidArgument, "{failure:?}");
            failure.answer(422)
        }
    }
}

/// An answer, whichever its format.
fn message(answer: Answer) -> v1::RoomsCommandResponse {
    let mut body = answer.ok();
    body.as_object_mut().expect("an object").remove("id");
    from_json(&body).unwrap_or_else(|mismatch| panic!("{body}: {mismatch}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_is_answered_alike_on_every_way_in() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let mut everywhere = Everywhere::new(&ann, &room).await;
    let add = json!({ "type": "playlist.add", "url": "https://media.test/a.mp4", "title": "a" });
    for (number, (command, events, other)) in [
        (json!({ "type": "chat.post", "text": "hello" }), 1, json!({ "type": "chat.post", "text": "hallo" })),
        (json!({ "type": "invite.create", "max_uses": 2 }), 1, json!({ "type": "invite.create" })),
        (json!({ "type": "playback.pause" }), 0, json!({ "type": "playback.play" })),
        (add, 1, json!({ "type": "playlist.clear" })),
    ]
    .into_iter()
    .enumerate()
    {
        for first in 0..WAYS {
            let (key, before) = (format!("{number} {first}"), head(&world.database).await);
            let done = message(everywhere.give(first, &command, &key).await);
            assert_eq!(done.events.len(), events, "{command}");
            assert_eq!(done.secret.is_some(), command["type"] == "invite.create", "{command}");
            for again in 0..WAYS {
                let repeat = message(everywhere.give(again, &command, &key).await);
                assert_eq!(repeat, done, "{command}: first by way {first}, again by way {again}");
                let refused = everywhere.give(again, &other, &key).await;
                assert_eq!(refused.code(), "idempotency_mismatch", "{other} by way {again} after {first}");
            }
            assert_eq!(head(&world.database).await - before, events as i64, "{command}");
        }
    }
    assert_verified(&world.database);
}

#[tokio::test]
async fn a_room_is_made_once_by_rest_and_by_calls() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let wanted =
        json!({ "name": "r", "join_rule": "public", "visibility": "unlisted", "settings": { "barrier": "strict" } });
    let asked: v1::RoomsCreateRequest = from_json(&wanted).expect("the same shape");
    let call = async |key: &str, asked: &v1::RoomsCreateRequest| {
        let call = ann.grpc().keyed(key);
        let made = call.rooms().create(call.request(asked.clone())).await;
        made.map(tonic::Response::into_inner).map_err(Failure::from)
    };
    let rest = async |key: &str, wanted: &Value| {
        let request = ann.request(reqwest::Method::POST, "/v1/rooms").header("idempotency-key", key);
        send(request.json(wanted)).await
    };
    let made: v1::RoomsCreateResponse = from_json(&rest("one", &wanted).await.ok()).expect("the same shape");
    assert_eq!(call("one", &asked).await, Ok(made.clone()));
    let second = call("two", &asked).await.expect("another room");
    assert_ne!(second.room_id, made.room_id);
    assert_eq!(from_json(&rest("two", &wanted).await.ok()), Ok(second));

    let other = v1::RoomsCreateRequest { name: Some("another".to_owned()), ..asked };
    let refused = call("one", &other).await.expect_err("it was used");
    assert_eq!(refused.codes(), (Code::InvalidArgument, "idempotency_mismatch"));
    // A key is of its actor, whatever it was used for.
    let refused = ann.grpc().keyed("one").command(&made.room_id, &json!({ "type": "room.close" })).await;
    assert_eq!(refused.expect_err("it was used").reason, "idempotency_mismatch");
}
