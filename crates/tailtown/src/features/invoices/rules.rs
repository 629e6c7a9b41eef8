//! What a bill comes to, and what may become of it: the only place that decides either, and pure.

use base::money;
use base::problem::{Problem, Result};
use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

/// DRAFT: not sent, has no number. OPEN: something is due. PAID: nothing is. VOID: nothing ever was; this is final.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[schemars(rename = "InvoiceStatus")]
pub enum Status {
    Draft,
    Open,
    Paid,
    Void,
}

/// How an invoice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    pub status: Status,
    pub total_cents: i64,
    /// Payments less refunds.
    pub paid_cents: i64,
}

impl Standing {
    pub fn draft(total_cents: i64) -> Self {
        Self { status: Status::Draft, total_cents, paid_cents: 0 }
    }

    /// What is still to be paid; the table computes the same.
    pub fn balance_cents(self) -> i64 {
        if self.status == Status::Void { 0 } else { self.total_cents - self.paid_cents }
    }

    /// A draft becomes due. One that comes to nothing is paid at once.
    ///
    /// # Errors
    /// 409 unless it is a draft.
    pub fn open(self) -> Result<Self> {
        match self.status {
            Status::Draft => Ok(self.with_paid(0)),
            Status::Open | Status::Paid => Err(Problem::conflict("the invoice is open already")),
            Status::Void => Err(Problem::conflict("the invoice is void, which is final: make a new one")),
        }
    }

    /// # Errors
    /// 409 when the invoice takes no payments, or not one as large.
    pub fn pay(self, amount_cents: i64) -> Result<Self> {
        let balance = self.balance_cents();
        match self.status {
            Status::Draft => Err(Problem::conflict("the invoice is a draft: open it before taking payments")),
            Status::Void => Err(Problem::conflict("the invoice is void: there is nothing to pay")),
            Status::Paid => {
                Err(Problem::conflict("the invoice is paid, its balance is 0 cents: there is nothing to pay"))
            }
            Status::Open if amount_cents > balance => {
                Err(Problem::conflict(format!("the balance is {balance} cents: take at most that")))
            }
            Status::Open => Ok(self.with_paid(self.paid_cents + amount_cents)),
        }
    }

    /// What is given back is due again.
    ///
    /// # Errors
    /// 409 when that much was never paid.
    pub fn refund(self, amount_cents: i64) -> Result<Self> {
        if amount_cents > self.paid_cents {
            let paid = self.paid_cents;
            return Err(Problem::conflict(format!("only {paid} cents are paid: give back at most that")));
        }
        Ok(self.with_paid(self.paid_cents - amount_cents))
    }

    /// # Errors
    /// 409 for a draft, a void invoice, and one with money on it.
    pub fn void(self) -> Result<Self> {
        match self.status {
            Status::Draft => Err(Problem::conflict("the invoice is a draft: delete it instead")),
            Status::Void => Err(Problem::conflict("the invoice is void already")),
            Status::Open | Status::Paid if self.paid_cents > 0 => {
                let paid = self.paid_cents;
                Err(Problem::conflict(format!("{paid} cents are paid on the invoice: refund them first")))
            }
            Status::Open | Status::Paid => Ok(Self { status: Status::Void, ..self }),
        }
    }

    fn with_paid(self, paid_cents: i64) -> Self {
        let status = if paid_cents == self.total_cents { Status::Paid } else { Status::Open };
        Self { status, paid_cents, ..self }
    }
}

/// What the lines come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub subtotal_cents: i64,
    pub tax_cents: i64,
    pub total_cents: i64,
}

impl Totals {
    /// Of lines as (amount, taxable). Tax is rounded once, on the taxable part as a whole: rounding each line would
    /// charge a different tax for the same goods written in more lines.
    ///
    /// # Errors
    /// What is wrong with the lines.
    pub fn of(lines: &[(i64, bool)], tax_rate_bps: i32) -> Result<Self, &'static str> {
        const TOO_MUCH: &str = "the invoice comes to more than an invoice can hold: split it";
        let amounts = lines.iter().map(|(amount, _)| *amount);
        let taxed = lines.iter().filter(|(_, taxable)| *taxable).map(|(amount, _)| *amount);
        let subtotal_cents = money::sum_cents(amounts).ok_or(TOO_MUCH)?;
        let taxed_cents = money::sum_cents(taxed).ok_or(TOO_MUCH)?;
        if subtotal_cents < 0 {
            return Err("more is taken off than is charged");
        }
        if taxed_cents < 0 {
            return Err("more is taken off the taxable lines than they charge");
        }
        let tax_cents = money::tax_cents(taxed_cents, tax_rate_bps);
        let total_cents = money::sum_cents([subtotal_cents, tax_cents]).ok_or(TOO_MUCH)?;
        Ok(Self { subtotal_cents, tax_cents, total_cents })
    }
}

/// Whether payment is late.
pub fn is_overdue(standing: Standing, due_date: Date, today: Date) -> bool {
    standing.status == Status::Open && due_date < today
}

/// The dates a draft is opened with: one whose day has passed is issued today, and falls due as many days after that as
/// it would have.
///
/// # Errors
/// When the due date leaves the calendar.
pub fn opening_dates(issue_date: Date, due_date: Date, today: Date) -> Result<(Date, Date)> {
    let issued = issue_date.max(today);
    let days = issued.since(issue_date)?.get_days();
    Ok((issued, due_date.checked_add(days.days())?))
}

/// # Errors
/// 422 when an invoice would fall due before it is issued.
pub fn check_dates(issue_date: Date, due_date: Date) -> Result<()> {
    if due_date < issue_date {
        return Err(Problem::invalid("dueDate", "must not be before issueDate"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::money::LIMIT_CENTS;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug)]
    enum Act {
        Open,
        Pay(i64),
        Refund(i64),
        Void,
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            2 => Just(Act::Open),
            6 => (1i64..5000).prop_map(Act::Pay),
            3 => (1i64..5000).prop_map(Act::Refund),
            1 => Just(Act::Void),
        ];
        prop::collection::vec(act, 0..40)
    }

    proptest! {
        #[test]
        fn whatever_happens_the_books_balance(total in 0i64..10_000, acts in acts()) {
            let mut standing = Standing::draft(total);
            let (mut taken, mut returned) = (0, 0);
            for act in acts {
                let before = standing;
                let after = match act {
                    Act::Open => standing.open(),
                    Act::Pay(amount) => standing.pay(amount),
                    Act::Refund(amount) => standing.refund(amount),
                    Act::Void => standing.void(),
                };
                let Ok(after) = after else { continue };
                prop_assert_ne!(before.status, Status::Void);
                match act {
                    Act::Pay(amount) => taken += amount,
                    Act::Refund(amount) => returned += amount,
                    Act::Open | Act::Void => {}
                }
                standing = after;
                prop_assert_eq!(standing.paid_cents, taken - returned);
                prop_assert!((0..=total).contains(&standing.balance_cents()));
                prop_assert_eq!(standing.total_cents, total);
                let fits = match standing.status {
                    Status::Draft | Status::Void => standing.paid_cents == 0,
                    Status::Open => standing.balance_cents() > 0,
                    Status::Paid => standing.balance_cents() == 0,
                };
                prop_assert!(fits, "{:?}", standing);
            }
        }

        #[test]
        fn totals_are_sums_and_the_tax_is_within_half_a_cent(
            lines in prop::collection::vec((-5_000i64..1_000_000, any::<bool>()), 0..20),
            rate in 0..=10_000i32,
        ) {
            let subtotal: i64 = lines.iter().map(|(amount, _)| amount).sum();
            let taxed: i64 = lines.iter().filter(|(_, taxable)| *taxable).map(|(amount, _)| amount).sum();
            let totals = Totals::of(&lines, rate);
            prop_assert_eq!(totals.is_ok(), subtotal >= 0 && taxed >= 0);
            let Ok(totals) = totals else { return Ok(()) };
            prop_assert_eq!(totals.subtotal_cents, subtotal);
            prop_assert_eq!(totals.total_cents, subtotal + totals.tax_cents);
            prop_assert!((totals.tax_cents * 10_000 - taxed * i64::from(rate)).abs() <= 5_000);
        }

        #[test]
        fn the_order_of_lines_costs_nothing(lines in prop::collection::vec((0i64..1_000_000, any::<bool>()), 0..20), rate in 0..=10_000i32) {
            let turned: Vec<_> = lines.iter().rev().copied().collect();
            prop_assert_eq!(Totals::of(&lines, rate), Totals::of(&turned, rate));
        }

        #[test]
        fn opening_keeps_the_days_to_pay(issued in 0i32..2000, term in 0i32..90, today in 0i32..2000) {
            let day = |days: i32| date(2024, 1, 1).checked_add(days.days()).unwrap();
            let (issue, due) = opening_dates(day(issued), day(issued + term), day(today)).unwrap();
            prop_assert_eq!(issue, day(issued.max(today)));
            prop_assert_eq!(due, day(issued.max(today) + term));
        }
    }

    #[test]
    fn tax_is_rounded_once() {
        let thrice = [(10, true), (10, true), (10, true)];
        assert_eq!(Totals::of(&thrice, 500).unwrap().tax_cents, 2);
        assert_eq!(Totals::of(&[(30, true), (70, false)], 500).unwrap().tax_cents, 2);
    }

    #[test]
    fn an_invoice_has_a_limit() {
        assert!(Totals::of(&[(LIMIT_CENTS, false)], 825).is_ok());
        assert!(Totals::of(&[(LIMIT_CENTS, true)], 825).is_err());
        assert!(Totals::of(&[(i64::MAX, true), (1, true)], 0).is_err());
    }

    #[test]
    fn an_invoice_is_late_only_after_its_due_date_and_while_something_is_due() {
        let open = Standing::draft(100).open().unwrap();
        let due = date(2026, 11, 24);
        assert!(!is_overdue(open, due, due));
        assert!(is_overdue(open, due, due.tomorrow().unwrap()));
        assert!(!is_overdue(open.pay(100).unwrap(), due, due.tomorrow().unwrap()));
    }

    #[test]
    fn nothing_to_pay_is_paid_at_once_and_can_still_be_voided() {
        let free = Standing::draft(0).open().unwrap();
        assert_eq!(free.status, Status::Paid);
        assert_eq!(free.void().unwrap().status, Status::Void);
    }
}
