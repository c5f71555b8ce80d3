//! Verification reads a log in ranges side by side; where they meet must not show.

use serde_json::json;

use crate::cli::log;
use crate::support::{Guest, World, head, open};

const POSTS: usize = 450;

#[tokio::test]
async fn a_change_is_named_wherever_ranges_meet() {
    let World { server, database, dir } = World::new().await;
    let ann = Guest::new(&server.url, "Ann").await;
    let rooms = [ann.room().await, ann.room().await, ann.room().await];
    for n in 0..POSTS {
        let post = json!({ "type": "chat.post", "text": n.to_string() });
        ann.command(&rooms[n % rooms.len()], post).await.ok();
    }
    assert!(server.terminate().success());
    let head = head(&database).await;
    let verify = || {
        let (code, shown) = log("verify", &database, dir.path());
        (code, shown["flaw"]["position"].as_i64())
    };
    assert_eq!(verify(), (Some(0), None), "untouched");

    let mut connection = open(&database).await;
    sqlx::raw_sql("SET session_replication_role = replica").execute(&mut connection).await.expect("a superuser");
    // Ends and middles of ranges, however many there are.
    let places = [2, 4, 8].map(|workers| head / workers + 1);
    let at = |place: i64| (place - 1..=place + 1).chain([1, head]);
    for position in places.into_iter().flat_map(at) {
        for edit in
            ["UPDATE events SET hash = sha256(hash)", "UPDATE events SET seq = seq + 1000", "DELETE FROM events"]
        {
            let row = format!("WHERE position = {position}");
            let tamper = format!("CREATE TABLE kept AS SELECT * FROM events {row}; {edit} {row}");
            sqlx::raw_sql(&tamper).execute(&mut connection).await.expect("the triggers are off");
            assert_eq!(verify(), (Some(1), Some(position)), "{edit} {row} of {head}");
            let undo = format!("DELETE FROM events {row}; INSERT INTO events SELECT * FROM kept; DROP TABLE kept");
            sqlx::raw_sql(&undo).execute(&mut connection).await.expect("the row comes back");
        }
    }
    assert_eq!(verify(), (Some(0), None), "everything was undone");
}
