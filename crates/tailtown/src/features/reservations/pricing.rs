//! The one pricing function: the quote, the booking and the invoice are its lines.

use std::ops::Range;

use base::money;
use base::problem::{Problem, Result};
use jiff::civil::Date;
use jiff::{ToSpan, Unit as SpanUnit};
use schemars::JsonSchema;
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::features::services::{AddOn, AddOnUnit, Service, Unit};
use crate::features::vaccinations::Category;

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
    /// `None` for the service.
    #[serde(skip)]
    pub(super) asked: Option<Asked>,
}

/// An add-on as it was asked for, kept with its line: the catalogue may change later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) unit: AddOnUnit,
    /// The services it went with; `None`: all.
    pub(super) category: Option<Category>,
    pub(super) quantity: i32,
}

/// The price of a service or an add-on, as the catalogue or an earlier booking says it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) add_on_id: Option<Uuid>,
    pub(super) name: String,
    price_cents: i64,
    taxable: bool,
    /// `None` for the service.
    pub(super) asked: Option<Asked>,
}

impl Item {
    pub(super) fn of_service(service: &Service) -> Self {
        let details = &service.details;
        Self {
            add_on_id: None,
            name: details.name.to_string(),
            price_cents: details.price_cents,
            taxable: details.taxable,
            asked: None,
        }
    }

    pub(super) fn of_add_on(add_on: &AddOn, quantity: i32) -> Self {
        let details = &add_on.details;
        Self {
            add_on_id: Some(add_on.id.uuid()),
            name: details.name.to_string(),
            price_cents: details.price_cents,
            taxable: details.taxable,
            asked: Some(Asked { unit: details.unit, category: details.category, quantity }),
        }
    }

    /// What was booked, at the price it was booked at.
    pub(super) fn of_line(line: &Line) -> Self {
        Self {
            add_on_id: line.add_on_id,
            name: line.description.clone(),
            price_cents: line.unit_price_cents,
            taxable: line.taxable,
            asked: line.asked,
        }
    }

    fn line(&self, units: i32) -> Result<Line> {
        let quantity = match self.asked {
            None => units,
            Some(Asked { unit: AddOnUnit::Stay, quantity, .. }) => quantity,
            Some(Asked { unit: AddOnUnit::Day, quantity, .. }) => {
                quantity.checked_mul(units).ok_or_else(too_much)?
            }
        };
        Ok(Line {
            kind: if self.asked.is_none() { LineKind::Service } else { LineKind::AddOn },
            add_on_id: self.add_on_id,
            description: self.name.clone(),
            quantity,
            unit_price_cents: self.price_cents,
            amount_cents: money::amount_cents(self.price_cents, quantity).ok_or_else(too_much)?,
            taxable: self.taxable,
            asked: self.asked,
        })
    }
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

/// The lines of one stay: a service for `units` units, with what is added to it.
///
/// # Errors
/// 422 past the largest amount.
pub(super) fn lines(service: &Item, units: i32, add_ons: &[Item]) -> Result<Vec<Line>> {
    std::iter::once(service).chain(add_ons).map(|item| item.line(units)).collect()
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
