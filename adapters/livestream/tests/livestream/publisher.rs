//! Publishers, from their first byte to their last.

use std::time::Duration;

use rml_amf0::{Amf0Value, serialize};
use rml_rtmp::sessions::{ClientSessionEvent, StreamMetadata};
use synctv_livestream::desk::End;
use synctv_livestream::media::{Codec, Track};
use synctv_livestream::rtmp::{PublisherError, SessionError, Writer, kind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use crate::encoder::{Encoder, connect, desk, shake_hands};
use crate::hub::tags;

const PICTURE: &[u8] = &[0x17, 1, 0, 0, 0, 1, 2, 3];
const DELTA: &[u8] = &[0x27, 1, 0, 0, 0, 1, 2, 3];
const SOUND: &[u8] = &[0xAF, 1, 1, 2, 3];

#[tokio::test(start_paused = true)]
async fn what_an_encoder_sends_gets_to_who_watches() {
    let (desk, mut ended) = desk();
    let mut viewer = desk.stream.watch();
    let (pipe, served) = connect(&desk);
    let mut encoder = Encoder::publishing(pipe).await;
    let mut described = StreamMetadata::new();
    (described.video_width, described.video_codec_id) = (Some(1280), Some(7));
    encoder.describe(&described).await;
    encoder.picture(0, PICTURE).await;
    encoder.sound(5, SOUND).await;
    encoder.picture(40, DELTA).await;
    let first = viewer.next().await.expect("it is live");
    assert!(first.headers.is_some_and(|headers| headers.windows(5).any(|name| name == b"width")));
    let mut seen = tags(&first.tags);
    while seen.len() < 3 {
        seen.extend(tags(&viewer.next().await.expect("it is live").tags));
    }
    assert_eq!(seen, [(9, 0, PICTURE.to_vec()), (8, 5, SOUND.to_vec()), (9, 40, DELTA.to_vec())]);
    let headers = desk.stream.headers();
    assert_eq!((headers.codec(Track::Video), headers.codec(Track::Audio)), (Some(Codec::H264), Some(Codec::Aac)));
    encoder.finish().await;
    assert_eq!(ended.recv().await, Some(End::Finished));
    assert!(served.await.expect("it ran").is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_may_not_publish_is_told_so() {
    let (desk, _ended) = desk();
    let (pipe, served) = connect(&desk);
    let mut encoder = Encoder::connect(pipe, "live").await;
    assert_eq!(encoder.event().await, Some(ClientSessionEvent::ConnectionRequestAccepted));
    encoder.request("room?key=wrong").await;
    let code = "NetStream.Publish.BadName".to_owned();
    assert_eq!(encoder.event().await, Some(ClientSessionEvent::UnhandleableOnStatusCode { code }));
    assert_eq!(encoder.event().await, None);
    assert!(matches!(served.await.expect("it ran"), Err(PublisherError::Refused(_))));
    // Another application.
    let (pipe, served) = connect(&desk);
    let mut encoder = Encoder::connect(pipe, "vod").await;
    assert_eq!(encoder.event().await, None);
    assert!(matches!(served.await.expect("it ran"), Err(PublisherError::Session(SessionError::NoApplication))));
}

#[tokio::test(start_paused = true)]
async fn whose_publication_is_recalled_hears_why() {
    let (desk, mut ended) = desk();
    let (pipe, _served) = connect(&desk);
    let mut encoder = Encoder::publishing(pipe).await;
    encoder.picture(0, PICTURE).await;
    desk.recalled.send_replace(Some("the room was closed".to_owned()));
    let code = "NetStream.Publish.Denied".to_owned();
    assert_eq!(encoder.event().await, Some(ClientSessionEvent::UnhandleableOnStatusCode { code }));
    assert_eq!((encoder.event().await, ended.recv().await), (None, Some(End::Recalled)));
}

#[tokio::test(start_paused = true)]
async fn silence_ends_a_connection_wherever_it_falls() {
    let (desk, mut ended) = desk();
    let began = Instant::now();
    let within = |seconds: u64| {
        let took = began.elapsed();
        assert!(took >= Duration::from_secs(seconds) && took < Duration::from_secs(seconds + 1), "{took:?}");
    };
    // Before, in the middle of and after the handshake.
    let (_pipe, served) = connect(&desk);
    assert!(matches!(served.await.expect("it ran"), Err(PublisherError::Silent)));
    within(5);
    let (mut pipe, served) = connect(&desk);
    for _ in 0..6 {
        let _ = pipe.write_all(&[3]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(matches!(served.await.expect("it ran"), Err(PublisherError::Silent)));
    let (pipe, served) = connect(&desk);
    let began = Instant::now();
    let _encoder = Encoder::connect(pipe, "live").await;
    assert!(matches!(served.await.expect("it ran"), Err(PublisherError::Silent)));
    assert_eq!(began.elapsed().as_secs(), 15);
    // After the first frame, and without any.
    for (frames, patience) in [(1, 10), (0, 20)] {
        let (pipe, _served) = connect(&desk);
        let mut encoder = Encoder::publishing(pipe).await;
        let began = Instant::now();
        for _ in 0..frames {
            encoder.picture(0, PICTURE).await;
        }
        assert_eq!(ended.recv().await, Some(End::Silent));
        assert_eq!(began.elapsed().as_secs(), patience);
        let code = "NetStream.Publish.Failed".to_owned();
        assert_eq!(encoder.event().await, Some(ClientSessionEvent::UnhandleableOnStatusCode { code }));
    }
    // It hangs up.
    let (pipe, _served) = connect(&desk);
    drop(Encoder::publishing(pipe).await);
    assert_eq!(ended.recv().await, Some(End::Gone));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_rtmp_is_hung_up_on() {
    let (desk, _ended) = desk();
    for begin in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0x16, 3, 1], &[6; 10], &[8; 10], &[0]] {
        let (mut pipe, served) = connect(&desk);
        pipe.write_all(begin).await.expect("it is open");
        assert!(matches!(served.await.expect("it ran"), Err(PublisherError::NotRtmp)), "{begin:?}");
    }
}

fn text(text: &str) -> Amf0Value {
    Amf0Value::Utf8String(text.to_owned())
}

fn command(values: &[Amf0Value]) -> Vec<u8> {
    serialize(&values.to_vec()).expect("they can be written")
}

/// What becomes of a connection that says this after the handshake.
async fn hostile(messages: &[(u8, Vec<u8>)]) -> PublisherError {
    let (desk, _ended) = desk();
    let (mut pipe, served) = connect(&desk);
    shake_hands(&mut pipe).await;
    let mut writer = Writer::default();
    for (kind, content) in messages {
        writer.put(*kind, 0, content);
    }
    let _ = pipe.write_all(&writer.take()).await;
    let mut heard = Vec::new();
    let _ = pipe.read_to_end(&mut heard).await;
    served.await.expect("it did not panic").expect_err("nothing was published")
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_publish_yet_sends_nothing_long() {
    for kind in [kind::AUDIO, kind::VIDEO, kind::DATA] {
        let refused = hostile(&[(kind, vec![0; (64 << 10) + 1])]).await;
        assert!(matches!(refused, PublisherError::Session(SessionError::Chunk(_))), "{refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn bombs_and_nonsense_end_one_connection() {
    let application = Amf0Value::Object([("app".to_owned(), text("live"))].into());
    let connected = (kind::COMMAND, command(&[text("connect"), Amf0Value::Number(1.0), application]));
    let create = || (kind::COMMAND, command(&[text("createStream"), Amf0Value::Number(2.0), Amf0Value::Null]));
    let play = |name: &str| {
        (kind::COMMAND, command(&[text(name), Amf0Value::Number(3.0), Amf0Value::Null, text("x"), text("live")]))
    };
    let nested = [3, 0, 1, b'a'].repeat(4000);
    for bomb in [nested.clone(), [10, 0, 0, 0, 1].repeat(3000), vec![5; 16_000], vec![2], vec![0x0C, 0, 0, 0, 0]] {
        assert!(matches!(
            hostile(&[(kind::COMMAND, bomb.clone())]).await,
            PublisherError::Session(SessionError::Amf(_))
        ));
        let behind = [vec![0], bomb].concat();
        assert!(matches!(hostile(&[(kind::COMMAND_3, behind)]).await, PublisherError::Session(SessionError::Amf(_))));
    }
    assert!(matches!(hostile(&[(kind::DATA, nested)]).await, PublisherError::Session(SessionError::Amf(_))));
    // A description that cannot be read is none, and ends nothing.
    let date = [&command(&[text("onMetaData")])[..], &[11; 11]].concat();
    let long = command(&[text("onMetaData"), text(&"x".repeat(5000))]);
    let untold = [connected.clone(), (kind::DATA, date), (kind::DATA, long), play("play")];
    assert!(matches!(hostile(&untold).await, PublisherError::Session(SessionError::NoPlayer)));
    let streams = [vec![connected.clone()], vec![create(); 5]].concat();
    assert!(matches!(hostile(&streams).await, PublisherError::Session(SessionError::TooMany)));
    let commands = vec![play("FCPublish"); 65];
    assert!(matches!(hostile(&commands).await, PublisherError::Session(SessionError::TooMany)));
    assert!(matches!(
        hostile(&[connected.clone(), create(), play("play")]).await,
        PublisherError::Session(SessionError::NoPlayer)
    ));
    // Before it is connected, and without all it takes: nothing is published, and at some time patience ends.
    assert!(matches!(hostile(&[play("publish")]).await, PublisherError::Silent));
    let short = (kind::COMMAND, command(&[text("publish"), Amf0Value::Number(3.0), Amf0Value::Null]));
    assert!(matches!(hostile(&[connected.clone(), create(), short]).await, PublisherError::Silent));
    let data = (kind::DATA, command(&[text("@setDataFrame")]));
    assert!(matches!(hostile(&[connected, create(), data]).await, PublisherError::Silent));
}
