//! Money is whole cents; nothing here is a float.

/// The largest amount the program works with, in cents: ten million of the currency.
pub const LIMIT_CENTS: i64 = 1_000_000_000;

/// Basis points in the whole: 825 of them are 8.25 %.
const WHOLE_BPS: i128 = 10_000;

/// The tax on `amount_cents` at `rate_bps` basis points, rounded half up to the cent. Neither may be negative.
pub fn tax_cents(amount_cents: i64, rate_bps: i32) -> i64 {
    let exact = i128::from(amount_cents) * i128::from(rate_bps);
    i64::try_from((exact + WHOLE_BPS / 2) / WHOLE_BPS).unwrap_or(i64::MAX)
}

/// The sum, or `None` past [`LIMIT_CENTS`].
pub fn sum_cents(amounts: impl IntoIterator<Item = i64>) -> Option<i64> {
    let total = amounts.into_iter().try_fold(0i64, i64::checked_add)?;
    (total <= LIMIT_CENTS).then_some(total)
}

/// Price times quantity, or `None` past [`LIMIT_CENTS`].
pub fn amount_cents(unit_price_cents: i64, quantity: i32) -> Option<i64> {
    sum_cents([unit_price_cents.checked_mul(i64::from(quantity))?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_a_cent_is_rounded_up() {
        assert_eq!(tax_cents(100, 850), 9);
        assert_eq!(tax_cents(100, 849), 8);
        assert_eq!(tax_cents(0, 850), 0);
    }

    proptest! {
        #[test]
        fn tax_is_within_half_a_cent_of_the_exact_value(amount in 0..=LIMIT_CENTS, rate in 0..=10_000i32) {
            let exact = i128::from(amount) * i128::from(rate);
            let error = i128::from(tax_cents(amount, rate)) * WHOLE_BPS - exact;
            prop_assert!((-WHOLE_BPS / 2 < error) && (error <= WHOLE_BPS / 2));
        }

        #[test]
        fn a_sum_is_exact_or_refused(amounts in prop::collection::vec(0..=LIMIT_CENTS, 0..8)) {
            let exact: i128 = amounts.iter().map(|cents| i128::from(*cents)).sum();
            prop_assert_eq!(sum_cents(amounts).map(i128::from), (exact <= i128::from(LIMIT_CENTS)).then_some(exact));
        }

        #[test]
        fn an_amount_never_overflows(price in 0..=i64::MAX, quantity in 1..=i32::MAX) {
            let exact = i128::from(price) * i128::from(quantity);
            prop_assert_eq!(amount_cents(price, quantity).is_some(), exact <= i128::from(LIMIT_CENTS));
        }
    }
}
