//! The work of front desks: 95 of 100 requests are reads. Overviews (boards) are polled, so their requests repeat exactly;
//! customers are searched by name and opened by Zipf's law, regular customers most often; every change is valid.

mod resort;
mod writes;

use std::sync::Arc;

use form_urlencoded::byte_serialize;
use futures_util::{StreamExt, TryStreamExt, stream};
use http::Method;
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::json;

use self::resort::{Customer, Resort, after};
use super::{LIST, Mix};
use crate::client::Client;
use crate::request::{Request, User};
use crate::zipf::Zipf;

/// Number of resorts that are prepared at a time.
const AT_A_TIME: usize = 4;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One of the overviews that a desk keeps open, by its number.
    Board(usize),
    Search,
    ShowCustomer,
    ShowPet,
    ShowReservation,
    StaysOfCustomer,
    Vaccinations,
    Availability,
    Quote,
    NewCustomer,
    PetNotes,
    Step,
    Book,
    Confirm,
    Pay,
}

impl Kind {
    fn changes(self) -> bool {
        use Kind::{Book, Confirm, NewCustomer, Pay, PetNotes, Step};
        matches!(self, NewCustomer | PetNotes | Step | Book | Confirm | Pay)
    }
}

/// The share of each kind, in thousandths.
const WEIGHTS: [(Kind, u32); 22] = [
    (Kind::Board(0), 130),
    (Kind::Board(1), 80),
    (Kind::Board(2), 90),
    (Kind::Board(3), 40),
    (Kind::Board(4), 40),
    (Kind::Board(5), 45),
    (Kind::Board(6), 20),
    (Kind::Board(7), 45),
    (Kind::Search, 100),
    (Kind::ShowCustomer, 130),
    (Kind::ShowPet, 80),
    (Kind::ShowReservation, 60),
    (Kind::StaysOfCustomer, 20),
    (Kind::Vaccinations, 10),
    (Kind::Availability, 50),
    (Kind::Quote, 10),
    (Kind::NewCustomer, 5),
    (Kind::PetNotes, 15),
    (Kind::Step, 14),
    (Kind::Book, 6),
    (Kind::Confirm, 4),
    (Kind::Pay, 6),
];

/// The name and the path of an overview.
fn board(resort: &Resort, number: usize) -> (&'static str, String) {
    let today = resort.today;
    match number {
        0 => {
            let path = format!("/api/reservations?checkInDate={today}&include=pet,customer&limit=100");
            ("arrivals", path)
        }
        1 => ("in house", "/api/reservations?status=CHECKED_IN&include=pet,customer&limit=100".to_owned()),
        2 => ("customers list", LIST.to_owned()),
        3 => ("open invoices", "/api/invoices?status=OPEN&include=customer&limit=20".to_owned()),
        4 => ("kennels", "/api/kennels?isActive=true&limit=100".to_owned()),
        5 => ("services", "/api/services?isActive=true&limit=100".to_owned()),
        6 => ("add-ons", "/api/add-ons?isActive=true&limit=100".to_owned()),
        _ => ("me", "/api/auth/me".to_owned()),
    }
}

/// The percentage of requests that refresh an overview, at desks that are open all day: three tablets with two overviews each
/// that refresh every 15 seconds send 24 requests a minute; one guest every two minutes adds about six a minute.
const REFRESHES: u32 = 80;

/// The mix of all resorts' front desks.
pub(crate) struct Desk {
    resorts: Vec<Arc<Resort>>,
    zipf: Zipf,
    /// Whether the overviews of arrivals and of guests in house stay open and refresh themselves.
    refreshes: bool,
}

impl Desk {
    /// Reads the customers, pets and services that the requests will name.
    ///
    /// # Errors
    /// When the program does not answer.
    pub(crate) async fn prepare(client: &Client, users: &[Arc<User>], exponent: f64) -> anyhow::Result<Self> {
        let resorts = stream::iter(users).map(|user| Resort::load(client, user));
        let resorts: Vec<Resort> = resorts.buffered(AT_A_TIME).try_collect().await?;
        let zipf = Zipf::new(resorts.len(), exponent);
        Ok(Self { resorts: resorts.into_iter().map(Arc::new).collect(), zipf, refreshes: false })
    }

    /// The same mix with overviews that stay open.
    pub(crate) fn all_day(self) -> Self {
        Self { refreshes: true, ..self }
    }
}

impl Mix for Desk {
    fn request(&self, dice: &mut StdRng) -> Request {
        let resort = &self.resorts[self.zipf.draw(dice)];
        let kind = match self.refreshes && dice.random_range(0..100) < REFRESHES {
            true => Kind::Board(dice.random_range(0..2)),
            false => draw(dice),
        };
        let customer = &resort.customers[resort.popularity.draw(dice)];
        // If a change is not possible (for instance, no guest is left to check in), another change replaces it, so that the share
        // of changes stays the same.
        request(resort, customer, kind, dice).unwrap_or_else(|| match kind.changes() {
            true => writes::pet_notes(resort, customer, dice),
            false => show_customer(resort, customer),
        })
    }
}

fn draw(dice: &mut StdRng) -> Kind {
    let total: u32 = WEIGHTS.iter().map(|(_, weight)| weight).sum();
    let mut at = dice.random_range(0..total);
    for (kind, weight) in WEIGHTS {
        if at < weight {
            return kind;
        }
        at -= weight;
    }
    Kind::ShowCustomer
}

/// The request, or nothing if the resort lacks a record for it.
fn request(resort: &Arc<Resort>, customer: &Customer, kind: Kind, dice: &mut StdRng) -> Option<Request> {
    let get = |class, path| Some(Request::get(class, &resort.user, path));
    let one_of = |count: usize, dice: &mut StdRng| (count > 0).then(|| dice.random_range(0..count));
    let pet = &customer.pets[one_of(customer.pets.len(), dice)?].id;
    match kind {
        Kind::Board(number) => {
            let (class, path) = board(resort, number);
            get(class, path)
        }
        Kind::Search => {
            let letters = dice.random_range(2..=5);
            let start: String = customer.last_name.chars().take(letters).collect();
            let start: String = byte_serialize(start.as_bytes()).collect();
            get("search", format!("/api/customers?q={start}&include=pets&limit=10"))
        }
        Kind::ShowCustomer => Some(show_customer(resort, customer)),
        Kind::ShowPet => get("pet", format!("/api/pets/{pet}?include=vaccinations")),
        Kind::ShowReservation => {
            let stay = &resort.stays[one_of(resort.stays.len(), dice)?];
            get("reservation", format!("/api/reservations/{stay}?include=pet,customer"))
        }
        Kind::StaysOfCustomer => {
            get("stays of customer", format!("/api/reservations?customerId={}", customer.id))
        }
        Kind::Vaccinations => {
            let (from, to) = (resort.today, after(resort.today, 3).ok()?);
            let path = format!("/api/pets/{pet}/vaccination-status?category=BOARDING&from={from}&to={to}");
            get("vaccination status", path)
        }
        Kind::Availability => {
            let from = after(resort.today, dice.random_range(0..3) * 7).ok()?;
            let to = after(from, 14).ok()?;
            get(
                "availability",
                format!("/api/availability?from={from}&to={to}&serviceId={}", resort.boarding),
            )
        }
        Kind::Quote => {
            let body = json!({
                "serviceId": resort.daycare,
                "checkInDate": resort.today,
                "checkOutDate": resort.today,
                "pets": [{}],
            });
            Some(Request::new("quote", &resort.user, Method::POST, "/api/quotes".to_owned()).body(&body))
        }
        Kind::NewCustomer => Some(writes::new_customer(resort)),
        Kind::PetNotes => Some(writes::pet_notes(resort, customer, dice)),
        Kind::Step => writes::step(resort),
        Kind::Book => writes::book(resort, customer, dice),
        Kind::Confirm => writes::confirm(resort),
        Kind::Pay => writes::pay(resort),
    }
}

fn show_customer(resort: &Resort, customer: &Customer) -> Request {
    Request::get(
        "customer",
        &resort.user,
        format!("/api/customers/{}?include=pets,reservations", customer.id),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_five_of_a_hundred_read() {
        let sum = |all: bool| -> u32 {
            let counted = WEIGHTS.iter().filter(|(kind, _)| all || kind.changes());
            counted.map(|(_, weight)| weight).sum()
        };
        assert_eq!(sum(true), 1000);
        assert_eq!(sum(false), 50);
    }
}
