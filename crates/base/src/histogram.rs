//! How long things took, in buckets that anyone can add up: counted without a lock, read at any time.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The upper bounds of the buckets in microseconds. The plan's targets, 20 and 100 ms, are bounds themselves, so that
/// whether they are met does not depend on guessing inside a bucket.
pub const BOUNDS_US: [u64; 14] = [
    500, 1_000, 2_500, 5_000, 10_000, 20_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];

const BUCKETS: usize = BOUNDS_US.len() + 1;

#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    sum_us: AtomicU64,
}

/// What a histogram had counted at some moment, or between two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    buckets: [u64; BUCKETS],
    pub sum_us: u64,
}

impl Histogram {
    pub fn count(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_US.partition_point(|bound| *bound < us);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    pub fn counted(&self) -> Counted {
        let buckets = array::from_fn(|bucket| self.buckets[bucket].load(Ordering::Relaxed));
        Counted { buckets, sum_us: self.sum_us.load(Ordering::Relaxed) }
    }
}

impl Counted {
    pub fn total(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// How many took at most as long as each bound, and how many there are: what Prometheus calls buckets.
    pub fn up_to_each(&self) -> impl Iterator<Item = (Option<u64>, u64)> {
        let bounds = BOUNDS_US.into_iter().map(Some).chain([None]);
        bounds.zip(self.buckets.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        }))
    }

    pub fn plus(mut self, other: &Self) -> Self {
        self.buckets.iter_mut().zip(other.buckets).for_each(|(mine, others)| *mine += others);
        self.sum_us += other.sum_us;
        self
    }

    /// What came after `earlier`.
    pub fn since(mut self, earlier: &Self) -> Self {
        self.buckets.iter_mut().zip(earlier.buckets).for_each(|(now, then)| *now = now.saturating_sub(then));
        self.sum_us = self.sum_us.saturating_sub(earlier.sum_us);
        self
    }

    /// The time in milliseconds that `share` of them did not exceed, found as Prometheus' `histogram_quantile` does: in a
    /// straight line through the bucket it falls into. `None` of nothing.
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        let rank = share * self.total() as f64;
        if rank <= 0.0 {
            return None;
        }
        let (mut below, mut floor) = (0.0, 0.0);
        for (count, bound) in self.buckets.iter().zip(BOUNDS_US) {
            let (count, bound) = (*count as f64, bound as f64 / 1e3);
            if below + count >= rank {
                return Some(floor + (bound - floor) * (rank - below) / count);
            }
            (below, floor) = (below + count, bound);
        }
        Some(floor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(times: &[u64]) -> Counted {
        let histogram = Histogram::default();
        times.iter().for_each(|us| histogram.count(Duration::from_micros(*us)));
        histogram.counted()
    }

    #[test]
    fn a_bound_belongs_to_what_lies_below_it() {
        let up_to = |bound: u64, times: &[u64]| {
            of(times).up_to_each().find(|(known, _)| *known == Some(bound)).map(|(_, count)| count)
        };
        assert_eq!(up_to(100_000, &[100_000]), Some(1));
        assert_eq!(up_to(100_000, &[100_001]), Some(0));
        assert_eq!(up_to(20_000, &[0, 20_000, 20_001]), Some(2));
    }

    #[test]
    fn nothing_has_no_quantile_and_what_is_too_long_to_say_the_last_bound() {
        assert_eq!(of(&[]).quantile_ms(0.95), None);
        assert_eq!(of(&[60_000_000]).quantile_ms(0.95), Some(10_000.0));
    }

    proptest! {
        #[test]
        fn whether_a_target_is_met_is_exact(times in prop::collection::vec(0u64..400_000, 1..200)) {
            let mut sorted = times.clone();
            sorted.sort_unstable();
            // The smallest that 95 of 100 do not exceed.
            let true_p95 = sorted[(sorted.len() * 95).div_ceil(100) - 1];
            let said = of(&times).quantile_ms(0.95).unwrap();
            for target in [20_000, 100_000] {
                prop_assert_eq!(said <= target as f64 / 1e3, true_p95 <= target);
            }
        }

        #[test]
        fn what_is_added_can_be_taken_away(left in prop::collection::vec(0u64..20_000_000, 0..50), right in prop::collection::vec(0u64..20_000_000, 0..50)) {
            let (left, right) = (of(&left), of(&right));
            prop_assert_eq!(left.plus(&right).since(&left), right);
        }
    }
}
