//! What is locked before a stay changes, in one order for every request, so that no two of them wait for each other:
//!
//! 1. the service, where its days are limited,
//! 2. the pets, by id,
//! 3. the kennels, by id: those that the stays are in, and those they may come into,
//! 4. the reservations, by id.
//!
//! Whoever books may give another guest of the same kennel another place. So a reservation in a kennel is changed only
//! under that kennel's lock, also by a step or a bill that has nothing to do with kennels.

use std::collections::BTreeMap;

use base::id::Id;
use base::problem::{Problem, Result};
use gateway::doors::Scope;
use queries::client::Params;
use queries::queries::reservations as sql;
use uuid::Uuid;

use super::checks::{Guest, find_service, lock_guests};
use super::places::Places;
use super::record::{Reservation, missing, reservation};
use crate::features::kennels::Kennel;
use crate::features::services::Service;

/// Locks what a new booking needs: `guests` locks and checks its pets. Every active kennel is locked for guests that name
/// none, where the service needs kennels.
pub(super) async fn for_booking(
    scope: &Scope,
    service: Id<Service>,
    guests: impl Future<Output = Result<Vec<Guest>>>,
    kennels: &[Id<Kennel>],
    some_unnamed: bool,
) -> Result<(Service, Vec<Guest>, Places)> {
    let service = find_service(scope, service, true).await?;
    let guests = guests.await?;
    let some_unnamed = some_unnamed && service.details.requires_kennel == Some(true);
    let places = Places::lock(scope, kennels, some_unnamed).await?;
    Ok((service, guests, places))
}

/// Locks what a stay needs that gets another service, kennel or other dates, or that comes back.
pub(super) async fn for_change(
    scope: &Scope,
    seen: &Reservation,
    service: Id<Service>,
    kennel: Option<Id<Kennel>>,
) -> Result<(Service, Vec<Guest>, Places, Reservation)> {
    let service = find_service(scope, service, service != seen.service_id).await?;
    let guests = lock_guests(scope, &[seen.pet_id.uuid()]).await?;
    let unnamed = kennel.is_none() && service.details.requires_kennel == Some(true);
    let kennels: Vec<Id<Kennel>> = seen.kennel_id.into_iter().chain(kennel).collect();
    let places = Places::lock(scope, &kennels, unnamed).await?;
    let locked = stay(scope, seen).await?;
    Ok((service, guests, places, locked))
}

/// Locks what a step needs that takes no place: the kennel the stay is in, and the stay.
pub(super) async fn for_step(scope: &Scope, id: Id<Reservation>) -> Result<Reservation> {
    let seen = find(scope, id).await?;
    Places::lock(scope, seen.kennel_id.as_slice(), false).await?;
    stay(scope, &seen).await
}

/// Locks reservations that are put on a bill or taken off one, with the kennels they are in.
///
/// # Errors
/// 409 when one of them moves to another kennel at the same moment.
pub async fn for_bill(scope: &Scope, ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let tenant_id = scope.tenant.id;
    let seen = sql::stays().params(scope, &sql::StaysParams { tenant_id, ids: &ids }).all().await?;
    let seen: BTreeMap<_, _> = seen.into_iter().map(|stay| (stay.id, stay.kennel_id)).collect();
    let kennels: Vec<Id<Kennel>> = seen.values().flatten().map(|kennel| Id::from(*kennel)).collect();
    Places::lock(scope, &kennels, false).await?;
    let locked =
        sql::lock_stays().params(scope, &sql::LockStaysParams { tenant_id, ids: &ids }).all().await?;
    if locked.iter().any(|stay| seen.get(&stay.id) != Some(&stay.kennel_id)) {
        return Err(changed());
    }
    Ok(())
}

/// The reservation as it is now, to know what to lock before it.
pub(super) async fn find(scope: &Scope, id: Id<Reservation>) -> Result<Reservation> {
    let found = sql::find()
        .params(scope, &sql::FindParams { tenant_id: scope.tenant.id, id: id.uuid() })
        .map(reservation)
        .opt()
        .await?;
    Ok(found.ok_or_else(missing)??)
}

/// The reservation, locked. What was locked before it was chosen by what was `seen` of it, and has to be the same still.
async fn stay(scope: &Scope, seen: &Reservation) -> Result<Reservation> {
    let found = sql::lock()
        .params(scope, &sql::LockParams { tenant_id: scope.tenant.id, id: seen.id.uuid() })
        .map(reservation)
        .opt()
        .await?;
    let found = found.ok_or_else(missing)??;
    if (found.kennel_id, found.service_id) != (seen.kennel_id, seen.service_id) {
        return Err(changed());
    }
    Ok(found)
}

pub(super) fn changed() -> Problem {
    Problem::conflict("it was changed at the same moment: read it again, then repeat your change")
}
