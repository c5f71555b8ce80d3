//! One timeline, whatever publishers count.

use proptest::prelude::*;
use synctv_livestream::media::Clock;

fn times(counted: &[u32]) -> Vec<i64> {
    let mut clock = Clock::default();
    counted.iter().map(|timestamp| clock.at(*timestamp).0).collect()
}

#[test]
fn it_begins_at_zero_goes_over_the_end_of_the_count_and_jumps_are_short() {
    assert_eq!(times(&[1000, 1040, 1035, 1080]), [0, 40, 35, 80]);
    assert_eq!(times(&[u32::MAX - 19, 20, 60]), [0, 40, 80]);
    assert_eq!(times(&[0, 40, 3_600_000, 3_600_040]), [0, 40, 80, 120]);
    assert_eq!(times(&[3_600_000, 3_600_040, 0, 40]), [0, 40, 80, 120]);
    // Before the beginning there is nothing.
    assert_eq!(times(&[100, 50, 140]), [0, 0, 90]);
}

proptest! {
    #[test]
    fn it_follows_the_publisher_for_ever(begin in any::<u32>(), steps in prop::collection::vec(0_u32..9000, 1..200)) {
        let mut counted = vec![begin];
        let mut expected = vec![0_i64];
        for step in steps {
            counted.push(counted[counted.len() - 1].wrapping_add(step));
            expected.push(expected[expected.len() - 1] + i64::from(step));
        }
        prop_assert_eq!(times(&counted), expected);
    }
}
