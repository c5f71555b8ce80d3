//! How often calls of gRPC are answered: as requests of HTTP and messages of sockets are, and out of the same allowance.

use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use synctv_proto::v1;
use synctv_proto::v1::command::Command as Arm;
use synctv_proto::v1::session_request::Ask;
use tonic::Code;
use tonic_types::StatusExt;

use crate::support::{Connection, Guest, Head, METRICS, Received, World, eventually, framed};

const ON: (&str, &str) = ("SYNCTV_RATE_LIMITS", "on");
/// Messages of one actor at once, and then one a second.
const CHAT: u64 = 30;

fn post(room: &str) -> Vec<u8> {
    let chat = v1::ChatPostCommand { text: Some("x".to_owned()), reply_to: None };
    let command = Some(v1::Command { command: Some(Arm::ChatPost(chat)) });
    v1::RoomsCommandRequest { room_id: room.to_owned(), command, ..Default::default() }.encode_to_vec()
}

async fn say(connection: &Connection, ann: &Guest, room: &str) -> Received {
    connection.call(Head::of("Rooms/Command").by(&ann.token), &post(room)).await
}

fn told(ended: &Received, header: &str) -> String {
    ended.headers.get(header).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_caller_is_told_what_is_left_and_when_there_is_more() {
    let world = World::with(&[ON, METRICS]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let connection = Connection::open(&world.server.url).await;
    let first = say(&connection, &ann, &room).await;
    assert_eq!(first.told(), (Code::Ok, String::new()));
    assert!(told(&first, "ratelimit").starts_with("\"chat\";r=29;"), "{first:?}");
    assert!(told(&first, "ratelimit-policy").starts_with("\"chat\";q=30;"), "{first:?}");

    let mut said = 1;
    let refused = loop {
        let ended = say(&connection, &ann, &room).await;
        if ended.told().0 != Code::Ok {
            break ended;
        }
        said += 1;
        assert!(said < 10 * CHAT, "{said} messages at once are not too many");
    };
    assert!(said >= CHAT, "refused after {said}");
    assert_eq!(refused.told(), (Code::ResourceExhausted, "rate_limited".to_owned()));
    let status = refused.status.as_ref().expect("a status");
    let wait = status.get_details_retry_info().and_then(|info| info.retry_delay).expect("it tells when");
    assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
    let info = status.get_details_error_info().expect("it tells what");
    assert_eq!((info.domain.as_str(), info.metadata.get("limit").map(String::as_str)), ("synctv", Some("chat")));
    assert!(told(&refused, "ratelimit").starts_with("\"chat\";r=0;"), "{refused:?}");

    // It is one allowance, whichever way is taken.
    let by_request = eventually("a refusal over HTTP", async || {
        let answer = ann.command(&room, serde_json::json!({ "type": "chat.post", "text": "x" })).await;
        (answer.status == 429).then_some(answer)
    })
    .await;
    assert_eq!(by_request.body["limit"], "chat");
    let read = connection.call(Head::of("Rooms/List").by(&ann.token), b"").await;
    assert_eq!(read.told().0, Code::Ok);
    eventually("she may speak again", async || {
        (say(&connection, &ann, &room).await.told().0 == Code::Ok).then_some(())
    })
    .await;
    assert!(world.server.scrape().await.value("synctv_rate_limited_total{limit=\"chat\"}") >= 2.0);
}

#[tokio::test]
async fn a_session_that_floods_is_refused_and_then_ended() {
    let world = World::with(&[ON, METRICS]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let connection = Connection::open(&world.server.url).await;
    let ask = |ask| framed(&v1::SessionRequest { id: 7, ask: Some(ask) }.encode_to_vec());
    let (mut body, ended) = connection.begin(Head::of("Session/Session").by(&ann.token)).await.split();
    body.send_data(ask(Ask::Open(v1::Open { room_id: Some(room) })), false).expect("the stream is open");
    let typing = Bytes::from(ask(Ask::Typing(true)).repeat(20));
    let flood = async {
        // As much as the server takes, until it has had enough.
        while let Some(Ok(_)) = {
            body.reserve_capacity(typing.len());
            std::future::poll_fn(|cx| body.poll_capacity(cx)).await
        } {
            if body.capacity() >= typing.len() && body.send_data(typing.clone(), false).is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let ended = tokio::select! {
        ended = ended => ended,
        () = flood => unreachable!(),
    };
    assert_eq!(ended.told(), (Code::ResourceExhausted, "rate_limited".to_owned()));
    let status = ended.status.as_ref().expect("a status");
    let info = status.get_details_error_info().expect("it tells what");
    assert_eq!(info.metadata.get("close_code").map(String::as_str), Some("4429"));
    assert!(!ended.body.is_empty(), "what was refused at first was told");
    world.server.reaches("synctv_closes_total{code=\"4429\"}", 1.0).await;
    // It is that session's affair alone.
    assert_eq!(connection.call(Head::of("Rooms/List").by(&ann.token), b"").await.told().0, Code::Ok);
}

#[tokio::test]
async fn a_stream_too_many_for_an_address_is_refused_at_once_and_the_others_go_on() {
    const HELD: usize = 3;
    let world = World::with(&[ON, METRICS, ("SYNCTV_CONNECTIONS_PER_ADDRESS", "3")]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let connection = Connection::open(&world.server.url).await;
    let watch = v1::WatchRequest { room_id: room.clone(), from: None }.encode_to_vec();
    let mut held = Vec::new();
    for _ in 0..HELD {
        let mut begun = connection.begin(Head::of("Watch/Watch").by(&ann.token)).await;
        begun.body.send_data(framed(&watch), true).expect("it is open");
        held.push(begun.answered().await);
    }
    let refused = connection.call(Head::of("Watch/Watch").by(&ann.token), &watch).await;
    assert_eq!(refused.told(), (Code::ResourceExhausted, "rate_limited".to_owned()));
    let status = refused.status.as_ref().expect("a status");
    let info = status.get_details_error_info().expect("it tells what");
    assert_eq!(info.metadata.get("limit").map(String::as_str), Some("connections"));
    assert!(status.get_details_retry_info().is_some_and(|info| info.retry_delay > Some(Duration::ZERO)));

    assert_eq!(say(&connection, &ann, &room).await.told().0, Code::Ok);
    for (parts, body, _) in &mut held {
        assert_eq!(parts.status, 200);
        assert!(body.data().await.is_some_and(|data| data.is_ok()), "it goes on");
    }
    // What tools keep open counts as well, also of who shows no token.
    let health = connection.call(Head::of("/grpc.health.v1.Health/Watch"), b"").await;
    assert_eq!(health.told(), (Code::ResourceExhausted, "rate_limited".to_owned()));
    // Whoever lets go of one may have another.
    held.pop();
    eventually("a place that was given back", async || {
        let mut begun = connection.begin(Head::of("Watch/Watch").by(&ann.token)).await;
        begun.body.send_data(framed(&watch), true).expect("it is open");
        let (parts, _, _) = begun.answered().await;
        (!parts.headers.contains_key("grpc-status")).then_some(())
    })
    .await;
}
