//! What a resort sells, by name, and what a stay comes to.

use jiff::Timestamp;
use uuid::Uuid;

use super::dice::Dice;
use super::rows::{AddOn, ReservationLine, Service};

pub(super) const RUN: &str = "Dog boarding";
pub(super) const SUITE: &str = "Dog suite boarding";
pub(super) const CONDO: &str = "Cat boarding";
pub(super) const DAYCARE: &str = "Daycare";
pub(super) const BATH: &str = "Bath and brush";
pub(super) const GROOM: &str = "Full groom";
pub(super) const TRAINING: &str = "Private training";

pub(super) const NAILS: &str = "Nail trim";
pub(super) const EXIT_BATH: &str = "Going-home bath";
pub(super) const PLAYTIME: &str = "Extra playtime";
pub(super) const DOSES: &str = "Giving medication";
pub(super) const TEETH: &str = "Teeth brushing";

/// A stay to be priced.
pub(super) struct Priced<'a> {
    pub(super) reservation_id: Uuid,
    pub(super) at: Timestamp,
    pub(super) service: &'a Service,
    /// The days a place is held: the nights of a service sold by the night.
    pub(super) days: i32,
    pub(super) cat: bool,
    pub(super) medicated: bool,
}

/// The service, then the add-ons the guest takes with it: those of its category, and those of any.
pub(super) fn lines(dice: &mut Dice, add_ons: &[AddOn], stay: &Priced) -> Vec<ReservationLine> {
    let service = stay.service;
    let mut lines = vec![ReservationLine {
        id: dice.id(stay.at),
        reservation_id: stay.reservation_id,
        position: 1,
        kind: "SERVICE",
        add_on_id: None,
        description: service.name,
        quantity: if service.unit == "SESSION" { 1 } else { stay.days },
        unit_price_cents: service.price_cents,
        amount_cents: 0,
        taxable: service.taxable,
        unit: None,
        category: None,
        asked: None,
    }];
    for add_on in
        add_ons.iter().filter(|add_on| add_on.category.is_none_or(|category| category == service.category))
    {
        let wanted = match add_on.name {
            DOSES => stay.medicated,
            PLAYTIME => !stay.cat && dice.percent(24),
            EXIT_BATH => !stay.cat && dice.percent(14),
            NAILS => service.category != "TRAINING" && dice.percent(9),
            _ => dice.percent(18),
        };
        if wanted {
            lines.push(ReservationLine {
                id: dice.id(stay.at),
                reservation_id: stay.reservation_id,
                position: lines[lines.len() - 1].position + 1,
                kind: "ADD_ON",
                add_on_id: Some(add_on.id),
                description: add_on.name,
                quantity: if add_on.unit == "DAY" { stay.days } else { 1 },
                unit_price_cents: add_on.price_cents,
                amount_cents: 0,
                taxable: add_on.taxable,
                unit: Some(add_on.unit),
                category: add_on.category,
                asked: Some(1),
            });
        }
    }
    for line in &mut lines {
        line.amount_cents = line.unit_price_cents * i64::from(line.quantity);
    }
    lines
}
