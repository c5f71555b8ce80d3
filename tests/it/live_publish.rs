//! What FFmpeg publishes arrives whole, in order and soon, over every way of watching.

use std::time::Duration;

use crate::support::live::{
    Film, Player, Publisher, RATE, Show, Stage, TagKind, Viewer, clip, numbers, played, probed, stopped, told,
};
use crate::support::{Authority, SOON};

/// From the encoder to the viewer, on a busy machine.
const DELAY: Duration = Duration::from_secs(2);

/// Waits until the room is live, so that it can be watched.
async fn live(stage: &Stage) {
    told(&stage.ann, &stage.room, "live.started", 1, SOON).await;
}

/// The film up to the last of so many pictures.
async fn whole(mut viewer: Viewer, pictures: u32) -> Film {
    let last = (pictures - 1) * 1000 / RATE;
    viewer.until("the last picture", |film| film.pictures().any(|(tag, _)| tag.time >= last)).await;
    viewer.film
}

#[tokio::test]
async fn no_picture_is_missing_doubled_or_out_of_order() {
    let (stage, seconds) = (Stage::new().await, 6);
    let key = stage.ann.stream_key(&stage.room).await;
    let publisher = Publisher::start(stage.rtmp(), &key.text(), Show::of(seconds));
    live(&stage).await;
    let flv = stage.ann.live_url(&stage.room, "flv").await;
    let mut player = Player::new(&stage.ann.live_url(&stage.room, "hls").await);
    let (first, mut second) = (Viewer::over_http(&flv).await.expect("it is live"), Viewer::over_socket(&flv).await);
    second.sees(2 * RATE as usize).await;
    let late = Viewer::over_http(&flv).await.expect("it is live");
    let all = seconds * RATE;
    let ((status, said), first, second, late, ()) = tokio::join!(
        publisher.end(),
        whole(first, all),
        whole(second, all),
        whole(late, all),
        player.until("all of it", |player| player.seconds() > f64::from(seconds) - 0.1),
    );
    assert!(status.success(), "{said}");
    for (film, latest) in [(first, RATE), (second, RATE), (late, 3 * RATE)] {
        let numbers = numbers(&film.bytes);
        let begin = *numbers.first().expect("pictures");
        assert!(begin.is_multiple_of(RATE) && begin <= latest, "it begins with picture {begin}");
        assert_eq!(numbers, (begin..all).collect::<Vec<_>>());
        assert_eq!(film.flags(), 5);
    }
    let runs = player.runs();
    assert_eq!(runs.len(), 1, "there was no interruption");
    assert_eq!(numbers(&runs[0]), (0..all).collect::<Vec<_>>());
    assert_eq!(stopped(&stage.ann, &stage.room).await, ["finished"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ffmpeg_and_ffprobe_play_the_addresses_that_the_room_tells() {
    const SECONDS: u32 = 3;
    let stage = Stage::new().await;
    let key = stage.ann.stream_key(&stage.room).await;
    let _publisher = Publisher::start(stage.rtmp(), &key.text(), Show::of(60));
    live(&stage).await;
    let hls = stage.ann.live_url(&stage.room, "hls").await;
    Player::new(&hls).until("two segments", |player| player.pieces.len() >= 2).await;
    let flv = stage.ann.live_url(&stage.room, "flv").await;
    let played = [flv, hls].map(|url| tokio::task::spawn_blocking(move || (probed(&url), played(&url, SECONDS))));
    for played in played {
        let (streams, numbers) = played.await.expect("it is played");
        let streams: Vec<_> = streams.iter().map(|(kind, codec)| (kind.as_str(), codec.as_str())).collect();
        assert_eq!(streams, [("audio", "aac"), ("video", "h264")]);
        let begin = *numbers.first().expect("pictures");
        let all: Vec<_> = (begin..begin + u32::try_from(numbers.len()).expect("few")).collect();
        assert_eq!(numbers, all, "none is missing, doubled or out of order");
        assert!(numbers.len() >= ((SECONDS - 1) * RATE) as usize, "{} pictures", numbers.len());
    }
}

#[tokio::test]
async fn one_port_takes_publishers_with_and_without_tls() {
    let authority = Authority::new();
    let (cert, key) = authority.issue("rtmp");
    let [cert, key] = [&cert, &key].map(|path| path.to_str().expect("plain"));
    let stage = Stage::with(&[("SYNCTV_RTMP_TLS_CERT", cert), ("SYNCTV_RTMP_TLS_KEY", key)]).await;
    let (ann, seconds) = (&stage.ann, 3);
    let told_to_publish = ann.get("/v1/live").await.ok();
    let first = &told_to_publish["publish"][0]["url"];
    assert!(first.as_str().is_some_and(|url| url.starts_with("rtmps://")), "{told_to_publish:#}");
    for scheme in ["rtmps", "rtmp"] {
        let room = ann.room().await;
        let name = ann.stream_key(&room).await.text();
        let publisher = Publisher::at(&format!("{scheme}://{}/live/{name}", stage.rtmp()), Show::of(seconds));
        told(ann, &room, "live.started", 1, SOON).await;
        let film = whole(ann.view(&room).await, seconds * RATE);
        let ((status, said), film) = tokio::join!(publisher.end(), film);
        assert!(status.success(), "{scheme}: {said}");
        let numbers = numbers(&film.bytes);
        let begin = *numbers.first().expect("pictures");
        assert_eq!(numbers, (begin..seconds * RATE).collect::<Vec<_>>(), "{scheme}");
        told(ann, &room, "live.stopped", 1, SOON).await;
        assert_eq!(stopped(ann, &room).await, ["finished"]);
    }
}

#[tokio::test]
async fn sound_alone_and_pictures_alone_are_told_as_such() {
    let stage = Stage::new().await;
    let other = stage.ann.room().await;
    let shows = [
        (&stage.room, Show { first: None, ..Show::of(3) }, 4, ("hasAudio", "hasVideo")),
        (&other, Show { sound: false, ..Show::of(3) }, 1, ("hasVideo", "hasAudio")),
    ];
    let ways = shows.map(async |(room, show, flags, (has, lacks))| {
        let key = stage.ann.stream_key(room).await;
        let publisher = Publisher::start(stage.rtmp(), &key.text(), show);
        told(&stage.ann, room, "live.started", 1, SOON).await;
        let mut player = Player::new(&stage.ann.live_url(room, "hls").await);
        let mut viewer = stage.ann.view(room).await;
        let all = player.until("all of it", |player| player.seconds() > f64::from(show.seconds) - 0.2);
        let last = show.seconds * 1000 - 1000 / RATE;
        let whole = viewer.until("the end", |film| film.tags.last().is_some_and(|(tag, _)| tag.time >= last));
        let ((status, said), (), ()) = tokio::join!(publisher.end(), whole, all);
        let film = viewer.film;
        assert!(status.success(), "{said}");
        assert_eq!(film.flags(), flags);
        let told = film.tags.iter().find(|(tag, _)| tag.kind == TagKind::Script).expect("a description");
        assert_eq!((flag(&told.0.body, has), flag(&told.0.body, lacks)), (Some(true), Some(false)), "{has}");
        let kinds = film.tags.iter().map(|(tag, _)| tag.kind);
        let kinds: Vec<_> = kinds.filter(|kind| *kind != TagKind::Script).collect();
        assert!(kinds.len() > 50 && kinds.iter().all(|kind| *kind == kinds[0]), "{kinds:?}");
        if show.first.is_some() {
            assert_eq!(numbers(&film.bytes), (0..3 * RATE).collect::<Vec<_>>());
            assert_eq!(numbers(&player.runs()[0]), (0..3 * RATE).collect::<Vec<_>>());
        }
        let stops = stopped(&stage.ann, room).await;
        assert_eq!(stops, ["finished"]);
    });
    let [first, second] = ways;
    tokio::join!(first, second);
}

/// A value of a description that is true or false.
fn flag(description: &[u8], name: &str) -> Option<bool> {
    let at = description.windows(name.len()).position(|window| window == name.as_bytes())? + name.len();
    (description.get(at) == Some(&1)).then(|| description.get(at + 1) == Some(&1))
}

#[tokio::test]
async fn who_watches_goes_on_when_the_publisher_comes_back() {
    let stage = Stage::new().await;
    let key = stage.ann.stream_key(&stage.room).await;
    let (first, again) = (Show::of(2), Show { first: Some(1000), ..Show::of(2) });
    let publisher = Publisher::start(stage.rtmp(), &key.text(), first);
    live(&stage).await;
    let mut player = Player::new(&stage.ann.live_url(&stage.room, "hls").await);
    let viewer = stage.ann.view(&stage.room).await;
    let publishers = async {
        let (status, said) = publisher.end().await;
        assert!(status.success(), "{said}");
        let publisher = Publisher::start(stage.rtmp(), &key.text(), again);
        let (status, said) = publisher.end().await;
        assert!(status.success(), "{said}");
    };
    let all = player.until("both", |player| player.seconds() > f64::from(first.seconds + again.seconds) - 0.2);
    let ((), film, ()) = tokio::join!(publishers, viewer.end(), all);
    let (one, other) = (0..first.seconds * RATE, 1000..1000 + again.seconds * RATE);
    let both: Vec<_> = one.clone().chain(other.clone()).collect();
    assert_eq!(numbers(&film.bytes), both, "over FLV, in one file");
    let times: Vec<_> = film.pictures().map(|(tag, _)| tag.time).collect();
    assert!(times.is_sorted(), "time goes back: {times:?}");
    assert_eq!(film.bytes.windows(4).filter(|window| window == b"FLV\x01").count(), 1, "a file begins once");
    let runs = player.runs();
    assert_eq!(runs.len(), 2, "one interruption: {:?}", player.list);
    assert_eq!([numbers(&runs[0]), numbers(&runs[1])], [one.collect::<Vec<_>>(), other.collect::<Vec<_>>()]);
    let sequences: Vec<_> = player.pieces.iter().map(|piece| piece.sequence).collect();
    assert!(sequences.is_sorted_by(|one, next| one + 1 == *next), "{sequences:?}");
    assert_eq!(stopped(&stage.ann, &stage.room).await, ["finished", "finished"]);
    // Nobody came back a second time.
    player.until("the end of the list", |player| player.list.as_ref().is_some_and(|list| list.ended)).await;
}

#[tokio::test]
async fn what_is_published_arrives_soon() {
    let stage = Stage::new().await;
    let key = stage.ann.stream_key(&stage.room).await;
    // It is made before anybody looks at the time.
    assert!(!clip().is_empty());
    let mut on_air = stage.on_air(&key).await;
    let mut viewer = stage.ann.view(&stage.room).await;
    viewer.sees(3 * RATE as usize).await;
    on_air.shows(3 * RATE as usize).await;
    let sent = on_air.sent.borrow().clone();
    // The first pictures may have been sent before somebody watched.
    let delays = viewer.film.pictures().skip(RATE as usize).filter_map(|(tag, arrived)| {
        let (_, sent) = sent.iter().find(|(time, _)| *time == tag.time)?;
        Some(*arrived - *sent)
    });
    let mut delays: Vec<_> = delays.collect();
    delays.sort();
    let (middle, longest) = (delays[delays.len() / 2], delays[delays.len() - 1]);
    println!("from the encoder to the viewer: {middle:?}, at most {longest:?}, of {} pictures", delays.len());
    assert!(delays.len() > RATE as usize, "{} pictures were compared", delays.len());
    assert!(longest < DELAY, "{longest:?}");
}
