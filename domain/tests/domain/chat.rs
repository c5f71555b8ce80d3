use serde_json::json;
use synctv_domain::events::{ChatPosted, ChatReacted};
use synctv_domain::{ActorId, Event, Personal, Reaction, Room};
use ulid::Ulid;

use crate::scenario::{GUEST, Given, MEMBER, MODERATOR, OWNER, crowd, message, recorded};

/// The guest wrote message 1.
fn written() -> Given {
    crowd().fresh(1).past(GUEST, "chat.post", json!({"text": "hello"}))
}

fn apply(given: &mut Given, event: Event) {
    let seq = given.room.seq().next();
    given.room.apply(&recorded(seq.0, OWNER, event));
}

#[test]
fn a_guest_writes() {
    crowd()
        .fresh(1)
        .when(GUEST, "chat.post", json!({"text": "hello"}))
        .then(&[("chat.posted", json!({"message_id": message(1), "author": GUEST, "text": "hello"}))])
        .by("role:guest");
}

#[test]
fn a_message_answers_another() {
    written().fresh(2).when(MEMBER, "chat.post", json!({"text": "hi", "reply_to": message(1)})).then(&[(
        "chat.posted",
        json!({"message_id": message(2), "author": MEMBER, "text": "hi",
                   "reply_to": message(1)}),
    )]);
}

#[test]
fn an_unknown_message_is_not_found() {
    let id = message(8);
    for (name, fields) in [
        ("chat.post", json!({"text": "hi", "reply_to": id})),
        ("chat.edit", json!({"text": "hi", "message_id": id})),
        ("chat.redact", json!({"message_id": id})),
        ("chat.react", json!({"message_id": id, "reaction": "+", "on": true})),
    ] {
        written().when(MODERATOR, name, fields).then_rejected("message_not_found");
    }
}

#[test]
fn only_the_newest_messages_can_be_changed() {
    let mut given = crowd();
    for number in 0..=Room::MAX_HEADS {
        let posted =
            ChatPosted { message_id: message(number as u128), author: MEMBER, text: Personal::Erased, reply_to: None };
        apply(&mut given, Event::ChatPosted(posted));
    }
    let edit = |number| json!({"message_id": message(number), "text": "new"});
    given.clone().when(MEMBER, "chat.edit", edit(0)).then_rejected("message_not_found");
    given.when(MEMBER, "chat.edit", edit(1)).by("own");
}

#[test]
fn an_author_edits() {
    written()
        .when(GUEST, "chat.edit", json!({"message_id": message(1), "text": "bye"}))
        .then(&[("chat.edited", json!({"message_id": message(1), "text": "bye", "author": GUEST}))])
        .by("own");
}

#[test]
fn nobody_edits_anothers_message() {
    for actor in [MEMBER, MODERATOR, OWNER] {
        let outcome = written().when(actor, "chat.edit", json!({"message_id": message(1), "text": "x"}));
        outcome.then_forbidden("chat.edit", "own");
    }
}

#[test]
fn a_redacted_message_is_not_edited() {
    written()
        .past(GUEST, "chat.redact", json!({"message_id": message(1)}))
        .when(GUEST, "chat.edit", json!({"message_id": message(1), "text": "x"}))
        .then_rejected("message_not_found");
}

#[test]
fn redacting() {
    let fields = json!({"message_id": message(1), "reason": "spoiler"});
    let plain = json!({"message_id": message(1)});
    written()
        .when(GUEST, "chat.redact", plain.clone())
        .then(&[("chat.redacted", json!({"message_id": message(1), "author": GUEST}))])
        .by("own");
    written()
        .when(MODERATOR, "chat.redact", fields)
        .then(&[("chat.redacted", json!({"message_id": message(1), "author": GUEST, "reason": "spoiler"}))])
        .by("role:moderator")
        .given
        .when(GUEST, "chat.redact", plain.clone())
        .then_nothing();
    let outcome = written().when(MEMBER, "chat.redact", plain);
    outcome.then_forbidden("chat.delete_any", "role:member");
}

#[test]
fn a_reaction_is_added_once_and_taken_back_once() {
    let fields = |on| json!({"message_id": message(1), "reaction": "🎉", "on": on});
    let event = |on| json!({"message_id": message(1), "member": MEMBER, "reaction": "🎉", "on": on});
    let given = written().when(MEMBER, "chat.react", fields(false)).then_nothing().given;
    let given = given.when(MEMBER, "chat.react", fields(true)).then(&[("chat.reacted", event(true))]);
    let given = given.given.when(MEMBER, "chat.react", fields(true)).then_nothing().given;
    let given = given.when(MEMBER, "chat.react", fields(false)).then(&[("chat.reacted", event(false))]);
    given.given.when(MEMBER, "chat.react", fields(false)).then_nothing();
}

#[test]
fn the_same_reaction_of_another_member_counts() {
    let fields = json!({"message_id": message(1), "reaction": "+", "on": true});
    let given = written().past(MEMBER, "chat.react", fields.clone());
    let outcome = given.when(GUEST, "chat.react", fields);
    assert_eq!(outcome.decision().events.len(), 1);
}

fn reacted(member: u128, reaction: &str) -> Event {
    Event::ChatReacted(ChatReacted {
        message_id: message(1),
        member: ActorId::User(Ulid(member)),
        reaction: Reaction::parse(reaction).expect("a reaction"),
        on: true,
    })
}

#[test]
fn a_message_has_at_most_twenty_distinct_reactions() {
    let mut given = written();
    for number in 0..20 {
        apply(&mut given, reacted(100, &format!("r{number}")));
    }
    let react = |reaction| json!({"message_id": message(1), "reaction": reaction, "on": true});
    given.clone().when(MEMBER, "chat.react", react("new")).then_rejected("limit_reached");
    let known = given.when(MEMBER, "chat.react", react("r7"));
    assert_eq!(known.decision().events.len(), 1, "a known reaction is still free");
}

#[test]
fn a_message_has_at_most_two_hundred_reactions() {
    let mut given = written();
    for number in 0..199 {
        apply(&mut given, reacted(100 + number, "+"));
    }
    let react = |on| json!({"message_id": message(1), "reaction": "+", "on": on});
    let given = given.past(MEMBER, "chat.react", react(true));
    given.clone().when(GUEST, "chat.react", react(true)).then_rejected("limit_reached");
    let freed = given.past(MEMBER, "chat.react", react(false));
    assert_eq!(freed.when(GUEST, "chat.react", react(true)).decision().events.len(), 1);
}
