//! Whether guests may come: whose pets they are, what they are vaccinated against, and whether there is room that day.

use std::ops::Range;

use base::id::Id;
use base::problem::{Problem, Result};
use gateway::doors::Scope;
use gateway::identity::Role;
use jiff::civil::Date;
use queries::client::Params;
use queries::queries::reservations as sql;
use queries::queries::services as service_sql;
use uuid::Uuid;

use super::placement::{self, Hold};
use super::record::{NewBooking, Reservation, note};
use crate::features::services::{self, Service};
use crate::features::vaccinations::{self, Category, Enforcement};

/// A pet that is booked.
pub(super) struct Guest {
    id: Uuid,
    customer_id: Uuid,
    name: String,
    species: crate::features::pets::Species,
    is_active: bool,
}

fn booked(row: sql::BookedPetBorrowed<'_>) -> Result<Guest, strum::ParseError> {
    Ok(Guest {
        id: row.id,
        customer_id: row.customer_id,
        name: row.name.into(),
        species: row.species.parse()?,
        is_active: row.is_active,
    })
}

/// The pets, locked so that none is booked twice at the same moment, once it is sure that they are the customer's.
pub(super) async fn lock_pets(scope: &Scope, new: &NewBooking) -> Result<Vec<Guest>> {
    let tenant_id = scope.tenant.id;
    let customer = new.customer_id.uuid();
    let found = sql::customers_of()
        .params(scope, &sql::CustomersOfParams { tenant_id, ids: [customer].as_slice() })
        .opt()
        .await?;
    match found {
        None => return Err(Problem::invalid("customerId", "there is no such customer")),
        Some(found) if !found.is_active => {
            return Err(Problem::invalid("customerId", "is archived: bring them back first"));
        }
        Some(_) => {}
    }
    let ids: Vec<Uuid> = new.pets.iter().map(|stay| stay.pet_id.uuid()).collect();
    let pets = lock_guests(scope, &ids).await?;
    for (index, id) in ids.iter().enumerate() {
        let refuse = |message: &str| Err(Problem::invalid(format!("pets[{index}].petId"), message));
        if ids[..index].contains(id) {
            return refuse("is given twice");
        }
        match pets.iter().find(|pet| pet.id == *id) {
            Some(pet) if pet.customer_id != customer => return refuse("is another customer's pet"),
            Some(pet) if !pet.is_active => return refuse("is archived: bring the pet back first"),
            Some(_) => {}
            None => return refuse("there is no such pet"),
        }
    }
    Ok(pets)
}

pub(super) async fn lock_guests(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Guest>> {
    let pets = sql::lock_pets()
        .params(scope, &sql::LockPetsParams { tenant_id: scope.tenant.id, ids: &ids })
        .map(booked)
        .all()
        .await?;
    Ok(pets.into_iter().collect::<Result<_, _>>()?)
}

/// Refuses what the resort's vaccine requirements block, unless a manager gives a reason; says what they warn of.
pub(super) async fn gate(
    scope: &Scope,
    pets: &[Guest],
    category: Category,
    days: &Range<Date>,
    override_reason: Option<&str>,
) -> Result<Vec<String>> {
    let kinds: Vec<_> = pets.iter().map(|pet| (pet.id, pet.species)).collect();
    let gaps = vaccinations::gaps(scope, &kinds, category, days).await?;
    let (mut blocks, mut warnings) = (Vec::new(), Vec::new());
    for gap in gaps {
        let name = pets.iter().find(|pet| pet.id == gap.pet_id).map_or("", |pet| pet.name.as_str());
        let text = format!("{name} has no {} on {}", gap.vaccine, gap.first_uncovered_on);
        match gap.enforcement {
            Enforcement::Block => blocks.push(text),
            Enforcement::Warn => warnings.push(text),
        }
    }
    if blocks.is_empty() {
        return Ok(warnings);
    }
    let text = blocks.join("; ");
    if override_reason.is_none() {
        return Err(Problem::conflict(format!(
            "{text}: record the vaccination, or let a manager override this with overrideReason"
        )));
    }
    if scope.caller()?.role < Role::Manager {
        return Err(Problem::forbidden(format!("{text}: overriding this needs the role MANAGER")));
    }
    warnings.extend(blocks);
    Ok(warnings)
}

/// The same at check-in, for a stay that is booked.
pub(super) async fn check_vaccinations(
    scope: &Scope,
    stay: &Reservation,
    override_reason: Option<&str>,
) -> Result<Vec<String>> {
    let tenant_id = scope.tenant.id;
    // Read without a lock: the reservation is locked already, and the service's category never changes.
    let id = &stay.service_id.uuid();
    let service = service_sql::find()
        .params(scope, &service_sql::FindParams { tenant_id, id: *id })
        .map(services::service)
        .one()
        .await??;
    let pets = sql::pets_of()
        .params(scope, &sql::PetsOfParams { tenant_id, ids: [stay.pet_id.uuid()].as_slice() })
        .map(booked)
        .all()
        .await?;
    let pets: Vec<Guest> = pets.into_iter().collect::<Result<_, _>>()?;
    let days = stay.check_in_date..stay.held_until;
    let warnings = gate(scope, &pets, service.details.category, &days, override_reason).await?;
    if let Some(reason) = override_reason {
        note(scope, stay.id, "override", stay.status, stay.status, Some(reason)).await?;
    }
    Ok(warnings)
}

/// The checks of a booking, for a stay that comes back.
pub(super) async fn may_return(
    scope: &Scope,
    stay: &Reservation,
    service: &Service,
    pets: &[Guest],
) -> Result<()> {
    let days = stay.check_in_date..stay.held_until;
    must_not_board_twice(scope, service, pets, &days, Some(stay.id)).await?;
    must_have_room_that_day(scope, service, &days, 1, Some(stay.id)).await
}

/// A pet sleeps in one place at a time.
pub(super) async fn must_not_board_twice(
    scope: &Scope,
    service: &Service,
    pets: &[Guest],
    days: &Range<Date>,
    except: Option<Id<Reservation>>,
) -> Result<()> {
    if service.details.category != Category::Boarding {
        return Ok(());
    }
    let ids: Vec<Uuid> = pets.iter().map(|pet| pet.id).collect();
    let stays = sql::boarded_pets()
        .params(
            scope,
            &sql::BoardedPetsParams {
                tenant_id: scope.tenant.id,
                pet_ids: &ids,
                until: days.end,
                from: days.start,
            },
        )
        .all()
        .await?;
    match stays.iter().find(|stay| except.is_none_or(|except| stay.id != except.uuid())) {
        None => Ok(()),
        Some(stay) => {
            let name = pets.iter().find(|pet| pet.id == stay.pet_id).map_or("", |pet| pet.name.as_str());
            Err(Problem::conflict(format!(
                "{name} boards here from {} to {} already",
                stay.check_in_date, stay.held_until
            )))
        }
    }
}

/// The service's own limit of guests a day.
pub(super) async fn must_have_room_that_day(
    scope: &Scope,
    service: &Service,
    days: &Range<Date>,
    guests: usize,
    except: Option<Id<Reservation>>,
) -> Result<()> {
    let Some(capacity) = service.details.daily_capacity else { return Ok(()) };
    let stays = sql::service_days()
        .params(
            scope,
            &sql::ServiceDaysParams {
                tenant_id: scope.tenant.id,
                service_id: service.id.uuid(),
                until: days.end,
                from: days.start,
            },
        )
        .all()
        .await?;
    let stays = stays.into_iter().filter(|stay| except.is_none_or(|except| stay.id != except.uuid()));
    let holds: Vec<Hold> =
        stays.map(|stay| Hold { id: stay.id, slot: 0, days: stay.check_in_date..stay.held_until }).collect();
    let room = i32::try_from(guests).map_or(0, |guests| capacity - guests + 1);
    match placement::first_full_day(room, &holds, days) {
        None => Ok(()),
        Some(day) => Err(Problem::conflict(format!(
            "{} takes {capacity} guests a day and is full on {day}",
            service.details.name
        ))),
    }
}

/// The days of `days` that are not in `held`.
pub(super) fn newly_held(days: &Range<Date>, held: Option<&Range<Date>>) -> Vec<Range<Date>> {
    let Some(held) = held else { return vec![days.clone()] };
    let parts = [days.start..days.end.min(held.start), days.start.max(held.end)..days.end];
    parts.into_iter().filter(|part| part.start < part.end).collect()
}

/// The service to book; locked when its days are limited, so that two bookings do not both take the last place.
pub(super) async fn find_service(scope: &Scope, id: Id<Service>, must_be_active: bool) -> Result<Service> {
    let tenant_id = scope.tenant.id;
    let unknown = || Problem::invalid("serviceId", "there is no such service");
    let mut service = service_sql::find()
        .params(scope, &service_sql::FindParams { tenant_id, id: id.uuid() })
        .map(services::service)
        .opt()
        .await?;
    let limited = matches!(&service, Some(Ok(service)) if service.details.daily_capacity.is_some());
    if limited && scope.may_write() {
        service = service_sql::lock()
            .params(scope, &service_sql::LockParams { tenant_id, id: id.uuid() })
            .map(services::service)
            .opt()
            .await?;
    }
    let service = service.ok_or_else(unknown)??;
    if must_be_active && !service.details.is_active {
        return Err(Problem::invalid("serviceId", "is archived: choose another service"));
    }
    Ok(service)
}
