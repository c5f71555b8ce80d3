//! The room under the test framework of cqrs-es: given events, when a command, then events or a refusal.

use cqrs_es::test::TestFramework;
use synctv_commands::{Instruction, RoomAggregate, RoomEvent};
use synctv_domain::{
    Actor, ActorId, Command, CommandId, Context, EventId, Position, Recorded, Rejection, RoomId, Seq, ServerMs,
    Timestamp,
};
use ulid::Ulid;

const ANN: ActorId = ActorId::Guest(Ulid(1));
const BEN: ActorId = ActorId::Guest(Ulid(2));

fn instruction(actor: ActorId, name: &str, fields: &str) -> Instruction {
    let context = Context {
        actor: Actor { id: actor },
        display_name: Some("Ann".parse().expect("a sample of this test")),
        now: ServerMs(1_000),
        lead_ms: 150,
        fresh: Ulid(9),
        room_id: RoomId::new(Ulid(7)),
        company: synctv_domain::Company::default(),
        entropy: 0,
        proof: synctv_domain::Proof::default(),
    };
    let fields = serde_json::from_str(fields).expect("a sample of this test");
    let command = match name {
        "room.create" => Command::Create(serde_json::from_value(fields).expect("a sample of this test")),
        _ => Command::parse(name, fields).expect("a sample of this test"),
    };
    Instruction { command, context, command_id: CommandId::parse("c").expect("a sample of this test") }
}

fn create() -> Instruction {
    instruction(ANN, "room.create", r#"{"name":"r","join_rule":"public","visibility":"listed"}"#)
}

/// The event that the framework sees, with what the context makes of it.
fn event(seq: i64, actor: ActorId, decided_by: &str, name: &str, payload: &str) -> RoomEvent {
    RoomEvent(Recorded {
        seq: Seq(seq),
        position: Position(0),
        id: EventId::new(Ulid(9)),
        at: Timestamp(1_000_000),
        actor: Actor { id: actor },
        event: synctv_domain::Event::decode(name, 1, payload).expect("a sample of this test"),
        decided_by: decided_by.to_owned(),
        command_id: CommandId::parse("c").expect("a sample of this test"),
    })
}

fn created() -> Vec<RoomEvent> {
    let framework = TestFramework::<RoomAggregate>::with(());
    framework.given_no_previous_events().when(create()).inspect_result().expect("a sample of this test")
}

#[test]
fn a_created_room_has_its_owner_as_a_member() {
    let names: Vec<_> = created().iter().map(|event| event.0.event.name()).collect();
    assert_eq!(names, ["room.created", "member.joined"]);
}

#[test]
fn a_room_is_created_once() {
    TestFramework::<RoomAggregate>::with(()).given(created()).when(create()).then_expect_error(Rejection::RoomExists);
}

#[test]
fn a_stranger_has_no_say() {
    let post = instruction(BEN, "chat.post", r#"{"text":"hi"}"#);
    TestFramework::<RoomAggregate>::with(()).given(created()).when(post).then_expect_error(Rejection::NotAMember);
}

#[test]
fn the_owner_closes_the_room() {
    let close = instruction(ANN, "room.close", "{}");
    let closed = event(3, ANN, "role:owner", "room.closed", "{}");
    TestFramework::<RoomAggregate>::with(()).given(created()).when(close).then_expect_events(vec![closed]);
}
