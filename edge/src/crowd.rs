//! How much an address holds at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use synctv_commands::network;

/// Counts what is held, by address.
#[derive(Clone, Debug, Default)]
pub struct Crowd {
    /// None: as much as they like.
    most: Option<usize>,
    held: Counts,
}

type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

impl Crowd {
    /// An address holds at most so much.
    #[must_use]
    pub fn new(most: Option<usize>) -> Self {
        Self { most, held: Arc::default() }
    }

    /// A seat, as long as it is held; None when the address has as many as it may. Who has no address is not counted.
    #[must_use]
    pub fn enter(&self, address: Option<IpAddr>) -> Option<Seat> {
        let (Some(most), Some(address)) = (self.most, address.map(network)) else { return Some(Seat(None)) };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Seat(Some((Arc::clone(&self.held), address))))
    }
}

/// Given back when dropped.
#[derive(Debug)]
pub struct Seat(Option<(Counts, IpAddr)>);

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((held, address)) = &self.0 else { return };
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(address) {
            *count -= 1;
            if *count == 0 {
                held.remove(address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_so_many_and_leaves_nothing_behind() {
        let crowd = Crowd::new(Some(2));
        let address = |text: &str| Some(text.parse().expect("an address"));
        let (one, two) = (crowd.enter(address("2001:db8::1")), crowd.enter(address("2001:db8::2")));
        assert!(one.is_some() && two.is_some() && crowd.enter(address("2001:db8::3")).is_none());
        let other = crowd.enter(address("203.0.113.7"));
        assert!(other.is_some() && crowd.enter(None).is_some());
        drop(one);
        let three = crowd.enter(address("2001:db8::3"));
        assert!(three.is_some() && crowd.enter(address("2001:db8::1")).is_none());
        drop((two, three, other));
        assert!(crowd.held.lock().expect("it is whole").is_empty());
        let seats: Vec<_> = (0..10).map(|_| Crowd::default().enter(address("203.0.113.7"))).collect();
        assert!(seats.iter().all(Option::is_some));
    }
}
