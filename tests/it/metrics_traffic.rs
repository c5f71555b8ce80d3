//! What is counted while commands and events pass.

use serde_json::json;

use crate::support::{Guest, World, grow};

async fn say(guest: &Guest, room: &str, text: &str) {
    guest.command(room, json!({ "type": "chat.post", "text": text })).await.ok();
}

#[tokio::test]
async fn commands_are_counted_by_outcome_and_the_append_with_them() {
    let world = World::measured().await;
    let count = |outcome, transport| {
        format!("synctv_command_duration_seconds_count{{outcome=\"{outcome}\",transport=\"{transport}\"}}")
    };
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    for _ in 0..3 {
        say(&ann, &room, "x").await;
    }
    let bob = world.guest("Bob").await;
    assert_eq!(bob.command(&room, json!({ "type": "chat.post", "text": "x" })).await.status, 403);
    let (mut socket, _) = ann.subscribed(&room, "now").await;
    for (id, command) in [(2, json!({ "type": "chat.post", "text": "x" })), (3, json!({ "type": "playback.next" }))] {
        socket.tell(json!({ "id": id, "command": command })).await;
        socket.until("reply").await;
    }
    let scrape = world.server.scrape().await;
    assert_eq!(scrape.value(&count("accepted", "http")), 4.0);
    assert_eq!(scrape.value(&count("refused", "http")), 1.0);
    assert_eq!(scrape.value(&count("failed", "http")), 0.0);
    let socket = ["accepted", "refused"].map(|outcome| scrape.value(&count(outcome, "websocket")));
    assert_eq!(socket.iter().sum::<f64>(), 2.0);
    assert_eq!(scrape.value("synctv_append_batch_events_sum"), 6.0, "a room is made with two events");
    let appends = scrape.value("synctv_append_batch_events_count");
    assert!(appends >= 5.0 && scrape.value("synctv_append_duration_seconds_count") == appends);
    assert_eq!(scrape.value("synctv_lanes"), 1.0);
    let all = scrape.value("synctv_append_batch_events_bucket{le=\"+Inf\"}");
    assert_eq!(all, appends);
}

#[tokio::test]
async fn conflicts_are_counted_where_another_node_was_first() {
    let world = World::measured().await;
    let (other, _dir) = world.beside();
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    say(&ann.at(&other.url), &room, "first").await;
    assert_eq!(world.server.scrape().await.value("synctv_append_conflicts_total"), 0.0);
    say(&ann, &room, "second").await;
    assert_eq!(world.server.scrape().await.value("synctv_append_conflicts_total"), 1.0);
}

#[tokio::test]
async fn connections_come_and_go_and_what_they_get_is_counted() {
    let world = World::measured().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let open = |transport| format!("synctv_connections{{transport=\"{transport}\"}}");
    let delivered = |transport| format!("synctv_deliveries_total{{transport=\"{transport}\"}}");
    let mut stream = ann.follow(&room, "0").await;
    stream.seqs_until(2).await;
    let (mut socket, _) = ann.subscribed(&room, "now").await;
    say(&ann, &room, "x").await;
    stream.seqs_until(3).await;
    socket.seqs_until(3).await;
    let scrape = world.server.reaches(&delivered("websocket"), 1.0).await;
    assert_eq!(scrape.value(&delivered("sse")), 3.0);
    assert_eq!((scrape.value(&open("sse")), scrape.value(&open("websocket"))), (1.0, 1.0));
    assert_eq!(scrape.value("synctv_followed_rooms"), 1.0);
    assert!(scrape.value("synctv_cursor_lag_events_count") >= 3.0);
    drop(stream);
    world.server.reaches(&open("sse"), 0.0).await;
    let mut tail = world.auditor().await.stream("/v1/log?after=0", None).await;
    tail.seqs_until(3).await;
    assert_eq!(world.server.reaches(&delivered("audit"), 3.0).await.value(&open("audit")), 1.0);
    ann.command(&room, json!({ "type": "room.close" })).await.ok();
    assert_eq!(socket.rest().await.1, Some((4404, "room closed".to_owned())));
    let scrape = world.server.reaches("synctv_closes_total{code=\"4404\"}", 1.0).await;
    assert_eq!(scrape.value(&open("websocket")), 0.0);
    world.server.reaches("synctv_followed_rooms", 0.0).await;
}

#[tokio::test]
async fn a_reader_far_behind_falls_back_to_the_log_and_shares_its_pages() {
    let world = World::measured().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    say(&ann, &room, "x").await;
    grow(&world.database, 700).await;
    let pages = |source| format!("synctv_fallback_pages_total{{source=\"{source}\"}}");
    let mut early = ann.follow(&room, "0").await;
    early.seqs_until(703).await;
    let first = world.server.scrape().await;
    assert!((4.0..=8.0).contains(&first.value(&pages("read"))), "{first:?}");
    let far = "synctv_cursor_lag_events_bucket{le=\"256\"}";
    assert!(first.value(far) < first.value("synctv_cursor_lag_events_count"), "{first:?}");
    // The ring grows to its front, page by page: the pages in front of it begin elsewhere, and are read once.
    for _ in 0..2 {
        ann.follow(&room, "0").await.seqs_until(703).await;
    }
    let second = world.server.scrape().await;
    assert!(second.value(&pages("shared")) > first.value(&pages("shared")));
    ann.follow(&room, "0").await.seqs_until(703).await;
    let third = world.server.scrape().await;
    assert_eq!(third.value(&pages("read")), second.value(&pages("read")), "the pages were at hand");
    assert!(third.value(&pages("shared")) > second.value(&pages("shared")));
    let mut lost = ann.follow(&room, "9999").await;
    assert_eq!(lost.next().await.expect("a message").event.as_deref(), Some("reset"));
    assert_eq!(world.server.scrape().await.value("synctv_resets_total{reason=\"ahead_of_head\"}"), 1.0);
}
