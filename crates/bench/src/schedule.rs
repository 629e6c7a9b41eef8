//! The moments at which requests of an open loop arrive: a Poisson process, as independent clients produce it.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// An endless sequence of arrival times, counted from the start.
pub(crate) struct Arrivals {
    mean: f64,
    at: f64,
    dice: StdRng,
}

impl Arrivals {
    /// On average, `rate` arrivals per second.
    pub(crate) fn new(rate: f64, seed: u64) -> Self {
        Self { mean: 1.0 / rate, at: 0.0, dice: StdRng::seed_from_u64(seed) }
    }
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let chance: f64 = self.dice.random();
        // `chance` is in [0, 1), so `1 - chance` is never 0, which has no logarithm.
        self.at -= (1.0 - chance).ln() * self.mean;
        Some(Duration::from_secs_f64(self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_arrive_as_the_rate_says_and_by_chance() {
        let arrivals: Vec<f64> = Arrivals::new(300.0, 11).take(100_000).map(|at| at.as_secs_f64()).collect();
        let gaps: Vec<f64> = arrivals.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        assert!((mean * 300.0 - 1.0).abs() < 0.02, "{mean}");
        // An exponential distribution's deviation is its mean, and 1/e of the gaps are longer.
        let deviation = (gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64).sqrt();
        assert!((deviation / mean - 1.0).abs() < 0.02, "{deviation}");
        let long = gaps.iter().filter(|gap| **gap > mean).count() as f64 / gaps.len() as f64;
        assert!((long - (-1.0_f64).exp()).abs() < 0.01, "{long}");
    }

    #[test]
    fn the_same_seed_gives_the_same_arrivals() {
        let first = |seed| Arrivals::new(10.0, seed).take(5).collect::<Vec<_>>();
        assert_eq!(first(3), first(3));
        assert_ne!(first(3), first(4));
    }
}
