//! Stays and visits: listed, booked, changed (`booking.rs`), and taken step by step from the request to the goodbye (`steps.rs`).

mod availability;
mod booking;
mod checks;
mod locks;
mod placement;
mod places;
mod pricing;
mod record;
mod status;
mod steps;

use std::collections::BTreeSet;

use base::id::Id;
use base::problem::{Problem, Result};
use base::text::Names;
use gateway::doors::{Read, Write};
use gateway::extract::{Created, IfMatch, Json, Patch, Path, Query, Reply, Versioned};
use gateway::openapi::Routes;
use gateway::page::{List, Listed};
use jiff::ToSpan;
use jiff::civil::Date;
use queries::client::Params;
use queries::queries::reservations as sql;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::customers::Customer;
use super::kennels::Kennel;
use super::pets::Pet;
use super::services::Service;
pub use record::{BookedCustomer, BookedPet, Reservation, Step};
use record::{
    Booking, NewBooking, Quote, QuoteRequest, ReservationChange, customer, line, missing, pet, reservation,
    whole,
};

pub use locks::for_bill as lock_for_bill;
pub use pricing::{Line, LineKind};
pub use status::{Status, Verb};

pub fn routes() -> Routes {
    Routes::new("reservations", "Stays and visits.")
        .get("/api/reservations", list, LIST)
        .post("/api/reservations", book, BOOK)
        .get(
            "/api/reservations/{id}",
            show,
            "Look at one reservation\nWith its lines and the steps taken so far.",
        )
        .patch("/api/reservations/{id}", change, CHANGE)
        .post("/api/reservations/{id}/confirm", steps::confirm, "Confirm a request")
        .post("/api/reservations/{id}/check-in", steps::check_in, steps::CHECK_IN)
        .post("/api/reservations/{id}/check-out", steps::check_out, steps::CHECK_OUT)
        .post(
            "/api/reservations/{id}/complete",
            steps::complete,
            "Complete a stay\nNothing is left to do for it.",
        )
        .post(
            "/api/reservations/{id}/cancel",
            steps::cancel,
            "Cancel a reservation\nIts place is free at once.",
        )
        .post(
            "/api/reservations/{id}/no-show",
            steps::no_show,
            "Note that the guest did not come\nFrom the day of arrival on.",
        )
        .post("/api/reservations/{id}/undo", steps::undo, steps::UNDO)
        .post(
            "/api/quotes",
            quote,
            "Say what a stay would cost\nBy the function that prices bookings. Nothing is kept.",
        )
        .get("/api/availability", availability::show_availability, availability::SHOW)
}

const LIST: &str = "List reservations by arrival\n`?from=&to=` gives those that hold a day of it, half-open; \
`?include=pet,customer,lines` nests. `?bookingId=`, `?petId=` and `?customerId=` go with `status` and paging only.";

const BOOK: &str = "Book a stay\nFor one or several pets of a family, all or none. Days are half-open: a place is free again on \
the day of departure, except for what is sold by the day or the session. A pet that needs a kennel and names none gets one \
that is free. `totalCents` is before tax.";

const CHANGE: &str = "Change a reservation\nNew dates, another kennel, service or add-ons: checked like a booking. What was booked \
keeps its price; what is new has the catalogue's.";

/// Which reservations.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReservationFilter {
    customer_id: Option<Id<Customer>>,
    pet_id: Option<Id<Pet>>,
    service_id: Option<Id<Service>>,
    kennel_id: Option<Id<Kennel>>,
    booking_id: Option<Uuid>,
    /// One or several, with commas between.
    status: Option<Names<Status>>,
    check_in_date: Option<Date>,
    check_out_date: Option<Date>,
    from: Option<Date>,
    to: Option<Date>,
    #[serde(default)]
    include: Names<Nested>,
}

impl ReservationFilter {
    /// The first and the last day on which a stay that is asked for can begin: as stays have a longest, most of the past
    /// need not be read for those of a day.
    fn check_ins(&self) -> (Date, Date) {
        let longest_before = |day: Date| day.saturating_sub(pricing::LONGEST.days());
        let first =
            [self.check_in_date, self.check_out_date.map(longest_before), self.from.map(longest_before)];
        let before = |day: Date| day.saturating_sub(1.day());
        let last = [self.check_in_date, self.check_out_date, self.to.map(before)];
        (
            first.into_iter().flatten().max().unwrap_or(Date::constant(1, 1, 1)),
            last.into_iter().flatten().min().unwrap_or(Date::MAX),
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Nested {
    Pet,
    Customer,
    Lines,
}

/// What else to show of one reservation.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReservationView {
    #[serde(default)]
    include: Names<Nested>,
}

async fn list(read: Read, list: List<ReservationFilter>) -> Result<Listed<Reservation>> {
    let (date, id) = list.after::<(Date, Uuid)>()?.unwrap_or((Date::constant(1, 1, 1), Uuid::nil()));
    let filter = &list.filter;
    let others = [filter.check_in_date, filter.check_out_date, filter.from, filter.to];
    let alone = [filter.customer_id.is_some() || filter.pet_id.is_some(), filter.booking_id.is_some()];
    let narrow =
        filter.service_id.is_some() || filter.kennel_id.is_some() || others.iter().any(Option::is_some);
    if alone.contains(&true) && (narrow || alone == [true, true]) {
        let message =
            "bookingId, petId and customerId go with status and paging only: leave the other filters out";
        return Err(Problem::invalid("", message));
    }
    // Each once: its rows come once for each time it is named.
    let statuses = filter.status.as_ref().map(|names| {
        let statuses: BTreeSet<&str> = names.iter().map(|status| (*status).into()).collect();
        statuses.into_iter().collect::<Vec<_>>()
    });
    let (tenant, fetch) = (&read.tenant.id, &list.fetch());
    let uuid = |id: &Id<Pet>| id.uuid();
    let pet_id = filter.pet_id.as_ref().map(uuid);
    let rows = match (filter.booking_id, filter.customer_id, pet_id) {
        (Some(booking), ..) => {
            sql::list_of_booking()
                .params(
                    &read,
                    &sql::ListOfBookingParams {
                        tenant_id: *tenant,
                        booking_id: booking,
                        after_date: date,
                        after_id: id,
                        fetch: *fetch,
                    },
                )
                .map(reservation)
                .all()
                .await?
        }
        (_, Some(customer), pet_id) => {
            sql::list_of_customer()
                .params(
                    &read,
                    &sql::ListOfCustomerParams {
                        tenant_id: *tenant,
                        customer_id: customer.uuid(),
                        after_date: date,
                        after_id: id,
                        statuses: statuses.as_ref(),
                        pet_id,
                        fetch: *fetch,
                    },
                )
                .map(reservation)
                .all()
                .await?
        }
        (_, None, Some(pet_id)) => {
            sql::list_of_pet()
                .params(
                    &read,
                    &sql::ListOfPetParams {
                        tenant_id: *tenant,
                        pet_id,
                        after_date: date,
                        after_id: id,
                        statuses: statuses.as_ref(),
                        fetch: *fetch,
                    },
                )
                .map(reservation)
                .all()
                .await?
        }
        (None, None, None) => {
            let (service, kennel) = (filter.service_id.map(Id::uuid), filter.kennel_id.map(Id::uuid));
            let (first, last) = filter.check_ins();
            let (check_out, from) = (&filter.check_out_date, &filter.from);
            match &statuses {
                Some(statuses) => {
                    sql::list_by_status()
                        .params(
                            &read,
                            &sql::ListByStatusParams {
                                statuses,
                                tenant_id: *tenant,
                                after_date: date,
                                after_id: id,
                                first,
                                last,
                                service_id: service,
                                kennel_id: kennel,
                                check_out_date: *check_out,
                                from: *from,
                                fetch: *fetch,
                            },
                        )
                        .map(reservation)
                        .all()
                        .await?
                }
                None => {
                    sql::list()
                        .params(
                            &read,
                            &sql::ListParams {
                                tenant_id: *tenant,
                                after_date: date,
                                after_id: id,
                                first,
                                last,
                                service_id: service,
                                kennel_id: kennel,
                                check_out_date: *check_out,
                                from: *from,
                                fetch: *fetch,
                            },
                        )
                        .map(reservation)
                        .all()
                        .await?
                }
            }
        }
    };
    let rows = nest(&read, rows.into_iter().collect::<Result<_, _>>()?, &filter.include).await?;
    list.page(rows, |row| (row.check_in_date, row.id))
}

async fn show(
    read: Read,
    Path(id): Path<Id<Reservation>>,
    Query(view): Query<ReservationView>,
) -> Result<Versioned<Reservation>> {
    let found = sql::find()
        .params(&read, &sql::FindParams { tenant_id: read.tenant.id, id: id.uuid() })
        .map(reservation)
        .opt()
        .await?;
    let found = found.ok_or_else(missing)??;
    let found = nest(&read, vec![found], &view.include).await?.pop().ok_or_else(missing)?;
    whole(&read, found).await
}

async fn book(write: Write, Json(new): Json<NewBooking>) -> Result<Created<Booking>> {
    let value = booking::book(&write, &new).await?;
    Ok(Created {
        location: format!("/api/reservations?bookingId={}", value.booking_id),
        version: None,
        value,
    })
}

async fn change(
    write: Write,
    Path(id): Path<Id<Reservation>>,
    seen: IfMatch,
    patch: Patch<ReservationChange>,
) -> Result<Versioned<Reservation>> {
    let changed = booking::change(&write, id, &seen, &patch).await?;
    whole(&write, changed).await
}

async fn quote(read: Read, Json(asked): Json<QuoteRequest>) -> Result<Reply<Quote>> {
    Ok(Reply(booking::quote(&read, &asked).await?))
}

async fn nest(read: &Read, mut rows: Vec<Reservation>, include: &Names<Nested>) -> Result<Vec<Reservation>> {
    let has = |nested| include.has(&nested);
    let tenant_id = read.tenant.id;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    let pet_ids: Vec<Uuid> = rows.iter().map(|row| row.pet_id.uuid()).collect();
    let customer_ids: Vec<Uuid> = rows.iter().map(|row| row.customer_id.uuid()).collect();
    let pets = async {
        if has(Nested::Pet) {
            sql::pets_of().params(read, &sql::PetsOfParams { tenant_id, ids: &pet_ids }).map(pet).all().await
        } else {
            Ok(Vec::new())
        }
    };
    let customers = async {
        if has(Nested::Customer) {
            sql::customers_of()
                .params(read, &sql::CustomersOfParams { tenant_id, ids: &customer_ids })
                .map(customer)
                .all()
                .await
        } else {
            Ok(Vec::new())
        }
    };
    let lines = async {
        if has(Nested::Lines) {
            sql::lines_of()
                .params(read, &sql::LinesOfParams { tenant_id, reservation_ids: &ids })
                .map(line)
                .all()
                .await
        } else {
            Ok(Vec::new())
        }
    };
    let (pets, customers, lines) = tokio::try_join!(pets, customers, lines)?;
    let mut lines: Vec<(Uuid, Line)> = lines.into_iter().collect::<Result<_, _>>()?;
    for row in &mut rows {
        row.pet = pets.iter().find(|pet| pet.id == row.pet_id.uuid()).cloned();
        row.customer = customers.iter().find(|customer| customer.id == row.customer_id.uuid()).cloned();
        if has(Nested::Lines) {
            let id = row.id.uuid();
            row.lines = Some(lines.extract_if(.., |(of, _)| *of == id).map(|(_, line)| line).collect());
        }
    }
    Ok(rows)
}
