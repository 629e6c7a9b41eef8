//! Making a booking and changing one: what is checked and what it costs. What is locked, and in which order: `locks`.

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

use super::locks;
use super::placement::{self, Hold};
use super::pricing::{self, Asked, Item, Line, LineKind};
use super::steps::note;
use super::{
    Addition, Booking, MOST_OF_ONE, NewBooking, Quote, QuoteRequest, Reservation, ReservationChange, Status,
    reservation,
};
use crate::features::kennels::Kennel;
use crate::features::services::{self, AddOn, AddOnUnit, Service};
use crate::features::vaccinations::{self, Category, Enforcement};

pub(super) async fn book(scope: &Scope, new: &NewBooking) -> Result<Booking> {
    let tenant = &scope.tenant.id;
    let named: Vec<Id<Kennel>> = new.pets.iter().filter_map(|stay| stay.kennel_id).collect();
    let some_unnamed = named.len() < new.pets.len();
    let (service, pets, mut places) =
        locks::for_booking(scope, new.service_id, lock_pets(scope, new), &named, some_unnamed).await?;
    let (days, units) = pricing::days(service.details.unit, new.check_in_date, new.check_out_date)?;
    let add_ons = find_add_ons(scope, &service, new.pets.iter().flat_map(|stay| &stay.add_ons)).await?;

    let pet_ids: Vec<Uuid> = pets.iter().map(|pet| pet.id).collect();
    let warnings =
        gate(scope, &pets, service.details.category, &days, new.override_reason.as_deref()).await?;
    must_not_board_twice(scope, &service, &pets, &days, None).await?;
    must_have_room_that_day(scope, &service, &days, pet_ids.len(), None).await?;

    let needs_kennel = service.details.requires_kennel == Some(true);
    places.load(scope, &days, None).await?;
    let seats: Vec<_> = new.pets.iter().map(|stay| (Id::<Reservation>::new(scope.now()), stay)).collect();
    let mut placed: Vec<_> = seats.iter().collect();
    placed.sort_by_key(|(_, stay)| placement::named_first(stay.kennel_id.is_some()));
    for (id, stay) in placed {
        if needs_kennel || stay.kennel_id.is_some() {
            places.put(scope, id.uuid(), stay.kennel_id, &days).await?;
        }
    }
    places.move_others(scope).await?;

    let booking_id = id::fresh(scope.now());
    let status = if new.pending { Status::Pending } else { Status::Confirmed };
    let status_word: &str = status.into();
    let mut reservations = Vec::new();
    for (id, stay) in seats {
        let lines = pricing::lines(&Item::of_service(&service), units, &chosen(&add_ons, &stay.add_ons)?)?;
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
    let before = locks::find(scope, id).await?;
    seen.check(before.version)?;
    let lines = sql::lines_of().bind(scope, tenant, &[id.uuid()].as_slice()).map(super::line).all().await?;
    let lines: Vec<Line> =
        lines.into_iter().map(|line| line.map(|(_, line)| line)).collect::<Result<_, _>>()?;
    let booked = booked_items(scope, &lines).await?;
    let current = ReservationChange {
        service_id: before.service_id,
        kennel_id: before.kennel_id,
        check_in_date: before.check_in_date,
        check_out_date: before.check_out_date,
        arrival_time: before.arrival_time,
        departure_time: before.departure_time,
        notes: before.notes.clone(),
        add_ons: booked.iter().filter_map(addition).collect(),
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

    let (service, pets, mut places, locked) =
        locks::for_change(scope, &before, new.service_id, new.kennel_id).await?;
    if locked.version != before.version {
        return Err(locks::changed());
    }
    let (days, units) = pricing::days(service.details.unit, new.check_in_date, new.check_out_date)?;
    let mut warnings = Vec::new();
    if new_service || new_dates {
        warnings =
            gate(scope, &pets, service.details.category, &days, new.override_reason.as_deref()).await?;
        must_not_board_twice(scope, &service, &pets, &days, Some(id)).await?;
        // A lower limit is for days that the stay does not have already.
        let held = (!new_service).then_some(before.check_in_date..before.held_until);
        for days in newly_held(&days, held.as_ref()) {
            must_have_room_that_day(scope, &service, &days, 1, Some(id)).await?;
        }
    }
    let needs_kennel = service.details.requires_kennel == Some(true);

    let (mut kennel, mut slot) = (new.kennel_id.map(Id::uuid), locked.kennel_slot);
    if new_place {
        slot = None;
        if needs_kennel || new.kennel_id.is_some() {
            places.load(scope, &days, Some(id.uuid())).await?;
            let (found, place) = places.put(scope, id.uuid(), new.kennel_id, &days).await?;
            (kennel, slot) = (Some(found), Some(place));
            places.move_others(scope).await?;
        }
    }
    let mut total_cents = locked.total_cents;
    if new_price {
        let kept = booked.iter().find(|item| item.asked.is_none()).filter(|_| !new_service);
        let sold = kept.cloned().unwrap_or_else(|| Item::of_service(&service));
        let add_ons = kept_or_new(scope, &service, &booked, &new.add_ons).await?;
        let lines = pricing::lines(&sold, units, &add_ons)?;
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
    let service = find_service(scope, asked.service_id, true).await?;
    let (_, units) = pricing::days(service.details.unit, asked.check_in_date, asked.check_out_date)?;
    let add_ons = find_add_ons(scope, &service, asked.pets.iter().flat_map(|pet| &pet.add_ons)).await?;
    let mut pets = Vec::new();
    for pet in &asked.pets {
        let add_ons = chosen(&add_ons, &pet.add_ons)?;
        pets.push(pricing::lines(&Item::of_service(&service), units, &add_ons)?);
    }
    let all = pets.concat();
    let subtotal_cents = pricing::total_cents(&all)?;
    let tax_cents = money::tax_cents(pricing::taxable_cents(&all)?, scope.tenant.tax_rate_bps);
    Ok(Quote { pets, subtotal_cents, tax_cents, total_cents: subtotal_cents + tax_cents })
}

/// The service to book; locked when its days are limited, so that two bookings do not both take the last place.
pub(super) async fn find_service(scope: &Scope, id: Id<Service>, must_be_active: bool) -> Result<Service> {
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
    let pets = sql::lock_pets().bind(scope, &scope.tenant.id, &ids).map(booked).all().await?;
    Ok(pets.into_iter().collect::<Result<_, _>>()?)
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
        must_go_with(service, details.category, &details.name)?;
    }
    Ok(found)
}

fn must_go_with(service: &Service, category: Option<Category>, add_on: &str) -> Result<()> {
    if category.is_none_or(|category| category == service.details.category) {
        return Ok(());
    }
    Err(Problem::invalid("addOns", format!("{add_on} does not go with {}", service.details.name)))
}

fn chosen(found: &[AddOn], asked: &[Addition]) -> Result<Vec<Item>> {
    let pick = |addition: &Addition| {
        let add_on = found.iter().find(|add_on| add_on.id == addition.add_on_id);
        let unknown = || Problem::invalid("addOns", format!("there is no add-on {}", addition.add_on_id));
        Ok(Item::of_add_on(add_on.ok_or_else(unknown)?, addition.quantity))
    };
    asked.iter().map(pick).collect()
}

/// The add-ons of a stay that changes: those that were booked as they were booked, the others from the catalogue.
async fn kept_or_new(
    scope: &Scope,
    service: &Service,
    booked: &[Item],
    asked: &[Addition],
) -> Result<Vec<Item>> {
    let mut booked: Vec<&Item> = booked.iter().collect();
    let mut items = Vec::new();
    for addition in asked {
        let id = Some(addition.add_on_id.uuid());
        let Some(place) = booked.iter().position(|item| item.add_on_id == id) else {
            let add_ons = find_add_ons(scope, service, [addition].into_iter()).await?;
            items.extend(chosen(&add_ons, std::slice::from_ref(addition))?);
            continue;
        };
        let mut item = booked.remove(place).clone();
        if let Some(asked) = &mut item.asked {
            asked.quantity = addition.quantity;
            must_go_with(service, asked.category, &item.name)?;
        }
        items.push(item);
    }
    Ok(items)
}

fn addition(item: &Item) -> Option<Addition> {
    Some(Addition { add_on_id: item.add_on_id?.into(), quantity: item.asked?.quantity })
}

/// What was booked, read back from the lines of a stay.
async fn booked_items(scope: &Scope, lines: &[Line]) -> Result<Vec<Item>> {
    let mut items: Vec<Item> = lines.iter().map(Item::of_line).collect();
    let is_unknown = |item: &Item| item.add_on_id.is_some() && item.asked.is_none();
    let ids: Vec<Uuid> =
        items.iter().filter(|item| is_unknown(item)).filter_map(|item| item.add_on_id).collect();
    if ids.is_empty() {
        return Ok(items);
    }
    // Written by a program that did not keep what was asked for: the catalogue has to say it, as in migration 0015.
    let units = lines.iter().find(|line| line.kind == LineKind::Service).map_or(1, |line| line.quantity);
    let found =
        service_sql::find_add_ons().bind(scope, &scope.tenant.id, &ids).map(services::add_on).all().await?;
    let found: Vec<AddOn> = found.into_iter().collect::<Result<_, _>>()?;
    for (item, line) in items.iter_mut().zip(lines).filter(|(item, _)| is_unknown(item)) {
        let add_on = found.iter().find(|add_on| Some(add_on.id.uuid()) == item.add_on_id);
        let by_day = add_on.is_some_and(|add_on| add_on.details.unit == AddOnUnit::Day);
        let by_day = (by_day || line.quantity > MOST_OF_ONE) && line.quantity % units == 0;
        let category = add_on.and_then(|add_on| add_on.details.category);
        item.asked = Some(if by_day {
            Asked { unit: AddOnUnit::Day, category, quantity: line.quantity / units }
        } else {
            Asked { unit: AddOnUnit::Stay, category, quantity: line.quantity }
        });
    }
    Ok(items)
}

/// The days of `days` that are not in `held`.
fn newly_held(days: &Range<Date>, held: Option<&Range<Date>>) -> Vec<Range<Date>> {
    let Some(held) = held else { return vec![days.clone()] };
    let parts = [days.start..days.end.min(held.start), days.start.max(held.end)..days.end];
    parts.into_iter().filter(|part| part.start < part.end).collect()
}

async fn keep_lines(scope: &Scope, reservation: Id<Reservation>, lines: &[Line]) -> Result<()> {
    let writes = (1..).zip(lines).map(async |(position, line)| {
        let kind: &str = line.kind.into();
        let unit: Option<&str> = line.asked.map(|asked| asked.unit.into());
        let category: Option<&str> = line.asked.and_then(|asked| asked.category).map(Into::into);
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
                &unit,
                &category,
                &line.asked.map(|asked| asked.quantity),
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
    // Read without a lock: the reservation is locked already, and the service's category never changes.
    let id = &stay.service_id.uuid();
    let service = service_sql::find().bind(scope, tenant, id).map(services::service).one().await??;
    let pets = sql::pets_of().bind(scope, tenant, &[stay.pet_id.uuid()].as_slice()).map(booked).all().await?;
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
