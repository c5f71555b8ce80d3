//! Asking to be let in: at one node they wait, at another one they are answered.

use serde_json::{Value, json};

use crate::support::{Answer, Guest, Server, TempDir, World, assert_verified, eventually, later};

struct Stage {
    world: World,
    _other: (Server, TempDir),
    ann: Guest,
    /// At the other node.
    mia: Guest,
    room: String,
}

impl Stage {
    /// A room whose owner and moderator let others in.
    async fn new() -> Self {
        let world = World::new().await;
        let other = world.beside();
        let (ann, mia) = (world.guest("Ann").await, Guest::new(&other.0.url, "Mia").await);
        let body = json!({ "name": "r", "join_rule": "approval", "visibility": "unlisted" });
        let made = ann.post("/v1/rooms", &body).await.ok();
        let stage = Self { world, _other: other, ann, mia, room: made["room_id"].as_str().expect("an id").to_owned() };
        stage.knock(&stage.mia, "let me in").await.ok();
        stage.answer(&stage.ann, "approve", &stage.mia, json!({})).await.ok();
        let role = json!({ "type": "member.set_role", "member": stage.mia.id, "role": "moderator" });
        stage.ann.command(&stage.room, role).await.ok();
        stage
    }

    async fn knock(&self, who: &Guest, message: &str) -> Answer {
        who.command(&self.room, json!({ "type": "member.join", "message": message })).await
    }

    async fn answer(&self, who: &Guest, kind: &str, about: &Guest, more: Value) -> Answer {
        let mut command = json!({ "type": format!("member.{kind}"), "member": about.id });
        command.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        who.command(&self.room, command).await
    }

    async fn waiting(&self) -> Value {
        self.ann.snapshot(&self.room).await.ok()["knocks"].clone()
    }
}

fn types(answer: &Value) -> Vec<&str> {
    answer["events"].as_array().into_iter().flatten().filter_map(|event| event["type"].as_str()).collect()
}

#[tokio::test]
async fn who_knocks_waits_until_another_node_lets_them_in() {
    let stage = Stage::new().await;
    let ben = stage.world.guest("Ben").await;
    let mut door = stage.mia.subscribed(&stage.room, "now").await.0;
    let knocked = stage.knock(&ben, "it's me").await.ok();
    assert_eq!(types(&knocked), ["member.knocked"]);
    let heard = door.until("event").await;
    assert_eq!((&heard["type"], &heard["data"]["message"]), (&json!("member.knocked"), &json!("it's me")));
    let waiting = stage.waiting().await;
    let seen = (&waiting[0]["id"], &waiting[0]["display_name"], &waiting[0]["message"]);
    assert_eq!(seen, (&json!(ben.id), &json!("Ben"), &json!("it's me")), "{waiting:#}");

    // Knocking again changes nothing; whoever waits sees nothing of the room, and opens no door to others.
    assert_eq!(types(&stage.knock(&ben, "hello?").await.ok()), [""; 0]);
    for path in ["", "/events?after=0", "/members", "/permissions/explain?permission=chat.send"] {
        assert_eq!(ben.get(&format!("/v1/rooms/{}{path}", stage.room)).await.code(), "not_a_member", "{path}");
    }
    assert_eq!(stage.answer(&ben, "approve", &ben, json!({})).await.code(), "not_a_member");

    let approved = stage.answer(&stage.mia, "approve", &ben, json!({ "reason": "a friend" })).await.ok();
    assert_eq!(types(&approved), ["member.approved", "member.joined"]);
    assert_eq!(approved["events"][1]["data"]["member"], json!(ben.id));
    // Asking again tells them that they are in.
    let inside = stage.knock(&ben, "and now?").await.ok();
    assert_eq!((types(&inside), inside["seq"] == approved["seq"]), (vec![], true), "{inside:#}");
    assert_eq!(ben.events(&stage.room).await.last(), Some(&approved["events"][1]));
    assert_eq!(stage.waiting().await, json!([]));
    assert_eq!(stage.answer(&stage.ann, "approve", &ben, json!({})).await.code(), "knock_not_found");
    assert_verified(&stage.world.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_that_answer_at_once_one_has_answered() {
    let stage = Stage::new().await;
    for round in 0..10 {
        let ben = stage.world.guest("Ben").await;
        stage.knock(&ben, "me").await.ok();
        let (approved, rejected) = tokio::join!(
            stage.answer(&stage.ann, "approve", &ben, json!({})),
            stage.answer(&stage.mia, "reject", &ben, json!({})),
        );
        let (in_log, then) = match (approved.code(), rejected.code()) {
            ("ok", "knock_not_found") => ("member.joined", "ok"),
            ("knock_not_found", "ok") => ("member.rejected", "cooldown"),
            other => panic!("round {round}: {other:?}"),
        };
        assert_eq!(stage.ann.events(&stage.room).await.last().map(|event| &event["type"]), Some(&json!(in_log)));
        assert_eq!(stage.knock(&ben, "well?").await.code(), then, "round {round}");
    }
    assert_verified(&stage.world.database);
}

#[tokio::test]
async fn who_is_rejected_knocks_in_vain_for_a_while() {
    let stage = Stage::new().await;
    let (ben, eve) = (stage.world.guest("Ben").await, stage.world.guest("Eve").await);
    for who in [&ben, &eve] {
        stage.knock(who, "me").await.ok();
    }
    let soon = later(&stage.world.database, "2 seconds").await;
    stage.answer(&stage.mia, "reject", &ben, json!({ "reason": "not now", "expires_at": soon })).await.ok();
    let rejected = stage.answer(&stage.mia, "reject", &eve, json!({})).await.ok();
    let refused = stage.knock(&eve, "please").await;
    assert_eq!((refused.status, refused.code()), (403, "cooldown"), "{:#}", refused.body);
    assert_eq!(refused.body["expires_at"], rejected["events"][0]["data"]["expires_at"]);
    let again = async || {
        let answer = stage.knock(&ben, "now?").await;
        assert!(["cooldown", "ok"].contains(&answer.code()), "{:#}", answer.body);
        (answer.status == 200).then_some(answer)
    };
    let knocked = eventually("he may knock again", again).await.ok();
    let at = (types(&knocked), knocked["events"][0]["at"].as_str().expect("a time"));
    assert!(at.0 == ["member.knocked"] && at.1 >= soon.as_str(), "before {soon}: {knocked:#}");
    assert_eq!(stage.knock(&eve, "please").await.code(), "cooldown", "hers is a minute");
    // An invite is no way around it.
    let invite =
        stage.ann.command(&stage.room, json!({ "type": "invite.create" })).await.ok()["secret"]["token"].clone();
    let join = json!({ "type": "member.join", "invite": invite });
    assert_eq!(eve.command(&stage.room, join.clone()).await.code(), "cooldown");
    ben.command(&stage.room, join).await.ok();
    assert_eq!(stage.waiting().await, json!([]), "whoever came in by an invite waits no more");
    assert_verified(&stage.world.database);
}

#[tokio::test]
async fn who_knocked_and_is_erased_leaves_no_name_and_a_room_that_can_be_read() {
    let stage = Stage::new().await;
    let (ben, eve) = (stage.world.guest("Benedict").await, stage.world.guest("Eve").await);
    stage.knock(&ben, "something private").await.ok();
    stage.knock(&eve, "me too").await.ok();
    assert_eq!(stage.world.erase(&ben.id).0, Some(0));
    let path = |end: &str| format!("/v1/rooms/{}{end}", stage.room);
    for who in [&stage.ann, &stage.mia] {
        let forgotten = async || {
            let mut seen = String::new();
            for end in ["", "/events?limit=1000", "/history", "/members"] {
                seen += &who.get(&path(end)).await.ok().to_string();
            }
            (!seen.contains("Benedict") && !seen.contains("private")).then_some(seen)
        };
        let seen = eventually("name and message to be gone", forgotten).await;
        assert!(seen.contains(&ben.id) && seen.contains("me too"), "{seen}");
    }
    let waiting = stage.waiting().await;
    let his = waiting.as_array().into_iter().flatten().find(|knock| knock["id"] == json!(ben.id));
    assert!(his.is_some_and(|his| his["display_name"].is_null() && his["message"].is_null()), "{waiting:#}");
    // Whoever lets him in lets in somebody without a name; the others are let in as ever.
    let joined = stage.answer(&stage.mia, "approve", &ben, json!({})).await.ok()["events"][1]["data"].clone();
    assert_eq!((&joined["member"], &joined["display_name"]), (&json!(ben.id), &Value::Null));
    stage.answer(&stage.mia, "approve", &eve, json!({})).await.ok();
    assert_eq!(eve.snapshot(&stage.room).await.ok()["knocks"], json!([]));
    let (third, _dir) = stage.world.beside();
    assert_eq!(stage.ann.at(&third.url).snapshot(&stage.room).await, stage.ann.snapshot(&stage.room).await);
    assert_verified(&stage.world.database);
}
