//! How many places there are: as many as keep the database busy with a few requests in reserve, found by how much longer
//! work takes than it does when there is little of it. Pure.
//!
//! TCP Vegas' rule (Brakmo and Peterson, 1995), as Netflix' concurrency-limits applies it to requests: of `n` requests under way
//! that take `t` where they would take `base`, `n × (1 − base / t)` wait inside. The ratio is a geometric mean over routes, so
//! that a few that waited for a lock say little.

use std::ops::RangeInclusive;

/// Requests that may wait inside the database: too few leave it idle between two, and whom it serves next is not up to us.
const INSIDE: RangeInclusive<f64> = 2.5..=5.0;

/// A decision is made after this many requests.
const SAMPLES: u32 = 50;

pub(super) struct Limit {
    places: u32,
    least: u32,
    most: u32,
    /// What a request of each route takes when hardly any other is under way; zero as long as none was seen.
    alone: Vec<f64>,
    samples: u32,
    /// The logarithms of how many times longer they took, added up.
    longer: f64,
    /// The most that were under way at once.
    reached: u32,
}

impl Limit {
    /// From `least` to `most`, beginning at `first`.
    pub(super) fn new(least: u32, first: u32, most: u32) -> Self {
        let least = least.min(most);
        let places = first.clamp(least, most);
        Self { places, least, most, alone: Vec::new(), samples: 0, longer: 0.0, reached: 0 }
    }

    pub(super) fn places(&self) -> u32 {
        self.places
    }

    /// From here on there are so many, within the bounds, until it is decided anew.
    pub(super) fn set_places(&mut self, places: u32) {
        self.places = places.clamp(self.least, self.most);
    }

    /// A request of the route with the number `kind` held its place for `held`, and `taken` were under way, itself included,
    /// when it got it.
    pub(super) fn finished(&mut self, kind: usize, held: u64, taken: u32) {
        let held = (held as f64).max(1.0);
        if self.alone.len() <= kind {
            self.alone.resize(kind + 1, 0.0);
        }
        let alone = &mut self.alone[kind];
        if *alone == 0.0 {
            *alone = held;
        } else if 2 * taken <= self.least {
            *alone *= (held / *alone).powf(1.0 / 32.0);
        }
        self.longer += (held / *alone).ln();
        self.samples += 1;
        self.reached = self.reached.max(taken);
        if self.samples >= SAMPLES {
            self.decide();
            (self.samples, self.longer, self.reached) = (0, 0.0, 0);
        }
    }

    fn decide(&mut self) {
        // Whoever does not use what there is says nothing of what there should be.
        if self.reached < self.places {
            return;
        }
        let longer = (self.longer / f64::from(self.samples)).exp();
        let inside = f64::from(self.places) * (1.0 - 1.0 / longer);
        if inside < *INSIDE.start() {
            self.places = (self.places + 1).min(self.most);
        } else if inside > *INSIDE.end() {
            self.places = (self.places - 1).max(self.least);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A database of so many processors, asked by as many as may: where the limit comes to rest.
    fn settles(cores: f64, base: u64, most: u32, dice: &[u8]) -> u32 {
        let mut limit = Limit::new(4, 6, most);
        let mut dice = dice.iter().cycle();
        // A quiet morning.
        for _ in 0..100 {
            limit.finished(0, base, 1);
        }
        for _ in 0..50_000 {
            let taken = limit.places();
            // By chance half as long, or half as long again.
            let chance = 0.5 + f64::from(*dice.next().unwrap()) / 255.0;
            let held = base as f64 * (f64::from(taken) / cores).max(1.0) * chance;
            limit.finished(0, held as u64, taken);
        }
        limit.places()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn it_finds_as_many_as_the_database_can_do_and_a_few_in_reserve(
            cores in 1u32..24, base in 2_000u64..20_000, dice in prop::collection::vec(any::<u8>(), 64..256),
        ) {
            let mean = dice.iter().map(|chance| 0.5 + f64::from(*chance) / 255.0).sum::<f64>() / dice.len() as f64;
            prop_assume!((0.9..1.1).contains(&mean));
            let found = settles(f64::from(cores), base, 100, &dice);
            prop_assert!(found >= cores && found <= (cores + 6).max(10) * 5 / 4, "{found} for {cores} processors");
        }
    }

    #[test]
    fn it_stays_within_its_bounds() {
        assert_eq!(settles(1000.0, 500, 18, &[127]), 18);
        assert!(settles(0.1, 500, 18, &[127]) >= 4);
        assert_eq!(Limit::new(4, 6, 1).places(), 1);
    }

    #[test]
    fn a_few_that_wait_for_a_lock_take_no_places_away() {
        let mut limit = Limit::new(4, 6, 18);
        for number in 0..10_000 {
            let held = if number % 100 == 0 { 5_000_000 } else { 1000 };
            limit.finished(0, held, if number < 100 { 1 } else { limit.places() });
            assert!(limit.places() >= 6);
        }
    }
}
