//! What a desk changes: each change is one that the program should accept. The seed says who does what and when; what is
//! made is named and dated by chance, so that a second run on the same data does not meet what the first one made.

use std::sync::Arc;

use http::Method;
use jiff::Span;
use rand::RngExt;
use rand::rngs::StdRng;
use serde::Deserialize;
use serde_json::json;

use super::resort::{Arrival, Bill, Customer, Resort};
use crate::mixes::Ask;

/// A guest comes, goes, and it was all a mistake: after these four the stay is as it was, so that a run never lacks one.
const STEPS: [(&str, &str); 4] = [
    ("check in", "check-in"),
    ("check out", "check-out"),
    ("undo check-out", "undo"),
    ("undo check-in", "undo"),
];

const PAID_CENTS: i64 = 100;

#[derive(Deserialize)]
struct Booking {
    reservations: Vec<Booked>,
}

#[derive(Deserialize)]
struct Booked {
    id: String,
}

/// With a key of its own: one that was used before would be answered as a repeat, and nothing would be done.
fn post(class: &'static str, resort: &Resort, path: String) -> Ask {
    let key = format!("{:032x}", rand::random::<u128>());
    Ask { idempotency_key: Some(key), ..Ask::new(class, &resort.user, Method::POST, path) }
}

pub(super) fn new_customer(resort: &Resort) -> Ask {
    let number: u32 = rand::random();
    let body = json!({
        "firstName": "Robin",
        "lastName": format!("Newcomer {number:08x}"),
        "email": format!("newcomer.{number:08x}@example.com"),
        "phone": "(303) 555-0199",
        "tags": ["new"],
    });
    post("customer new", resort, "/api/customers".to_owned()).body(&body)
}

pub(super) fn pet_notes(resort: &Resort, customer: &Customer, dice: &mut StdRng) -> Ask {
    let pet = &customer.pets[dice.random_range(0..customer.pets.len())];
    let body = json!({ "behavior": format!("Ate well, played for {} minutes", dice.random_range(5..90)) });
    Ask::new("pet notes", &resort.user, Method::PATCH, format!("/api/pets/{}", pet.id)).body(&body)
}

/// The next step of somebody who is expected today; nothing where nobody is.
pub(super) fn step(resort: &Arc<Resort>) -> Option<Ask> {
    let Arrival { reservation, step } = resort.work().arrivals.pop_front()?;
    let (class, verb) = STEPS[step];
    let path = format!("/api/reservations/{reservation}/{verb}");
    let ask = post(class, resort, path);
    let ask = if verb == "undo" { ask } else { ask.body(&json!({})) };
    let resort = resort.clone();
    Some(ask.then(move |answer| {
        // What was refused is nobody's any more: it would be refused again.
        if answer.is_some_and(|answer| answer.status.is_success()) {
            let next = Arrival { reservation, step: (step + 1) % STEPS.len() };
            resort.work().arrivals.push_back(next);
        }
    }))
}

/// A request for two nights, months ahead, where there is room.
pub(super) fn book(resort: &Arc<Resort>, customer: &Customer, dice: &mut StdRng) -> Option<Ask> {
    let pet = &customer.pets[dice.random_range(0..customer.pets.len())];
    let from = resort.today.checked_add(Span::new().days(rand::random_range(120..3000))).ok()?;
    let to = from.checked_add(Span::new().days(2)).ok()?;
    let body = json!({
        "customerId": customer.id,
        "serviceId": resort.boarding,
        "checkInDate": from,
        "checkOutDate": to,
        "pending": true,
        "pets": [{ "petId": pet.id }],
        "overrideReason": "The owner will bring the vaccination record",
    });
    // The pet may be booked for these days already: the desk is told so.
    let ask = post("book", resort, "/api/reservations".to_owned()).body(&body).also(409);
    let resort = resort.clone();
    Some(ask.then(move |answer| {
        let booking = answer.and_then(|answer| serde_json::from_slice::<Booking>(&answer.body).ok());
        let booked = booking.into_iter().flat_map(|booking| booking.reservations);
        resort.work().requests.extend(booked.map(|booked| booked.id));
    }))
}

/// Confirms a booking of this run; nothing where there is none to confirm.
pub(super) fn confirm(resort: &Resort) -> Option<Ask> {
    let reservation = resort.work().requests.pop_front()?;
    let path = format!("/api/reservations/{reservation}/confirm");
    Some(post("confirm", resort, path).body(&json!({})))
}

/// A part payment of an open invoice; nothing where all are paid.
pub(super) fn pay(resort: &Arc<Resort>) -> Option<Ask> {
    let Bill { invoice, balance_cents } = resort.work().bills.pop_front()?;
    let body = json!({ "amountCents": PAID_CENTS.min(balance_cents), "method": "CARD" });
    let ask = post("payment", resort, format!("/api/invoices/{invoice}/payments")).body(&body);
    let resort = resort.clone();
    Some(ask.then(move |answer| {
        let left = Bill { invoice, balance_cents: balance_cents - PAID_CENTS };
        if answer.is_some_and(|answer| answer.status.is_success()) && left.balance_cents > 0 {
            resort.work().bills.push_back(left);
        }
    }))
}
