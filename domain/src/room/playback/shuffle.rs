//! Shuffle: every item once before one comes again.

use serde::{Deserialize, Serialize};

use crate::ids::ItemId;
use crate::room::Item;

/// A round through the playlist, in an order that its seed gives. An item that is added joins the round.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bag {
    seed: Seed,
    /// Out of the bag, in the order they were played; the last one is current.
    played: Vec<ItemId>,
}

/// What a round's order follows from; JSON holds it exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(u64);

impl Seed {
    const BITS: u32 = 53;

    /// Of any number.
    #[must_use]
    pub fn new(entropy: u64) -> Self {
        Self(entropy >> (u64::BITS - Self::BITS))
    }

    /// Where an item lies in the bag: the least is drawn first.
    fn rank(self, item: ItemId) -> (u64, ItemId) {
        let id = item.ulid().0;
        #[expect(clippy::cast_possible_truncation, reason = "both halves are mixed in")]
        let halves = [(id >> 64) as u64, id as u64];
        (halves.into_iter().fold(self.0, |mixed, half| mix(mixed ^ half)), item)
    }
}

/// Steele, Lea & Flood, "Fast splittable pseudorandom number generators" (2014): every bit depends on every other.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

impl Bag {
    /// Everything but the current item is in it.
    pub(crate) fn new(seed: Seed, current: Option<ItemId>) -> Self {
        Self { seed, played: current.into_iter().collect() }
    }

    /// The next one out of the bag; None: it is empty.
    pub(crate) fn next<'a>(&self, playlist: &'a [Item]) -> Option<&'a Item> {
        let left = playlist.iter().filter(|item| !self.played.contains(&item.item_id));
        left.min_by_key(|item| self.seed.rank(item.item_id))
    }

    /// The one that was played before the current one, if it is still there.
    pub(crate) fn previous<'a>(&self, playlist: &'a [Item]) -> Option<&'a Item> {
        let (_, before) = self.played.split_last()?;
        let last = before.last()?;
        playlist.iter().find(|item| item.item_id == *last)
    }

    /// An item became current. One that was played before puts back what came after it: going back and on again leads
    /// to the same item.
    pub(crate) fn select(&mut self, item: ItemId) {
        match self.played.iter().position(|played| *played == item) {
            Some(index) => self.played.truncate(index + 1),
            None => self.played.push(item),
        }
    }

    pub(crate) fn remove(&mut self, item: ItemId) {
        self.played.retain(|played| *played != item);
    }
}
