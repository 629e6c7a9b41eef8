//! How long things took, in buckets that anyone can add up: counted without a lock, read at any time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{array, fmt};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use serde::{Deserialize, Serialize};

/// The upper bounds of the buckets in microseconds. The plan's targets, 20 and 100 ms, are bounds themselves, so that
/// whether they are met does not depend on guessing inside a bucket.
pub const BOUNDS_US: [u64; 14] = [
    500, 1_000, 2_500, 5_000, 10_000, 20_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];

const BUCKETS: usize = BOUNDS_US.len() + 1;

/// Unlike that of `prometheus_client` it takes no lock, and can be read for the overview; copies share it.
#[derive(Clone, Debug, Default)]
pub struct Histogram(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
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
        self.0.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.0.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    pub fn counted(&self) -> Counted {
        let buckets = array::from_fn(|bucket| self.0.buckets[bucket].load(Ordering::Relaxed));
        Counted { buckets, sum_us: self.0.sum_us.load(Ordering::Relaxed) }
    }
}

impl Counted {
    pub fn total(&self) -> u64 {
        self.buckets.iter().sum()
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

impl EncodeMetric for Counted {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let bounds = BOUNDS_US.iter().map(|us| *us as f64 / 1e6).chain([f64::INFINITY]);
        let buckets: Vec<_> = bounds.zip(self.buckets).collect();
        encoder.encode_histogram::<NoLabelSet>(self.sum_us as f64 / 1e6, self.total(), &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

impl EncodeMetric for Histogram {
    fn encode(&self, encoder: MetricEncoder<'_>) -> fmt::Result {
        self.counted().encode(encoder)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::encoding::prometheus_text;
    use prometheus_client::registry::Registry;
    use proptest::prelude::*;

    fn of(times: &[u64]) -> Counted {
        let histogram = Histogram::default();
        times.iter().for_each(|us| histogram.count(Duration::from_micros(*us)));
        histogram.counted()
    }

    #[test]
    fn a_bound_belongs_to_what_lies_below_it_and_each_counts_those_before_it() {
        let (histogram, mut registry) = (Histogram::default(), Registry::default());
        registry.register("t", "Time", histogram.clone());
        for us in [0, 20_000, 20_001, 60_000_000] {
            histogram.count(Duration::from_micros(us));
        }
        let mut page = String::new();
        prometheus_text::encode(&mut page, &registry).unwrap();
        for line in [
            "# TYPE t histogram\n",
            "t_bucket{le=\"0.0005\"} 1\n",
            "t_bucket{le=\"0.01\"} 1\n",
            "t_bucket{le=\"0.02\"} 2\n",
            "t_bucket{le=\"0.05\"} 3\n",
            "t_bucket{le=\"1\"} 3\n",
            "t_bucket{le=\"10\"} 3\n",
            "t_bucket{le=\"+Inf\"} 4\n",
            "t_sum 60.040001\n",
            "t_count 4\n",
        ] {
            assert!(page.contains(line), "{line} is not in {page}");
        }
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
