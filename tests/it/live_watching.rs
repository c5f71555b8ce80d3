//! Who may watch a live stream, for how long, and what is said of it elsewhere.

use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::support::live::{Encoder, OnAir, Player, RATE, RTMP, Stage, Viewer};
use crate::support::{Guest, SOON, World, client, exchange, number, open, status};

/// Within this time a stream ends for whom it has to.
const PROMPT: Duration = Duration::from_secs(2);
/// All that we write ourselves.
const OWN: &str =
    "info,synctv_livestream=trace,synctv_http=trace,synctv_edge=trace,synctv_commands=trace,synctv_server=trace";

#[tokio::test]
async fn who_has_just_come_in_watches_at_once() {
    let stage = Stage::new().await;
    let Stage { ann, room, world } = &stage;
    let _on_air = stage.on_air(&ann.stream_key(room).await).await;
    ann.view(room).await.sees(1).await;
    for number in 0..10 {
        let guest = world.guest(&format!("Guest {number}")).await;
        guest.join(room).await;
        guest.view(room).await.sees(1).await;
    }
}

#[tokio::test]
async fn whoever_is_out_of_the_room_sees_nothing_more() {
    let stage = Stage::new().await;
    let Stage { ann, room, world } = &stage;
    let (bob, eve) = (world.guest("Bob").await, world.guest("Eve").await);
    bob.join(room).await;
    let key = ann.stream_key(room).await;
    let mut on_air = stage.on_air(&key).await;
    let (flv, hls) = (bob.live_url(room, "flv").await, bob.live_url(room, "hls").await);
    let (mut first, mut second) = (bob.view(room).await, Viewer::over_socket(&flv).await);
    let mut ann_watches = ann.view(room).await;
    let mut player = Player::new(&hls);
    player.until("a segment", |player| !player.pieces.is_empty()).await;
    first.sees(1).await;
    second.sees(1).await;
    let piece = player.pieces[0].uri.clone();
    let began = Instant::now();
    ann.command(room, json!({ "type": "member.kick", "member": bob.id })).await.ok();
    let (over_http, over_socket) = tokio::join!(timed(first), timed(second));
    for ended in [over_http, over_socket] {
        assert!(ended - began < PROMPT, "{:?}", ended - began);
    }
    assert_eq!(player.look().await, Err((403, "not_a_member".to_owned())));
    assert_eq!(Viewer::over_http(&flv).await.err(), Some((403, "not_a_member".to_owned())));
    let access = hls.split_once('?').expect("it is signed").1;
    let segment = format!("{}/live/{room}/{piece}?{access}", world.server.url);
    assert_eq!(code_of(&segment, None).await, (403, "not_a_member".to_owned()));
    // Strangers, and addresses that are somebody else's or of another room.
    let other = ann.room().await;
    let elsewhere = ann.on_air_in(&stage, &other).await;
    let foreign = ann.live_url(&other, "flv").await.split_once('?').expect("it is signed").1.to_owned();
    let [list, flv] = ["/index.m3u8", ".flv"].map(|file| format!("{}/live/{room}{file}", world.server.url));
    for url in [&list, &flv, &segment.split('?').next().expect("a path").to_owned()] {
        assert_eq!(code_of(url, None).await.0, 401, "{url}");
        assert_eq!(code_of(url, Some(&eve.token)).await, (403, "not_a_member".to_owned()), "{url}");
        assert_eq!(code_of(url, Some(&ann.token)).await.0, 200, "{url}");
        for access in [&foreign, "access=", "access=x", &format!("access={}", ann.token), &format!("{foreign}x")] {
            let (status, code) = code_of(&format!("{url}?{access}"), None).await;
            assert!(status == 401 || status == 403, "{url}?{access}: {status} {code}");
        }
    }
    drop(elsewhere);
    ann_watches.sees(RATE as usize).await;
    on_air.shows(1).await;
    assert!(!on_air.is_over(), "others go on");
}

impl Guest {
    async fn on_air_in(&self, stage: &Stage, room: &str) -> OnAir {
        let key = self.stream_key(room).await;
        stage.on_air(&key).await
    }
}

/// When the film of somebody ended.
async fn timed(viewer: Viewer) -> Instant {
    viewer.end().await;
    Instant::now()
}

/// What an address is answered, without its body if that is a stream.
async fn code_of(url: &str, token: Option<&str>) -> (u16, String) {
    let mut request = client().get(url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.expect("the server answers");
    let status = response.status().as_u16();
    let problem: Value = if status == 200 { Value::Null } else { response.json().await.unwrap_or_default() };
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn an_address_is_good_as_long_as_it_says() {
    let stage = Stage::new().await;
    let Stage { ann, room, world } = &stage;
    let key = sqlx::query_scalar("SELECT value FROM secrets WHERE name = 'jwt'");
    let key: Vec<u8> = key.fetch_one(&mut open(&world.database).await).await.expect("it is kept there");
    let now = number(&world.database, "SELECT extract(epoch FROM clock_timestamp())::bigint").await;
    let address = |usage: &str, exp: i64| {
        let claims = json!({ "sub": ann.id, "use": usage, "exp": exp, "room": room });
        let access = encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&key));
        format!("{}/live/{room}.flv?access={}", world.server.url, access.expect("plain claims"))
    };
    let _on_air = stage.on_air(&ann.stream_key(room).await).await;
    let mut viewer = Viewer::over_http(&address("watch", now + 3)).await.expect("it is good");
    viewer.sees(1).await;
    viewer.end().await;
    let after = number(&world.database, "SELECT extract(epoch FROM clock_timestamp())::bigint").await;
    assert!((now + 2..now + 5).contains(&after), "it ended {} s after now, with 3 s to go", after - now);
    for (usage, exp, what) in
        [("watch", now - 1, "over"), ("sse", now + 60, "of another use"), ("ws", now + 60, "of a socket")]
    {
        let refused = Viewer::over_http(&address(usage, exp)).await.err().map(|(status, _)| status);
        assert_eq!(refused, Some(401), "{what}");
    }
}

#[tokio::test]
async fn neither_keys_nor_addresses_are_logged() {
    let world = World::with(&[RTMP, ("RUST_LOG", OWN)]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let stage = Stage { world, ann, room };
    let (key, other) = (stage.ann.stream_key(&stage.room).await, stage.ann.stream_key(&stage.room).await);
    let mut on_air = stage.on_air(&key).await;
    for refused in [other.text(), format!("{}x", other.text())] {
        assert!(Encoder::try_publish(stage.rtmp(), &refused).await.is_err(), "{refused}");
    }
    let (flv, hls) = (stage.ann.live_url(&stage.room, "flv").await, stage.ann.live_url(&stage.room, "hls").await);
    let mut viewer = Viewer::over_http(&flv).await.expect("it is live");
    viewer.sees(1).await;
    Player::new(&hls).until("a segment", |player| !player.pieces.is_empty()).await;
    on_air.shows(1).await;
    assert_ne!(code_of(&format!("{flv}x"), None).await.0, 200);
    drop((on_air, viewer));
    stage.stops(1, SOON).await;
    let access = |url: &str| url.rsplit_once('=').expect("it is signed").1.to_owned();
    let log = stage.world.server.log();
    assert!(log.contains("live.started"), "{log}");
    for secret in [&key.secret, &other.secret, &access(&flv), &access(&hls), &stage.ann.token] {
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        assert_eq!(line, None, "a secret is in the log");
    }
}

#[tokio::test]
async fn no_path_leads_to_a_file() {
    let stage = Stage::new().await;
    let Stage { ann, room, world } = &stage;
    let key = ann.stream_key(room).await;
    let _on_air = stage.on_air(&key).await;
    let mut player = Player::new(&ann.live_url(room, "hls").await);
    player.until("a segment", |player| !player.pieces.is_empty()).await;
    let piece = player.pieces[0].uri.clone();
    let (token, name) = piece.split_once('/').expect("two parts");
    let long = "x".repeat(300);
    let paths = [
        "/live/../../../etc/passwd".to_owned(),
        "/live/%2e%2e/%2e%2e/etc/passwd".to_owned(),
        format!("/live/{room}/../{room}/list.json"),
        format!("/live/{room}/list.json"),
        format!("/live/{room}/{token}/list.json"),
        format!("/live/{room}/{token}/..%2flist.json"),
        format!("/live/{room}/{token}/%2e%2e"),
        format!("/live/{room}/%2e%2e/{name}"),
        format!("/live/{room}/{token}%2f{name}"),
        format!("/live/{room}%2f{token}%2f{name}"),
        format!("/live/{room}/{token}/{name}%00"),
        format!("/live/{room}/{token}/%00.ts"),
        format!("/live/{room}/{token}/.ts"),
        format!("/live/{room}/{token}/{long}.ts"),
        format!("/live/{room}/{long}/{name}"),
        format!("/live/{long}/{token}/{name}"),
        format!("/live/{long}.flv"),
        format!("/live/{room}/x/y.ts"),
        format!("/live/{room}/0/{name}"),
        format!("/live/{room}/{token}/{name}/"),
        format!("/live/{room}/{token}/{}", name.to_uppercase()),
        format!("/live/{room}"),
        format!("/live/{room}/"),
        format!("/live/{room}.mp4"),
        "/live/".to_owned(),
    ];
    for path in paths {
        // No client that tidies paths up is between.
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\r\n",
            ann.token
        );
        let answer = exchange(&world.server.url, request.as_bytes()).await;
        let status = status(&answer);
        let page = answer.contains("text/html");
        assert!(status.is_some_and(|status| (400..500).contains(&status)) && !page, "{path}: {answer}");
    }
    assert_eq!(code_of(&format!("{}/live/{room}/{piece}", world.server.url), Some(&ann.token)).await.0, 200);
}
