//! A room in which everybody is whom the table of rights speaks of.

use std::collections::HashMap;

use futures::future::join_all;
use serde_json::{Value, json};

use crate::rights_ways::{Open, Way};
use crate::support::{Answer, Grpc, Guest, World, later};

/// Members, and what became of them: owner, roles, a mute, overrides.
pub const INSIDE: [&str; 8] = ["owner", "admin", "moderator", "member", "guest", "muted", "allowed", "denied"];
/// Who is not in the room.
pub const OUTSIDE: [&str; 4] = ["banned", "kicked", "knocking", "stranger"];

const ALLOWED: [&str; 5] = ["members.kick", "members.ban", "queue.edit_any", "chat.delete_any", "room.settings"];
const DENIED: [&str; 5] = ["playback.control", "queue.add", "queue.edit_own", "chat.send", "members.invite"];

/// How a room differs from one as it is made.
#[derive(Clone, Copy, Debug)]
pub struct Configuration {
    pub name: &'static str,
    /// Fields of `room.set_join_rule` that name how one gets in.
    pub rule: &'static str,
    pub control: &'static str,
    /// What the owner does at last; `expect` is added.
    pub last: Option<&'static str>,
}

/// The people of all rooms.
pub struct People {
    all: HashMap<&'static str, (Guest, Grpc)>,
    /// Long after the test.
    long: String,
}

impl People {
    pub async fn new(world: &World) -> Self {
        let names = INSIDE.into_iter().chain(OUTSIDE);
        let both = async |name| {
            let guest = world.guest(name).await;
            (name, (guest.clone(), guest.grpc()))
        };
        let all = join_all(names.map(both)).await.into_iter().collect();
        Self { all, long: later(&world.database, "1 hour").await }
    }

    pub fn get(&self, name: &str) -> &Guest {
        &self.all[name].0
    }

    /// With what they call with.
    pub fn both(&self, name: &str) -> &(Guest, Grpc) {
        &self.all[name]
    }
}

/// A room of a configuration.
pub struct Stage<'a> {
    pub people: &'a People,
    pub configuration: Configuration,
    pub room: String,
    open: HashMap<(String, Way), Open>,
    /// Ids and texts, the next one of each last.
    known: HashMap<String, Vec<String>>,
    count: u64,
}

impl<'a> Stage<'a> {
    pub async fn new(people: &'a People, configuration: Configuration) -> Self {
        let room = people.get("owner").room().await;
        let (open, known) = (HashMap::new(), HashMap::new());
        let mut stage = Self { people, configuration, room, open, known, count: 0 };
        stage.fill().await;
        stage.rank().await;
        stage.configure().await;
        stage
    }

    /// Another room takes the place of this one.
    pub async fn renew(&mut self) {
        *self = Box::pin(Stage::new(self.people, self.configuration)).await;
    }

    async fn fill(&mut self) {
        for name in ["first", "middle"] {
            let made = self.act("owner", json!({ "type": "playlist.add", "url": "https://media.test/a.mp4" })).await;
            self.keep(name, &made["data"]["item_id"]);
        }
        let rest = INSIDE.iter().skip(1).chain(&["banned", "kicked"]);
        join_all(rest.map(|name| self.people.get(name).join(&self.room))).await;
        let items = INSIDE.iter().map(|name| (*name, 2)).chain([("banned", 10)]);
        let items = self.each(items, json!({ "type": "playlist.add", "url": "https://media.test/b.mp4" })).await;
        let messages = INSIDE.iter().map(|name| (*name, 3)).chain([("banned", 10)]);
        let messages = self.each(messages, json!({ "type": "chat.post", "text": "said" })).await;
        for (things, id, kind) in [(items, "item_id", "item"), (messages, "message_id", "message")] {
            for (name, event) in things {
                let key = if name == "banned" { kind.to_owned() } else { format!("own_{kind} {name}") };
                self.keep(&key, &event["data"][id]);
            }
        }
        let kept = self.known["message"][0].clone();
        self.known.insert("kept_message".to_owned(), vec![kept]);
        // What is kept is not withdrawn.
        self.known.entry("message".to_owned()).and_modify(|ids| drop(ids.remove(0)));
    }

    /// The first event of so many commands of each, all sent at once.
    async fn each(&self, who: impl Iterator<Item = (&'a str, usize)>, command: Value) -> Vec<(&'a str, Value)> {
        let sent = who.flat_map(|(name, count)| std::iter::repeat_n(name, count));
        join_all(sent.map(async |name| (name, self.act(name, command.clone()).await))).await
    }

    async fn rank(&mut self) {
        let id = |name: &str| self.people.get(name).id.clone();
        // Nobody has touched playback since the room was made.
        let mut commands: Vec<_> = INSIDE.iter().filter_map(|name| self.standing(name, 1)).collect();
        commands.push(json!({ "type": "member.ban", "member": id("banned") }));
        commands.push(json!({ "type": "member.kick", "member": id("kicked"), "expires_at": self.people.long }));
        join_all(commands.into_iter().map(|command| self.act("owner", command))).await;
        self.invite().await;
        self.live_key().await;
        let made = self.people.get("owner").command(&self.room, json!({ "type": "invite.create" })).await.ok();
        self.keep("token", &made["secret"]["token"]);
        self.aim().await;
    }

    /// What makes a member who they are, at this version of playback.
    fn standing(&self, name: &str, playback: i64) -> Option<Value> {
        let of = |kind: &str| json!({ "type": format!("member.{kind}"), "member": self.people.get(name).id });
        let (mut command, more) = match name {
            "admin" | "moderator" | "guest" => (of("set_role"), json!({ "role": name })),
            "muted" => (of("mute"), json!({})),
            "allowed" => (of("override_permissions"), json!({ "allow": ALLOWED, "deny": [] })),
            "denied" => (of("override_permissions"), json!({ "allow": [], "deny": DENIED })),
            _ => return None,
        };
        let fields = command.as_object_mut().expect("an object");
        fields.extend(more.as_object().cloned().unwrap_or_default());
        if more.get("allow").is_some() {
            fields.insert("expect".to_owned(), json!({ "playback": playback }));
        }
        Some(command)
    }

    /// Whoever is missing comes back and is who they were.
    pub async fn gather(&mut self) {
        let now = self.people.get("owner").snapshot(&self.room).await.ok();
        let is_missing = |id: &str| !now["members"].as_array().into_iter().flatten().any(|member| member["id"] == id);
        for name in INSIDE {
            let who = self.people.get(name);
            if is_missing(&who.id) {
                self.open.retain(|(actor, _), _| actor != name);
                self.owner(&json!({ "type": "member.unban", "member": who.id }).to_string()).await;
                let join = self.spell(r#"{"type":"member.join","invite":"$token"}"#, name).await;
                who.command(&self.room, join).await.ok();
                let playback = now["versions"]["playback"].as_i64().expect("a version");
                if let Some(command) = self.standing(name, playback) {
                    self.people.get("owner").command(&self.room, command).await.ok();
                }
            }
        }
        if is_missing(&self.known["target"][0]) {
            self.aim().await;
        }
    }

    /// Whoever knocked and was answered knocks again.
    pub async fn knock(&mut self) {
        let now = self.people.get("owner").snapshot(&self.room).await.ok();
        let id = &self.people.get("knocking").id;
        if now["members"].as_array().into_iter().flatten().any(|member| member["id"] == **id) {
            self.owner(r#"{"type":"member.kick","member":"$knocking"}"#).await;
        }
        self.owner(r#"{"type":"member.unban","member":"$knocking"}"#).await;
        self.wait_outside().await;
    }

    async fn wait_outside(&mut self) {
        self.owner(r#"{"type":"room.set_join_rule","join_rule":"approval","expect":{"settings":$settings}}"#).await;
        self.act("knocking", json!({ "type": "member.join" })).await;
        self.owner(r#"{"type":"room.set_join_rule",$rule,"expect":{"settings":$settings}}"#).await;
    }

    async fn configure(&mut self) {
        self.wait_outside().await;
        self.owner(r#"{"type":"playback.select_item","item_id":"$middle"}"#).await;
        if let Some(last) = self.configuration.last {
            self.owner(last).await;
        }
    }

    /// A guest for others to act upon.
    pub async fn aim(&mut self) {
        let target = Guest::new(&self.people.get("owner").url, "target").await;
        let invite = self.known["token"].last().cloned();
        target.command(&self.room, json!({ "type": "member.join", "invite": invite })).await.ok();
        self.act("owner", json!({ "type": "member.set_role", "member": target.id, "role": "guest" })).await;
        self.known.insert("target".to_owned(), vec![target.id]);
    }

    /// A stream key for others to revoke.
    pub async fn live_key(&mut self) {
        let made = self.act("owner", json!({ "type": "live.create_key" })).await;
        self.keep("key", &made["data"]["key_id"]);
    }

    /// An invite for others to revoke.
    pub async fn invite(&mut self) {
        let made = self.act("owner", json!({ "type": "invite.create" })).await;
        self.keep("invite", &made["data"]["invite_id"]);
    }

    /// Whether there is another one for the one that is used up.
    pub fn spend(&mut self, thing: &str, actor: &str) -> bool {
        let key = if thing.starts_with("own_") { format!("{thing} {actor}") } else { thing.to_owned() };
        let stock = self.known.get_mut(&key).expect("it was there");
        stock.pop();
        !stock.is_empty()
    }

    fn keep(&mut self, name: &str, id: &Value) {
        let id = id.as_str().unwrap_or_else(|| panic!("there is no {name}")).to_owned();
        self.known.entry(name.to_owned()).or_default().push(id);
    }

    /// Does it, and gives the first event.
    async fn act(&self, name: &str, command: Value) -> Value {
        self.people.get(name).command(&self.room, command).await.ok()["events"][0].clone()
    }

    /// The owner does it, unless the room is closed.
    pub async fn owner(&mut self, command: &str) {
        let command = self.spell(command, "owner").await;
        let answer = self.people.get("owner").command(&self.room, command.clone()).await;
        assert!(["ok", "room_closed"].contains(&answer.code()), "{command}: {:#}", answer.body);
    }

    /// The command with everything that `$name` stands for.
    pub async fn spell(&mut self, command: &str, actor: &str) -> Value {
        let versions = if command.contains("$settings") || command.contains("$members") {
            self.people.get("owner").snapshot(&self.room).await.ok()["versions"].take()
        } else {
            Value::Null
        };
        self.count += 1;
        let mut parts = command.split('$');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| c != '_' && !c.is_ascii_lowercase()).unwrap_or(part.len());
            text += &self.meaning(&part[..end], actor, &versions);
            text += &part[end..];
        }
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn meaning(&self, name: &str, actor: &str, versions: &Value) -> String {
        let known = |name: &str| self.known.get(name).and_then(|stock| stock.last()).cloned();
        match name {
            "settings" | "members" => versions[name].to_string(),
            "unique" => format!("{} {actor}", self.count),
            "number" => (self.count * 1000).to_string(),
            "control" => self.configuration.control.to_owned(),
            "rule" => self.configuration.rule.to_owned(),
            "other" => if self.configuration.rule.contains("public") { "invite" } else { "public" }.to_owned(),
            "self" => self.people.get(actor).id.clone(),
            own if own.starts_with("own_") => known(&format!("{own} {actor}")).unwrap_or_else(|| no_id(own)),
            name => known(name).unwrap_or_else(|| self.people.get(name).id.clone()),
        }
    }

    /// What a command is answered over an open connection of this kind.
    pub async fn over(&mut self, actor: &str, command: &Value, way: Way) -> Answer {
        let place = (actor.to_owned(), way);
        if !self.open.contains_key(&place) {
            let opened = Open::new(self.people.both(actor), &self.room, way).await;
            self.open.insert(place.clone(), opened);
        }
        self.open.get_mut(&place).expect("it was put there").answer(self.count, command).await
    }

    /// Connections that a deed may have ended.
    pub fn hang_up(&mut self) {
        self.open.clear();
    }
}

/// Somebody who could not add anything has nothing of their own; an id that nothing has.
fn no_id(what: &str) -> String {
    let prefix = if what.ends_with("item") { "itm" } else { "msg" };
    format!("{prefix}_00000000000000000000000000")
}
