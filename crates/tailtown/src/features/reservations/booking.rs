//! Making a booking and changing one: what is checked, in which order it is locked, and what it costs.
//!
//! Locks are taken in one order, so that no two requests wait for each other: the service when its day is limited, pets by
//! id, kennels by id, then reservations.

use std::ops::Range;

use futures_util::future::try_join_all;
use jiff::civil::Date;
use platform::db::Scope;
use platform::extract::{IfMatch, Patch};
use platform::id::{self, Id};
use platform::money;
use platform::problem::{OnConstraint, Problem, Result};
use platform::session::Role;
use queries::queries::reservations as sql;
use queries::queries::services as service_sql;
use uuid::Uuid;

use super::placement::{self, Hold};
use super::places::Places;
use super::pricing::{self, Line, LineKind};
use super::steps::{lock, note};
use super::{
    Addition, Booking, NewBooking, Quote, QuoteRequest, Reservation, ReservationChange, Status, missing,
    reservation,
};
use crate::features::kennels::Kennel;
use crate::features::services::{self, AddOn, AddOnUnit, Service};
use crate::features::vaccinations::{self, Category, Enforcement};

pub(super) async fn book(scope: &Scope, new: &NewBooking) -> Result<Booking> {
    let tenant = &scope.tenant.id;
    let service = find_service(scope, new.service_id).await?;
    let (days, units) = pricing::days(service.details.unit, new.check_in_date, new.check_out_date)?;
    let pets = lock_pets(scope, new).await?;
    let add_ons = find_add_ons(scope, &service, new.pets.iter().flat_map(|stay| &stay.add_ons)).await?;

    let pet_ids: Vec<Uuid> = pets.iter().map(|pet| pet.id).collect();
    let warnings =
        gate(scope, &pets, service.details.category, &days, new.override_reason.as_deref()).await?;
    must_not_board_twice(scope, &service, &pets, &days, None).await?;
    must_have_room_that_day(scope, &service, &days, pet_ids.len(), None).await?;

    let needs_kennel = service.details.requires_kennel == Some(true);
    let named: Vec<Id<Kennel>> = new.pets.iter().filter_map(|stay| stay.kennel_id).collect();
    let some_unnamed = needs_kennel && named.len() < new.pets.len();
    let mut places = Places::lock(scope, &named, some_unnamed).await?;
    places.load(scope, &days).await?;
    let mut seats = Vec::new();
    for stay in &new.pets {
        let id = Id::<Reservation>::new(scope.now());
        if needs_kennel || stay.kennel_id.is_some() {
            places.put(scope, id.uuid(), stay.kennel_id, &days).await?;
        }
        seats.push(id);
    }
    places.move_others(scope).await?;

    let booking_id = id::fresh(scope.now());
    let status = if new.pending { Status::Pending } else { Status::Confirmed };
    let status_word: &str = status.into();
    let mut reservations = Vec::new();
    for (id, stay) in seats.into_iter().zip(&new.pets) {
        let lines = pricing::lines(&service, units, &chosen(&add_ons, &stay.add_ons)?)?;
        let (kennel, slot) = places.of(id.uuid()).unzip();
        let mut added = sql::insert()
            .bind(
                scope,
                tenant,
                &id.uuid(),
                &booking_id,
                &new.customer_id.uuid(),
                &stay.pet_id.uuid(),
                &service.id.uuid(),
                &kennel,
                &slot,
                &new.check_in_date,
                &new.check_out_date,
                &days.end,
                &new.arrival_time,
                &new.departure_time,
                &status_word,
                &new.notes,
                &pricing::total_cents(&lines)?,
                &scope.now(),
            )
            .map(reservation)
            .one()
            .await
            .on_constraint("reservations_kennel_excl", taken)??;
        keep_lines(scope, id, &lines).await?;
        note(scope, id, "book", status, status, None).await?;
        if let Some(reason) = &new.override_reason {
            note(scope, id, "override", status, status, Some(reason)).await?;
        }
        added.lines = Some(lines);
        added.warnings.clone_from(&warnings);
        reservations.push(added);
    }
    let total = money::sum_cents(reservations.iter().map(|reservation| reservation.total_cents));
    let total_cents =
        total.ok_or_else(|| Problem::invalid("pets", "the total is too large: book fewer at a time"))?;
    Ok(Booking { booking_id, reservations, total_cents })
}

pub(super) async fn change(
    scope: &Scope,
    id: Id<Reservation>,
    seen: &IfMatch,
    patch: &Patch<ReservationChange>,
) -> Result<Reservation> {
    let tenant = &scope.tenant.id;
    // Read first, to know what to lock before the reservation itself; read again under the locks.
    let before =
        sql::find().bind(scope, tenant, &id.uuid()).map(reservation).opt().await?.ok_or_else(missing)??;
    seen.check(before.version)?;
    let lines = sql::lines_of().bind(scope, tenant, &[id.uuid()].as_slice()).map(super::line).all().await?;
    let lines: Vec<Line> =
        lines.into_iter().map(|line| line.map(|(_, line)| line)).collect::<Result<_, _>>()?;
    let add_ons_now = additions(scope, &lines).await?;
    let current = ReservationChange {
        service_id: before.service_id,
        kennel_id: before.kennel_id,
        check_in_date: before.check_in_date,
        check_out_date: before.check_out_date,
        arrival_time: before.arrival_time,
        departure_time: before.departure_time,
        notes: before.notes.clone(),
        add_ons: add_ons_now,
        override_reason: None,
    };
    let new = patch.apply(&current)?;
    let new_service = new.service_id != current.service_id;
    let new_dates =
        (new.check_in_date, new.check_out_date) != (current.check_in_date, current.check_out_date);
    let new_price = new_service || new_dates || new.add_ons != current.add_ons;
    let new_place = new_service || new_dates || new.kennel_id != current.kennel_id;
    if new_price || new_place {
        must_be_changeable(&before, &new, new_price)?;
    }

    let service = find_service_of(scope, new.service_id, new_service).await?;
    let (days, units) = pricing::days(service.details.unit, new.check_in_date, new.check_out_date)?;
    let pets =
        sql::lock_pets().bind(scope, tenant, &[before.pet_id.uuid()].as_slice()).map(booked).all().await?;
    let pets: Vec<Guest> = pets.into_iter().collect::<Result<_, _>>()?;
    let mut warnings = Vec::new();
    if new_service || new_dates {
        warnings =
            gate(scope, &pets, service.details.category, &days, new.override_reason.as_deref()).await?;
        must_not_board_twice(scope, &service, &pets, &days, Some(id)).await?;
        must_have_room_that_day(scope, &service, &days, 1, Some(id)).await?;
    }
    let needs_kennel = service.details.requires_kennel == Some(true);
    let named: Vec<Id<Kennel>> = before.kennel_id.into_iter().chain(new.kennel_id).collect();
    let unnamed = needs_kennel && new.kennel_id.is_none();
    let mut places = Places::lock(scope, &named, unnamed).await?;
    let locked = lock(scope, id).await?;
    if locked.version != before.version {
        return Err(Problem::conflict(
            "it was changed at the same moment: read it again, then repeat your change",
        ));
    }

    let (mut kennel, mut slot) = (new.kennel_id.map(Id::uuid), locked.kennel_slot);
    if new_place {
        slot = None;
        if needs_kennel || new.kennel_id.is_some() {
            places.load(scope, &days).await?;
            places.forget(id.uuid());
            let (found, place) = places.put(scope, id.uuid(), new.kennel_id, &days).await?;
            (kennel, slot) = (Some(found), Some(place));
            places.move_others(scope).await?;
        }
    }
    let mut total_cents = locked.total_cents;
    if new_price {
        let add_ons = find_add_ons(scope, &service, new.add_ons.iter()).await?;
        let lines = pricing::lines(&service, units, &chosen(&add_ons, &new.add_ons)?)?;
        total_cents = pricing::total_cents(&lines)?;
        sql::delete_lines().bind(scope, tenant, &id.uuid()).await?;
        keep_lines(scope, id, &lines).await?;
    }
    let changed = sql::update()
        .bind(
            scope,
            &new.service_id.uuid(),
            &kennel,
            &slot,
            &new.check_in_date,
            &new.check_out_date,
            &days.end,
            &new.arrival_time,
            &new.departure_time,
            &new.notes,
            &total_cents,
            &scope.now(),
            tenant,
            &id.uuid(),
        )
        .map(reservation)
        .one()
        .await
        .on_constraint("reservations_kennel_excl", taken)?;
    let mut changed = changed?;
    let (verb, reason) = match &new.override_reason {
        Some(reason) => ("override", Some(&**reason)),
        None => ("change", None),
    };
    note(scope, id, verb, changed.status, changed.status, reason).await?;
    changed.warnings = warnings;
    Ok(changed)
}

fn must_be_changeable(before: &Reservation, new: &ReservationChange, new_price: bool) -> Result<()> {
    if !before.status.holds() {
        let status: &str = before.status.into();
        return Err(Problem::conflict(format!(
            "the reservation is {status}: only its notes and times can change"
        )));
    }
    if before.status == Status::CheckedIn && new.check_in_date != before.check_in_date {
        return Err(Problem::conflict(
            "the guest is here already: undo the check-in to change the day of arrival",
        ));
    }
    if new_price && before.invoice_id.is_some() {
        return Err(super::invoiced());
    }
    Ok(())
}

pub(super) async fn quote(scope: &Scope, asked: &QuoteRequest) -> Result<Quote> {
    let service = find_service_of(scope, asked.service_id, true).await?;
    let (_, units) = pricing::days(service.details.unit, asked.check_in_date, asked.check_out_date)?;
    let add_ons = find_add_ons(scope, &service, asked.pets.iter().flat_map(|pet| &pet.add_ons)).await?;
    let mut pets = Vec::new();
    for pet in &asked.pets {
        pets.push(pricing::lines(&service, units, &chosen(&add_ons, &pet.add_ons)?)?);
    }
    let all = pets.concat();
    let subtotal_cents = pricing::total_cents(&all)?;
    let tax_cents = money::tax_cents(pricing::taxable_cents(&all)?, scope.tenant.tax_rate_bps);
    Ok(Quote { pets, subtotal_cents, tax_cents, total_cents: subtotal_cents + tax_cents })
}

/// The service to book; locked when its days are limited, so that two bookings do not both take the last place.
async fn find_service(scope: &Scope, id: Id<Service>) -> Result<Service> {
    find_service_of(scope, id, true).await
}

async fn find_service_of(scope: &Scope, id: Id<Service>, must_be_active: bool) -> Result<Service> {
    let tenant = &scope.tenant.id;
    let unknown = || Problem::invalid("serviceId", "there is no such service");
    let mut service =
        service_sql::find().bind(scope, tenant, &id.uuid()).map(services::service).opt().await?;
    let limited = matches!(&service, Some(Ok(service)) if service.details.daily_capacity.is_some());
    if limited && scope.may_write() {
        service = service_sql::lock().bind(scope, tenant, &id.uuid()).map(services::service).opt().await?;
    }
    let service = service.ok_or_else(unknown)??;
    if must_be_active && !service.details.is_active {
        return Err(Problem::invalid("serviceId", "is archived: choose another service"));
    }
    Ok(service)
}

/// A pet that is booked.
struct Guest {
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
async fn lock_pets(scope: &Scope, new: &NewBooking) -> Result<Vec<Guest>> {
    let tenant = &scope.tenant.id;
    let customer = new.customer_id.uuid();
    let found = sql::customers_of().bind(scope, tenant, &[customer].as_slice()).opt().await?;
    match found {
        None => return Err(Problem::invalid("customerId", "there is no such customer")),
        Some(found) if !found.is_active => {
            return Err(Problem::invalid("customerId", "is archived: bring them back first"));
        }
        Some(_) => {}
    }
    let ids: Vec<Uuid> = new.pets.iter().map(|stay| stay.pet_id.uuid()).collect();
    let pets = sql::lock_pets().bind(scope, tenant, &ids).map(booked).all().await?;
    let pets: Vec<Guest> = pets.into_iter().collect::<Result<_, _>>()?;
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

async fn find_add_ons<'a>(
    scope: &Scope,
    service: &Service,
    asked: impl Iterator<Item = &'a Addition>,
) -> Result<Vec<AddOn>> {
    let ids: Vec<Uuid> = asked.map(|addition| addition.add_on_id.uuid()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found =
        service_sql::find_add_ons().bind(scope, &scope.tenant.id, &ids).map(services::add_on).all().await?;
    let found: Vec<AddOn> = found.into_iter().collect::<Result<_, _>>()?;
    for add_on in &found {
        let details = &add_on.details;
        if !details.is_active {
            return Err(Problem::invalid("addOns", format!("{} is archived", details.name)));
        }
        if details.category.is_some_and(|category| category != service.details.category) {
            return Err(Problem::invalid(
                "addOns",
                format!("{} does not go with {}", details.name, service.details.name),
            ));
        }
    }
    Ok(found)
}

fn chosen<'a>(found: &'a [AddOn], asked: &[Addition]) -> Result<Vec<(&'a AddOn, i32)>> {
    let pick = |addition: &Addition| {
        let add_on = found.iter().find(|add_on| add_on.id == addition.add_on_id);
        let unknown = || Problem::invalid("addOns", format!("there is no add-on {}", addition.add_on_id));
        Ok((add_on.ok_or_else(unknown)?, addition.quantity))
    };
    asked.iter().map(pick).collect()
}

/// The add-ons of a reservation as they were asked for, read back from its lines.
async fn additions(scope: &Scope, lines: &[Line]) -> Result<Vec<Addition>> {
    let ids: Vec<Uuid> = lines.iter().filter_map(|line| line.add_on_id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let units = lines.iter().find(|line| line.kind == LineKind::Service).map_or(1, |line| line.quantity);
    let found =
        service_sql::find_add_ons().bind(scope, &scope.tenant.id, &ids).map(services::add_on).all().await?;
    let found: Vec<AddOn> = found.into_iter().collect::<Result<_, _>>()?;
    let asked = lines.iter().filter_map(|line| {
        let add_on = found.iter().find(|add_on| Some(add_on.id.uuid()) == line.add_on_id)?;
        let quantity =
            if add_on.details.unit == AddOnUnit::Day { line.quantity / units } else { line.quantity };
        Some(Addition { add_on_id: add_on.id, quantity })
    });
    Ok(asked.collect())
}

async fn keep_lines(scope: &Scope, reservation: Id<Reservation>, lines: &[Line]) -> Result<()> {
    let writes = (1..).zip(lines).map(async |(position, line)| {
        let kind: &str = line.kind.into();
        sql::insert_line()
            .bind(
                scope,
                &scope.tenant.id,
                &id::fresh(scope.now()),
                &reservation.uuid(),
                &position,
                &kind,
                &line.add_on_id,
                &line.description,
                &line.quantity,
                &line.unit_price_cents,
                &line.amount_cents,
                &line.taxable,
            )
            .await
    });
    try_join_all(writes).await?;
    Ok(())
}

/// Refuses what the resort's vaccine requirements block, unless a manager gives a reason; says what they warn of.
async fn gate(
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
    let tenant = &scope.tenant.id;
    let service = find_service_of(scope, stay.service_id, false).await?;
    let pets = sql::pets_of().bind(scope, tenant, &[stay.pet_id.uuid()].as_slice()).map(booked).all().await?;
    let pets: Vec<Guest> = pets.into_iter().collect::<Result<_, _>>()?;
    let days = stay.check_in_date..stay.held_until;
    let warnings = gate(scope, &pets, service.details.category, &days, override_reason).await?;
    if let Some(reason) = override_reason {
        note(scope, stay.id, "override", stay.status, stay.status, Some(reason)).await?;
    }
    Ok(warnings)
}

/// The checks and locks of a booking, for a stay that comes back.
pub(super) async fn may_return(scope: &Scope, stay: &Reservation) -> Result<()> {
    let service = find_service_of(scope, stay.service_id, false).await?;
    let ids = [stay.pet_id.uuid()];
    let pets = sql::lock_pets().bind(scope, &scope.tenant.id, &ids.as_slice()).map(booked).all().await?;
    let pets: Vec<Guest> = pets.into_iter().collect::<Result<_, _>>()?;
    let days = stay.check_in_date..stay.held_until;
    must_not_board_twice(scope, &service, &pets, &days, Some(stay.id)).await?;
    must_have_room_that_day(scope, &service, &days, 1, Some(stay.id)).await
}

/// A pet sleeps in one place at a time.
async fn must_not_board_twice(
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
    let stays = sql::boarded_pets().bind(scope, &scope.tenant.id, &ids, &days.end, &days.start).all().await?;
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
async fn must_have_room_that_day(
    scope: &Scope,
    service: &Service,
    days: &Range<Date>,
    guests: usize,
    except: Option<Id<Reservation>>,
) -> Result<()> {
    let Some(capacity) = service.details.daily_capacity else { return Ok(()) };
    let stays = sql::service_days()
        .bind(scope, &scope.tenant.id, &service.id.uuid(), &days.end, &days.start)
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

fn taken() -> Problem {
    Problem::conflict("the kennel was taken at the same moment: choose another, or other dates")
}
