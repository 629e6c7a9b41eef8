//! Zipf's law: the first of many is chosen most often, the n-th one n-th as often.

use rand::{Rng, RngExt};

/// A random choice among the places `0..count`, where place `n` has the weight `1 / (n + 1) ^ exponent`.
#[derive(Clone, Debug)]
pub(crate) struct Zipf {
    /// For each place, the probability of that place or an earlier one.
    cumulated: Vec<f64>,
}

impl Zipf {
    /// At least one place; with exponent 0 all are equally likely.
    pub(crate) fn new(count: usize, exponent: f64) -> Self {
        let mut sum = 0.0;
        let mut cumulated: Vec<f64> = (1..=count.max(1))
            .map(|rank| {
                sum += (rank as f64).powf(-exponent);
                sum
            })
            .collect();
        for chance in &mut cumulated {
            *chance /= sum;
        }
        Self { cumulated }
    }

    pub(crate) fn draw(&self, dice: &mut impl Rng) -> usize {
        let at: f64 = dice.random();
        self.cumulated.partition_point(|chance| *chance <= at).min(self.cumulated.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn counts(count: usize, exponent: f64) -> Vec<f64> {
        const DRAWS: usize = 200_000;
        let (zipf, mut dice) = (Zipf::new(count, exponent), StdRng::seed_from_u64(7));
        let mut counts = vec![0.0; count];
        for _ in 0..DRAWS {
            counts[zipf.draw(&mut dice)] += 1.0 / DRAWS as f64;
        }
        counts
    }

    #[test]
    fn the_share_of_each_place_is_the_laws() {
        let harmonic: f64 = (1..=100).map(|rank| 1.0 / f64::from(rank)).sum();
        let counts = counts(100, 1.0);
        for rank in [1_usize, 2, 3, 10, 50, 100] {
            let expected = 1.0 / (rank as f64 * harmonic);
            let got = counts[rank - 1];
            assert!((got - expected).abs() < 0.003 + expected * 0.02, "place {rank}: {got} for {expected}");
        }
    }

    #[test]
    fn exponent_zero_is_even() {
        for share in counts(20, 0.0) {
            assert!((share - 0.05).abs() < 0.004, "{share}");
        }
    }

    #[test]
    fn one_place_is_always_drawn() {
        assert_eq!(counts(1, 1.0).len(), 1);
        assert_eq!(Zipf::new(0, 1.0).draw(&mut StdRng::seed_from_u64(1)), 0);
    }
}
