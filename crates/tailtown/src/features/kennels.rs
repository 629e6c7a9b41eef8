//! Where guests sleep, and when a place is out of service.

use base::clock::plausible;
use base::id::Id;
use base::postgres::OnConstraint;
use base::problem::{Problem, Result};
use base::text::{Names, Text};
use garde::Validate;
use gateway::doors::{Manager, Read, Scope, Write};
use gateway::extract::{Created, Done, IfMatch, Json, Patch, Path, Query, Versioned};
use gateway::openapi::Routes;
use gateway::page::{List, Listed};
use jiff::Timestamp;
use jiff::civil::Date;
use queries::client::Params;
use queries::queries::kennels as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, ParseError};
use uuid::Uuid;

pub fn routes() -> Routes {
    Routes::new("kennels", "Where guests sleep. A kennel's capacity is how many guests it holds at a time.")
        .get(
            "/api/kennels",
            list,
            "List kennels by name\n`?include=outOfService` nests the periods that are not over.",
        )
        .post("/api/kennels", add, "Add a kennel")
        .get(
            "/api/kennels/{id}",
            show,
            "Look at one kennel\n`?include=outOfService` nests the periods that are not over.",
        )
        .patch("/api/kennels/{id}", change, CHANGE)
        .delete("/api/kennels/{id}", remove, "Archive a kennel\nRefused while guests are booked into it.")
        .get("/api/kennels/{id}/out-of-service", list_closures, "List when a kennel is out of service")
        .post("/api/kennels/{id}/out-of-service", add_closure, ADD_CLOSURE)
        .patch(
            "/api/kennels/{id}/out-of-service/{closureId}",
            change_closure,
            "Change when a kennel is out of service",
        )
        .delete(
            "/api/kennels/{id}/out-of-service/{closureId}",
            remove_closure,
            "Put a kennel back into service",
        )
}

const CHANGE: &str = "Change a kennel\nIts capacity cannot fall below what guests hold, and it cannot be deactivated while any \
are booked into it.";

const ADD_CLOSURE: &str = "Take a kennel out of service\nFrom `startsOn` up to, not including, `endsOn`. Refused while guests \
are booked into it in that time.";

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[schemars(rename = "KennelKind")]
pub enum Kind {
    Run,
    Suite,
    Room,
    Cage,
    Condo,
    Other,
}

/// What a kennel is known by.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewKennel {
    #[garde(dive)]
    pub name: Text<100>,
    #[garde(skip)]
    pub kind: Kind,
    #[garde(dive)]
    pub area: Option<Text<100>>,
    /// How many guests at a time.
    #[serde(default = "one")]
    #[garde(range(min = 1, max = 50))]
    pub capacity: i32,
    #[serde(default = "yes")]
    #[garde(skip)]
    pub is_active: bool,
}

fn one() -> i32 {
    1
}

fn yes() -> bool {
    true
}

/// A kennel.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Kennel {
    pub id: Id<Kennel>,
    #[serde(flatten)]
    pub details: NewKennel,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// With `?include=outOfService`: the periods that are not over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_service: Option<Vec<Closure>>,
    #[serde(skip)]
    version: i32,
    #[serde(skip)]
    name_key: String,
}

/// A period out of service, half-open: usable again on `endsOn`.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewClosure {
    #[garde(custom(plausible))]
    pub starts_on: Date,
    #[garde(custom(plausible))]
    pub ends_on: Date,
    #[garde(dive)]
    pub reason: Option<Text<500>>,
}

/// A period out of service.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Closure {
    pub id: Id<Closure>,
    #[serde(flatten)]
    pub details: NewClosure,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    kennel_id: Uuid,
    #[serde(skip)]
    version: i32,
}

/// Which kennels.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KennelFilter {
    kind: Option<Kind>,
    area: Option<String>,
    is_active: Option<bool>,
    #[serde(default)]
    include: Names<Nested>,
}

/// What else to show of one kennel.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct KennelView {
    #[serde(default)]
    include: Names<Nested>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Nested {
    OutOfService,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ClosureFilter {}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClosurePath {
    id: Id<Kennel>,
    closure_id: Id<Closure>,
}

async fn list(read: Read, list: List<KennelFilter>) -> Result<Listed<Kennel>> {
    let (after_key, after_id) = list.after::<(String, Uuid)>()?.unwrap_or_default();
    let KennelFilter { kind, area, is_active, include } = &list.filter;
    let kind: Option<&str> = kind.map(Into::into);
    let rows = sql::list()
        .params(
            &read,
            &sql::ListParams {
                tenant_id: read.tenant.id,
                after_key: &after_key,
                after_id,
                kind: kind.as_ref(),
                area: area.as_ref(),
                is_active: *is_active,
                fetch: list.fetch(),
            },
        )
        .map(kennel)
        .all()
        .await?;
    let rows = nest(&read, rows.into_iter().collect::<Result<_, _>>()?, include).await?;
    list.page(rows, |kennel| (kennel.name_key.clone(), kennel.id))
}

async fn show(
    read: Read,
    Path(id): Path<Id<Kennel>>,
    Query(view): Query<KennelView>,
) -> Result<Versioned<Kennel>> {
    let found = sql::find()
        .params(&read, &sql::FindParams { tenant_id: read.tenant.id, id: id.uuid() })
        .map(kennel)
        .opt()
        .await?;
    let kennel = found.ok_or_else(missing)??;
    nest(&read, vec![kennel], &view.include).await?.pop().map(versioned).ok_or_else(missing)
}

async fn add(write: Write<Manager>, Json(new): Json<NewKennel>) -> Result<Created<Kennel>> {
    let (id, tenant) = (Id::<Kennel>::new(write.now()), &write.tenant.id);
    let kind: &str = new.kind.into();
    let added = sql::insert()
        .params(
            &write,
            &sql::InsertParams {
                tenant_id: *tenant,
                id: id.uuid(),
                name: &new.name,
                kind: &kind,
                area: new.area.as_ref(),
                capacity: new.capacity,
                is_active: new.is_active,
                now: write.now(),
            },
        )
        .map(kennel)
        .one()
        .await
        .on_constraint("kennels_name_key", name_taken)??;
    sql::insert_slots()
        .params(
            &write,
            &sql::InsertSlotsParams {
                tenant_id: *tenant,
                kennel_id: id.uuid(),
                first_slot: 1,
                last_slot: new.capacity,
            },
        )
        .await?;
    Ok(Created { location: format!("/api/kennels/{id}"), version: Some(added.version), value: added })
}

async fn change(
    write: Write<Manager>,
    Path(id): Path<Id<Kennel>>,
    seen: IfMatch,
    patch: Patch<NewKennel>,
) -> Result<Versioned<Kennel>> {
    let current = lock(&write, id).await?;
    seen.check(current.version)?;
    let new = patch.apply(&current.details)?;
    update(&write, &current, &new).await.map(versioned)
}

async fn remove(write: Write<Manager>, Path(id): Path<Id<Kennel>>) -> Result<Done> {
    let current = lock(&write, id).await?;
    let new = NewKennel { is_active: false, ..current.details.clone() };
    update(&write, &current, &new).await?;
    Ok(Done)
}

/// The kennel, locked: whoever books into it takes the same lock, so what is found under it stays true.
async fn lock(scope: &Scope, id: Id<Kennel>) -> Result<Kennel> {
    let found = sql::lock()
        .params(scope, &sql::LockParams { tenant_id: scope.tenant.id, id: id.uuid() })
        .map(kennel)
        .opt()
        .await?;
    Ok(found.ok_or_else(missing)??)
}

async fn update(scope: &Scope, current: &Kennel, new: &NewKennel) -> Result<Kennel> {
    let (tenant, id) = (&scope.tenant.id, &current.id.uuid());
    let (closing, shrinking) = (!new.is_active, new.capacity < current.details.capacity);
    if closing || shrinking {
        let held = sql::held_from()
            .params(
                scope,
                &sql::HeldFromParams {
                    tenant_id: *tenant,
                    kennel_id: *id,
                    before: Date::constant(2300, 1, 1),
                    after: Date::constant(1, 1, 1),
                },
            )
            .all()
            .await?;
        if let Some(stay) = held.first().filter(|_| closing) {
            return Err(Problem::conflict(format!(
                "{} guests are booked into it, the first from {} to {}: move them first",
                held.len(),
                stay.check_in_date,
                stay.held_until
            )));
        }
        if let Some(stay) = held.iter().find(|stay| stay.kennel_slot > new.capacity) {
            return Err(Problem::conflict(format!(
                "its place {} is held from {} to {}: move that guest first",
                stay.kennel_slot, stay.check_in_date, stay.held_until
            )));
        }
    }
    if shrinking {
        sql::delete_slots()
            .params(
                scope,
                &sql::DeleteSlotsParams { tenant_id: *tenant, kennel_id: *id, last_slot: new.capacity },
            )
            .await?;
    } else if new.capacity > current.details.capacity {
        sql::insert_slots()
            .params(
                scope,
                &sql::InsertSlotsParams {
                    tenant_id: *tenant,
                    kennel_id: *id,
                    first_slot: (current.details.capacity + 1),
                    last_slot: new.capacity,
                },
            )
            .await?;
    }
    let kind: &str = new.kind.into();
    let changed = sql::update()
        .params(
            scope,
            &sql::UpdateParams {
                name: &new.name,
                kind: &kind,
                area: new.area.as_ref(),
                capacity: new.capacity,
                is_active: new.is_active,
                now: scope.now(),
                tenant_id: *tenant,
                id: *id,
            },
        )
        .map(kennel)
        .one()
        .await
        .on_constraint("kennels_name_key", name_taken)??;
    Ok(changed)
}

async fn list_closures(
    read: Read,
    Path(id): Path<Id<Kennel>>,
    list: List<ClosureFilter>,
) -> Result<Listed<Closure>> {
    let (after_date, after_id) =
        list.after::<(Date, Uuid)>()?.unwrap_or((Date::constant(1, 1, 1), Uuid::nil()));
    let tenant_id = read.tenant.id;
    sql::find()
        .params(&read, &sql::FindParams { tenant_id, id: id.uuid() })
        .opt()
        .await?
        .ok_or_else(missing)?;
    let rows = sql::list_closures()
        .params(
            &read,
            &sql::ListClosuresParams {
                tenant_id,
                kennel_id: id.uuid(),
                after_date,
                after_id,
                fetch: list.fetch(),
            },
        )
        .map(closure)
        .all()
        .await?;
    list.page(rows, |closure| (closure.details.starts_on, closure.id))
}

async fn add_closure(
    write: Write<Manager>,
    Path(id): Path<Id<Kennel>>,
    Json(new): Json<NewClosure>,
) -> Result<Created<Closure>> {
    lock(&write, id).await?;
    must_be_free(&write, id, &new).await?;
    let closure_id = Id::<Closure>::new(write.now());
    let added = sql::insert_closure()
        .params(
            &write,
            &sql::InsertClosureParams {
                tenant_id: write.tenant.id,
                id: closure_id.uuid(),
                kennel_id: id.uuid(),
                starts_on: new.starts_on,
                ends_on: new.ends_on,
                reason: new.reason.as_ref(),
                now: write.now(),
            },
        )
        .map(closure)
        .one()
        .await
        .on_constraint("kennel_closures_overlap_excl", closed_already)?;
    let location = format!("/api/kennels/{id}/out-of-service/{closure_id}");
    Ok(Created { location, version: Some(added.version), value: added })
}

async fn change_closure(
    write: Write<Manager>,
    Path(path): Path<ClosurePath>,
    seen: IfMatch,
    patch: Patch<NewClosure>,
) -> Result<Versioned<Closure>> {
    let (tenant, kennel_id, id) = (&write.tenant.id, &path.id.uuid(), &path.closure_id.uuid());
    lock(&write, path.id).await?;
    let current = sql::find_closure()
        .params(&write, &sql::FindClosureParams { tenant_id: *tenant, kennel_id: *kennel_id, id: *id })
        .map(closure)
        .opt()
        .await?;
    let current = current.ok_or_else(missing_closure)?;
    seen.check(current.version)?;
    let new = patch.apply(&current.details)?;
    must_be_free(&write, path.id, &new).await?;
    let changed = sql::update_closure()
        .params(
            &write,
            &sql::UpdateClosureParams {
                starts_on: new.starts_on,
                ends_on: new.ends_on,
                reason: new.reason.as_ref(),
                now: write.now(),
                tenant_id: *tenant,
                kennel_id: *kennel_id,
                id: *id,
            },
        )
        .map(closure)
        .one()
        .await
        .on_constraint("kennel_closures_overlap_excl", closed_already)?;
    Ok(Versioned { version: changed.version, value: changed })
}

async fn remove_closure(write: Write<Manager>, Path(path): Path<ClosurePath>) -> Result<Done> {
    let deleted = sql::delete_closure()
        .params(
            &write,
            &sql::DeleteClosureParams {
                tenant_id: write.tenant.id,
                kennel_id: path.id.uuid(),
                id: path.closure_id.uuid(),
            },
        )
        .await?;
    if deleted == 0 { Err(missing_closure()) } else { Ok(Done) }
}

async fn must_be_free(scope: &Scope, id: Id<Kennel>, new: &NewClosure) -> Result<()> {
    if new.ends_on <= new.starts_on {
        return Err(Problem::invalid("endsOn", "must come after startsOn: it is the first day of use again"));
    }
    let held = sql::held_from()
        .params(
            scope,
            &sql::HeldFromParams {
                tenant_id: scope.tenant.id,
                kennel_id: id.uuid(),
                before: new.ends_on,
                after: new.starts_on,
            },
        )
        .all()
        .await?;
    match held.first() {
        None => Ok(()),
        Some(stay) => Err(Problem::conflict(format!(
            "{} guests are booked into it in that time, the first from {} to {}: move them first",
            held.len(),
            stay.check_in_date,
            stay.held_until
        ))),
    }
}

fn missing() -> Problem {
    Problem::not_found("kennel")
}

fn missing_closure() -> Problem {
    Problem::not_found("period out of service")
}

fn name_taken() -> Problem {
    Problem::conflict("another kennel has this name: choose another")
}

fn closed_already() -> Problem {
    Problem::conflict("it is out of service in part of that time already: change that period")
}

fn versioned(kennel: Kennel) -> Versioned<Kennel> {
    Versioned { version: kennel.version, value: kennel }
}

async fn nest(read: &Read, mut kennels: Vec<Kennel>, include: &Names<Nested>) -> Result<Vec<Kennel>> {
    if !include.has(&Nested::OutOfService) {
        return Ok(kennels);
    }
    let ids: Vec<Uuid> = kennels.iter().map(|kennel| kennel.id.uuid()).collect();
    let closures = sql::closures_of()
        .params(
            read,
            &sql::ClosuresOfParams { tenant_id: read.tenant.id, kennel_ids: &ids, after: read.today() },
        )
        .map(closure)
        .all()
        .await?;
    for kennel in &mut kennels {
        let of_kennel = closures.iter().filter(|closure| closure.kennel_id == kennel.id.uuid());
        kennel.out_of_service = Some(of_kennel.cloned().collect());
    }
    Ok(kennels)
}

fn kennel(row: sql::KennelBorrowed<'_>) -> Result<Kennel, ParseError> {
    Ok(Kennel {
        id: row.id.into(),
        details: NewKennel {
            name: row.name.into(),
            kind: row.kind.parse()?,
            area: row.area.map(Text::from),
            capacity: row.capacity,
            is_active: row.is_active,
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
        out_of_service: None,
        version: row.version,
        name_key: row.name_key.into(),
    })
}

fn closure(row: sql::ClosureBorrowed<'_>) -> Closure {
    Closure {
        id: row.id.into(),
        details: NewClosure {
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            reason: row.reason.map(Text::from),
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
        kennel_id: row.kennel_id,
        version: row.version,
    }
}
