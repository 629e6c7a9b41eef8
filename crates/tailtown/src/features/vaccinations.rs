//! What a pet was given, what the resort demands, and whether the one covers the other over all dates of a stay.

use std::ops::Range;

use base::clock::plausible;
use base::id::Id;
use base::postgres::OnConstraint;
use base::problem::{Problem, Result};
use base::text::Text;
use garde::Validate;
use gateway::doors::{Manager, Read, Scope, Write};
use gateway::extract::{Created, Done, IfMatch, Json, Patch, Path, Query, Reply, Versioned};
use gateway::openapi::Routes;
use gateway::page::{List, Listed};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use queries::client::Params;
use queries::queries::{pets as pet_sql, vaccinations as sql};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, ParseError};
use uuid::Uuid;

use super::pets::{Pet, Species};

pub fn routes() -> Routes {
    Routes::new("vaccinations", "What pets were given, and what the resort demands.")
        .get("/api/vaccinations", list, "List vaccinations by expiry")
        .post("/api/vaccinations", add, "Record a vaccination")
        .get("/api/vaccinations/{id}", show, "Look at one vaccination")
        .patch("/api/vaccinations/{id}", change, "Change a vaccination\nIts pet is for good.")
        .delete("/api/vaccinations/{id}", remove, "Delete a vaccination that was recorded by mistake")
        .get("/api/pets/{id}/vaccination-status", status, STATUS)
        .get("/api/vaccine-requirements", list_requirements, "List what the resort demands")
        .post("/api/vaccine-requirements", add_requirement, REQUIREMENT)
        .patch("/api/vaccine-requirements/{id}", change_requirement, "Change a demand")
        .delete("/api/vaccine-requirements/{id}", remove_requirement, "Drop a demand")
}

const STATUS: &str = "Say whether a pet's vaccinations cover a stay\nEach vaccine that the resort demands of the species for \
the category, over all days from `from` to `to`, both included; without dates, today.";

const REQUIREMENT: &str = "Demand a vaccine\n`BLOCK` refuses a stay that is not covered, unless a manager overrides it with a \
reason; `WARN` only says so.";

/// What a service is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
    Boarding,
    Daycare,
    Grooming,
    Training,
}

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Enforcement {
    Block,
    Warn,
}

/// A vaccination that was given. The vaccine is compared without regard to case.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewVaccination {
    /// Cannot be changed: record it again for the other pet.
    #[schemars(extend("x-fixed" = true))]
    #[garde(skip)]
    pub pet_id: Id<Pet>,
    #[garde(dive)]
    pub vaccine: Text<100>,
    #[garde(inner(custom(plausible)))]
    pub given_on: Option<Date>,
    /// The last day it counts.
    #[garde(custom(plausible))]
    pub expires_on: Date,
    /// Whether someone has seen the paper.
    #[serde(default)]
    #[garde(skip)]
    pub verified: bool,
}

/// A vaccination.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Vaccination {
    pub id: Id<Vaccination>,
    #[serde(flatten)]
    pub details: NewVaccination,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    version: i32,
}

/// What the resort demands of a species for a category of service.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRequirement {
    #[garde(skip)]
    pub species: Species,
    #[garde(skip)]
    pub category: Category,
    #[garde(dive)]
    pub vaccine: Text<100>,
    #[garde(skip)]
    pub enforcement: Enforcement,
}

/// A demand of the resort.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Requirement {
    pub id: Id<Requirement>,
    #[serde(flatten)]
    pub details: NewRequirement,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    version: i32,
    #[serde(skip)]
    vaccine_key: String,
}

/// A demanded vaccine and whether it covers the days asked for.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct VaccineStatus {
    vaccine: String,
    enforcement: Enforcement,
    state: Coverage,
    /// The first day that is not covered.
    first_uncovered_on: Option<Date>,
    /// The last day the newest record counts.
    expires_on: Option<Date>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Coverage {
    Current,
    /// Covers the days, and ends within 30 days after them.
    Expiring,
    /// There are records, and they leave a day open.
    Expired,
    Missing,
}

/// Which vaccinations.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VaccinationFilter {
    pet_id: Option<Id<Pet>>,
    vaccine: Option<String>,
    /// Only those whose last day comes before this one.
    expires_before: Option<Date>,
    verified: Option<bool>,
}

/// Which demands.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RequirementFilter {
    species: Option<Species>,
    category: Option<Category>,
}

/// For which service and days.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StatusFilter {
    category: Category,
    from: Option<Date>,
    to: Option<Date>,
}

async fn list(read: Read, list: List<VaccinationFilter>) -> Result<Listed<Vaccination>> {
    let (after_date, after_id) =
        list.after::<(Date, Uuid)>()?.unwrap_or((Date::constant(1, 1, 1), Uuid::nil()));
    let VaccinationFilter { pet_id, vaccine, expires_before, verified } = &list.filter;
    let vaccine = vaccine.as_ref().map(|vaccine| vaccine.trim().to_lowercase());
    let expires_before = &expires_before.unwrap_or(Date::MAX);
    let (tenant, fetch) = (&read.tenant.id, &list.fetch());
    let rows = match pet_id {
        Some(pet) => {
            sql::list_of_pet()
                .params(
                    &read,
                    &sql::ListOfPetParams {
                        tenant_id: *tenant,
                        pet_id: pet.uuid(),
                        after_date,
                        after_id,
                        vaccine_key: vaccine.as_ref(),
                        expires_before: *expires_before,
                        verified: *verified,
                        fetch: *fetch,
                    },
                )
                .map(vaccination)
                .all()
                .await?
        }
        None => {
            sql::list()
                .params(
                    &read,
                    &sql::ListParams {
                        tenant_id: *tenant,
                        after_date,
                        after_id,
                        vaccine_key: vaccine.as_ref(),
                        expires_before: *expires_before,
                        verified: *verified,
                        fetch: *fetch,
                    },
                )
                .map(vaccination)
                .all()
                .await?
        }
    };
    list.page(rows, |vaccination| (vaccination.details.expires_on, vaccination.id))
}

async fn show(read: Read, Path(id): Path<Id<Vaccination>>) -> Result<Versioned<Vaccination>> {
    let found = sql::find()
        .params(&read, &sql::FindParams { tenant_id: read.tenant.id, id: id.uuid() })
        .map(vaccination)
        .opt()
        .await?;
    found.map(versioned).ok_or_else(missing)
}

async fn add(write: Write, Json(new): Json<NewVaccination>) -> Result<Created<Vaccination>> {
    check(&write, &new)?;
    let id = Id::<Vaccination>::new(write.now());
    let added = sql::insert()
        .params(
            &write,
            &sql::InsertParams {
                tenant_id: write.tenant.id,
                id: id.uuid(),
                pet_id: new.pet_id.uuid(),
                vaccine: &new.vaccine,
                given_on: new.given_on,
                expires_on: new.expires_on,
                verified: new.verified,
                now: write.now(),
            },
        )
        .map(vaccination)
        .one()
        .await
        .on_constraint("vaccinations_pet_fkey", || Problem::invalid("petId", "there is no such pet"))?;
    Ok(Created { location: format!("/api/vaccinations/{id}"), version: Some(added.version), value: added })
}

async fn change(
    write: Write,
    Path(id): Path<Id<Vaccination>>,
    seen: IfMatch,
    patch: Patch<NewVaccination>,
) -> Result<Versioned<Vaccination>> {
    let tenant_id = write.tenant.id;
    let current = sql::lock()
        .params(&write, &sql::LockParams { tenant_id, id: id.uuid() })
        .map(vaccination)
        .opt()
        .await?
        .ok_or_else(missing)?;
    seen.check(current.version)?;
    let new = patch.apply(&current.details)?;
    if new.pet_id != current.details.pet_id {
        return Err(Problem::invalid("petId", "is for good: record it anew for the other pet"));
    }
    check(&write, &new)?;
    let changed = sql::update()
        .params(
            &write,
            &sql::UpdateParams {
                vaccine: &new.vaccine,
                given_on: new.given_on,
                expires_on: new.expires_on,
                verified: new.verified,
                now: write.now(),
                tenant_id,
                id: id.uuid(),
            },
        )
        .map(vaccination)
        .one()
        .await?;
    Ok(versioned(changed))
}

async fn remove(write: Write, Path(id): Path<Id<Vaccination>>) -> Result<Done> {
    let deleted = sql::delete()
        .params(&write, &sql::DeleteParams { tenant_id: write.tenant.id, id: id.uuid() })
        .await?;
    if deleted == 0 { Err(missing()) } else { Ok(Done) }
}

async fn status(
    read: Read,
    Path(id): Path<Id<Pet>>,
    Query(filter): Query<StatusFilter>,
) -> Result<Reply<Vec<VaccineStatus>>> {
    let from = filter.from.unwrap_or(read.today());
    let to = filter.to.unwrap_or(from);
    for (field, date) in [("from", from), ("to", to)] {
        plausible(&date, &()).map_err(|error| Problem::invalid(field, error.to_string()))?;
    }
    if to < from {
        return Err(Problem::invalid("to", "must not come before `from`"));
    }
    let pet = pet_sql::find()
        .params(&read, &pet_sql::FindParams { tenant_id: read.tenant.id, id: id.uuid() })
        .opt()
        .await?;
    let species = pet.ok_or_else(|| Problem::not_found("pet"))?.species;
    let (requirements, records) = demands(&read, &[&species], filter.category, &[id.uuid()]).await?;
    let days = from..to.checked_add(1.day())?;
    let statuses = requirements.into_iter().map(|requirement| {
        let records = records.iter().filter(|record| record.vaccine_key == requirement.vaccine_key);
        let records: Vec<_> =
            records.map(|record| Given { from: record.given_on, until: record.expires_on }).collect();
        let (state, first_uncovered_on) = coverage(&records, &days);
        VaccineStatus {
            vaccine: requirement.details.vaccine.into(),
            enforcement: requirement.details.enforcement,
            state,
            first_uncovered_on,
            expires_on: records.iter().map(|record| record.until).max(),
        }
    });
    Ok(Reply(statuses.collect()))
}

/// A demand that a pet does not meet on every day of a stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub pet_id: Uuid,
    pub vaccine: String,
    pub enforcement: Enforcement,
    pub first_uncovered_on: Date,
}

/// What the resort demands of these pets for a service of `category`, and they do not have on every day of `days`: two
/// statements, whatever the number of pets.
///
/// # Errors
/// When the database cannot be read.
pub async fn gaps(
    scope: &Scope,
    pets: &[(Uuid, Species)],
    category: Category,
    days: &Range<Date>,
) -> Result<Vec<Gap>> {
    let ids: Vec<Uuid> = pets.iter().map(|(id, _)| *id).collect();
    let species: Vec<&str> = pets.iter().map(|(_, species)| (*species).into()).collect();
    let (requirements, records) = demands(scope, &species, category, &ids).await?;
    let mut gaps = Vec::new();
    for (pet_id, species) in pets {
        for demand in requirements.iter().filter(|demand| demand.details.species == *species) {
            let given = records
                .iter()
                .filter(|record| record.pet_id == *pet_id && record.vaccine_key == demand.vaccine_key);
            let given: Vec<_> =
                given.map(|record| Given { from: record.given_on, until: record.expires_on }).collect();
            if let (_, Some(first_uncovered_on)) = coverage(&given, days) {
                gaps.push(Gap {
                    pet_id: *pet_id,
                    vaccine: demand.details.vaccine.to_string(),
                    enforcement: demand.details.enforcement,
                    first_uncovered_on,
                });
            }
        }
    }
    Ok(gaps)
}

async fn demands(
    scope: &Scope,
    species: &[&str],
    category: Category,
    pet_ids: &[Uuid],
) -> Result<(Vec<Requirement>, Vec<sql::VaccinationRecord>)> {
    let tenant_id = scope.tenant.id;
    let category: &str = category.into();
    let (requirements, records) = (sql::requirements_for(), sql::records_of());
    let (requirements, records) = tokio::try_join!(
        requirements.bind(scope, &tenant_id, &species, &category).map(requirement).all(),
        records.bind(scope, &tenant_id, &pet_ids).all()
    )?;
    Ok((requirements.into_iter().collect::<Result<_, _>>()?, records))
}

/// The days a record counts, both included; one without a first day has always counted.
#[derive(Clone, Copy, Debug)]
struct Given {
    from: Option<Date>,
    until: Date,
}

/// Whether `records` together cover every day of `days`, and the first that they leave open.
fn coverage(records: &[Given], days: &Range<Date>) -> (Coverage, Option<Date>) {
    let mut day = days.start;
    while day < days.end {
        let reaching = records
            .iter()
            .filter(|given| given.from.is_none_or(|from| from <= day))
            .map(|given| given.until)
            .max();
        match reaching.filter(|until| *until >= day).and_then(|until| until.tomorrow().ok()) {
            Some(next) => day = next,
            None => {
                let state = if records.is_empty() { Coverage::Missing } else { Coverage::Expired };
                return (state, Some(day));
            }
        }
    }
    let soon = days.end.saturating_add(30.days());
    (if day <= soon { Coverage::Expiring } else { Coverage::Current }, None)
}

async fn list_requirements(read: Read, list: List<RequirementFilter>) -> Result<Listed<Requirement>> {
    let (after_species, after_category, after_vaccine) =
        list.after::<(String, String, String)>()?.unwrap_or_default();
    let species: Option<&str> = list.filter.species.map(Into::into);
    let category: Option<&str> = list.filter.category.map(Into::into);
    let rows = sql::list_requirements()
        .params(
            &read,
            &sql::ListRequirementsParams {
                tenant_id: read.tenant.id,
                after_species: &after_species,
                after_category: &after_category,
                after_vaccine: &after_vaccine,
                species: species.as_ref(),
                category: category.as_ref(),
                fetch: list.fetch(),
            },
        )
        .map(requirement)
        .all()
        .await?;
    list.page(rows.into_iter().collect::<Result<_, _>>()?, |row| {
        let (species, category): (&str, &str) = (row.details.species.into(), row.details.category.into());
        (species, category, row.vaccine_key.clone())
    })
}

async fn add_requirement(
    write: Write<Manager>,
    Json(new): Json<NewRequirement>,
) -> Result<Created<Requirement>> {
    let id = Id::<Requirement>::new(write.now());
    let (species, category, enforcement): (&str, &str, &str) =
        (new.species.into(), new.category.into(), new.enforcement.into());
    let added = sql::insert_requirement()
        .params(
            &write,
            &sql::InsertRequirementParams {
                tenant_id: write.tenant.id,
                id: id.uuid(),
                species: &species,
                category: &category,
                vaccine: &new.vaccine,
                enforcement: &enforcement,
                now: write.now(),
            },
        )
        .map(requirement)
        .one()
        .await
        .on_constraint("vaccine_requirements_key", demanded_already)??;
    Ok(Created {
        location: format!("/api/vaccine-requirements/{id}"),
        version: Some(added.version),
        value: added,
    })
}

async fn change_requirement(
    write: Write<Manager>,
    Path(id): Path<Id<Requirement>>,
    seen: IfMatch,
    patch: Patch<NewRequirement>,
) -> Result<Versioned<Requirement>> {
    let tenant_id = write.tenant.id;
    let current = sql::lock_requirement()
        .params(&write, &sql::LockRequirementParams { tenant_id, id: id.uuid() })
        .map(requirement)
        .opt()
        .await?;
    let current = current.ok_or_else(missing_requirement)??;
    seen.check(current.version)?;
    let new = patch.apply(&current.details)?;
    let (species, category, enforcement): (&str, &str, &str) =
        (new.species.into(), new.category.into(), new.enforcement.into());
    let changed = sql::update_requirement()
        .params(
            &write,
            &sql::UpdateRequirementParams {
                species: &species,
                category: &category,
                vaccine: &new.vaccine,
                enforcement: &enforcement,
                now: write.now(),
                tenant_id,
                id: id.uuid(),
            },
        )
        .map(requirement)
        .one()
        .await
        .on_constraint("vaccine_requirements_key", demanded_already)??;
    Ok(Versioned { version: changed.version, value: changed })
}

async fn remove_requirement(write: Write<Manager>, Path(id): Path<Id<Requirement>>) -> Result<Done> {
    let deleted = sql::delete_requirement()
        .params(&write, &sql::DeleteRequirementParams { tenant_id: write.tenant.id, id: id.uuid() })
        .await?;
    if deleted == 0 { Err(missing_requirement()) } else { Ok(Done) }
}

fn check(scope: &Scope, new: &NewVaccination) -> Result<()> {
    match new.given_on {
        Some(given) if given > scope.today() => Err(Problem::invalid("givenOn", "lies in the future")),
        Some(given) if given > new.expires_on => {
            Err(Problem::invalid("expiresOn", "must not come before givenOn"))
        }
        _ => Ok(()),
    }
}

fn missing() -> Problem {
    Problem::not_found("vaccination")
}

fn missing_requirement() -> Problem {
    Problem::not_found("vaccine requirement")
}

fn demanded_already() -> Problem {
    Problem::conflict("this vaccine is demanded of this species and category already: change that demand")
}

fn versioned(vaccination: Vaccination) -> Versioned<Vaccination> {
    Versioned { version: vaccination.version, value: vaccination }
}

fn vaccination(row: sql::VaccinationBorrowed<'_>) -> Vaccination {
    Vaccination {
        id: row.id.into(),
        details: NewVaccination {
            pet_id: row.pet_id.into(),
            vaccine: row.vaccine.into(),
            given_on: row.given_on,
            expires_on: row.expires_on,
            verified: row.verified,
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    }
}

fn requirement(row: sql::RequirementBorrowed<'_>) -> Result<Requirement, ParseError> {
    Ok(Requirement {
        id: row.id.into(),
        details: NewRequirement {
            species: row.species.parse()?,
            category: row.category.parse()?,
            vaccine: row.vaccine.into(),
            enforcement: row.enforcement.parse()?,
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
        vaccine_key: row.vaccine_key.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(number: i32) -> Date {
        Date::constant(2026, 1, 1).checked_add(number.days()).unwrap()
    }

    proptest! {
        #[test]
        fn a_stay_is_covered_when_each_of_its_days_is(
            records in prop::collection::vec((prop::option::of(0..40i32), 0..40i32), 0..4),
            start in 0..40i32, length in 1..15i32,
        ) {
            let given: Vec<_> =
                records.iter().map(|(from, until)| Given { from: from.map(day), until: day(*until) }).collect();
            let covered = |number: i32| {
                records.iter().any(|(from, until)| from.is_none_or(|from| from <= number) && number <= *until)
            };
            let open = (start..start + length).find(|number| !covered(*number)).map(day);
            let (state, found) = coverage(&given, &(day(start)..day(start + length)));
            prop_assert_eq!(found, open);
            prop_assert_eq!(open.is_none(), matches!(state, Coverage::Current | Coverage::Expiring));
        }
    }

    #[test]
    fn a_record_counts_on_its_last_day() {
        let given = [Given { from: None, until: day(10) }];
        assert_eq!(coverage(&given, &(day(10)..day(11))), (Coverage::Expiring, None));
        assert_eq!(coverage(&given, &(day(10)..day(12))), (Coverage::Expired, Some(day(11))));
        assert_eq!(coverage(&[], &(day(10)..day(11))), (Coverage::Missing, Some(day(10))));
    }
}
