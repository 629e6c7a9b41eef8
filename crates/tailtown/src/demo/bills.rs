//! A resort's invoices for the stays that ended, and what was paid on them.

use std::collections::HashMap;

use base::money::tax_cents;
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::calendar::Calendar;
use super::dice::Dice;
use super::rows::{Invoice, InvoiceLine, Payment, Refund, Reservation, ReservationLine, ReservationStep};
use super::stays::{Ended, Stays};

#[derive(Default)]
pub(super) struct Bills {
    pub(super) reservations: Vec<Reservation>,
    pub(super) reservation_lines: Vec<ReservationLine>,
    pub(super) steps: Vec<ReservationStep>,
    pub(super) invoices: Vec<Invoice>,
    pub(super) lines: Vec<InvoiceLine>,
    pub(super) payments: Vec<Payment>,
    pub(super) refunds: Vec<Refund>,
    pub(super) last_number: i64,
}

/// What is done about a bill.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Paid,
    /// Paid, taken back to the wrong card, paid again.
    PaidTwice,
    Partly,
    Open,
    /// Made void, and followed by another for the same stays.
    Void,
}

pub(super) fn bills(dice: &mut Dice, calendar: &Calendar, rate: i32, desk: &[Uuid], stays: Stays) -> Bills {
    let mut ended = stays.ended;
    ended.sort_by_key(|ended| (ended.day, ended.at));
    let bills = Bills {
        reservations: stays.reservations,
        reservation_lines: stays.lines,
        steps: stays.steps,
        ..Bills::default()
    };
    let mut lines: HashMap<Uuid, Vec<usize>> = HashMap::new();
    for (index, line) in bills.reservation_lines.iter().enumerate() {
        lines.entry(line.reservation_id).or_default().push(index);
    }
    let count = ended.len();
    let mut clerk = Clerk { dice, calendar, rate, desk, lines, bills };
    for (index, ended) in ended.iter().enumerate() {
        let special = count >= 10 && ended.day < -1;
        if special && index == count * 2 / 5 {
            clerk.bill(ended, Fate::Void);
        }
        let fate = if special && (index == count / 5 || index == count * 3 / 5) {
            Fate::PaidTwice
        } else if ended.day < -21 {
            clerk.dice.weigh(&[(97, Fate::Paid), (1, Fate::Partly), (2, Fate::Open)])
        } else {
            clerk.dice.weigh(&[(88, Fate::Paid), (5, Fate::Partly), (7, Fate::Open)])
        };
        clerk.bill(ended, fate);
    }
    clerk.bills
}

struct Clerk<'a> {
    dice: &'a mut Dice,
    calendar: &'a Calendar,
    rate: i32,
    /// Who may take money; the first two, owner and manager, may also give it back.
    desk: &'a [Uuid],
    /// The lines of each reservation.
    lines: HashMap<Uuid, Vec<usize>>,
    bills: Bills,
}

impl Clerk<'_> {
    fn bill(&mut self, ended: &Ended, fate: Fate) {
        let after = |seconds: i64| ended.at + seconds.seconds();
        let created_at = after(30);
        let id = self.dice.id(created_at);
        let (subtotal_cents, taxable_cents) = self.copy_lines(id, created_at, ended);
        let tax_cents = tax_cents(taxable_cents, self.rate);
        let total_cents = subtotal_cents + tax_cents;
        self.bills.last_number += 1;
        self.bills.invoices.push(Invoice {
            id,
            number: self.bills.last_number,
            customer_id: ended.customer,
            status: if fate == Fate::Void { "VOID" } else { "OPEN" },
            issue_date: self.calendar.date(ended.day),
            due_date: self.calendar.date(ended.day + 14),
            tax_rate_bps: self.rate,
            subtotal_cents,
            tax_cents,
            total_cents,
            paid_cents: 0,
            notes: (fate == Fate::Void).then_some("Made out twice"),
            version: 1 + i32::from(fate == Fate::Void),
            created_at,
            updated_at: if fate == Fate::Void { after(45) } else { created_at },
        });
        if fate != Fate::Void {
            for (place, _) in &ended.reservations {
                self.bills.reservations[*place].invoice_id = Some(id);
            }
        }
        match fate {
            Fate::Paid if self.dice.percent(8) => {
                let first = total_cents / 2;
                self.pay(first, after(60));
                self.pay(total_cents - first, after(90));
            }
            Fate::Paid => self.pay(total_cents, after(60)),
            Fate::PaidTwice => {
                self.pay(total_cents, after(60));
                self.give_back(after(400));
                self.pay(total_cents, after(460));
            }
            Fate::Partly => self.pay(total_cents / 2, after(60)),
            Fate::Open | Fate::Void => {}
        }
    }

    /// Copies the lines of the stays; the sum, and the part of it that is taxed.
    fn copy_lines(&mut self, invoice_id: Uuid, at: Timestamp, ended: &Ended) -> (i64, i64) {
        let (mut subtotal, mut taxable, mut position) = (0, 0, 0);
        for (place, pet) in &ended.reservations {
            let reservation = self.bills.reservations[*place].id;
            for index in &self.lines[&reservation] {
                let line = &self.bills.reservation_lines[*index];
                position += 1;
                subtotal += line.amount_cents;
                taxable += if line.taxable { line.amount_cents } else { 0 };
                self.bills.lines.push(InvoiceLine {
                    id: self.dice.id(at),
                    invoice_id,
                    position,
                    reservation_id: reservation,
                    description: format!("{pet}: {}", line.description),
                    quantity: line.quantity,
                    unit_price_cents: line.unit_price_cents,
                    amount_cents: line.amount_cents,
                    taxable: line.taxable,
                });
            }
        }
        (subtotal, taxable)
    }

    /// Takes money on the last invoice.
    fn pay(&mut self, amount_cents: i64, at: Timestamp) {
        let method =
            self.dice.weigh(&[(70, "CARD"), (15, "CASH"), (9, "CHECK"), (4, "CREDIT"), (2, "OTHER")]);
        let reference = match method {
            "CARD" => Some(format!("card ending {:04}", self.dice.range(0, 9999))),
            "CHECK" => Some(format!("check {}", self.dice.range(1001, 4999))),
            _ => None,
        };
        let Some(invoice) = self.bills.invoices.last_mut() else { return };
        invoice.paid_cents += amount_cents;
        invoice.status = if invoice.paid_cents == invoice.total_cents { "PAID" } else { "OPEN" };
        invoice.version += 1;
        invoice.updated_at = at;
        self.bills.payments.push(Payment {
            id: self.dice.id(at),
            invoice_id: invoice.id,
            amount_cents,
            refunded_cents: 0,
            method,
            reference,
            staff_id: self.dice.pick(self.desk),
            created_at: at,
            updated_at: at,
        });
    }

    /// Gives the last payment back.
    fn give_back(&mut self, at: Timestamp) {
        let (Some(invoice), Some(payment)) = (self.bills.invoices.last_mut(), self.bills.payments.last_mut())
        else {
            return;
        };
        invoice.paid_cents -= payment.amount_cents;
        invoice.status = "OPEN";
        invoice.version += 1;
        payment.refunded_cents = payment.amount_cents;
        payment.updated_at = at;
        self.bills.refunds.push(Refund {
            id: self.dice.id(at),
            payment_id: payment.id,
            amount_cents: payment.amount_cents,
            reason: "Charged to the wrong card",
            staff_id: self.dice.pick(&self.desk[..2]),
            created_at: at,
        });
    }
}
