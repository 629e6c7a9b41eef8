//! Chance that repeats itself: the same seed throws the same dice on every machine and with every release of a library.

use jiff::Timestamp;
use uuid::Uuid;

/// SplitMix64 (Steele, Lea and Flood, 2014).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64, number: u32) -> Self {
        let mut dice = Self(seed ^ u64::from(number).wrapping_mul(0xD1B5_4A32_D192_ED03));
        dice.throw();
        dice
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From `low` to `high`, both included; `low` when the range is empty.
    pub(super) fn range(&mut self, low: i32, high: i32) -> i32 {
        if high <= low {
            return low;
        }
        let width = u64::from(low.abs_diff(high)) + 1;
        low + i32::try_from(self.throw() % width).unwrap_or(0)
    }

    pub(super) fn percent(&mut self, chance: i32) -> bool {
        self.range(1, 100) <= chance
    }

    /// One of `things`, of which there is at least one.
    pub(super) fn pick<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.index(things.len())]
    }

    pub(super) fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.throw() % count.max(1) as u64).unwrap_or(0)
    }

    /// One of `things`, each as often as its weight says.
    pub(super) fn weigh<T: Copy>(&mut self, things: &[(i32, T)]) -> T {
        let mut left = self.range(1, things.iter().map(|(weight, _)| weight).sum());
        for (weight, thing) in things {
            left -= weight;
            if left <= 0 {
                return *thing;
            }
        }
        things[0].1
    }

    /// A whole number whose average is `thousandths` / 1000.
    pub(super) fn about(&mut self, thousandths: i32) -> i32 {
        thousandths / 1000 + i32::from(self.range(0, 999) < thousandths % 1000)
    }

    /// A UUIDv7 of that moment, as the program makes them, but from these dice.
    pub(super) fn id(&mut self, at: Timestamp) -> Uuid {
        let mut bits = [0; 10];
        bits[..8].copy_from_slice(&self.throw().to_be_bytes());
        bits[8..].copy_from_slice(&self.throw().to_be_bytes()[..2]);
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid()
    }
}
