//! The records of one resort that requests name: customers and pets, expected guests, unpaid invoices.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use jiff::civil::Date;
use serde::Deserialize;

use crate::client::Client;
use crate::request::User;
use crate::users::get;
use crate::zipf::Zipf;

/// The most customers that are read; a large resort has more.
const MOST_CUSTOMERS: usize = 300;

pub(super) struct Resort {
    pub(super) user: Arc<User>,
    /// Today in the resort's time zone.
    pub(super) today: Date,
    pub(super) customers: Vec<Customer>,
    /// Chooses a customer; regular customers come more often.
    pub(super) popularity: Zipf,
    pub(super) stays: Vec<String>,
    pub(super) boarding: String,
    pub(super) daycare: String,
    /// Records that changes work on. A request takes its record out and puts it back in its new state, so that no two requests
    /// work on the same one.
    work: Mutex<Work>,
}

#[derive(Default)]
pub(super) struct Work {
    pub(super) arrivals: VecDeque<Arrival>,
    pub(super) requests: VecDeque<String>,
    pub(super) bills: VecDeque<Bill>,
}

/// A stay that begins today, and the number of the next step.
pub(super) struct Arrival {
    pub(super) reservation: String,
    pub(super) step: usize,
}

/// An unpaid invoice.
pub(super) struct Bill {
    pub(super) invoice: String,
    pub(super) balance_cents: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) last_name: String,
    pub(super) pets: Vec<Pet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pet {
    pub(super) id: String,
    is_active: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Me {
    tenant: Place,
}

#[derive(Deserialize)]
struct Place {
    today: Date,
}

#[derive(Deserialize)]
struct Service {
    id: String,
    category: String,
}

#[derive(Deserialize)]
struct Reservation {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    id: String,
    balance_cents: i64,
}

impl Resort {
    /// Reads the records through the API.
    ///
    /// # Errors
    /// When the program does not answer, or the resort has no customers or sells no boarding or daycare.
    pub(super) async fn load(client: &Client, user: &Arc<User>) -> anyhow::Result<Self> {
        let me: Me = get(client, user, "/api/auth/me").await?;
        let today = me.tenant.today;
        let services: Page<Service> = get(client, user, "/api/services?isActive=true&limit=100").await?;
        let sold = |category: &str| {
            let service = services.data.iter().find(|service| service.category == category);
            service
                .map(|service| service.id.clone())
                .with_context(|| format!("{:?} sells no {category}", user.host))
        };
        let mut customers: Vec<Customer> = Vec::new();
        let mut path = "/api/customers?isActive=true&include=pets&limit=100".to_owned();
        while customers.len() < MOST_CUSTOMERS {
            let page: Page<Customer> = get(client, user, &path).await?;
            // Archived pets cannot be booked.
            customers.extend(page.data.into_iter().filter_map(|mut customer| {
                customer.pets.retain(|pet| pet.is_active);
                (!customer.pets.is_empty()).then_some(customer)
            }));
            let Some(cursor) = page.next_cursor else { break };
            path = format!("/api/customers?isActive=true&include=pets&limit=100&cursor={cursor}");
        }
        if customers.is_empty() {
            anyhow::bail!("{:?} has no customers", user.host);
        }
        let path = format!("/api/reservations?from={today}&to={}&limit=100", after(today, 7)?);
        let stays: Page<Reservation> = get(client, user, &path).await?;
        let path = format!("/api/reservations?status=CONFIRMED&checkInDate={today}&limit=100");
        let expected: Page<Reservation> = get(client, user, &path).await?;
        let open: Page<Invoice> = get(client, user, "/api/invoices?status=OPEN&limit=100").await?;
        let arrival = |reservation: Reservation| Arrival { reservation: reservation.id, step: 0 };
        let bill = |invoice: Invoice| Bill { invoice: invoice.id, balance_cents: invoice.balance_cents };
        Ok(Self {
            user: user.clone(),
            today,
            popularity: Zipf::new(customers.len(), 1.0),
            customers,
            stays: stays.data.into_iter().map(|stay| stay.id).collect(),
            boarding: sold("BOARDING")?,
            daycare: sold("DAYCARE")?,
            work: Mutex::new(Work {
                arrivals: expected.data.into_iter().map(arrival).collect(),
                requests: VecDeque::new(),
                bills: open.data.into_iter().map(bill).collect(),
            }),
        })
    }

    pub(super) fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The date `days` after `date`.
///
/// # Errors
/// When that is beyond the calendar.
pub(super) fn after(date: Date, days: i32) -> anyhow::Result<Date> {
    Ok(date.checked_add(jiff::Span::new().days(days))?)
}
