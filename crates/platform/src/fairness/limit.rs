//! How many places there are: as many as keep the database busy with a few requests in reserve, found by how much longer
//! work takes than it does when there is little of it. Pure.
//!
//! TCP Vegas' rule (Brakmo and Peterson, 1995), as Netflix' concurrency-limits applies it to requests: of `n` requests under way
//! that take `t` where they would take `base`, `n × (1 − base / t)` wait inside. Between [`FEW`] and [`MANY`] of them are right.

/// Requests that may wait inside the database: too few leave it idle between two, and whom it serves next is not up to us.
const FEW: f64 = 2.5;
const MANY: f64 = 5.0;

/// A decision takes this long, and this many requests, or the second time span if those do not come together.
const WINDOW: u64 = 100_000;
const SAMPLES: u32 = 50;
const LONG_WINDOW: u64 = 1_000_000;

/// What a request takes for which nothing is known yet, in microseconds.
const UNKNOWN: f64 = 1000.0;

/// Requests under way with which each still takes as long as alone.
const ALONE: u32 = 2;

/// One that took longer than this many times its usual time says no more than that: it waited for a lock.
const OUTLIER: f64 = 10.0;

pub(super) struct Limit {
    places: u32,
    least: u32,
    most: u32,
    kinds: Vec<Kind>,
    began: u64,
    samples: u32,
    held: f64,
    base: f64,
    /// The most that were under way at once.
    reached: u32,
}

/// Requests that do the same: those of one route.
#[derive(Clone, Copy, Default)]
struct Kind {
    /// What one takes when few others are under way, and what it takes now; zero as long as none was seen.
    alone: f64,
    now: f64,
}

impl Limit {
    /// From `least` to `most`, beginning at `first`; for routes numbered below `kinds`.
    pub(super) fn new(least: u32, first: u32, most: u32, kinds: usize) -> Self {
        let least = least.min(most);
        Self {
            places: first.clamp(least, most),
            least,
            most,
            kinds: vec![Kind::default(); kinds],
            began: 0,
            samples: 0,
            held: 0.0,
            base: 0.0,
            reached: 0,
        }
    }

    pub(super) fn places(&self) -> u32 {
        self.places
    }

    /// From here on there are so many, within the bounds, until it is decided anew.
    pub(super) fn set_places(&mut self, places: u32) {
        self.places = places.clamp(self.least, self.most);
    }

    /// What a request of this kind takes, as far as one knows, in microseconds.
    pub(super) fn cost(&self, kind: usize) -> f64 {
        self.kinds.get(kind).map_or(UNKNOWN, |kind| if kind.now > 0.0 { kind.now } else { UNKNOWN })
    }

    /// A request held its place for `held`, and `taken` were under way, itself included, when it got it.
    pub(super) fn finished(&mut self, now: u64, kind: usize, held: u64, taken: u32) {
        let held = held as f64;
        if let Some(kind) = self.kinds.get_mut(kind) {
            if kind.alone == 0.0 {
                *kind = Kind { alone: held, now: held };
            }
            kind.now += (held - kind.now) / 16.0;
            if taken <= ALONE {
                kind.alone += (held.min(kind.alone * OUTLIER) - kind.alone) / 32.0;
            }
            self.held += held.min(kind.alone * OUTLIER);
            self.base += kind.alone;
            self.samples += 1;
        }
        self.reached = self.reached.max(taken);
        let since = now.saturating_sub(self.began);
        if (since >= WINDOW && self.samples >= SAMPLES) || since >= LONG_WINDOW {
            self.decide();
            (self.began, self.samples, self.held, self.base, self.reached) = (now, 0, 0.0, 0.0, 0);
        }
    }

    fn decide(&mut self) {
        // Whoever does not use what there is says nothing of what there should be.
        if self.reached < self.places || self.held <= 0.0 {
            return;
        }
        let inside = f64::from(self.places) * (1.0 - self.base / self.held).max(0.0);
        if inside < FEW {
            self.places = (self.places + 1).min(self.most);
        } else if inside > MANY {
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
        let mut limit = Limit::new(4, 6, most, 1);
        let mut now = 0;
        let mut dice = dice.iter().cycle();
        // A quiet morning.
        for _ in 0..100 {
            now += base;
            limit.finished(now, 0, base, 1);
        }
        for _ in 0..50_000 {
            let taken = limit.places();
            // By chance half as long, or half as long again.
            let chance = 0.5 + f64::from(*dice.next().unwrap()) / 255.0;
            let held = base as f64 * (f64::from(taken) / cores).max(1.0) * chance;
            now += (held / f64::from(taken)) as u64;
            limit.finished(now, 0, held as u64, taken);
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
        assert_eq!(Limit::new(4, 6, 1, 1).places(), 1);
    }

    #[test]
    fn one_that_waits_for_a_lock_changes_nothing() {
        let mut limit = Limit::new(4, 6, 18, 1);
        for now in 0..10_000 {
            let held = if now % 100 == 0 { 5_000_000 } else { 1000 };
            limit.finished(now * 1000, 0, held, 2);
        }
        assert_eq!(limit.places(), 6);
    }
}
