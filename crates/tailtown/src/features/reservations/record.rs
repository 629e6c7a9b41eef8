//! Reservations, bookings and quotes as the API takes and shows them.

use base::clock::plausible;
use base::id::{self, Id};
use base::problem::{Problem, Result};
use base::text::Text;
use garde::Validate;
use gateway::doors::Scope;
use gateway::extract::Versioned;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use queries::client::Params;
use queries::queries::reservations as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::ParseError;
use uuid::Uuid;

use super::pricing::{Asked, Line};
use super::status::Status;
use crate::features::customers::Customer;
use crate::features::kennels::Kennel;
use crate::features::pets::Pet;
use crate::features::services::{AddOn, Service};

/// A stay or visit of one pet.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    pub id: Id<Reservation>,
    /// The same for all pets that were booked together.
    pub booking_id: Uuid,
    pub customer_id: Id<Customer>,
    pub pet_id: Id<Pet>,
    pub service_id: Id<Service>,
    pub kennel_id: Option<Id<Kennel>>,
    pub check_in_date: Date,
    pub check_out_date: Date,
    pub arrival_time: Option<Time>,
    pub departure_time: Option<Time>,
    pub status: Status,
    pub notes: Option<Text<5000>>,
    /// The sum of the lines, before tax.
    pub total_cents: i64,
    /// The invoice it is billed on.
    pub invoice_id: Option<Uuid>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// For one reservation, and with `?include=lines`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<Line>>,
    /// For one reservation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<Step>>,
    /// With `?include=pet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pet: Option<BookedPet>,
    /// With `?include=customer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<BookedCustomer>,
    /// What the desk should know and was not refused for, such as a vaccination that only warns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub warnings: Vec<String>,
    #[serde(skip)]
    pub(super) held_until: Date,
    #[serde(skip)]
    pub(super) kennel_slot: Option<i32>,
    #[serde(skip)]
    pub(super) version: i32,
}

/// A step of a stay: who took it, when and why, and who took it back.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// `book`, `change`, `override`, or the verb of the endpoint.
    pub verb: String,
    pub from_status: Status,
    pub to_status: Status,
    pub reason: Option<String>,
    pub staff_id: Uuid,
    pub created_at: Timestamp,
    pub undone_by: Option<Uuid>,
    pub undone_at: Option<Timestamp>,
    #[serde(skip)]
    pub(super) id: Uuid,
}

/// A pet, as its reservation shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BookedPet {
    pub id: Uuid,
    pub name: String,
    pub species: String,
    pub breed: Option<String>,
    pub alerts: Vec<String>,
}

/// A customer, as their reservation shows them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BookedCustomer {
    pub id: Uuid,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// A booking to make.
#[derive(Debug, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewBooking {
    #[garde(skip)]
    pub(super) customer_id: Id<Customer>,
    #[garde(skip)]
    pub(super) service_id: Id<Service>,
    #[garde(custom(plausible))]
    pub(super) check_in_date: Date,
    #[garde(custom(plausible))]
    pub(super) check_out_date: Date,
    #[garde(skip)]
    pub(super) arrival_time: Option<Time>,
    #[garde(skip)]
    pub(super) departure_time: Option<Time>,
    /// A request that somebody still has to confirm, instead of a confirmed stay.
    #[serde(default)]
    #[garde(skip)]
    pub(super) pending: bool,
    #[garde(dive)]
    pub(super) notes: Option<Text<5000>>,
    #[garde(length(min = 1, max = 20), dive)]
    pub(super) pets: Vec<NewStay>,
    /// For managers: book although a demanded vaccination does not cover the stay. It is kept with the reservation.
    #[garde(dive)]
    pub(super) override_reason: Option<Text<500>>,
}

/// One pet of a booking.
#[derive(Debug, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewStay {
    #[garde(skip)]
    pub(super) pet_id: Id<Pet>,
    /// Leave it out to get one that is free, where the service needs one.
    #[garde(skip)]
    pub(super) kennel_id: Option<Id<Kennel>>,
    #[serde(default)]
    #[garde(length(max = 20), dive)]
    pub(super) add_ons: Vec<Addition>,
}

/// An add-on to a stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Addition {
    #[garde(skip)]
    pub(super) add_on_id: Id<AddOn>,
    #[serde(default = "one")]
    #[garde(range(min = 1, max = MOST_OF_ONE))]
    pub(super) quantity: i32,
}

/// The most of one add-on that can be asked for.
pub(super) const MOST_OF_ONE: i32 = 100;

pub(super) fn one() -> i32 {
    1
}

/// What was booked.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Booking {
    pub(super) booking_id: Uuid,
    pub(super) reservations: Vec<Reservation>,
    pub(super) total_cents: i64,
}

/// What can be changed about a reservation.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ReservationChange {
    #[garde(skip)]
    pub(super) service_id: Id<Service>,
    #[garde(skip)]
    pub(super) kennel_id: Option<Id<Kennel>>,
    #[garde(custom(plausible))]
    pub(super) check_in_date: Date,
    #[garde(custom(plausible))]
    pub(super) check_out_date: Date,
    #[garde(skip)]
    pub(super) arrival_time: Option<Time>,
    #[garde(skip)]
    pub(super) departure_time: Option<Time>,
    #[garde(dive)]
    pub(super) notes: Option<Text<5000>>,
    #[serde(default)]
    #[garde(length(max = 20), dive)]
    pub(super) add_ons: Vec<Addition>,
    /// For managers: change although a demanded vaccination does not cover the stay.
    #[garde(dive)]
    pub(super) override_reason: Option<Text<500>>,
}

/// A stay to price.
#[derive(Debug, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct QuoteRequest {
    #[garde(skip)]
    pub(super) service_id: Id<Service>,
    #[garde(custom(plausible))]
    pub(super) check_in_date: Date,
    #[garde(custom(plausible))]
    pub(super) check_out_date: Date,
    /// One for each pet.
    #[garde(length(min = 1, max = 20), dive)]
    pub(super) pets: Vec<QuotedPet>,
}

/// What one pet of a quote would have.
#[derive(Debug, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct QuotedPet {
    #[serde(default)]
    #[garde(length(max = 20), dive)]
    pub(super) add_ons: Vec<Addition>,
}

/// What a stay would cost.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quote {
    /// For each pet, in the order asked.
    pub(super) pets: Vec<Vec<Line>>,
    pub(super) subtotal_cents: i64,
    pub(super) tax_cents: i64,
    pub(super) total_cents: i64,
}

/// The reservation with its lines and steps, as one is shown.
pub(super) async fn whole(scope: &Scope, mut found: Reservation) -> Result<Versioned<Reservation>> {
    let (tenant_id, reservation_id) = (scope.tenant.id, found.id.uuid());
    let lines = async {
        let of = sql::LinesOfParams { tenant_id, reservation_ids: &[reservation_id][..] };
        sql::lines_of().params(scope, &of).map(line).all().await
    };
    let steps = async {
        let of = sql::StepsOfParams { tenant_id, reservation_id };
        sql::steps_of().params(scope, &of).map(step).all().await
    };
    let (lines, steps) = tokio::try_join!(lines, steps)?;
    let lines = lines.into_iter().map(|line| line.map(|(_, line)| line)).collect::<Result<_, _>>()?;
    found.lines = Some(lines);
    found.steps = Some(steps.into_iter().collect::<Result<_, _>>()?);
    Ok(Versioned { version: found.version, value: found })
}

pub(super) fn missing() -> Problem {
    Problem::not_found("reservation")
}

pub(super) fn invoiced() -> Problem {
    Problem::conflict("it is on an invoice: void that first")
}

pub(super) fn reservation(row: sql::ReservationBorrowed<'_>) -> Result<Reservation, ParseError> {
    Ok(Reservation {
        id: row.id.into(),
        booking_id: row.booking_id,
        customer_id: row.customer_id.into(),
        pet_id: row.pet_id.into(),
        service_id: row.service_id.into(),
        kennel_id: row.kennel_id.map(Into::into),
        check_in_date: row.check_in_date,
        check_out_date: row.check_out_date,
        arrival_time: row.arrival_time,
        departure_time: row.departure_time,
        status: row.status.parse()?,
        notes: row.notes.map(Text::from),
        total_cents: row.total_cents,
        invoice_id: row.invoice_id,
        created_at: row.created_at,
        updated_at: row.updated_at,
        lines: None,
        steps: None,
        pet: None,
        customer: None,
        warnings: Vec::new(),
        held_until: row.held_until,
        kennel_slot: row.kennel_slot,
        version: row.version,
    })
}

pub(super) fn line(row: sql::LineBorrowed<'_>) -> Result<(Uuid, Line), ParseError> {
    let asked = match (row.unit, row.asked) {
        (Some(unit), Some(quantity)) => {
            let category = row.category.map(str::parse).transpose()?;
            Some(Asked { unit: unit.parse()?, category, quantity })
        }
        _ => None,
    };
    let line = Line {
        kind: row.kind.parse()?,
        add_on_id: row.add_on_id,
        description: row.description.into(),
        quantity: row.quantity,
        unit_price_cents: row.unit_price_cents,
        amount_cents: row.amount_cents,
        taxable: row.taxable,
        asked,
    };
    Ok((row.reservation_id, line))
}

pub(super) fn step(row: sql::StepBorrowed<'_>) -> Result<Step, ParseError> {
    Ok(Step {
        verb: row.verb.into(),
        from_status: row.from_status.parse()?,
        to_status: row.to_status.parse()?,
        reason: row.reason.map(Into::into),
        staff_id: row.staff_id,
        created_at: row.created_at,
        undone_by: row.undone_by,
        undone_at: row.undone_at,
        id: row.id,
    })
}

pub(super) fn pet(row: sql::BookedPetBorrowed<'_>) -> BookedPet {
    BookedPet {
        id: row.id,
        name: row.name.into(),
        species: row.species.into(),
        breed: row.breed.map(Into::into),
        alerts: row.alerts.map(Into::into).collect(),
    }
}

pub(super) fn customer(row: sql::BookedCustomerBorrowed<'_>) -> BookedCustomer {
    BookedCustomer {
        id: row.id,
        first_name: row.first_name.into(),
        last_name: row.last_name.into(),
        email: row.email.map(Into::into),
        phone: row.phone.map(Into::into),
    }
}

pub(super) async fn note(
    scope: &Scope,
    reservation: Id<Reservation>,
    verb: &str,
    from: Status,
    to: Status,
    reason: Option<&str>,
) -> Result<()> {
    let (from, to): (&str, &str) = (from.into(), to.into());
    let staff = &scope.caller()?.staff_id;
    let id = &id::fresh(scope.now());
    sql::insert_step()
        .params(
            scope,
            &sql::InsertStepParams {
                tenant_id: scope.tenant.id,
                id: *id,
                reservation_id: reservation.uuid(),
                verb: &verb,
                from_status: &from,
                to_status: &to,
                reason: reason.as_ref(),
                staff_id: *staff,
                now: scope.now(),
            },
        )
        .await?;
    Ok(())
}
