//! What read models show is as it is described.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use synctv_domain::{Position, Timestamp};
use synctv_projections::operate::{PoisonStatus, ProjectionState, ProjectionStatus, RebuildState, RebuildStatus};
use synctv_projections::read::{MemberListing, MessageListing, RoomListing, ShowingListing, WatchListing};

use super::{assert_fits, example};
use crate::docs::scalars::{Form, SCALARS};

/// The example of a scalar as the domain reads it.
fn of<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_value(example(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[track_caller]
fn fits(name: &str, value: &impl Serialize) {
    assert_fits(name, &serde_json::to_value(value).expect("JSON"));
}

#[test]
fn lists_fit() {
    let at: Timestamp = of("Timestamp");
    fits(
        "RoomListing",
        &RoomListing {
            room_id: of("RoomId"),
            name: of("RoomName"),
            members: 3,
            playing: true,
            live: false,
            closed: false,
            created_at: at,
            active_at: at,
        },
    );
    let member = MemberListing {
        id: of("ActorId"),
        kind: of("ActorKind"),
        display_name: Some("Ann".to_owned()),
        role: of("Role"),
        joined_at: at,
        seq: of("Seq"),
    };
    fits("MemberListing", &member);
    fits("MemberListing", &MemberListing { display_name: None, ..member });
    fits("WatchListing", &WatchListing { member: of("ActorId"), watched_ms: 1, present: true });
}

#[test]
fn messages_and_showings_fit() {
    let at: Timestamp = of("Timestamp");
    let message = MessageListing {
        message_id: of("MessageId"),
        seq: of("Seq"),
        author: of("ActorId"),
        text: Some("hello".to_owned()),
        redacted: false,
        reply_to: Some(of("MessageId")),
        at,
        edited_at: Some(at),
        reactions: [(of("Reaction"), [of("ActorId")].into())].into(),
    };
    fits("MessageListing", &message);
    let withdrawn = MessageListing { text: None, reply_to: None, edited_at: None, reactions: [].into(), ..message };
    fits("MessageListing", &withdrawn);
    let showing = ShowingListing {
        seq: of("Seq"),
        item_id: of("ItemId"),
        url: of("MediaUrl"),
        title: Some(of("Title")),
        started_by: of("ActorId"),
        started_at: at,
        ended_at: Some(at),
        played_ms: 1,
        steered: 2,
    };
    fits("ShowingListing", &showing);
    fits("ShowingListing", &ShowingListing { title: None, ended_at: None, ..showing });
}

#[test]
fn projections_fit() {
    let at: Timestamp = of("Timestamp");
    let rebuild = RebuildStatus {
        name: "playlists".to_owned(),
        generation: 2,
        state: RebuildState::Copying,
        done: 1,
        of: 2,
        rate: Some(0.5),
        eta_seconds: Some(2.0),
        started_at: at,
        ended_at: Some(at),
        owner: Some("n".to_owned()),
        error: Some("e".to_owned()),
    };
    fits("RebuildStatus", &rebuild);
    let waiting =
        RebuildStatus { rate: None, eta_seconds: None, ended_at: None, owner: None, error: None, ..rebuild.clone() };
    fits("RebuildStatus", &waiting);
    let status = ProjectionStatus {
        name: "playlists".to_owned(),
        generation: 1,
        position: of("Position"),
        lag_events: 1,
        lag_seconds: 0.5,
        state: ProjectionState::Stopped,
        owner: Some("n".to_owned()),
        poison: Some(PoisonStatus { position: Position(3), reason: "r".to_owned(), since: at }),
        rebuild: Some(rebuild),
        kept: vec![1],
    };
    fits("ProjectionStatus", &status);
    fits("ProjectionStatus", &ProjectionStatus { owner: None, poison: None, rebuild: None, kept: vec![], ..status });
}

#[test]
fn states_are_those_of_projections() {
    use {ProjectionState as P, RebuildState as R};
    let projections = json!([P::Running, P::Stopped, P::Idle]);
    let rebuilds = json!([R::Copying, R::Indexing, R::CatchingUp, R::Swapping, R::Done, R::Cancelled, R::Failed]);
    for (name, values) in [("ProjectionState", projections), ("RebuildState", rebuilds)] {
        let scalar = SCALARS.iter().find(|scalar| scalar.name == name).expect("it is described");
        let Form::Choice(described) = scalar.form else { panic!("{name} is no choice") };
        assert_eq!(json!(described), values, "{name}");
    }
}
