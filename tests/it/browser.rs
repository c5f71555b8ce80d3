//! The page, in a real browser.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use crate::support::{Server, World, assert_verified};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/browser");

/// Runs a script to its end. Each time it asks, the server is killed and another one started over the same log.
async fn plays(script: &'static str, settings: &[(&str, &str)]) {
    let World { mut server, database, dir } = World::with(settings).await;
    let played = tokio::task::spawn_blocking(move || {
        let mut node = Command::new("node");
        node.arg(format!("{SCRIPTS}/{script}")).arg(&server.url).arg(dir.path());
        let mut node =
            node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("node runs");
        let (mut asked, said) = (node.stdin.take().expect("piped"), node.stdout.take().expect("piped"));
        let mut heard = String::new();
        for line in BufReader::new(said).lines().map_while(Result::ok) {
            if line == "restart" {
                server.kill();
                server = Server::start(&database, dir.path());
                writeln!(asked, "{}", server.url).expect("it listens");
            } else {
                heard += &format!("{line}\n");
            }
        }
        node.stderr.take().expect("piped").read_to_string(&mut heard).expect("it is text");
        let done = node.wait().expect("it ends").success();
        assert!(done, "{heard}");
        assert!(!server.log().contains("panicked"), "{}", server.log());
        print!("{heard}");
        assert_verified(&database);
    });
    played.await.expect("it plays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_follow_one_video_on_the_page() {
    plays("two_people.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_come_in_are_shown_out_lose_the_network_and_change_settings_over_one_another() {
    plays("shell.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_people_at_different_distances_stay_together_whatever_happens_to_one() {
    plays("three_people.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scenario_10_who_may_not_steer_is_told_why_and_goes_back_to_where_the_room_is() {
    plays("refused.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_is_used_by_the_keyboard_alone() {
    plays("keyboard.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_back_is_the_same_person_and_says_nothing_twice() {
    plays("comes_back.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_of_the_page_shuts_nobody_out() {
    plays("pages.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_answers_at_once_with_a_thousand_messages() {
    plays("long_chat.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_player_tells_the_rooms_controls_from_ones_own_and_says_why_something_is_not_done() {
    plays("player.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_in_by_the_door_that_the_room_has_and_some_are_sent_away() {
    plays("doors.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_is_taken_given_and_explained_at_once() {
    plays("rights.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_about_people_and_their_rights_shuts_nobody_out() {
    plays("sheets.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_stream_is_published_from_the_page_watched_and_comes_back_by_itself() {
    plays("live.mjs", &[("SYNCTV_RTMP_LISTEN", "127.0.0.1:0")]).await;
}
