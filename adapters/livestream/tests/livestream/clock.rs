//! One timeline, whatever publishers count.

use proptest::prelude::*;
use synctv_livestream::media::{Clock, Track};

fn times(counted: &[u32]) -> Vec<i64> {
    let mut clock = Clock::default();
    counted.iter().map(|timestamp| clock.at(Track::Video, *timestamp)).collect()
}

/// The times of sound and pictures, as they come.
fn times_of(counted: &[(Track, u32)]) -> Vec<i64> {
    let mut clock = Clock::default();
    counted.iter().map(|(track, timestamp)| clock.at(*track, *timestamp)).collect()
}

#[test]
fn it_begins_at_zero_goes_over_the_end_of_the_count_and_jumps_are_short() {
    assert_eq!(times(&[1000, 1040, 1080]), [0, 40, 80]);
    assert_eq!(times(&[u32::MAX - 19, 20, 60]), [0, 40, 80]);
    assert_eq!(times(&[0, 40, 3_600_000, 3_600_040]), [0, 40, 80, 120]);
    assert_eq!(times(&[3_600_000, 3_600_040, 0, 40]), [0, 40, 80, 120]);
    assert_eq!(times(&[6000, 6040, 500, 540]), [0, 40, 80, 120]);
}

#[test]
fn who_slips_back_a_little_is_waited_for() {
    assert_eq!(times(&[1000, 1040, 1035, 1080]), [0, 40, 40, 80]);
    assert_eq!(times(&[100, 50, 140]), [0, 0, 40]);
    // However often: it does not go back by more than half a second altogether.
    assert_eq!(times(&[2000, 1600, 1200, 1240]), [0, 0, 40, 80]);
}

#[test]
fn sound_and_pictures_stay_together_also_when_both_begin_anew() {
    use Track::{Audio, Video};
    let counted = [(Video, 1000), (Audio, 1010), (Video, 1040), (Audio, 1033)];
    assert_eq!(times_of(&counted), [0, 10, 40, 33]);
    let anew = [(Video, 5000), (Audio, 5010), (Video, 40), (Audio, 50), (Video, 80), (Audio, 73)];
    assert_eq!(times_of(&anew), [0, 10, 50, 60, 90, 83]);
    // Sound that comes late.
    assert_eq!(times_of(&[(Video, 0), (Video, 8000), (Audio, 8005), (Video, 8040)]), [0, 8000, 8005, 8040]);
}

#[test]
fn sound_that_is_far_from_the_pictures_is_counted_by_itself() {
    use Track::{Audio, Video};
    let counted = [(Video, 0), (Audio, 20_000), (Video, 40), (Audio, 20_023), (Video, 80), (Audio, 20_046)];
    assert_eq!(times_of(&counted), [0, 0, 40, 23, 80, 46]);
    let counted = [(Audio, 5000), (Video, 0), (Audio, 5023), (Video, 40)];
    assert_eq!(times_of(&counted), [0, 0, 23, 40]);
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

    #[test]
    fn no_track_goes_back_whatever_is_counted(counted in prop::collection::vec((any::<bool>(), prop_oneof![any::<u32>(), 0_u32..30_000]), 1..200)) {
        let (mut clock, mut last) = (Clock::default(), [0_i64; 2]);
        for (sound, timestamp) in counted {
            let time = clock.at(if sound { Track::Audio } else { Track::Video }, timestamp);
            prop_assert!(time >= last[usize::from(sound)], "{time} after {}", last[usize::from(sound)]);
            last[usize::from(sound)] = time;
        }
    }
}
