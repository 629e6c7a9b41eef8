//! The one pricing function: the quote, the booking and the invoice are its lines.

use std::ops::Range;

use jiff::civil::Date;
use jiff::{ToSpan, Unit as SpanUnit};
use platform::money;
use platform::problem::{Problem, Result};
use schemars::JsonSchema;
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::features::services::{AddOn, AddOnUnit, Service, Unit};

/// The longest stay, in days from check-in to check-out.
pub(super) const LONGEST: i32 = 366;

/// One line of a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    pub kind: LineKind,
    pub add_on_id: Option<Uuid>,
    pub description: String,
    pub quantity: i32,
    pub unit_price_cents: i64,
    pub amount_cents: i64,
    pub taxable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema, EnumString, IntoStaticStr)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum LineKind {
    Service,
    AddOn,
}

/// The days from `check_in` that a service sold by `unit` holds a place, half-open, and how many units it is. By the
/// night the guest leaves on the last day, so the place is free again that day; by the day or the session the last day
/// counts.
///
/// # Errors
/// 422 for dates that do not fit the unit.
pub(super) fn days(unit: Unit, check_in: Date, check_out: Date) -> Result<(Range<Date>, i32)> {
    if check_out < check_in {
        return Err(Problem::invalid("checkOutDate", "must not come before checkInDate"));
    }
    let between = check_in.until((SpanUnit::Day, check_out))?.get_days();
    if between > LONGEST {
        return Err(Problem::invalid(
            "checkOutDate",
            format!("a stay is at most {LONGEST} days: book the rest apart"),
        ));
    }
    match unit {
        Unit::Night if between == 0 => Err(Problem::invalid(
            "checkOutDate",
            "must come after checkInDate: this service is sold by the night",
        )),
        Unit::Night => Ok((check_in..check_out, between)),
        Unit::Day => Ok((check_in..check_out.checked_add(1.day())?, between + 1)),
        Unit::Session if between > 0 => {
            Err(Problem::invalid("checkOutDate", "must be checkInDate: this service is sold by the session"))
        }
        Unit::Session => Ok((check_in..check_out.checked_add(1.day())?, 1)),
    }
}

/// The lines of one stay of `units` units of `service`, with what is added to it.
///
/// # Errors
/// 422 past the largest amount.
pub(super) fn lines(service: &Service, units: i32, add_ons: &[(&AddOn, i32)]) -> Result<Vec<Line>> {
    let details = &service.details;
    let mut lines =
        vec![line(LineKind::Service, None, &details.name, units, details.price_cents, details.taxable)?];
    for (add_on, quantity) in add_ons {
        let details = &add_on.details;
        let quantity = match details.unit {
            AddOnUnit::Stay => *quantity,
            AddOnUnit::Day => quantity.checked_mul(units).ok_or_else(too_much)?,
        };
        let id = Some(add_on.id.uuid());
        lines.push(line(LineKind::AddOn, id, &details.name, quantity, details.price_cents, details.taxable)?);
    }
    Ok(lines)
}

fn line(
    kind: LineKind,
    add_on_id: Option<Uuid>,
    description: &str,
    quantity: i32,
    unit_price_cents: i64,
    taxable: bool,
) -> Result<Line> {
    let amount_cents = money::amount_cents(unit_price_cents, quantity).ok_or_else(too_much)?;
    Ok(Line {
        kind,
        add_on_id,
        description: description.to_owned(),
        quantity,
        unit_price_cents,
        amount_cents,
        taxable,
    })
}

/// What the lines come to, before tax.
///
/// # Errors
/// 422 past the largest amount.
pub(super) fn total_cents(lines: &[Line]) -> Result<i64> {
    money::sum_cents(lines.iter().map(|line| line.amount_cents)).ok_or_else(too_much)
}

/// The part of the lines that is taxed.
///
/// # Errors
/// 422 past the largest amount.
pub(super) fn taxable_cents(lines: &[Line]) -> Result<i64> {
    money::sum_cents(lines.iter().filter(|line| line.taxable).map(|line| line.amount_cents))
        .ok_or_else(too_much)
}

fn too_much() -> Problem {
    Problem::invalid("", format!("the total is more than {} cents: book less at a time", money::LIMIT_CENTS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(offset: i32) -> Date {
        Date::constant(2026, 1, 1).checked_add(offset.days()).unwrap()
    }

    proptest! {
        #[test]
        fn units_count_the_days_that_are_held(start in 0..400i32, length in 0..366i32) {
            let (check_in, check_out) = (date(start), date(start + length));
            let (held, units) = days(Unit::Day, check_in, check_out).unwrap();
            prop_assert_eq!((held.start, held.end, units), (check_in, date(start + length + 1), length + 1));
            match days(Unit::Night, check_in, check_out) {
                Ok((held, units)) => prop_assert_eq!((held.end, units), (check_out, length)),
                Err(_) => prop_assert_eq!(length, 0),
            }
            prop_assert_eq!(days(Unit::Session, check_in, check_out).is_ok(), length == 0);
        }
    }

    #[test]
    fn a_stay_may_not_end_before_it_begins_nor_last_for_ever() {
        assert!(days(Unit::Night, date(1), date(0)).is_err());
        assert!(days(Unit::Night, date(0), date(367)).is_err());
    }
}
