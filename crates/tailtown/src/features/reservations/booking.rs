//! Making a booking and changing one: what is checked and what it costs. What is locked, and in which order: `locks`.

use base::id::{self, Id};
use base::money;
use base::postgres::OnConstraint;
use base::problem::{Problem, Result};
use futures_util::future::try_join_all;
use gateway::doors::Scope;
use gateway::extract::{IfMatch, Patch};
use queries::client::Params;
use queries::queries::reservations as sql;
use queries::queries::services as service_sql;
use uuid::Uuid;

use super::checks::{
    find_service, gate, lock_pets, must_have_room_that_day, must_not_board_twice, newly_held,
};
use super::locks;
use super::placement;
use super::pricing::{self, Asked, Item, Line, LineKind};
use super::record::{
    Addition, Booking, MOST_OF_ONE, NewBooking, Quote, QuoteRequest, Reservation, ReservationChange,
    invoiced, line, note, reservation,
};
use super::status::Status;
use crate::features::kennels::Kennel;
use crate::features::services::{self, AddOn, AddOnUnit, Service};
use crate::features::vaccinations::Category;

pub(super) async fn book(scope: &Scope, new: &NewBooking) -> Result<Booking> {
    let tenant_id = scope.tenant.id;
    let named: Vec<Id<Kennel>> = new.pets.iter().filter_map(|stay| stay.kennel_id).collect();
    let some_unnamed = named.len() < new.pets.len();
    let (service, pets, mut places) =
        locks::for_booking(scope, new.service_id, lock_pets(scope, new), &named, some_unnamed).await?;
    let (days, units) = pricing::days(service.details.unit, new.check_in_date, new.check_out_date)?;
    let add_ons = find_add_ons(scope, &service, new.pets.iter().flat_map(|stay| &stay.add_ons)).await?;

    let warnings =
        gate(scope, &pets, service.details.category, &days, new.override_reason.as_deref()).await?;
    must_not_board_twice(scope, &service, &pets, &days, None).await?;
    must_have_room_that_day(scope, &service, &days, pets.len(), None).await?;

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
            .params(
                scope,
                &sql::InsertParams {
                    tenant_id,
                    id: id.uuid(),
                    booking_id,
                    customer_id: new.customer_id.uuid(),
                    pet_id: stay.pet_id.uuid(),
                    service_id: service.id.uuid(),
                    kennel_id: kennel,
                    kennel_slot: slot,
                    check_in_date: new.check_in_date,
                    check_out_date: new.check_out_date,
                    held_until: days.end,
                    arrival_time: new.arrival_time,
                    departure_time: new.departure_time,
                    status: &status_word,
                    notes: new.notes.as_ref(),
                    total_cents: pricing::total_cents(&lines)?,
                    now: scope.now(),
                },
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
    let tenant_id = scope.tenant.id;
    let before = locks::find(scope, id).await?;
    seen.check(before.version)?;
    let lines = sql::lines_of()
        .params(scope, &sql::LinesOfParams { tenant_id, reservation_ids: [id.uuid()].as_slice() })
        .map(line)
        .all()
        .await?;
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
        sql::delete_lines()
            .params(scope, &sql::DeleteLinesParams { tenant_id, reservation_id: id.uuid() })
            .await?;
        keep_lines(scope, id, &lines).await?;
    }
    let changed = sql::update()
        .params(
            scope,
            &sql::UpdateParams {
                service_id: new.service_id.uuid(),
                kennel_id: kennel,
                kennel_slot: slot,
                check_in_date: new.check_in_date,
                check_out_date: new.check_out_date,
                held_until: days.end,
                arrival_time: new.arrival_time,
                departure_time: new.departure_time,
                notes: new.notes.as_ref(),
                total_cents,
                now: scope.now(),
                tenant_id,
                id: id.uuid(),
            },
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
        return Err(invoiced());
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

async fn find_add_ons<'a>(
    scope: &Scope,
    service: &Service,
    asked: impl Iterator<Item = &'a Addition>,
) -> Result<Vec<AddOn>> {
    let ids: Vec<Uuid> = asked.map(|addition| addition.add_on_id.uuid()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = service_sql::find_add_ons()
        .params(scope, &service_sql::FindAddOnsParams { tenant_id: scope.tenant.id, ids: &ids })
        .map(services::add_on)
        .all()
        .await?;
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
    let found = service_sql::find_add_ons()
        .params(scope, &service_sql::FindAddOnsParams { tenant_id: scope.tenant.id, ids: &ids })
        .map(services::add_on)
        .all()
        .await?;
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

async fn keep_lines(scope: &Scope, reservation: Id<Reservation>, lines: &[Line]) -> Result<()> {
    let writes = (1..).zip(lines).map(async |(position, line)| {
        let kind: &str = line.kind.into();
        let unit: Option<&str> = line.asked.map(|asked| asked.unit.into());
        let category: Option<&str> = line.asked.and_then(|asked| asked.category).map(Into::into);
        sql::insert_line()
            .params(
                scope,
                &sql::InsertLineParams {
                    tenant_id: scope.tenant.id,
                    id: id::fresh(scope.now()),
                    reservation_id: reservation.uuid(),
                    position,
                    kind: &kind,
                    add_on_id: line.add_on_id,
                    description: &line.description,
                    quantity: line.quantity,
                    unit_price_cents: line.unit_price_cents,
                    amount_cents: line.amount_cents,
                    taxable: line.taxable,
                    unit: unit.as_ref(),
                    category: category.as_ref(),
                    asked: line.asked.map(|asked| asked.quantity),
                },
            )
            .await
    });
    try_join_all(writes).await?;
    Ok(())
}

fn taken() -> Problem {
    Problem::conflict("the kennel was taken at the same moment: choose another, or other dates")
}
