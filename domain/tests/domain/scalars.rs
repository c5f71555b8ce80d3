use proptest::prelude::*;
use serde_json::json;
use synctv_domain::{
    Actor, ActorId, ActorKind, CommandId, EventId, ItemId, MediaMs, MessageId, Motion, RatePermille, RoomId, Seq,
    ServerMs, Timestamp,
};
use ulid::Ulid;

#[test]
fn ids_have_one_spelling() {
    let canonical = "room_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let id: RoomId = canonical.parse().expect("canonical");
    assert_eq!(id.to_string(), canonical);
    for other in [
        "room_01arz3ndektsv4rrffq69g5fav",
        "room_01ARZ3NDEKTSV4RRFFQ69G5FA",
        "room_01ARZ3NDEKTSV4RRFFQ69G5FAVV",
        "room_81ARZ3NDEKTSV4RRFFQ69G5FAV",
        "room_O1ARZ3NDEKTSV4RRFFQ69G5FAV",
        "itm_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        " room_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "",
    ] {
        assert!(other.parse::<RoomId>().is_err(), "{other}");
    }
}

#[test]
fn an_actor_agrees_with_its_kind() {
    for (id, kind) in [
        (ActorId::User(Ulid(1)), ActorKind::User),
        (ActorId::Guest(Ulid(1)), ActorKind::Guest),
        (ActorId::System, ActorKind::System),
    ] {
        assert_eq!(id.kind(), kind);
        let shape = json!({"id": id, "kind": kind});
        assert_eq!(serde_json::to_value(Actor { id }).ok(), Some(shape.clone()));
        assert_eq!(serde_json::from_value::<Actor>(shape).ok(), Some(Actor { id }));
    }
    let lie = json!({"id": "system", "kind": "user"});
    assert!(serde_json::from_value::<Actor>(lie).is_err());
}

#[test]
fn a_command_id_is_short_printable_ascii() {
    for good in [" ", "a", "~!", &"x".repeat(255)] {
        assert_eq!(CommandId::parse(good).map(|id| id.as_str().to_owned()).as_deref(), Ok(good));
    }
    for bad in ["", "é", "a\n", "\u{7f}", &"x".repeat(256)] {
        assert!(CommandId::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn seqs_count_up_and_stop_at_the_end() {
    assert_eq!(Seq(41).next(), Seq(42));
    assert_eq!(Seq(i64::MAX).next(), Seq(i64::MAX));
}

#[test]
fn every_spelling_of_an_instant_is_read() {
    for (text, micros) in [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.1Z", 100_000),
        ("1970-01-01T00:00:00.123456789Z", 123_456),
        ("1970-01-01t01:00:00+01:00", 0),
        ("1969-12-31T23:30:00-00:30", 0),
        ("2000-02-29T12:34:56.000001z", 951_827_696_000_001),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ] {
        assert_eq!(Timestamp::parse(text), Ok(Timestamp(micros)), "{text}");
    }
    assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59.999999Z");
}

#[test]
fn what_is_not_an_instant_is_refused() {
    for text in [
        "",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01 00:00:00Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00.0000000000Z",
        "1970-13-01T00:00:00Z",
        "1970-00-01T00:00:00Z",
        "1970-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "1970-01-00T00:00:00Z",
        "1970-01-32T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+0100",
        "1970-01-01T00:00:00+01:00x",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "+970-01-01T00:00:00Z",
        "197é-01-01T00:00:00Z",
    ] {
        assert!(Timestamp::parse(text).is_err(), "{text}");
    }
}

#[test]
fn an_instant_that_cannot_be_spelled_shows_the_nearest() {
    assert_eq!(Timestamp(-1).to_string(), "1970-01-01T00:00:00.000000Z");
    assert_eq!(Timestamp(i64::MAX).to_string(), Timestamp::MAX.to_string());
    assert_eq!(Timestamp(-1).ms(), ServerMs(-1));
}

#[test]
fn days_follow_each_other_as_on_a_calendar() {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let (mut year, mut month, mut day) = (1970, 1, 1);
    for number in 0..=200_000_i64 {
        let text = format!("{year:04}-{month:02}-{day:02}T00:00:00.000000Z");
        let instant = Timestamp(number * 86_400_000_000);
        assert_eq!(instant.to_string(), text);
        assert_eq!(Timestamp::parse(&text), Ok(instant));
        let length = match month {
            2 => 28 + i64::from(leap(year)),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        day += 1;
        if day > length {
            (day, month) = (1, month + 1);
        }
        if month > 12 {
            (month, year) = (1, year + 1);
        }
    }
}

fn media() -> impl Strategy<Value = MediaMs> {
    (0..=MediaMs::MAX.get()).prop_map(|ms| MediaMs::try_from(ms).expect("in range"))
}

proptest! {
    #[test]
    fn ids_round_trip(bits: u128) {
        let ulid = Ulid(bits);
        prop_assert_eq!(RoomId::new(ulid).to_string().parse(), Ok(RoomId::new(ulid)));
        prop_assert_eq!(ItemId::new(ulid).to_string().parse(), Ok(ItemId::new(ulid)));
        prop_assert_eq!(MessageId::new(ulid).to_string().parse(), Ok(MessageId::new(ulid)));
        prop_assert_eq!(EventId::new(ulid).to_string().parse(), Ok(EventId::new(ulid)));
        for actor in [ActorId::User(ulid), ActorId::Guest(ulid), ActorId::System] {
            prop_assert_eq!(actor.to_string().parse(), Ok(actor));
        }
    }

    #[test]
    fn any_text_is_an_id_only_in_its_own_spelling(text in "(room_)?[0-9A-Za-z]{25,27}") {
        if let Ok(id) = text.parse::<RoomId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn timestamps_round_trip(micros in 0..=Timestamp::MAX.0) {
        let instant = Timestamp(micros);
        prop_assert_eq!(Timestamp::parse(&instant.to_string()), Ok(instant));
        let json = serde_json::to_string(&instant).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).ok(), Some(instant));
        prop_assert_eq!(instant.ms().0, micros / 1000);
    }

    #[test]
    fn later_instants_sort_later_as_text(a in 0..=Timestamp::MAX.0, b in 0..=Timestamp::MAX.0) {
        let (first, second) = (Timestamp(a).to_string(), Timestamp(b).to_string());
        prop_assert_eq!(first.cmp(&second), a.cmp(&b));
    }

    #[test]
    fn an_offset_shifts_the_instant(
        day in 2..20_000_i64,
        minutes in -1439..=1439_i64,
    ) {
        let local = Timestamp(day * 86_400_000_000).to_string();
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        let text = local.replace('Z', &format!("{sign}{hours:02}:{rest:02}"));
        let expected = Timestamp((day * 1440 - minutes) * 60_000_000);
        prop_assert_eq!(Timestamp::parse(&text), Ok(expected));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text: String) {
        if let Ok(instant) = Timestamp::parse(&text) {
            prop_assert!(instant >= Timestamp(0) && instant <= Timestamp::MAX);
        }
    }

    #[test]
    fn motion_is_the_reference_formula(
        position in media(), anchor: i64, now: i64, rate in 250..=4000_i64, playing: bool,
        duration in proptest::option::of(media()),
    ) {
        let motion = Motion {
            item_id: None,
            position_ms: position,
            anchor_ms: ServerMs(anchor),
            rate_permille: RatePermille::try_from(rate).expect("in range"),
            playing,
        };
        let limit = duration.unwrap_or(MediaMs::MAX).get();
        let mut expected = i128::from(position.get());
        if playing && now > anchor {
            expected += (i128::from(now) - i128::from(anchor)) * i128::from(rate) / 1000;
        }
        let expected = if expected > i128::from(limit) { i128::from(limit) } else { expected };
        let actual = motion.position_at(ServerMs(now), duration);
        prop_assert_eq!(i128::from(actual.get()), expected);
    }

    #[test]
    fn amounts_take_exactly_their_range(value: i64) {
        prop_assert_eq!(MediaMs::try_from(value).is_ok(), (0..=1 << 53).contains(&value));
        let rate = value % 8000;
        prop_assert_eq!(RatePermille::try_from(rate).is_ok(), (250..=4000).contains(&rate));
    }
}
