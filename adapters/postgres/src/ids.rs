//! Fresh ids.

use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use synctv_commands::{Clock, Ids};
use ulid::Ulid;

/// Ids from the clock and a seeded generator.
pub struct RandomIds {
    clock: Arc<dyn Clock>,
    random: Mutex<StdRng>,
}

impl RandomIds {
    /// Seeded by the operating system.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, random: Mutex::new(StdRng::from_os_rng()) }
    }
}

impl Ids for RandomIds {
    fn ulid(&self) -> Ulid {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let bits = (u128::from(random.next_u64()) << 64) | u128::from(random.next_u64());
        Ulid::from_parts(u64::try_from(self.clock.now().0).unwrap_or(0), bits)
    }

    fn entropy(&self) -> u64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).next_u64()
    }
}

/// A random id where there is no clock yet: for names, not for order.
pub(crate) fn unseeded() -> Ulid {
    let mut random = rand::rng();
    Ulid((u128::from(random.next_u64()) << 64) | u128::from(random.next_u64()))
}
