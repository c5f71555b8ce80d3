//! One node takes a right away while another one sees it used: in the log, no use follows.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use serde_json::{Value, json};
use tonic::Code;

use crate::support::{Answer, Grpc, Guest, Socket, Typed, World, assert_verified, random, replied, rounds, stored};

/// Senders over REST; one more sends over calls, one over a socket, and one in a session.
const SENDERS: usize = 3;
/// What one of them sends in a round at most.
const MOST: usize = 1000;

/// A way to take something away, what is taken, and how it is given back.
struct Revocation {
    revoke: Value,
    /// To what is used a number is added, so that no two uses are the same.
    used: fn(usize) -> Value,
    refused: &'static str,
    restore: Vec<Value>,
    /// They have to come in again.
    out: bool,
}

fn chat(number: usize) -> Value {
    json!({ "type": "chat.post", "text": number.to_string() })
}

fn seek(number: usize) -> Value {
    json!({ "type": "playback.seek", "position_ms": 1000 + number })
}

fn revocations(member: &str, playlist: i64) -> Vec<Revocation> {
    let of = |kind: &str, more: Value| {
        let mut command = json!({ "type": format!("member.{kind}"), "member": member });
        command.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        command
    };
    let denied = |deny: &[&str]| {
        of("override_permissions", json!({ "allow": [], "deny": deny, "expect": { "playlist": playlist } }))
    };
    let plain = |kind: &str| of(kind, json!({}));
    let role = |role: &str| of("set_role", json!({ "role": role }));
    let inside = |revoke, used, restore| Revocation { revoke, used, refused: "forbidden", restore, out: false };
    // Lifting a ban ends the time in which somebody who was kicked stays out.
    let outside = |revoke, restore| Revocation { revoke, used: chat, refused: "not_a_member", restore, out: true };
    vec![
        inside(denied(&["chat.send"]), chat, vec![denied(&[])]),
        inside(role("guest"), seek, vec![role("member")]),
        inside(plain("mute"), chat, vec![plain("unmute")]),
        outside(plain("kick"), vec![plain("ban"), plain("unban")]),
        outside(plain("ban"), vec![plain("unban")]),
    ]
}

/// A use under its key; no answer: the socket was closed before.
struct Use {
    key: String,
    answer: Option<Answer>,
}

/// What was taken away at which seq, and what was tried meanwhile.
struct Round {
    seq: i64,
    refused: &'static str,
    uses: Vec<Use>,
}

#[derive(Clone)]
struct Race {
    ann: Guest,
    ben: Guest,
    room: String,
}

impl Race {
    /// Everybody goes on until they are refused, while the right is taken away.
    async fn run(&self, number: usize, revocation: &Revocation) -> Round {
        let (used, count) = (revocation.used, Arc::new(AtomicUsize::new(0)));
        let next = move || {
            let index = count.fetch_add(1, Ordering::Relaxed);
            assert!(index < MOST, "it is never refused");
            (format!("{number}-{index}"), used(number * MOST + index))
        };
        let mut tasks: Vec<_> = (0..SENDERS).map(|_| tokio::spawn(self.clone().send(next.clone()))).collect();
        tasks.push(tokio::spawn(call(self.ben.grpc(), self.room.clone(), next.clone())));
        tasks.push(tokio::spawn(tell(self.ben.socket(&self.room).await, next.clone())));
        let session = self.ben.grpc().session(&self.room).await.expect("it opens");
        tasks.push(tokio::spawn(tell_typed(session, next)));
        // So many are under way, or not yet.
        for _ in 0..random(4) {
            self.ann.snapshot(&self.room).await.ok();
        }
        let revoked = self.ann.command(&self.room, revocation.revoke.clone()).await.ok();
        let uses = join_all(tasks).await.into_iter().flat_map(|done| done.expect("no panic")).collect();
        self.restore(revocation).await;
        Round { seq: revoked["seq"].as_i64().expect("a seq"), refused: revocation.refused, uses }
    }

    /// Over REST, until it is refused.
    async fn send(self, next: impl Fn() -> (String, Value)) -> Vec<Use> {
        let mut uses = Vec::new();
        loop {
            let (key, command) = next();
            let answer = self.ben.keyed(&self.room, &command, &key).await;
            let refused = answer.status != 200;
            uses.push(Use { key, answer: Some(answer) });
            if refused {
                return uses;
            }
        }
    }

    async fn restore(&self, revocation: &Revocation) {
        for command in &revocation.restore {
            self.ann.command(&self.room, command.clone()).await.ok();
        }
        if revocation.out {
            self.ben.join(&self.room).await;
        }
    }
}

/// Over a socket, two at a time, until one is refused or the socket is closed.
async fn tell(mut socket: Socket, next: impl Fn() -> (String, Value)) -> Vec<Use> {
    let mut uses = Vec::new();
    loop {
        let two = [next(), next()];
        for (key, command) in &two {
            if !socket.try_tell(json!({ "id": key, "command": command, "key": key })).await {
                break;
            }
        }
        let mut answers = HashMap::new();
        while answers.len() < two.len() {
            let Ok(message) = socket.next().await else { break };
            if let Some(key) = message["reply"]["id"].as_str() {
                answers.insert(key.to_owned(), reply(&message["reply"]));
            }
        }
        let ended = answers.len() < two.len() || answers.values().any(|answer| answer.status != 200);
        uses.extend(two.map(|(key, _)| Use { answer: answers.remove(&key), key }));
        if ended {
            return uses;
        }
    }
}

/// Over calls, until one is refused.
async fn call(calls: Grpc, room: String, next: impl Fn() -> (String, Value)) -> Vec<Use> {
    let mut uses = Vec::new();
    loop {
        let (key, command) = next();
        let answer = match calls.keyed(&key).command(&room, &command).await {
            Ok(body) => Answer { status: 200, body },
            Err(failure) => {
                assert_eq!(failure.code, Code::PermissionDenied, "{failure:?}");
                failure.answer(403)
            }
        };
        let refused = answer.status != 200;
        uses.push(Use { key, answer: Some(answer) });
        if refused {
            return uses;
        }
    }
}

/// In a session, two at a time, until one is refused or the session is ended.
async fn tell_typed(mut session: Typed, next: impl Fn() -> (String, Value)) -> Vec<Use> {
    let mut uses = Vec::new();
    loop {
        let two = [next(), next()];
        for (id, (key, command)) in two.iter().enumerate() {
            session.try_tell(&json!({ "id": id, "command": command, "key": key })).await;
        }
        let mut answers = [None, None];
        while answers.iter().any(Option::is_none) {
            let Ok(message) = session.next().await else { break };
            if message["reply"].is_object() {
                let id = message["reply"]["id"].as_u64().expect("an id") as usize;
                answers[id] = Some(replied(&message["reply"]));
            }
        }
        let ended = answers.iter().any(|answer| answer.as_ref().is_none_or(|answer| answer.status != 200));
        uses.extend(two.into_iter().zip(answers).map(|((key, _), answer)| Use { key, answer }));
        if ended {
            return uses;
        }
    }
}

fn reply(reply: &Value) -> Answer {
    match reply.get("problem") {
        Some(problem) => Answer { status: 403, body: problem.clone() },
        None => Answer { status: 200, body: reply.clone() },
    }
}

/// Whoever was told that it was done finds it in the log, before the revocation; nobody else finds anything.
fn justified(round: &Round, log: &HashMap<String, Vec<i64>>) -> [usize; 2] {
    let mut counts = [0, 0];
    for Use { key, answer } in &round.uses {
        let seqs = log.get(key).cloned().unwrap_or_default();
        assert!(seqs.iter().all(|seq| *seq < round.seq), "{key} is at {seqs:?}, after {}: {answer:?}", round.seq);
        match answer {
            Some(answer) if answer.status == 200 => {
                assert_eq!((answer.seqs(), seqs.len()), (seqs, 1), "{key}: {:#}", answer.body);
                counts[0] += 1;
            }
            Some(answer) => {
                assert_eq!((answer.code(), seqs.len()), (round.refused, 0), "{key} at {seqs:?}: {:#}", answer.body);
                counts[1] += 1;
            }
            None => {}
        }
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_away_at_one_node_is_not_used_at_the_other_any_more() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await.at(&other.url));
    let room = ann.room().await;
    ben.join(&room).await;
    let add = json!({ "type": "playlist.add", "url": "https://media.test/a.mp4" });
    let item = ann.command(&room, add).await.ok()["events"][0]["data"]["item_id"].clone();
    ann.command(&room, json!({ "type": "playback.select_item", "item_id": item })).await.ok();
    let playlist = ann.snapshot(&room).await.ok()["versions"]["playlist"].as_i64().expect("a version");
    let kinds = revocations(&ben.id, playlist);
    let race = Race { ann, ben, room };
    let mut all = Vec::new();
    for number in 0..rounds(25, 1000) {
        all.push(race.run(number, &kinds[number % kinds.len()]).await);
    }
    let mut log: HashMap<String, Vec<i64>> = HashMap::new();
    for (key, seq, _) in stored(&world.database, &race.room).await {
        log.entry(key).or_default().push(seq);
    }
    let counts =
        all.iter().map(|round| justified(round, &log)).fold([0, 0], |sum, it| [sum[0] + it[0], sum[1] + it[1]]);
    println!("{} rounds: {} uses accepted, {} refused", all.len(), counts[0], counts[1]);
    assert!(counts[1] >= (SENDERS + 1) * all.len(), "everybody over REST and over calls was refused at last");
    assert_verified(&world.database);
}
