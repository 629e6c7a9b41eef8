//! A stay taken step by step, from the request to the goodbye, and back.

use base::id::Id;
use base::problem::{Problem, Result};
use base::text::Text;
use garde::Validate;
use gateway::doors::{Scope, Write};
use gateway::extract::{Json, Path, Versioned};
use queries::client::Params;
use queries::queries::reservations as sql;
use schemars::JsonSchema;
use serde::Deserialize;

use super::record::{Reservation, Step, invoiced, note, reservation, step, whole};
use super::status::{Status, Verb};
use super::{checks, locks};

pub(super) const CHECK_IN: &str = "Check a guest in\nFrom the day of arrival on. Vaccinations are checked once more; a manager may override \
with `overrideReason`.";

pub(super) const CHECK_OUT: &str = "Check a guest out\nThe place is free at once. Leaving early or late changes no price by itself: change \
the dates first.";

pub(super) const UNDO: &str = "Take the last step back\nWhere the step gave a place free, it is taken again; 409 when it was given away \
meanwhile.";

/// Why a step is taken.
#[derive(Debug, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StepReason {
    #[garde(dive)]
    reason: Option<Text<500>>,
    /// For managers, at check-in: although a demanded vaccination does not cover the stay.
    #[garde(dive)]
    override_reason: Option<Text<500>>,
}

pub(super) async fn confirm(
    write: Write,
    Path(id): Path<Id<Reservation>>,
    reason: Option<Json<StepReason>>,
) -> Result<Versioned<Reservation>> {
    take(&write, id, Verb::Confirm, reason).await
}

pub(super) async fn check_in(
    write: Write,
    Path(id): Path<Id<Reservation>>,
    reason: Option<Json<StepReason>>,
) -> Result<Versioned<Reservation>> {
    take(&write, id, Verb::CheckIn, reason).await
}

pub(super) async fn check_out(
    write: Write,
    Path(id): Path<Id<Reservation>>,
    reason: Option<Json<StepReason>>,
) -> Result<Versioned<Reservation>> {
    take(&write, id, Verb::CheckOut, reason).await
}

pub(super) async fn complete(
    write: Write,
    Path(id): Path<Id<Reservation>>,
    reason: Option<Json<StepReason>>,
) -> Result<Versioned<Reservation>> {
    take(&write, id, Verb::Complete, reason).await
}

pub(super) async fn cancel(
    write: Write,
    Path(id): Path<Id<Reservation>>,
    reason: Option<Json<StepReason>>,
) -> Result<Versioned<Reservation>> {
    take(&write, id, Verb::Cancel, reason).await
}

pub(super) async fn no_show(
    write: Write,
    Path(id): Path<Id<Reservation>>,
    reason: Option<Json<StepReason>>,
) -> Result<Versioned<Reservation>> {
    take(&write, id, Verb::NoShow, reason).await
}

async fn take(
    scope: &Scope,
    id: Id<Reservation>,
    verb: Verb,
    reason: Option<Json<StepReason>>,
) -> Result<Versioned<Reservation>> {
    let StepReason { reason, override_reason } = reason.map(|Json(reason)| reason).unwrap_or_default();
    let current = locks::for_step(scope, id).await?;
    let word: &str = verb.into();
    let to = current.status.after(verb).ok_or_else(|| {
        let status: &str = current.status.into();
        Problem::conflict(format!("the reservation is {status}: it can {}", current.status.possible()))
    })?;
    let today = scope.today();
    if matches!(verb, Verb::CheckIn | Verb::NoShow) && today < current.check_in_date {
        return Err(Problem::conflict(format!(
            "it begins on {}, and today is {today}: change its dates first",
            current.check_in_date
        )));
    }
    if !to.holds() && current.status.holds() && current.invoice_id.is_some() && verb != Verb::CheckOut {
        return Err(invoiced());
    }
    let mut warnings = Vec::new();
    if verb == Verb::CheckIn {
        warnings = checks::check_vaccinations(scope, &current, override_reason.as_deref()).await?;
    }
    let slot = current.kennel_slot.filter(|_| to.holds());
    note(scope, id, word, current.status, to, reason.as_deref()).await?;
    let mut changed = set_status(scope, id, to, slot).await?;
    changed.warnings = warnings;
    whole(scope, changed).await
}

pub(super) async fn undo(write: Write, Path(id): Path<Id<Reservation>>) -> Result<Versioned<Reservation>> {
    let tenant_id = write.tenant.id;
    let seen = locks::find(&write, id).await?;
    let (service, pets, mut place, current) =
        locks::for_change(&write, &seen, seen.service_id, seen.kennel_id).await?;
    if !current.status.holds() {
        checks::may_return(&write, &current, &service, &pets).await?;
    }
    let steps = sql::steps_of()
        .params(&write, &sql::StepsOfParams { tenant_id, reservation_id: id.uuid() })
        .map(step)
        .all()
        .await?;
    let steps: Vec<Step> = steps.into_iter().collect::<Result<_, _>>()?;
    let last = steps.iter().rev().find(|step| step.undone_at.is_none() && step.verb.parse::<Verb>().is_ok());
    let last = last.ok_or_else(|| Problem::conflict("no step has been taken that could be undone"))?;
    let back = last.from_status;
    if current.invoice_id.is_some() && back.holds() && !current.status.holds() {
        return Err(invoiced());
    }
    let slot = match current.kennel_id {
        Some(kennel) if back.holds() && current.kennel_slot.is_none() => {
            let days = current.check_in_date..current.held_until;
            place.load(&write, &days, None).await?;
            let (_, slot) = place.put(&write, id.uuid(), Some(kennel), &days).await?;
            place.move_others(&write).await?;
            Some(slot)
        }
        _ => current.kennel_slot.filter(|_| back.holds()),
    };
    sql::undo_step()
        .params(
            &write,
            &sql::UndoStepParams {
                staff_id: write.caller()?.staff_id,
                now: write.now(),
                tenant_id,
                id: last.id,
            },
        )
        .await?;
    let changed = set_status(&write, id, back, slot).await?;
    whole(&write, changed).await
}

async fn set_status(
    scope: &Scope,
    id: Id<Reservation>,
    status: Status,
    slot: Option<i32>,
) -> Result<Reservation> {
    let status: &str = status.into();
    let changed = sql::set_status()
        .params(
            scope,
            &sql::SetStatusParams {
                status: &status,
                kennel_slot: slot,
                now: scope.now(),
                tenant_id: scope.tenant.id,
                id: id.uuid(),
            },
        )
        .map(reservation)
        .one()
        .await?;
    Ok(changed?)
}
