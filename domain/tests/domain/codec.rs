use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use synctv_domain::events::upcast::{STEPS, Step, upcast};
use synctv_domain::{ActorId, DecodeError, Event, Personal, Recorded, Settings};

use crate::samples::samples;
use crate::scenario::{GUEST, OWNER, STRANGER, recorded};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

fn file_name(name: &str, version: u16) -> String {
    format!("{name}.v{version}.json")
}

#[test]
fn every_event_is_written_as_its_golden_file_and_read_back() {
    for event in samples() {
        let file = file_name(event.name(), event.version());
        if std::env::var_os("SYNCTV_UPDATE_GOLDEN").is_some() {
            fs::write(golden().join(&file), event.encode() + "\n").expect("the file can be written");
        }
        let stored = fs::read_to_string(golden().join(&file));
        let stored = stored.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(event.encode(), stored.trim_end(), "{file}");
        assert_eq!(Event::decode(event.name(), event.version(), &stored), Ok(event), "{file}");
    }
}

#[test]
fn every_version_has_a_golden_file_and_no_file_is_left_over() {
    let files: BTreeSet<String> = fs::read_dir(golden())
        .expect("the golden folder exists")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    let every = |(name, current): &(&str, u16)| {
        let name = (*name).to_owned();
        (1..=*current).map(move |version| file_name(&name, version)).collect::<Vec<_>>()
    };
    let expected: BTreeSet<String> = Event::NAMES.iter().flat_map(every).collect();
    assert_eq!(files, expected);
    let sampled: BTreeSet<_> = samples().iter().map(Event::name).collect();
    let named: BTreeSet<_> = Event::NAMES.iter().map(|(name, _)| *name).collect();
    assert_eq!(sampled, named, "samples and names differ");
}

#[test]
fn older_versions_are_still_read() {
    for (name, current) in Event::NAMES {
        for version in 1..=*current {
            let stored = fs::read_to_string(golden().join(file_name(name, version)));
            let decoded = Event::decode(name, version, &stored.expect("the file exists"));
            assert!(decoded.is_ok(), "{name} v{version}: {decoded:?}");
        }
    }
}

#[test]
fn fields_that_came_later_need_not_be_there() {
    let room = r#"{"room_id":"room_0000000000000000000000002D","name":"Film night","visibility":"listed","join_rule":"public","default_role":"member","settings":{"capabilities":{"chat":true},"barrier":"grace","control":"everyone"},"owner":"usr_00000000000000000000000001"}"#;
    let joined = r#"{"member":"gst_00000000000000000000000005","display_name":"Ada","role":"guest"}"#;
    let kicked = r#"{"member":"gst_00000000000000000000000005"}"#;
    let Ok(Event::RoomCreated(room)) = Event::decode("room.created", 1, room) else { panic!("not read") };
    assert_eq!((room.settings, room.credential_id), (Settings::default(), None));
    let Ok(Event::MemberJoined(joined)) = Event::decode("member.joined", 1, joined) else { panic!("not read") };
    assert_eq!(joined.invite, None);
    let Ok(Event::MemberKicked(kicked)) = Event::decode("member.kicked", 1, kicked) else { panic!("not read") };
    assert_eq!(kicked.expires_at, None);
}

#[test]
fn what_is_not_known_is_not_read() {
    let unknown = DecodeError::UnknownEvent { name: "room.painted".to_owned() };
    assert_eq!(Event::decode("room.painted", 1, "{}"), Err(unknown));
    for version in [0, 2, u16::MAX] {
        let unknown = DecodeError::UnknownVersion { name: "room.closed".to_owned(), version };
        assert_eq!(Event::decode("room.closed", version, "{}"), Err(unknown));
    }
}

#[test]
fn malformed_payloads_are_not_read() {
    for payload in ["", "null", "[1]", "{", r#"{"member":"usr_x"}"#, r#"{"member":null}"#] {
        let decoded = Event::decode("member.left", 1, payload);
        assert!(matches!(decoded, Err(DecodeError::Malformed { .. })), "{payload}: {decoded:?}");
    }
}

fn rename(mut payload: Value) -> Value {
    payload["new"] = payload["old"].take();
    payload
}

fn count(mut payload: Value) -> Value {
    payload["steps"] = json!(payload["steps"].as_i64().unwrap_or(0) + 1);
    payload
}

const TABLE: &[Step] = &[("a.b", 2, count), ("c.d", 1, count), ("a.b", 1, rename)];

#[test]
fn an_old_payload_climbs_step_by_step() {
    let old = json!({"old": 1});
    let climb = |from| upcast(TABLE, "a.b", from, 3, old.clone());
    assert_eq!(climb(1), Ok(json!({"old": null, "new": 1, "steps": 1})));
    assert_eq!(climb(2), Ok(json!({"old": 1, "steps": 1})));
    assert_eq!(climb(3), Ok(old.clone()));
}

#[test]
fn a_missing_step_and_a_newer_version_are_refused() {
    let climb = |name: &str, from, to| upcast(TABLE, name, from, to, json!({}));
    let unknown = |name: &str, version| Err(DecodeError::UnknownVersion { name: name.to_owned(), version });
    assert_eq!(climb("a.b", 4, 3), unknown("a.b", 4));
    assert_eq!(climb("a.b", 1, 4), unknown("a.b", 1));
    assert_eq!(climb("c.d", 1, 3), unknown("c.d", 1));
    assert_eq!(climb("x.y", 1, 2), unknown("x.y", 1));
}

#[test]
fn each_step_leads_to_a_version_that_exists() {
    for (name, from, _) in STEPS {
        let current = Event::NAMES.iter().find(|(known, _)| known == name).map(|(_, v)| *v);
        assert!(current.is_some_and(|current| *from < current), "{name} from {from}");
    }
}

#[test]
fn a_recorded_event_has_its_fields_in_order() {
    for event in samples() {
        let recorded = recorded(3, GUEST, event);
        let text = serde_json::to_string(&recorded).expect("JSON");
        let (id, data) = (recorded.id, recorded.event.encode());
        let expected = format!(
            r#"{{"seq":3,"position":103,"id":"{id}","type":"{}","v":1,"at":"1970-01-01T00:00:03.000000Z","actor":{{"id":"{GUEST}","kind":"guest"}},"data":{data},"decided_by":"test","command_id":"test"}}"#,
            recorded.event.name(),
        );
        assert_eq!(text, expected);
        let read: Recorded = serde_json::from_str(&text).expect("it reads what it writes");
        assert_eq!(read, recorded);
    }
}

#[test]
fn a_recorded_event_of_an_unknown_type_is_not_read() {
    let mut value = serde_json::to_value(recorded(3, OWNER, samples().remove(2))).expect("JSON");
    value["type"] = json!("room.painted");
    let error = serde_json::from_value::<Recorded>(value).expect_err("unknown").to_string();
    assert_eq!(error, "unknown event room.painted");
}

/// Every personal field of an event with its subject.
fn personal(mut event: Event) -> Vec<(ActorId, Personal)> {
    let mut fields = Vec::new();
    event.for_each_personal(&mut |subject, field| fields.push((subject, field.clone())));
    fields
}

#[test]
fn personal_fields_belong_to_their_subjects() {
    let clear = |text: &str| Personal::Clear(text.to_owned());
    for event in samples() {
        let expected = match event.name() {
            "member.joined" => vec![(GUEST, clear("Ada"))],
            "member.kicked" | "member.muted" | "member.unmuted" => vec![(GUEST, clear("noise"))],
            "member.approved" | "member.rejected" | "member.banned" | "member.unbanned" => {
                vec![(STRANGER, clear("noise"))]
            }
            "member.knocked" => vec![(STRANGER, clear("Eve")), (STRANGER, clear("It is me"))],
            "chat.posted" => vec![(GUEST, clear("hello\nthere"))],
            "chat.edited" => vec![(GUEST, clear("hello"))],
            "chat.redacted" => vec![(GUEST, Personal::Sealed("c2VhbGVk".to_owned()))],
            _ => vec![],
        };
        assert_eq!(personal(event.clone()), expected, "{}", event.name());
    }
}

#[test]
fn personal_fields_survive_in_every_form() {
    for form in [Personal::Clear("x".to_owned()), Personal::Sealed("x".to_owned()), Personal::Erased] {
        for mut event in samples() {
            event.for_each_personal(&mut |_, field| *field = form.clone());
            let read = Event::decode(event.name(), event.version(), &event.encode());
            assert_eq!(read, Ok(event));
        }
    }
}

#[test]
fn an_erased_reason_is_not_an_absent_one() {
    let decode = |payload: &str| Event::decode("member.kicked", 1, payload);
    let absent = format!(r#"{{"member":"{GUEST}"}}"#);
    let erased = format!(r#"{{"member":"{GUEST}","reason":null}}"#);
    for payload in [&absent, &erased] {
        assert_eq!(decode(payload).map(|event| event.encode()).as_ref(), Ok(payload));
    }
    assert_ne!(decode(&absent), decode(&erased));
}
