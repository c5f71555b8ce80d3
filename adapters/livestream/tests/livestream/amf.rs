//! What is built from AMF0, and what is not.

use proptest::prelude::*;
use rml_amf0::{Amf0Value, deserialize, serialize};
use synctv_livestream::rtmp::{AmfError, check, check_command};

fn value() -> impl Strategy<Value = Amf0Value> {
    let leaf = prop_oneof![
        any::<f64>().prop_filter("comparable", |number| !number.is_nan()).prop_map(Amf0Value::Number),
        any::<bool>().prop_map(Amf0Value::Boolean),
        "[a-zA-Z0-9 ]{0,20}".prop_map(Amf0Value::Utf8String),
        Just(Amf0Value::Null),
        Just(Amf0Value::Undefined),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::hash_map("[a-z]{1,8}", inner.clone(), 0..8).prop_map(Amf0Value::Object),
            prop::collection::vec(inner, 0..8).prop_map(Amf0Value::StrictArray),
        ]
    })
}

proptest! {
    #[test]
    fn what_publishers_say_is_built(values in prop::collection::vec(value(), 0..6)) {
        let bytes = serialize(&values).expect("they can be written");
        prop_assert_eq!(check(&bytes), Ok(()));
        prop_assert_eq!(deserialize(&mut &bytes[..]).expect("it was looked at"), values);
    }

    #[test]
    fn what_passes_can_be_built_whatever_it_is(bytes in prop::collection::vec(prop_oneof![0_u8..12, any::<u8>()], 0..300)) {
        if check(&bytes).is_ok() {
            // Only texts that are no UTF-8 are left to it.
            let _ = deserialize(&mut &bytes[..]);
        }
    }

    #[test]
    fn what_is_cut_is_not_built(values in prop::collection::vec(value(), 1..4), at in any::<prop::sample::Index>()) {
        let mut bytes = serialize(&values).expect("they can be written");
        bytes.truncate(at.index(bytes.len()));
        // A cut between two values leaves some that are whole.
        prop_assert!(matches!(check(&bytes), Ok(()) | Err(AmfError::Cut)));
    }
}

#[test]
fn bombs_are_told_by_a_look() {
    let nested = [3, 0, 1, b'a'].repeat(10_000);
    assert_eq!(check(&nested), Err(AmfError::TooDeep));
    assert_eq!(check(&[10, 0, 0, 0, 1].repeat(10_000)), Err(AmfError::TooDeep));
    assert_eq!(check(&[5; 16_000]), Err(AmfError::TooMany));
    let mut counted = vec![10, 255, 255, 255, 255];
    counted.extend([5; 600]);
    assert_eq!(check(&counted), Err(AmfError::TooMany));
    assert_eq!(check(&[10, 255, 255, 255, 255]), Err(AmfError::Cut));
    assert_eq!(check(&[2, 255, 255]), Err(AmfError::TooLong));
    assert_eq!(check(&[2, 0, 9, b'a']), Err(AmfError::Cut));
    // A long text, a date, a typed object, the end of an object that did not begin.
    for kind in [9, 11, 12, 16, 17, 255] {
        assert_eq!(check(&[kind, 0, 0, 0, 0]), Err(AmfError::Unknown(kind)));
    }
}

#[test]
fn a_command_has_a_name_and_a_number_and_an_object() {
    let command = |values: &[Amf0Value]| check_command(&serialize(&values.to_vec()).expect("they can be written"));
    let name = || Amf0Value::Utf8String("connect".to_owned());
    let number = || Amf0Value::Number(1.0);
    assert_eq!(command(&[name(), number(), Amf0Value::Null]), Ok(()));
    assert_eq!(command(&[name(), number(), Amf0Value::Object([("app".to_owned(), name())].into()), name()]), Ok(()));
    for short in
        [&[][..], &[name()], &[name(), number()], &[name(), name(), name()], &[number(), number(), Amf0Value::Null]]
    {
        assert_eq!(command(short), Err(AmfError::NoCommand), "{short:?}");
    }
}
