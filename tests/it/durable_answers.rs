//! No answer is derived from an event that is not durable: commits are held back and then fail, or not.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::support::{
    Answer, Guest, Held, World, assert_verified, blocked, number, random, rounds, run, stored, waiting,
};

/// What a commit waits for.
const GATE: i64 = 77;
/// Long enough for an answer that ought not to come.
const EARLY: Duration = Duration::from_millis(700);

/// At its end every append waits while GATE is held, and then fails if an event is one that `fault` names.
const SLOW_COMMIT: &str = "CREATE TABLE fault (pattern text NOT NULL);
    CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM pg_advisory_xact_lock_shared(77);
      IF EXISTS (SELECT FROM fault WHERE NEW.type || NEW.payload::text LIKE pattern) THEN RAISE EXCEPTION 'imitated' USING ERRCODE = '53100'; END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION slow_commit()";

struct Stage {
    world: World,
    ann: Guest,
    ben: Guest,
    room: String,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new().await;
        let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
        let room = ann.room().await;
        ben.join(&room).await;
        run(&world.database, SLOW_COMMIT).await;
        Self { world, ann, ben, room }
    }

    fn send(&self, who: &Guest, command: &Value) -> JoinHandle<Answer> {
        let (who, room, command) = (who.clone(), self.room.clone(), command.clone());
        tokio::spawn(async move { who.command(&room, command).await })
    }

    async fn version(&self, concern: &str) -> i64 {
        self.ann.snapshot(&self.room).await.ok()["versions"][concern].as_i64().expect("a version")
    }

    /// Sends `first` and, while its commit waits, `then`; the commit fails if `fault` says so. Their answers.
    async fn overlap(&self, first: &Value, then: (&Guest, &Value)) -> [Answer; 2] {
        let database = &self.world.database;
        let gate = Held::new(database, GATE).await;
        let before = stored(database, &self.room).await;
        let mut first = self.send(&self.ann, first);
        blocked(database, GATE, &[]).await;
        let mut second = self.send(then.0, then.1);
        let early = timeout(EARLY, async {
            tokio::select! { it = &mut first => it, it = &mut second => it }
        })
        .await;
        assert!(early.is_err(), "answered while nothing was durable: {early:?}");
        let path = format!("/v1/rooms/{}/events?after=0", self.room);
        if let Ok(page) = timeout(EARLY, self.ann.get(&path)).await {
            assert_eq!(page.seqs().len(), before.len(), "an event was shown before it was durable: {:#}", page.body);
        }
        assert!(!waiting(database, GATE).await.is_empty(), "the gate was passed");
        gate.release().await;
        [first.await.expect("no panic"), second.await.expect("no panic")]
    }
}

/// The second command is refused with `refusal` after the first, and accepted if the first, which matches `fault`, fails.
async fn depends(
    stage: &Stage,
    (fault, first): (&str, impl AsyncFn() -> Value),
    (who, second): (&Guest, impl AsyncFn() -> Value),
    refusal: (u16, &str),
) {
    let database = &stage.world.database;
    let (one, two) = (first().await, second().await);
    run(database, &format!("INSERT INTO fault VALUES ('{fault}')")).await;
    let [failed, accepted] = stage.overlap(&one, (who, &two)).await;
    assert_eq!((failed.status, failed.code()), (503, "unavailable"), "{one}: {:#}", failed.body);
    assert_eq!(accepted.status, 200, "{two}: {:#}", accepted.body);
    run(database, "DELETE FROM fault").await;
    let (one, two) = (first().await, second().await);
    let [stored, refused] = stage.overlap(&one, (who, &two)).await;
    assert_eq!(stored.status, 200, "{one}: {:#}", stored.body);
    assert_eq!((refused.status, refused.code()), refusal, "{two}: {:#}", refused.body);
    assert_verified(database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_refused_for_a_kick_that_is_not_durable() {
    let stage = Stage::new().await;
    let kick = json!({ "type": "member.kick", "member": stage.ben.id });
    let chat = json!({ "type": "chat.post", "text": "still here" });
    depends(
        &stage,
        ("member.kicked%", async || kick.clone()),
        (&stage.ben, async || chat.clone()),
        (403, "not_a_member"),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_item_is_stale_because_of_a_selection_that_is_not_durable() {
    let stage = Stage::new().await;
    let mut items = Vec::new();
    for name in ["a", "b"] {
        let add = json!({ "type": "playlist.add", "url": format!("http://x.test/{name}.mp4") });
        items.push(stage.ann.command(&stage.room, add).await.ok()["events"][0]["data"]["item_id"].clone());
    }
    let first = json!({ "type": "playback.select_item", "item_id": items[0] });
    stage.ann.command(&stage.room, first).await.ok();
    let select = json!({ "type": "playback.select_item", "item_id": items[1] });
    let pos = std::sync::atomic::AtomicI64::new(1000);
    let seek = async || {
        let position = pos.fetch_add(1000, std::sync::atomic::Ordering::Relaxed);
        json!({ "type": "playback.seek", "position_ms": position, "expected_item": items[0] })
    };
    depends(&stage, ("playback.item_selected%", async || select.clone()), (&stage.ann, seek), (409, "stale_item"))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_version_is_stale_because_of_an_update_that_is_not_durable() {
    let stage = Stage::new().await;
    let update = |name: &'static str| {
        let stage = &stage;
        async move || {
            let expect = json!({ "settings": stage.version("settings").await });
            json!({ "type": "room.update_settings", "name": format!("{name} {}", random(1 << 40)), "expect": expect })
        }
    };
    depends(&stage, ("%\"one %", update("one")), (&stage.ann, update("two")), (409, "stale_version")).await;
}

/// Every seq that a refusal names as current is one at which the log has that change.
async fn justified(stage: &Stage, answer: &Answer, version: i64) {
    let events = stored(&stage.world.database, &stage.room).await;
    let at = |seq: i64| events.iter().find(|event| event.1 == seq).map(|event| event.2.clone());
    match (answer.status, answer.code()) {
        (200, _) => {
            for seq in answer.seqs() {
                assert_eq!(at(seq).as_deref(), Some("room.settings_updated"), "{:#}", answer.body);
            }
        }
        (409, "stale_version") => {
            let current = answer.body["current"].as_i64().expect("it is named");
            assert!(current > version, "{:#}", answer.body);
            assert_eq!(at(current).as_deref(), Some("room.settings_updated"), "{:#}", answer.body);
        }
        (503, "unavailable") => {}
        _ => panic!("{} {:#}", answer.status, answer.body),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_commits_fail_at_random_every_answer_is_justified_by_the_log() {
    let stage = Stage::new().await;
    let database = &stage.world.database;
    let fails = "CREATE OR REPLACE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_sleep(0.01 * random());
        IF random() < 0.4 THEN RAISE EXCEPTION 'imitated' USING ERRCODE = (ARRAY['53100', '23514'])[1 + (random() < 0.5)::int]; END IF;
        RETURN NULL; END $$";
    run(database, fails).await;
    let mut statuses = std::collections::BTreeMap::new();
    for number in 0..rounds(15, 150) {
        let version = stage.version("settings").await;
        let update = |index: usize| json!({ "type": "room.update_settings", "name": format!("{number} {index}"), "expect": { "settings": version } });
        let tasks: Vec<_> = (0..6).map(|index| stage.send(&stage.ann, &update(index))).collect();
        let (mut accepted, mut answers) = (0, Vec::new());
        for task in tasks {
            let answer = task.await.unwrap();
            accepted += usize::from(answer.status == 200);
            *statuses.entry(answer.status).or_insert(0) += 1;
            answers.push(answer);
        }
        for answer in &answers {
            justified(&stage, answer, version).await;
        }
        let moved = stage.version("settings").await != version;
        assert_eq!(accepted, usize::from(moved), "round {number}: one of those who named the version: {answers:?}");
    }
    let seen: Vec<u16> = statuses.keys().copied().collect();
    assert_eq!(seen, [200, 409, 503], "what was answered: {statuses:?}");
    assert_eq!(number(database, "SELECT max(position) - count(*) FROM events").await, 0, "a gap");
    assert_verified(database);
}
