//! Given a room, when a command, then events or a refusal.

use serde_json::{Value, json};
use synctv_domain::{
    Actor, ActorId, Command, CommandId, Company, Context, Decision, DisplayName, Event, EventId, ItemId, MessageId,
    Position, Proof, Recorded, Rejection, Room, RoomId, Seq, ServerMs, Timestamp, decide,
};
use ulid::Ulid;

pub const OWNER: ActorId = ActorId::User(Ulid(1));
pub const ADMIN: ActorId = ActorId::User(Ulid(2));
pub const MODERATOR: ActorId = ActorId::User(Ulid(3));
pub const MEMBER: ActorId = ActorId::User(Ulid(4));
pub const GUEST: ActorId = ActorId::Guest(Ulid(5));
pub const STRANGER: ActorId = ActorId::User(Ulid(9));

/// Every member of [`Given::crowd`] with the name of its role.
pub const CROWD: [(ActorId, &str); 5] =
    [(OWNER, "owner"), (ADMIN, "admin"), (MODERATOR, "moderator"), (MEMBER, "member"), (GUEST, "guest")];

pub const LEAD_MS: i64 = 200;
pub const DURATION_MS: i64 = 60_000;

pub fn command(name: &str, fields: Value) -> Command {
    Command::parse(name, fields).unwrap_or_else(|error| panic!("{name} does not parse: {error}"))
}

pub fn create(fields: Value) -> Command {
    Command::Create(serde_json::from_value(fields).expect("the test's room is well-formed"))
}

pub fn public_room() -> Command {
    create(json!({"name": "Film night", "join_rule": "public", "visibility": "listed"}))
}

pub fn item(number: u128) -> ItemId {
    ItemId::new(Ulid(number))
}

pub fn message(number: u128) -> MessageId {
    MessageId::new(Ulid(number))
}

pub fn context(actor: ActorId, now: i64) -> Context {
    Context {
        actor: Actor { id: actor },
        display_name: DisplayName::parse(&format!("N{}", number_of(actor))).ok(),
        now: ServerMs(now),
        lead_ms: LEAD_MS,
        fresh: Ulid(1000),
        room_id: RoomId::new(Ulid(77)),
        company: Company::default(),
        entropy: 0,
        proof: Proof::default(),
    }
}

fn number_of(actor: ActorId) -> u128 {
    match actor {
        ActorId::User(ulid) | ActorId::Guest(ulid) => ulid.0,
        ActorId::System => 0,
    }
}

pub fn recorded(seq: i64, actor: ActorId, event: Event) -> Recorded {
    Recorded {
        seq: Seq(seq),
        position: Position(seq + 100),
        id: EventId::new(Ulid(u128::from(seq.unsigned_abs()))),
        at: Timestamp(seq.clamp(0, 1_000_000) * 1_000_000),
        actor: Actor { id: actor },
        event,
        decided_by: "test".to_owned(),
        command_id: CommandId::parse("test").expect("printable"),
    }
}

/// The past of a room, and the circumstances of the next command.
#[derive(Clone)]
pub struct Given {
    pub room: Room,
    pub now: i64,
    pub fresh: u128,
    pub entropy: u64,
    pub company: Company,
    pub named: bool,
    pub proof: Proof,
}

/// Nothing has happened yet.
pub fn nothing() -> Given {
    Given {
        room: Room::default(),
        now: 10_000,
        fresh: 1000,
        entropy: 0,
        company: Company::default(),
        named: true,
        proof: Proof::default(),
    }
}

/// A public room with its owner.
pub fn a_room() -> Given {
    nothing().did(OWNER, public_room())
}

/// A public room with a member of every role.
pub fn crowd() -> Given {
    let joined =
        CROWD[1..].iter().fold(a_room(), |given, (actor, _)| given.did(*actor, command("member.join", json!({}))));
    [CROWD[1], CROWD[2], CROWD[4]].iter().fold(joined, |given, (actor, role)| {
        given.did(OWNER, command("member.set_role", json!({"member": actor, "role": role})))
    })
}

/// [`crowd`] with items 1, 2 … of a minute each, added by the owner.
pub fn crowd_with_items(count: u128) -> Given {
    (1..=count).fold(crowd(), |mut given, number| {
        given.fresh = number;
        given.did(
            OWNER,
            command(
                "playlist.add",
                json!({"url": format!("https://media.example/{number}"), "duration_ms": DURATION_MS}),
            ),
        )
    })
}

impl Given {
    pub fn at(mut self, now: i64) -> Self {
        self.now = now;
        self
    }

    pub fn fresh(mut self, fresh: u128) -> Self {
        self.fresh = fresh;
        self
    }

    pub fn entropy(mut self, entropy: u64) -> Self {
        self.entropy = entropy;
        self
    }

    /// These are connected.
    pub fn present(mut self, present: &[ActorId]) -> Self {
        self.company.here = present.iter().copied().collect();
        self
    }

    /// These went away.
    pub fn gone(mut self, gone: &[ActorId]) -> Self {
        self.company.gone = gone.iter().copied().collect();
        self
    }

    /// This was found out about the secrets of the commands that follow.
    pub fn proven(mut self, proof: Proof) -> Self {
        self.proof = proof;
        self
    }

    pub fn unnamed(mut self) -> Self {
        self.named = false;
        self
    }

    fn decide(&self, actor: ActorId, command: &Command) -> Result<Decision, Rejection> {
        let mut context = context(actor, self.now);
        context.fresh = Ulid(self.fresh);
        context.entropy = self.entropy;
        context.company = self.company.clone();
        context.proof = self.proof;
        context.display_name = context.display_name.filter(|_| self.named);
        decide(&self.room, command, &context)
    }

    fn apply(&mut self, actor: ActorId, events: &[Event]) {
        for event in events {
            let seq = self.room.seq().next();
            self.room.apply(&recorded(seq.0, actor, event.clone()));
        }
    }

    /// A command that is part of the past.
    pub fn did(mut self, actor: ActorId, command: Command) -> Self {
        let decision = self.decide(actor, &command);
        let decision = decision.unwrap_or_else(|refused| panic!("{command:?}: {refused}"));
        self.apply(actor, &decision.events);
        self
    }

    /// Like [`Given::did`], by name.
    pub fn past(self, actor: ActorId, name: &str, fields: Value) -> Self {
        self.did(actor, command(name, fields))
    }

    pub fn when(self, actor: ActorId, name: &str, fields: Value) -> Outcome {
        self.when_command(actor, &command(name, fields))
    }

    pub fn when_command(mut self, actor: ActorId, command: &Command) -> Outcome {
        let result = self.decide(actor, command);
        if let Ok(decision) = &result {
            self.apply(actor, &decision.events);
        }
        Outcome { given: self, result }
    }
}

/// What came of a command.
pub struct Outcome {
    pub given: Given,
    pub result: Result<Decision, Rejection>,
}

impl Outcome {
    pub fn decision(&self) -> &Decision {
        self.result.as_ref().unwrap_or_else(|refused| panic!("refused: {refused}"))
    }

    /// Exactly these events, as (name, payload).
    #[track_caller]
    pub fn then(self, expected: &[(&str, Value)]) -> Self {
        let events: Vec<(String, Value)> = self
            .decision()
            .events
            .iter()
            .map(|event| {
                let payload = serde_json::from_str(&event.encode()).expect("payloads are JSON");
                (event.name().to_owned(), payload)
            })
            .collect();
        let expected: Vec<(String, Value)> =
            expected.iter().map(|(name, data)| ((*name).to_owned(), data.clone())).collect();
        assert_eq!(events, expected);
        self
    }

    #[track_caller]
    pub fn then_nothing(self) -> Self {
        self.then(&[])
    }

    #[track_caller]
    pub fn by(self, rule: &str) -> Self {
        assert_eq!(self.decision().decided_by, rule);
        self
    }

    #[track_caller]
    pub fn then_rejected(self, code: &str) -> Self {
        let refused = self.result.as_ref().map_err(Rejection::code);
        assert_eq!(refused, Err(code));
        self
    }

    /// Refused for lack of a right, by a rule.
    #[track_caller]
    pub fn then_forbidden(self, right: &str, rule: &str) -> Self {
        match &self.result {
            Err(Rejection::Forbidden { permission, decided_by, trace }) => {
                assert_eq!((*permission, decided_by.as_str()), (right, rule));
                assert!(!trace.allowed, "the trace of a refusal allows: {trace:?}");
            }
            other => panic!("not forbidden: {other:?}"),
        }
        self
    }

    /// The value at a JSON pointer into the view of the room afterwards.
    #[track_caller]
    pub fn then_state(self, pointer: &str, expected: Value) -> Self {
        assert_eq!(state(&self.given.room, pointer), expected, "at {pointer}");
        self
    }
}

pub fn state(room: &Room, pointer: &str) -> Value {
    let view = serde_json::to_value(room.view("e1")).expect("a view is JSON");
    view.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer} in {view}")).clone()
}
