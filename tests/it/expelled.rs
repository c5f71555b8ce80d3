//! Members who are sending while they are sent away: what the log and what their open connections hold after that.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::support::{
    Closed, Guest, SOON, Server, Socket, Stream, TempDir, World, assert_verified, eventually, stored,
};

/// What one connection got: the messages, and how it ended.
struct Heard {
    messages: Vec<Value>,
    closed: Closed,
}

/// Two nodes, an owner at the first, a moderator at the second, and four guests, two at each.
struct Stage {
    world: World,
    _other: (Server, TempDir),
    ann: Guest,
    mia: Guest,
    guests: Vec<Guest>,
    room: String,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new().await;
        let other = world.beside();
        let (ann, mia) = (world.guest("Ann").await, Guest::new(&other.0.url, "Mia").await);
        let room = ann.room().await;
        mia.join(&room).await;
        ann.command(&room, json!({ "type": "member.set_role", "member": mia.id, "role": "moderator" })).await.ok();
        let mut guests = Vec::new();
        for (number, url) in [&world.server.url, &world.server.url, &other.0.url, &other.0.url].iter().enumerate() {
            let guest = Guest::new(url, &format!("g{number}")).await;
            guest.join(&room).await;
            guests.push(guest);
        }
        Self { world, _other: other, ann, mia, guests, room }
    }

    /// Everything that this guest has open, all of it busy.
    async fn busy(&self, guest: &Guest) -> Busy {
        let (socket, _) = guest.subscribed(&self.room, "now").await;
        let silent = guest.socket(&self.room).await;
        let stream = guest.follow(&self.room, "0").await;
        let said = Arc::new(AtomicUsize::new(0));
        let sender = tokio::spawn(send(guest.clone(), self.room.clone(), Arc::clone(&said)));
        let busy = Busy {
            who: guest.clone(),
            socket: tokio::spawn(converse(socket, guest.id.clone())),
            silent: tokio::spawn(listen(silent)),
            stream: tokio::spawn(read(stream)),
            sender,
        };
        eventually("they are talking", async || (said.load(Ordering::Relaxed) >= 5).then_some(())).await;
        busy
    }

    /// Whatever these did is before this seq.
    async fn nothing_after(&self, seq: i64, gone: &[Guest]) {
        let gone: BTreeSet<&str> = gone.iter().map(|guest| guest.id.as_str()).collect();
        for event in self.ann.events(&self.room).await.iter().skip(seq as usize) {
            assert!(!gone.contains(event["actor"]["id"].as_str().unwrap_or_default()), "after {seq}: {event:#}");
        }
    }
}

/// One guest's connections, each with a task of its own.
struct Busy {
    who: Guest,
    socket: JoinHandle<Heard>,
    silent: JoinHandle<Heard>,
    stream: JoinHandle<Heard>,
    sender: JoinHandle<Value>,
}

/// Says three things at a time and hears what comes, until the socket is closed.
async fn converse(mut socket: Socket, name: String) -> Heard {
    let mut messages = Vec::new();
    for number in 0.. {
        for part in 0..3 {
            let command = json!({ "type": "chat.post", "text": format!("{name} {number} {part}") });
            // What cannot be sent any more is followed by the end.
            socket.try_tell(json!({ "id": number, "command": command })).await;
        }
        let mut replies = 0;
        while replies < 3 {
            match socket.next().await {
                Ok(message) => {
                    replies += usize::from(!message["reply"].is_null());
                    messages.push(message);
                }
                Err(closed) => return Heard { messages, closed },
            }
        }
    }
    unreachable!("it ends with the socket")
}

async fn listen(mut socket: Socket) -> Heard {
    let (messages, closed) = socket.rest().await;
    Heard { messages, closed }
}

async fn read(mut stream: Stream) -> Heard {
    let mut messages = Vec::new();
    while let Some(sent) = timeout(SOON, stream.next()).await.expect("it goes on, or ends") {
        messages.push(json!({ "event": sent.data }));
    }
    Heard { messages, closed: None }
}

/// Over REST, until it is refused: the refusal.
async fn send(who: Guest, room: String, said: Arc<AtomicUsize>) -> Value {
    for number in 0.. {
        let answer = who.command(&room, json!({ "type": "chat.post", "text": format!("rest {number}") })).await;
        if answer.status != 200 {
            return answer.body;
        }
        said.fetch_add(1, Ordering::Relaxed);
    }
    unreachable!("it ends with a refusal")
}

/// The last event is this one; after it nothing came but answers to what was asked before.
#[track_caller]
fn ends_with(heard: &Heard, event: &Value, what: &str) {
    let place = heard.messages.iter().position(|message| message["event"]["seq"] == event["seq"]);
    let place = place.unwrap_or_else(|| panic!("{what} did not get {event:#}, but {:#?}", heard.messages.last()));
    assert_eq!(heard.messages[place]["event"], *event, "{what}");
    let after: Vec<_> = heard.messages[place + 1..].iter().filter(|message| message["reply"].is_null()).collect();
    assert!(after.is_empty(), "{what} got after {}: {after:#?}", event["seq"]);
}

impl Busy {
    /// All of it ended with this event.
    async fn ended(self, event: &Value, closed: (u16, &str), refusal: &str) {
        let Self { who, socket, silent, stream, sender } = self;
        let closed = Some((closed.0, closed.1.to_owned()));
        let socket = timeout(SOON, socket).await.expect("the socket is closed").expect("no panic");
        ends_with(&socket, event, &format!("the socket of {}", who.id));
        assert_eq!(socket.closed, closed, "the socket of {}", who.id);
        let silent = timeout(SOON, silent).await.expect("the silent socket is closed").expect("no panic");
        assert_eq!(silent.closed, closed, "the silent socket of {}", who.id);
        assert!(silent.messages.iter().all(|message| message["event"].is_null()), "{:#?}", silent.messages);
        let stream = timeout(SOON, stream).await.expect("the stream ends").expect("no panic");
        ends_with(&stream, event, &format!("the stream of {}", who.id));
        let refused = timeout(SOON, sender).await.expect("it is refused").expect("no panic");
        assert_eq!(refused["code"], refusal, "{refused:#}");
    }

    /// None of it ended; ends it.
    async fn goes_on(self) {
        for task in [&self.socket, &self.silent, &self.stream] {
            assert!(!task.is_finished(), "{} was cut off", self.who.id);
        }
        assert!(!self.sender.is_finished(), "{} was refused", self.who.id);
        for task in [self.socket, self.silent, self.stream] {
            task.abort();
        }
        self.sender.abort();
    }
}

/// Two sockets at each node, where it is told who is there.
async fn witness(stage: &Stage) -> [Socket; 2] {
    [stage.ann.socket(&stage.room).await, stage.mia.socket(&stage.room).await]
}

/// Each learns that these, who were at their node, are gone.
async fn gone(witnesses: [Socket; 2], guests: [&[Guest]; 2]) {
    for (mut socket, guests) in witnesses.into_iter().zip(guests) {
        let mut left: BTreeSet<&str> = guests.iter().map(|guest| guest.id.as_str()).collect();
        while !left.is_empty() {
            let told = socket.until("ephemeral").await;
            if (&told["kind"], &told["value"]["state"]) == (&json!("presence"), &json!("offline")) {
                left.remove(told["member"].as_str().unwrap_or_default());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guests_who_are_sending_are_expelled_with_one_event_and_do_nothing_after_it() {
    let stage = Stage::new().await;
    let witnesses = witness(&stage).await;
    let busy = join_all(stage.guests.iter().map(|guest| stage.busy(guest))).await;
    let moderator = stage.busy(&stage.mia).await;
    let expelled = stage.ann.command(&stage.room, json!({ "type": "room.expel_guests" })).await.ok();
    let event = &expelled["events"][0];
    let told: BTreeSet<_> = event["data"]["members"].as_array().into_iter().flatten().map(Value::to_string).collect();
    assert_eq!(told, stage.guests.iter().map(|guest| json!(guest.id).to_string()).collect());
    for one in busy {
        one.ended(event, (4403, "forbidden"), "not_a_member").await;
    }
    moderator.goes_on().await;
    stage.nothing_after(event["seq"].as_i64().expect("a seq"), &stage.guests).await;
    for guest in &stage.guests {
        let ticket = guest.post(&format!("/v1/rooms/{}/tickets", stage.room), &json!({ "use": "ws" })).await;
        assert_eq!(ticket.code(), "not_a_member");
        assert_eq!(guest.command(&stage.room, json!({ "type": "member.join" })).await.code(), "cooldown");
    }
    gone(witnesses, [&stage.guests[..2], &stage.guests[2..]]).await;
    assert_verified(&stage.world.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_kicked_or_banned_while_sending_learns_why_and_the_others_go_on() {
    let stage = Stage::new().await;
    for (kind, index, back) in [("kick", 0, "cooldown"), ("ban", 2, "banned")] {
        let victim = &stage.guests[index];
        let (busy, other) = (stage.busy(victim).await, stage.busy(&stage.guests[index + 1]).await);
        let command = json!({ "type": format!("member.{kind}"), "member": victim.id, "reason": "too loud" });
        let away = stage.ann.command(&stage.room, command).await.ok()["events"][0].clone();
        assert_eq!(away["data"]["reason"], "too loud");
        busy.ended(&away, (4403, "forbidden"), "not_a_member").await;
        other.goes_on().await;
        stage.nothing_after(away["seq"].as_i64().expect("a seq"), &stage.guests[index..=index]).await;
        assert_eq!(victim.command(&stage.room, json!({ "type": "member.join" })).await.code(), back);
    }
    assert_verified(&stage.world.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_is_closed_while_all_are_sending_takes_nothing_more() {
    let stage = Stage::new().await;
    let busy = join_all(stage.guests.iter().map(|guest| stage.busy(guest))).await;
    let closed = stage.ann.command(&stage.room, json!({ "type": "room.close" })).await.ok()["events"][0].clone();
    for one in busy {
        one.ended(&closed, (4404, "room closed"), "room_closed").await;
    }
    let last = stored(&stage.world.database, &stage.room).await.pop().map(|(_, seq, _)| seq);
    assert_eq!(last, closed["seq"].as_i64(), "something followed");
    assert_verified(&stage.world.database);
}

/// The next event on the socket is this one.
async fn told(socket: &mut Socket, answer: Value) {
    assert_eq!(socket.until("event").await, answer["events"][0]);
}

/// What a command is refused by over a socket; "ok" when it is not.
async fn refused_by(socket: &mut Socket, command: Value) -> String {
    socket.tell(json!({ "id": 1, "command": command })).await;
    let reply = socket.until("reply").await;
    reply["problem"]["decided_by"].as_str().unwrap_or("ok").to_owned()
}

#[tokio::test]
async fn a_mute_and_another_role_reach_an_open_socket_with_their_event_and_leave_it_open() {
    let stage = Stage::new().await;
    let ben = &stage.guests[2];
    let (mut socket, _) = ben.subscribed(&stage.room, "now").await;
    let chat = json!({ "type": "chat.post", "text": "hello" });
    let add = json!({ "type": "playlist.add", "url": "https://media.test/a.mp4" });
    for (command, of_chat, of_items) in [
        (json!({ "type": "member.mute", "member": ben.id, "reason": "too loud" }), "muted", "ok"),
        (json!({ "type": "member.set_role", "member": ben.id, "role": "guest" }), "muted", "role:guest"),
        (json!({ "type": "member.unmute", "member": ben.id }), "ok", "role:guest"),
        (json!({ "type": "member.set_role", "member": ben.id, "role": "admin" }), "ok", "ok"),
    ] {
        told(&mut socket, stage.ann.command(&stage.room, command.clone()).await.ok()).await;
        assert_eq!(refused_by(&mut socket, chat.clone()).await, of_chat, "{command}");
        assert_eq!(refused_by(&mut socket, add.clone()).await, of_items, "{command}");
    }
    assert_verified(&stage.world.database);
}
