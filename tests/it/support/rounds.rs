//! How often a test repeats itself.

/// `few` in an ordinary run, `whole` when `SYNCTV_TEST_LONG` is set (`make test-long`).
pub fn rounds(few: usize, whole: usize) -> usize {
    if std::env::var_os("SYNCTV_TEST_LONG").is_some() { whole } else { few }
}

/// A number below `bound`, another one each time.
pub fn random(bound: u64) -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish() % bound
}
