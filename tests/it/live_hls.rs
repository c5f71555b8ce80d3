//! The list of segments while it changes: as RFC 8216 wants it, whatever becomes of the server and of the store.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::StatusCode;

use crate::support::live::{Player, RATE, RTMP, Stage, StreamKey, numbers_until_cut, stopped};
use crate::support::{Server, TempDir, client, eventually, synctv, within};

/// The clip in less time than it takes.
const FAST: u32 = 8;
/// A segment stays so long after it has left the list; and what a busy machine adds.
const STAYS: Duration = Duration::from_secs(30);
const SLACK: Duration = Duration::from_secs(20);

/// A stage with a store of its own.
struct Kept {
    stage: Stage,
    store: TempDir,
}

impl Kept {
    async fn new() -> Self {
        let store = TempDir::new();
        let stage = Stage::with(&[("SYNCTV_LIVE_STORE", &named(store.path()))]).await;
        Self { stage, store }
    }

    /// Kills the server and starts it again, at another port.
    fn restart(&mut self) {
        let world = &mut self.stage.world;
        world.server.halt();
        let mut command = synctv(&[]);
        let store = named(self.store.path());
        command.env("DATABASE_URL", &world.database).envs([RTMP, ("SYNCTV_LIVE_STORE", &*store)]);
        world.server = Server::spawn(&mut command, world.dir.path());
    }

    /// The names of the segments that are kept.
    fn segments(&self) -> Vec<PathBuf> {
        let room = self.store.path().join("live").join(&self.stage.room);
        let within = |dir: &Path| {
            let entries = std::fs::read_dir(dir).into_iter().flatten();
            entries.map(|entry| entry.expect("it can be read").path()).collect::<Vec<_>>()
        };
        let folders = within(&room).into_iter().filter(|path| path.is_dir());
        folders.flat_map(|folder| within(&folder)).collect()
    }
}

fn named(store: &Path) -> String {
    format!("file:{}", store.display())
}

/// A stream whose server was killed and started again, as soon as somebody had a segment of it.
async fn broken_off() -> (Kept, Player, StreamKey) {
    let mut kept = Kept::new().await;
    let (room, key) = (kept.stage.room.clone(), kept.stage.ann.stream_key(&kept.stage.room).await);
    let on_air = kept.stage.on_air_at(&key, FAST).await;
    let mut player = Player::new(&kept.stage.ann.live_url(&room, "hls").await);
    player.until("a segment", |player| !player.pieces.is_empty()).await;
    kept.restart();
    on_air.ended().await;
    (kept, player, key)
}

/// Every picture of one publication, from the first on.
fn assert_whole(run: &[u8]) {
    let numbers = numbers_until_cut(run);
    assert_eq!(numbers, (0..u32::try_from(numbers.len()).expect("few")).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_list_keeps_rfc_8216_also_over_a_restart() {
    let mut kept = Kept::new().await;
    let (room, key) = (kept.stage.room.clone(), kept.stage.ann.stream_key(&kept.stage.room).await);
    let on_air = kept.stage.on_air_at(&key, FAST).await;
    let mut player = Player::new(&kept.stage.ann.live_url(&room, "hls").await);
    player.until("a list that has moved on", |player| player.pieces.len() >= 9).await;
    let list = player.list.clone().expect("it was read");
    assert!(list.sequence > 0 && list.entries.len() == 6, "{list:#?}");
    kept.restart();
    on_air.ended().await;
    let ann = kept.stage.ann.at(&kept.stage.world.server.url);
    player.go_to(&ann.live_url(&room, "hls").await);
    player.look().await.expect("what is kept can be read");
    let before = player.pieces.len();
    // The same key takes over what the server before did not end.
    let on_air = kept.stage.on_air_at(&key, FAST).await;
    player.until("a list without anything of before", |player| player.pieces.len() >= before + 8).await;
    let list = player.list.clone().expect("it was read");
    assert_eq!(list.discontinuities, 1, "the interruption has left the list: {list:#?}");
    let runs = player.runs();
    assert_eq!(runs.len(), 2, "one interruption");
    let pieces: Vec<_> = player.pieces.iter().map(|piece| (piece.sequence, piece.seconds, &piece.uri)).collect();
    assert_eq!(pieces[0].0, 0, "{pieces:#?}");
    runs.iter().for_each(|run| assert_whole(run));
    assert_eq!(stopped(&ann, &room).await, ["replaced"]);
    assert!(!on_air.is_over(), "the publisher goes on");
}

#[tokio::test]
async fn the_list_keeps_rfc_8216_where_publications_take_over_from_each_other() {
    const TAKEOVERS: usize = 4;
    let kept = Kept::new().await;
    let Stage { ann, room, .. } = &kept.stage;
    let key = ann.stream_key(room).await;
    let mut on_air = kept.stage.on_air_at(&key, FAST / 4).await;
    let mut player = Player::new(&ann.live_url(room, "hls").await);
    for number in 1..=TAKEOVERS {
        player.until("a segment of the latest", |player| player.runs().len() == number).await;
        // The encoder is back before its old connection is gone, in the middle of a segment.
        let again = kept.stage.on_air_at(&key, FAST / 4).await;
        std::mem::replace(&mut on_air, again).ended().await;
    }
    player.until("segments of the last one", |player| player.runs().len() > TAKEOVERS).await;
    let runs = player.runs();
    assert_eq!(runs.len(), TAKEOVERS + 1, "each of them is an interruption");
    runs.iter().for_each(|run| assert_whole(run));
    assert!(!on_air.is_over(), "the publisher goes on");
}

#[tokio::test]
async fn a_list_ends_that_its_server_could_not_end() {
    let (kept, mut player, _) = broken_off().await;
    let room = kept.stage.room.clone();
    let ann = kept.stage.ann.at(&kept.stage.world.server.url);
    player.go_to(&ann.live_url(&room, "hls").await);
    // Its row has to lapse first.
    player.until("the end of the list", |player| player.list.as_ref().is_some_and(|list| list.ended)).await;
    assert_eq!(stopped(&ann, &room).await, ["node_gone"]);
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_begun_anew() {
    let (kept, _, key) = broken_off().await;
    let room = kept.stage.room.clone();
    std::fs::write(kept.store.path().join("live").join(&room).join("list.json"), "").expect("it is ours");
    let ann = kept.stage.ann.at(&kept.stage.world.server.url);
    let _on_air = kept.stage.on_air_at(&key, FAST).await;
    let mut player = Player::new(&ann.live_url(&room, "hls").await);
    player.until("two segments", |player| player.pieces.len() >= 2).await;
    player.runs().iter().for_each(|run| assert_whole(run));
}

#[tokio::test]
async fn a_store_that_fails_for_a_while_holds_nothing_up() {
    let kept = Kept::new().await;
    let Stage { ann, room, .. } = &kept.stage;
    let key = ann.stream_key(room).await;
    let mut on_air = kept.stage.on_air_at(&key, FAST / 2).await;
    let mut player = Player::new(&ann.live_url(room, "hls").await);
    let mut viewer = ann.view(room).await;
    player.until("a segment", |player| !player.pieces.is_empty()).await;
    // Where the folder was is a file: whoever runs the server cannot write there, be it root.
    let (folder, aside) = (kept.store.path().join("live"), kept.store.path().join("aside"));
    std::fs::rename(&folder, &aside).expect("it is ours");
    std::fs::write(&folder, "").expect("it is ours");
    eventually("a segment that is lost", async || {
        kept.stage.world.server.log().contains("live.segment_lost").then_some(())
    })
    .await;
    viewer.sees(3 * RATE as usize).await;
    player.look().await.expect("what was told stays told");
    let before = player.pieces.len();
    std::fs::remove_file(&folder).expect("it is ours");
    std::fs::rename(&aside, &folder).expect("it is ours");
    player.until("new segments", |player| player.pieces.len() >= before + 3).await;
    on_air.shows(1).await;
    assert!(!on_air.is_over(), "the publisher goes on");
    let runs = player.runs();
    assert!(runs.len() >= 2, "an interruption is told: {:#?}", player.list);
    let shown: Vec<_> = runs.iter().map(|run| numbers_until_cut(run)).collect();
    for run in &shown {
        assert!(run.is_sorted_by(|one, next| one + 1 == *next), "{run:?}");
    }
    assert!(shown.concat().is_sorted(), "nothing is shown twice: {shown:?}");
    let film: Vec<_> = numbers_until_cut(&viewer.film.bytes);
    assert!(film.is_sorted_by(|one, next| one + 1 == *next), "over FLV nothing is missing: {film:?}");
}

#[tokio::test]
async fn segments_are_removed_a_while_after_they_left_the_list() {
    let kept = Kept::new().await;
    let Stage { ann, room, world } = &kept.stage;
    let _on_air = kept.stage.on_air(&ann.stream_key(room).await).await;
    let url = ann.live_url(room, "hls").await;
    let mut player = Player::new(&url);
    player.until("a segment", |player| !player.pieces.is_empty()).await;
    let first = player.pieces[0].uri.clone();
    let file = |path: &PathBuf| path.to_string_lossy().ends_with(&first);
    let read = async || {
        let request = client().get(format!("{}/live/{room}/{first}", world.server.url)).bearer_auth(&ann.token);
        request.send().await.expect("the server answers").status()
    };
    player.until("it leaves the list", |player| player.list.as_ref().is_some_and(|list| list.sequence > 0)).await;
    assert!(kept.segments().iter().any(file), "{:?}", kept.segments());
    assert_eq!(read().await, StatusCode::OK, "players may be behind");
    within(STAYS + SLACK, "the end of the first segment", async || (!kept.segments().iter().any(file)).then_some(()))
        .await;
    assert_eq!(read().await, StatusCode::NOT_FOUND);
    // Six are listed, fifteen and a few stay.
    let count = kept.segments().len();
    assert!((6..=26).contains(&count), "{count} segments are kept");
}
