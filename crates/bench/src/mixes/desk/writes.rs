//! Changes by front desks, each of which the program should accept. The seed decides which changes are made and when. Names and
//! dates are random beyond that, so that a second run on the same data does not collide with the records of the first.

use std::sync::Arc;

use http::Method;
use jiff::Span;
use rand::RngExt;
use rand::rngs::StdRng;
use serde::Deserialize;
use serde_json::json;

use super::resort::{Arrival, Bill, Customer, Resort};
use crate::request::Request;

/// The steps of a stay: check in, check out, and undo both. After these four the stay is in its first state again, so a run never
/// lacks one.
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

/// A POST with a new idempotency key; one that was used before would be answered as a repetition without doing anything.
fn post(class: &'static str, resort: &Resort, path: String) -> Request {
    let key = format!("{:032x}", rand::random::<u128>());
    Request { idempotency_key: Some(key), ..Request::new(class, &resort.user, Method::POST, path) }
}

pub(super) fn new_customer(resort: &Resort) -> Request {
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

pub(super) fn pet_notes(resort: &Resort, customer: &Customer, dice: &mut StdRng) -> Request {
    let pet = &customer.pets[dice.random_range(0..customer.pets.len())];
    let body = json!({ "behavior": format!("Ate well, played for {} minutes", dice.random_range(5..90)) });
    Request::new("pet notes", &resort.user, Method::PATCH, format!("/api/pets/{}", pet.id)).body(&body)
}

/// The next step of a guest who is expected today, or nothing if there is none.
pub(super) fn step(resort: &Arc<Resort>) -> Option<Request> {
    let Arrival { reservation, step } = resort.work().arrivals.pop_front()?;
    let (class, verb) = STEPS[step];
    let path = format!("/api/reservations/{reservation}/{verb}");
    let request = post(class, resort, path);
    let request = if verb == "undo" { request } else { request.body(&json!({})) };
    let resort = resort.clone();
    Some(request.then(move |answer| {
        // A stay whose step was refused is not used again: it would be refused again.
        if answer.is_some_and(|answer| answer.status.is_success()) {
            let next = Arrival { reservation, step: (step + 1) % STEPS.len() };
            resort.work().arrivals.push_back(next);
        }
    }))
}

/// A booking of two nights, months ahead, when there is room.
pub(super) fn book(resort: &Arc<Resort>, customer: &Customer, dice: &mut StdRng) -> Option<Request> {
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
    // The pet may already be booked for these days; then 409 is the right answer.
    let request = post("book", resort, "/api/reservations".to_owned()).body(&body).also(409);
    let resort = resort.clone();
    Some(request.then(move |answer| {
        let booking = answer.and_then(|answer| serde_json::from_slice::<Booking>(&answer.body).ok());
        let booked = booking.into_iter().flat_map(|booking| booking.reservations);
        resort.work().requests.extend(booked.map(|booked| booked.id));
    }))
}

/// The confirmation of a booking of this run, or nothing if there is none.
pub(super) fn confirm(resort: &Resort) -> Option<Request> {
    let reservation = resort.work().requests.pop_front()?;
    let path = format!("/api/reservations/{reservation}/confirm");
    Some(post("confirm", resort, path).body(&json!({})))
}

/// A partial payment of an open invoice, or nothing if all are paid.
pub(super) fn pay(resort: &Arc<Resort>) -> Option<Request> {
    let Bill { invoice, balance_cents } = resort.work().bills.pop_front()?;
    let body = json!({ "amountCents": PAID_CENTS.min(balance_cents), "method": "CARD" });
    let request = post("payment", resort, format!("/api/invoices/{invoice}/payments")).body(&body);
    let resort = resort.clone();
    Some(request.then(move |answer| {
        let left = Bill { invoice, balance_cents: balance_cents - PAID_CENTS };
        if answer.is_some_and(|answer| answer.status.is_success()) && left.balance_cents > 0 {
            resort.work().bills.push_back(left);
        }
    }))
}
