//! The resorts themselves, as the platform's operators see them.

use axum::response::Response;
use base::id::{self, Id};
use base::postgres::OnConstraint;
use base::problem::{Problem, Result};
use base::tenant::{Status, Tier, is_subdomain};
use base::text::Text;
use garde::Validate;
use gateway::doors::{Later, Operator, PlatformScope};
use gateway::extract::{Created, IfMatch, Json, Patch, Path, Versioned};
use gateway::hasher::Hasher;
use gateway::openapi::Routes;
use gateway::page::{List, Listed};
use gateway::password::{Chosen, NewPassword};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use queries::client::Params;
use queries::queries::tenants as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub fn routes() -> Routes {
    Routes::new("tenants", "The resorts themselves, for the operators of the platform.")
        .get("/platform/tenants", list, "List resorts by subdomain")
        .post("/platform/tenants", add, "Add a resort with its first owner")
        .get("/platform/tenants/{id}", show, "Look at one resort")
        .patch("/platform/tenants/{id}", change, "Change a resort\nIts subdomain and currency are for good.")
        .post(
            "/platform/tenants/{id}/suspend",
            suspend,
            "Suspend a resort\nIts requests are refused from now on, with 403, and its sessions end.",
        )
        .post("/platform/tenants/{id}/resume", resume, "Let a suspended resort work again")
        .post(
            "/platform/tenants/{id}/close",
            close,
            "Close a resort\nIts data stay; resuming opens it again.",
        )
}

/// What can be changed about a resort.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TenantDetails {
    #[garde(dive)]
    pub name: Text<200>,
    #[garde(skip)]
    pub tier: Tier,
    /// An IANA time zone, as in America/Denver.
    #[garde(custom(known_zone))]
    #[schemars(length(max = 64), regex(pattern = r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"))]
    pub timezone: String,
    /// Basis points: 825 is 8.25 %.
    #[garde(range(min = 0, max = 10_000))]
    pub tax_rate_bps: i32,
    /// Requests per 15 minutes, in place of the tier's.
    #[garde(inner(range(min = 1, max = 1_000_000)))]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub rate_limit: Option<i32>,
}

/// A resort to add.
#[derive(Clone, Debug, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTenant {
    /// Lower-case letters, digits and inner hyphens: the first label of the resort's host name.
    #[garde(custom(lower_label))]
    #[schemars(length(max = 63), regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub subdomain: String,
    #[garde(dive)]
    pub name: Text<200>,
    #[serde(default = "free")]
    #[garde(skip)]
    pub tier: Tier,
    /// Starts on trial instead of active.
    #[serde(default)]
    #[garde(skip)]
    pub trial: bool,
    /// An IANA time zone, as in America/Denver.
    #[garde(custom(known_zone))]
    #[schemars(length(max = 64), regex(pattern = r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"))]
    pub timezone: String,
    /// An ISO 4217 code.
    #[serde(default = "dollar")]
    #[garde(pattern(r"^[A-Z]{3}$"))]
    pub currency: String,
    /// Basis points: 825 is 8.25 %.
    #[serde(default)]
    #[garde(range(min = 0, max = 10_000))]
    pub tax_rate_bps: i32,
    /// Requests per 15 minutes, in place of the tier's.
    #[garde(inner(range(min = 1, max = 1_000_000)))]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub rate_limit: Option<i32>,
    #[garde(dive)]
    pub owner: NewOwner,
}

/// The first person who can sign in at a new resort.
#[derive(Clone, Debug, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewOwner {
    #[garde(dive)]
    pub first_name: Text<100>,
    #[garde(dive)]
    pub last_name: Text<100>,
    #[garde(dive, email)]
    pub email: Text<254>,
    #[garde(dive)]
    pub password: NewPassword,
}

fn free() -> Tier {
    Tier::Free
}

fn dollar() -> String {
    "USD".into()
}

/// A resort.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    pub id: Id<Tenant>,
    pub subdomain: String,
    pub status: Status,
    pub currency: String,
    #[serde(flatten)]
    pub details: TenantDetails,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    version: i32,
}

/// Which resorts.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TenantFilter {
    status: Option<Status>,
    tier: Option<Tier>,
}

async fn list(operator: Operator, list: List<TenantFilter>) -> Result<Listed<Tenant>> {
    let after = list.after::<String>()?.unwrap_or_default();
    let page = page(&operator, &after, list.filter.status, list.filter.tier, list.fetch()).await?;
    list.page(page, |tenant| tenant.subdomain.clone())
}

/// At most `fetch` resorts whose subdomain comes after `after`.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(
    scope: &PlatformScope,
    after: &str,
    status: Option<Status>,
    tier: Option<Tier>,
    fetch: i64,
) -> Result<Vec<Tenant>> {
    let status: Option<&str> = status.map(Into::into);
    let tier: Option<&str> = tier.map(Into::into);
    let rows = sql::list()
        .params(
            scope,
            &sql::ListParams { after: &after, status: status.as_ref(), tier: tier.as_ref(), fetch },
        )
        .map(tenant)
        .all()
        .await?;
    Ok(rows.into_iter().collect::<Result<_, _>>()?)
}

async fn show(operator: Operator, Path(id): Path<Id<Tenant>>) -> Result<Versioned<Tenant>> {
    let found = sql::find().bind(&*operator, &id.uuid()).map(tenant).opt().await?;
    Ok(versioned(found.ok_or_else(missing)??))
}

async fn add(
    hasher: Hasher,
    rows: Later<Operator>,
    Json(new): Json<NewTenant>,
) -> Result<Created<Tenant>, Response> {
    let hash = hasher.hash(new.chosen_password()?).await?;
    let operator = rows.open().await?;
    let added = create(&operator, &new, &hash).await?;
    Ok(Created {
        location: format!("/platform/tenants/{}", added.id),
        version: Some(added.version),
        value: added,
    })
}

impl NewTenant {
    /// The owner's password, where it is not one that is guessed first.
    ///
    /// # Errors
    /// 422.
    pub fn chosen_password(&self) -> Result<Chosen> {
        let owner = &self.owner;
        owner.password.clone().chosen("owner.password", &[&owner.email, &self.name, &self.subdomain])
    }
}

/// Adds a resort with its first owner, whose password was hashed already; the scope then sees the new resort's rows.
///
/// # Errors
/// 409 when the subdomain is taken.
pub async fn create(scope: &PlatformScope, new: &NewTenant, password_hash: &str) -> Result<Tenant> {
    let (id, now) = (Id::<Tenant>::new(scope.now()), &scope.now());
    let tier: &str = new.tier.into();
    let status: &str = if new.trial { Status::Trial } else { Status::Active }.into();
    let added = sql::insert()
        .params(
            scope,
            &sql::InsertParams {
                id: id.uuid(),
                subdomain: &new.subdomain,
                name: &new.name,
                tier: &tier,
                status: &status,
                timezone: &new.timezone,
                currency: &new.currency,
                tax_rate_bps: new.tax_rate_bps,
                rate_limit: new.rate_limit,
                now: *now,
            },
        )
        .map(tenant)
        .one()
        .await
        .on_constraint("tenants_subdomain_key", || {
            Problem::conflict("a resort has this subdomain already")
        })??;
    scope.enter(id.uuid());
    let owner = &new.owner;
    sql::insert_owner()
        .params(
            scope,
            &sql::InsertOwnerParams {
                tenant_id: id.uuid(),
                id: id::fresh(*now),
                first_name: &owner.first_name,
                last_name: &owner.last_name,
                email: &owner.email,
                password_hash: &password_hash,
                now: *now,
            },
        )
        .await?;
    scope.record("tenant.add", added.id.uuid(), None, Some(&added)).await?;
    Ok(added)
}

async fn change(
    operator: Operator,
    Path(id): Path<Id<Tenant>>,
    seen: IfMatch,
    patch: Patch<TenantDetails>,
) -> Result<Versioned<Tenant>> {
    for field in ["subdomain", "currency"] {
        if patch.names(field) {
            return Err(Problem::invalid(field, "is for good: a resort keeps it"));
        }
    }
    let current = sql::lock().bind(&*operator, &id.uuid()).map(tenant).opt().await?.ok_or_else(missing)??;
    seen.check(current.version)?;
    let details = patch.apply(&current.details)?;
    update(&operator, "tenant.change", &current, Tenant { details, ..current.clone() }).await
}

async fn suspend(operator: Operator, Path(id): Path<Id<Tenant>>) -> Result<Versioned<Tenant>> {
    step(&operator, id, Status::Suspended).await
}

async fn resume(operator: Operator, Path(id): Path<Id<Tenant>>) -> Result<Versioned<Tenant>> {
    step(&operator, id, Status::Active).await
}

async fn close(operator: Operator, Path(id): Path<Id<Tenant>>) -> Result<Versioned<Tenant>> {
    step(&operator, id, Status::Closed).await
}

async fn step(scope: &PlatformScope, id: Id<Tenant>, status: Status) -> Result<Versioned<Tenant>> {
    let current = sql::lock().bind(scope, &id.uuid()).map(tenant).opt().await?.ok_or_else(missing)??;
    set_status(scope, current, status).await
}

/// Suspends, resumes or closes the resort with this subdomain.
///
/// # Errors
/// 404 when there is none, 409 when it is not in a state to.
pub async fn set_status_of(scope: &PlatformScope, subdomain: &str, status: Status) -> Result<Tenant> {
    let found =
        sql::find_by_subdomain().bind(scope, &subdomain).map(tenant).opt().await?.ok_or_else(missing)??;
    Ok(step(scope, found.id, status).await?.value)
}

/// The id of the resort with this subdomain.
///
/// # Errors
/// 404 when there is none.
pub async fn id_of(scope: &PlatformScope, subdomain: &str) -> Result<Uuid> {
    let found =
        sql::find_by_subdomain().bind(scope, &subdomain).map(tenant).opt().await?.ok_or_else(missing)??;
    Ok(found.id.uuid())
}

async fn set_status(scope: &PlatformScope, current: Tenant, status: Status) -> Result<Versioned<Tenant>> {
    let may = match status {
        Status::Suspended => matches!(current.status, Status::Trial | Status::Active),
        Status::Active => current.status != Status::Active,
        Status::Closed => current.status != Status::Closed,
        Status::Trial => false,
    };
    if !may {
        let (from, to): (&str, &str) = (current.status.into(), status.into());
        return Err(Problem::conflict(format!("the resort is {from}: it cannot become {to}")));
    }
    let id = current.id.uuid();
    let action = match status {
        Status::Suspended => "tenant.suspend",
        Status::Closed => "tenant.close",
        Status::Active | Status::Trial => "tenant.resume",
    };
    let changed = update(scope, action, &current, Tenant { status, ..current.clone() }).await?;
    if status.must_be_open().is_err() {
        // Whoever was signed in signs in anew once it works again.
        scope.enter(id);
        sql::delete_sessions().bind(scope, &id).await?;
    }
    Ok(changed)
}

async fn update(
    scope: &PlatformScope,
    action: &str,
    before: &Tenant,
    new: Tenant,
) -> Result<Versioned<Tenant>> {
    let details = &new.details;
    let tier: &str = details.tier.into();
    let status: &str = new.status.into();
    let changed = sql::update()
        .params(
            scope,
            &sql::UpdateParams {
                name: &details.name,
                tier: &tier,
                status: &status,
                timezone: &details.timezone,
                tax_rate_bps: details.tax_rate_bps,
                rate_limit: details.rate_limit,
                now: scope.now(),
                id: new.id.uuid(),
            },
        )
        .map(tenant)
        .one()
        .await??;
    scope.record(action, changed.id.uuid(), Some(before), Some(&changed)).await?;
    Ok(versioned(changed))
}

fn missing() -> Problem {
    Problem::not_found("resort")
}

fn versioned(tenant: Tenant) -> Versioned<Tenant> {
    Versioned { version: tenant.version, value: tenant }
}

fn tenant(row: sql::TenantBorrowed<'_>) -> Result<Tenant, strum::ParseError> {
    Ok(Tenant {
        id: row.id.into(),
        subdomain: row.subdomain.into(),
        status: row.status.parse()?,
        currency: row.currency.into(),
        details: TenantDetails {
            name: row.name.into(),
            tier: row.tier.parse()?,
            timezone: row.timezone.into(),
            tax_rate_bps: row.tax_rate_bps,
            rate_limit: row.rate_limit,
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

/// Names that a browser, a mail server or we ourselves already give a meaning.
const RESERVED: [&str; 8] = ["www", "api", "admin", "platform", "docs", "mail", "status", "static"];

fn lower_label(subdomain: &str, (): &()) -> garde::Result {
    if !is_subdomain(subdomain) || subdomain.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(garde::Error::new(
            "must be 1 to 63 lower-case letters, digits or inner hyphens, and must not look like an id (a UUID)",
        ));
    }
    if RESERVED.contains(&subdomain) {
        return Err(garde::Error::new("is reserved: choose another"));
    }
    Ok(())
}

fn known_zone(timezone: &str, (): &()) -> garde::Result {
    match TimeZone::get(timezone) {
        Ok(zone) if zone.iana_name() == Some(timezone) => Ok(()),
        _ => Err(garde::Error::new("is not an IANA time zone: write it as in America/Denver")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_is_named_as_the_database_of_zones_spells_it() {
        assert!(known_zone("America/Denver", &()).is_ok());
        for zone in ["america/denver", "MST7MDT4", "Mars/Olympus", "", "../etc/passwd"] {
            assert!(known_zone(zone, &()).is_err(), "{zone}");
        }
    }

    #[test]
    fn a_subdomain_is_a_lower_case_label_nobody_else_needs() {
        assert!(lower_label("happy-tails-2", &()).is_ok());
        for subdomain in ["", "-x", "Happy", "a.b", "www", "ünder"] {
            assert!(lower_label(subdomain, &()).is_err(), "{subdomain}");
        }
    }
}
