//! What a resort sells: services by the night, the day or the session, and what can be added to them.

use base::id::Id;
use base::postgres::OnConstraint;
use base::problem::{Problem, Result};
use base::text::Text;
use garde::Validate;
use gateway::doors::{Manager, Read, Write};
use gateway::extract::{Created, Done, IfMatch, Json, Patch, Path, Versioned};
use gateway::openapi::Routes;
use gateway::page::{List, Listed};
use jiff::Timestamp;
use queries::client::Params;
use queries::queries::services as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, ParseError};
use uuid::Uuid;

use super::vaccinations::Category;

pub fn routes() -> Routes {
    Routes::new("services", "What a resort sells, and what can be added to it.")
        .get("/api/services", list, "List services by name")
        .post("/api/services", add, ADD)
        .get("/api/services/{id}", show, "Look at one service")
        .patch("/api/services/{id}", change, CHANGE)
        .delete("/api/services/{id}", remove, "Archive a service\nWhat is booked stays booked.")
        .get("/api/add-ons", list_add_ons, "List add-ons by name\n`?category=` gives those that go with it.")
        .post("/api/add-ons", add_add_on, "Add an add-on\nWithout a category it goes with every service.")
        .get("/api/add-ons/{id}", show_add_on, "Look at one add-on")
        .patch("/api/add-ons/{id}", change_add_on, "Change an add-on\nA new price is for new bookings.")
        .delete("/api/add-ons/{id}", remove_add_on, "Archive an add-on\nWhat is booked stays booked.")
}

const ADD: &str = "Add a service\nBoarding is sold by the night or the day, daycare by the day or the session, grooming and \
training by the day or the session. `requiresKennel` is true for boarding unless said otherwise.";

const CHANGE: &str = "Change a service\nA new price is for new bookings; what is booked keeps the price it was quoted, also when its \
dates change.";

/// What the price is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Unit {
    Night,
    /// Each calendar day, the first and the last included.
    Day,
    Session,
}

/// What an add-on's price is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AddOnUnit {
    Stay,
    /// Each unit of the service it is added to: each night, or each day.
    Day,
}

/// What a service is.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewService {
    #[garde(dive)]
    pub name: Text<100>,
    /// Cannot be changed: archive the service and add another.
    #[schemars(extend("x-fixed" = true))]
    #[garde(skip)]
    pub category: Category,
    #[garde(range(min = 0, max = 100_000_000))]
    pub price_cents: i64,
    /// Cannot be changed: archive the service and add another.
    #[schemars(extend("x-fixed" = true))]
    #[garde(skip)]
    pub unit: Unit,
    #[garde(inner(range(min = 1, max = 1440)))]
    #[schemars(range(min = 1, max = 1440))]
    pub duration_minutes: Option<i32>,
    /// The most guests a day, over all kennels.
    #[garde(inner(range(min = 1, max = 10_000)))]
    #[schemars(range(min = 1, max = 10_000))]
    pub daily_capacity: Option<i32>,
    #[serde(default = "yes")]
    #[garde(skip)]
    pub taxable: bool,
    /// Whether a guest needs a place in a kennel.
    #[garde(skip)]
    pub requires_kennel: Option<bool>,
    #[serde(default = "yes")]
    #[garde(skip)]
    pub is_active: bool,
}

fn yes() -> bool {
    true
}

/// A service.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    pub id: Id<Service>,
    #[serde(flatten)]
    pub details: NewService,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    version: i32,
    #[serde(skip)]
    name_key: String,
}

/// What can be added to a service.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAddOn {
    #[garde(dive)]
    pub name: Text<100>,
    /// The services it goes with; null: all.
    #[garde(skip)]
    pub category: Option<Category>,
    #[garde(range(min = 0, max = 100_000_000))]
    pub price_cents: i64,
    #[garde(skip)]
    pub unit: AddOnUnit,
    #[serde(default = "yes")]
    #[garde(skip)]
    pub taxable: bool,
    #[serde(default = "yes")]
    #[garde(skip)]
    pub is_active: bool,
}

/// An add-on.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddOn {
    pub id: Id<AddOn>,
    #[serde(flatten)]
    pub details: NewAddOn,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    version: i32,
    #[serde(skip)]
    name_key: String,
}

/// Which services or add-ons.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ServiceFilter {
    category: Option<Category>,
    is_active: Option<bool>,
}

async fn list(read: Read, list: List<ServiceFilter>) -> Result<Listed<Service>> {
    let (after_key, after_id) = list.after::<(String, Uuid)>()?.unwrap_or_default();
    let category: Option<&str> = list.filter.category.map(Into::into);
    let rows = sql::list()
        .params(
            &read,
            &sql::ListParams {
                tenant_id: read.tenant.id,
                after_key: &after_key,
                after_id,
                category: category.as_ref(),
                is_active: list.filter.is_active,
                fetch: list.fetch(),
            },
        )
        .map(service)
        .all()
        .await?;
    list.page(rows.into_iter().collect::<Result<_, _>>()?, |service| (service.name_key.clone(), service.id))
}

async fn show(read: Read, Path(id): Path<Id<Service>>) -> Result<Versioned<Service>> {
    let found = sql::find()
        .params(&read, &sql::FindParams { tenant_id: read.tenant.id, id: id.uuid() })
        .map(service)
        .opt()
        .await?;
    Ok(versioned(found.ok_or_else(missing)??))
}

async fn add(write: Write<Manager>, Json(new): Json<NewService>) -> Result<Created<Service>> {
    let requires_kennel = check(&new)?;
    let id = Id::<Service>::new(write.now());
    let (category, unit): (&str, &str) = (new.category.into(), new.unit.into());
    let added = sql::insert()
        .params(
            &write,
            &sql::InsertParams {
                tenant_id: write.tenant.id,
                id: id.uuid(),
                name: &new.name,
                category: &category,
                price_cents: new.price_cents,
                unit: &unit,
                duration_minutes: new.duration_minutes,
                daily_capacity: new.daily_capacity,
                taxable: new.taxable,
                requires_kennel,
                is_active: new.is_active,
                now: write.now(),
            },
        )
        .map(service)
        .one()
        .await
        .on_constraint("services_name_key", || {
            Problem::conflict("another service has this name: choose another")
        })??;
    Ok(Created { location: format!("/api/services/{id}"), version: Some(added.version), value: added })
}

async fn change(
    write: Write<Manager>,
    Path(id): Path<Id<Service>>,
    seen: IfMatch,
    patch: Patch<NewService>,
) -> Result<Versioned<Service>> {
    let current = sql::lock()
        .params(&write, &sql::LockParams { tenant_id: write.tenant.id, id: id.uuid() })
        .map(service)
        .opt()
        .await?;
    let current = current.ok_or_else(missing)??;
    seen.check(current.version)?;
    let new = patch.apply(&current.details)?;
    // Bookings count their days and hold their kennels by these.
    for (field, same) in
        [("unit", new.unit == current.details.unit), ("category", new.category == current.details.category)]
    {
        if !same {
            return Err(Problem::invalid(field, "is for good: archive this service and add another"));
        }
    }
    update(&write, id, &new).await.map(versioned)
}

async fn remove(write: Write<Manager>, Path(id): Path<Id<Service>>) -> Result<Done> {
    let current = sql::lock()
        .params(&write, &sql::LockParams { tenant_id: write.tenant.id, id: id.uuid() })
        .map(service)
        .opt()
        .await?;
    let current = current.ok_or_else(missing)??;
    update(&write, id, &NewService { is_active: false, ..current.details }).await?;
    Ok(Done)
}

async fn update(write: &Write<Manager>, id: Id<Service>, new: &NewService) -> Result<Service> {
    let requires_kennel = check(new)?;
    let (category, unit): (&str, &str) = (new.category.into(), new.unit.into());
    let changed = sql::update()
        .params(
            write,
            &sql::UpdateParams {
                name: &new.name,
                category: &category,
                price_cents: new.price_cents,
                unit: &unit,
                duration_minutes: new.duration_minutes,
                daily_capacity: new.daily_capacity,
                taxable: new.taxable,
                requires_kennel,
                is_active: new.is_active,
                now: write.now(),
                tenant_id: write.tenant.id,
                id: id.uuid(),
            },
        )
        .map(service)
        .one()
        .await
        .on_constraint("services_name_key", || {
            Problem::conflict("another service has this name: choose another")
        })?;
    Ok(changed?)
}

/// Whether a guest needs a kennel, once category and unit are known to fit.
fn check(new: &NewService) -> Result<bool> {
    let fits = match new.category {
        Category::Boarding => new.unit != Unit::Session,
        Category::Daycare | Category::Grooming | Category::Training => new.unit != Unit::Night,
    };
    if !fits {
        let message = "boarding is sold by the NIGHT or the DAY, everything else by the DAY or the SESSION";
        return Err(Problem::invalid("unit", message));
    }
    Ok(new.requires_kennel.unwrap_or(new.category == Category::Boarding))
}

async fn list_add_ons(read: Read, list: List<ServiceFilter>) -> Result<Listed<AddOn>> {
    let (after_key, after_id) = list.after::<(String, Uuid)>()?.unwrap_or_default();
    let category: Option<&str> = list.filter.category.map(Into::into);
    let rows = sql::list_add_ons()
        .params(
            &read,
            &sql::ListAddOnsParams {
                tenant_id: read.tenant.id,
                after_key: &after_key,
                after_id,
                category: category.as_ref(),
                is_active: list.filter.is_active,
                fetch: list.fetch(),
            },
        )
        .map(add_on)
        .all()
        .await?;
    list.page(rows.into_iter().collect::<Result<_, _>>()?, |add_on| (add_on.name_key.clone(), add_on.id))
}

async fn show_add_on(read: Read, Path(id): Path<Id<AddOn>>) -> Result<Versioned<AddOn>> {
    let found = sql::find_add_on()
        .params(&read, &sql::FindAddOnParams { tenant_id: read.tenant.id, id: id.uuid() })
        .map(add_on)
        .opt()
        .await?;
    let found = found.ok_or_else(missing_add_on)??;
    Ok(Versioned { version: found.version, value: found })
}

async fn add_add_on(write: Write<Manager>, Json(new): Json<NewAddOn>) -> Result<Created<AddOn>> {
    let id = Id::<AddOn>::new(write.now());
    let category: Option<&str> = new.category.map(Into::into);
    let unit: &str = new.unit.into();
    let added = sql::insert_add_on()
        .params(
            &write,
            &sql::InsertAddOnParams {
                tenant_id: write.tenant.id,
                id: id.uuid(),
                name: &new.name,
                category: category.as_ref(),
                price_cents: new.price_cents,
                unit: &unit,
                taxable: new.taxable,
                is_active: new.is_active,
                now: write.now(),
            },
        )
        .map(add_on)
        .one()
        .await
        .on_constraint("add_ons_name_key", || {
            Problem::conflict("another add-on has this name: choose another")
        })??;
    Ok(Created { location: format!("/api/add-ons/{id}"), version: Some(added.version), value: added })
}

async fn change_add_on(
    write: Write<Manager>,
    Path(id): Path<Id<AddOn>>,
    seen: IfMatch,
    patch: Patch<NewAddOn>,
) -> Result<Versioned<AddOn>> {
    let current = sql::lock_add_on()
        .params(&write, &sql::LockAddOnParams { tenant_id: write.tenant.id, id: id.uuid() })
        .map(add_on)
        .opt()
        .await?;
    let current = current.ok_or_else(missing_add_on)??;
    seen.check(current.version)?;
    let changed = update_add_on(&write, id, &patch.apply(&current.details)?).await?;
    Ok(Versioned { version: changed.version, value: changed })
}

async fn remove_add_on(write: Write<Manager>, Path(id): Path<Id<AddOn>>) -> Result<Done> {
    let current = sql::lock_add_on()
        .params(&write, &sql::LockAddOnParams { tenant_id: write.tenant.id, id: id.uuid() })
        .map(add_on)
        .opt()
        .await?;
    let current = current.ok_or_else(missing_add_on)??;
    update_add_on(&write, id, &NewAddOn { is_active: false, ..current.details }).await?;
    Ok(Done)
}

async fn update_add_on(write: &Write<Manager>, id: Id<AddOn>, new: &NewAddOn) -> Result<AddOn> {
    let category: Option<&str> = new.category.map(Into::into);
    let unit: &str = new.unit.into();
    let changed = sql::update_add_on()
        .params(
            write,
            &sql::UpdateAddOnParams {
                name: &new.name,
                category: category.as_ref(),
                price_cents: new.price_cents,
                unit: &unit,
                taxable: new.taxable,
                is_active: new.is_active,
                now: write.now(),
                tenant_id: write.tenant.id,
                id: id.uuid(),
            },
        )
        .map(add_on)
        .one()
        .await
        .on_constraint("add_ons_name_key", || {
            Problem::conflict("another add-on has this name: choose another")
        })?;
    Ok(changed?)
}

fn missing() -> Problem {
    Problem::not_found("service")
}

fn missing_add_on() -> Problem {
    Problem::not_found("add-on")
}

fn versioned(service: Service) -> Versioned<Service> {
    Versioned { version: service.version, value: service }
}

/// The service of a row.
///
/// # Errors
/// For a state this program does not know.
pub fn service(row: sql::ServiceBorrowed<'_>) -> Result<Service, ParseError> {
    Ok(Service {
        id: row.id.into(),
        details: NewService {
            name: row.name.into(),
            category: row.category.parse()?,
            price_cents: row.price_cents,
            unit: row.unit.parse()?,
            duration_minutes: row.duration_minutes,
            daily_capacity: row.daily_capacity,
            taxable: row.taxable,
            requires_kennel: Some(row.requires_kennel),
            is_active: row.is_active,
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
        name_key: row.name_key.into(),
    })
}

/// The add-on of a row.
///
/// # Errors
/// For a state this program does not know.
pub fn add_on(row: sql::AddOnBorrowed<'_>) -> Result<AddOn, ParseError> {
    Ok(AddOn {
        id: row.id.into(),
        details: NewAddOn {
            name: row.name.into(),
            category: row.category.map(str::parse).transpose()?,
            price_cents: row.price_cents,
            unit: row.unit.parse()?,
            taxable: row.taxable,
            is_active: row.is_active,
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
        name_key: row.name_key.into(),
    })
}
