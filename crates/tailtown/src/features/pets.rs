//! The guests.

use base::clock::plausible;
use base::id::Id;
use base::postgres::OnConstraint;
use base::problem::{Problem, Result};
use base::text::{Names, Text, fold, prefix_range};
use garde::Validate;
use gateway::doors::{Read, Scope, Write};
use gateway::extract::{Created, Done, IfMatch, Json, Patch, Path, Query, Versioned};
use gateway::openapi::Routes;
use gateway::page::{List, Listed};
use jiff::Timestamp;
use jiff::civil::Date;
use queries::client::Params;
use queries::queries::pets as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, ParseError};
use uuid::Uuid;

use super::customers::Customer;

pub fn routes() -> Routes {
    Routes::new("pets", "The guests.")
        .get("/api/pets", list, "List pets by name\n`?include=customer,vaccinations` nests them.")
        .post("/api/pets", add, "Add a pet")
        .get("/api/pets/{id}", show, "Look at one pet\n`?include=customer,vaccinations` nests them.")
        .patch("/api/pets/{id}", change, "Change a pet\nIts customer is for good.")
        .delete(
            "/api/pets/{id}",
            remove,
            "Archive a pet\nThe record stays, with `isActive` false; a PATCH brings it back.",
        )
}

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Species {
    Dog,
    Cat,
    Rabbit,
    Bird,
    Reptile,
    SmallMammal,
    Other,
}

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Sex {
    Male,
    Female,
    Unknown,
}

/// What a pet is known by.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPet {
    /// Cannot be changed: add the pet again under the other customer.
    #[schemars(extend("x-fixed" = true))]
    #[garde(skip)]
    pub customer_id: Id<Customer>,
    #[garde(dive)]
    pub name: Text<100>,
    #[garde(skip)]
    pub species: Species,
    #[garde(dive)]
    pub breed: Option<Text<100>>,
    #[serde(default = "unknown")]
    #[garde(skip)]
    pub sex: Sex,
    #[garde(inner(custom(plausible)))]
    pub birth_on: Option<Date>,
    #[garde(inner(range(min = 1, max = 500_000)))]
    #[schemars(range(min = 1, max = 500_000))]
    pub weight_grams: Option<i32>,
    #[garde(skip)]
    pub neutered: Option<bool>,
    /// 9 to 15 letters and digits, as the chip answers.
    #[garde(dive, custom(chip))]
    #[schemars(extend("minLength" = 9, "pattern" = "^[A-Za-z0-9]*$"))]
    pub microchip: Option<Text<15>>,
    #[garde(dive)]
    pub vet_name: Option<Text<200>>,
    #[garde(dive)]
    pub vet_phone: Option<Text<40>>,
    #[garde(dive)]
    pub feeding: Option<Text<5000>>,
    #[garde(dive)]
    pub medication: Option<Text<5000>>,
    #[garde(dive)]
    pub allergies: Option<Text<5000>>,
    #[garde(dive)]
    pub behavior: Option<Text<5000>>,
    /// What everyone who meets the pet must know; shown beside its name everywhere.
    #[serde(default)]
    #[garde(length(max = 20), dive)]
    pub alerts: Vec<Text<100>>,
    #[serde(default = "yes")]
    #[garde(skip)]
    pub is_active: bool,
}

fn unknown() -> Sex {
    Sex::Unknown
}

fn yes() -> bool {
    true
}

/// A pet.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pet {
    pub id: Id<Pet>,
    #[serde(flatten)]
    pub details: NewPet,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// With `?include=customer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<PetCustomer>,
    /// With `?include=vaccinations`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vaccinations: Option<Vec<PetVaccination>>,
    #[serde(skip)]
    version: i32,
    #[serde(skip)]
    name_key: String,
}

/// A pet's owner, as the pet's record shows them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PetCustomer {
    pub id: Uuid,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub is_active: bool,
}

/// A vaccination, as the pet's record shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PetVaccination {
    pub id: Uuid,
    pub vaccine: String,
    pub given_on: Option<Date>,
    pub expires_on: Date,
    pub verified: bool,
    #[serde(skip)]
    pet_id: Uuid,
}

/// Which pets.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PetFilter {
    customer_id: Option<Id<Customer>>,
    /// The beginning of the name; at most 100 characters.
    #[schemars(length(max = 100))]
    q: Option<String>,
    species: Option<Species>,
    is_active: Option<bool>,
    #[serde(default)]
    include: Names<Nested>,
}

/// What else to show of one pet.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PetView {
    #[serde(default)]
    include: Names<Nested>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Nested {
    Customer,
    Vaccinations,
}

async fn list(read: Read, list: List<PetFilter>) -> Result<Listed<Pet>> {
    let (after_key, after_id) = list.after::<(String, Uuid)>()?.unwrap_or_default();
    let PetFilter { customer_id, q, species, is_active, include } = &list.filter;
    if q.as_ref().is_some_and(|q| q.chars().count() > 100) {
        return Err(Problem::invalid("q", "must be at most 100 characters"));
    }
    let (low, high) = prefix_range(fold(q.as_deref().unwrap_or_default()).trim());
    let species: Option<&str> = species.map(Into::into);
    let (tenant, fetch) = (&read.tenant.id, &list.fetch());
    let rows = match customer_id {
        Some(customer) => {
            sql::list_of_customer()
                .params(
                    &read,
                    &sql::ListOfCustomerParams {
                        tenant_id: *tenant,
                        customer_id: customer.uuid(),
                        after_key: &after_key,
                        after_id,
                        low: &low,
                        high: &high,
                        species: species.as_ref(),
                        is_active: *is_active,
                        fetch: *fetch,
                    },
                )
                .map(pet)
                .all()
                .await?
        }
        None => {
            sql::list()
                .params(
                    &read,
                    &sql::ListParams {
                        tenant_id: *tenant,
                        after_key: &after_key,
                        after_id,
                        low: &low,
                        high: &high,
                        species: species.as_ref(),
                        is_active: *is_active,
                        fetch: *fetch,
                    },
                )
                .map(pet)
                .all()
                .await?
        }
    };
    let rows = nest(&read, rows.into_iter().collect::<Result<_, _>>()?, include).await?;
    list.page(rows, |pet| (pet.name_key.clone(), pet.id))
}

async fn show(read: Read, Path(id): Path<Id<Pet>>, Query(view): Query<PetView>) -> Result<Versioned<Pet>> {
    let pet = sql::find()
        .params(&read, &sql::FindParams { tenant_id: read.tenant.id, id: id.uuid() })
        .map(pet)
        .opt()
        .await?
        .ok_or_else(missing)??;
    nest(&read, vec![pet], &view.include).await?.pop().map(versioned).ok_or_else(missing)
}

async fn add(write: Write, Json(new): Json<NewPet>) -> Result<Created<Pet>> {
    check(&write, &new)?;
    let id = Id::<Pet>::new(write.now());
    let (species, sex): (&str, &str) = (new.species.into(), new.sex.into());
    let added = sql::insert()
        .params(
            &write,
            &sql::InsertParams {
                tenant_id: write.tenant.id,
                id: id.uuid(),
                customer_id: new.customer_id.uuid(),
                name: &new.name,
                species: &species,
                breed: new.breed.as_ref(),
                sex: &sex,
                birth_on: new.birth_on,
                weight_grams: new.weight_grams,
                neutered: new.neutered,
                microchip: new.microchip.as_ref(),
                vet_name: new.vet_name.as_ref(),
                vet_phone: new.vet_phone.as_ref(),
                feeding: new.feeding.as_ref(),
                medication: new.medication.as_ref(),
                allergies: new.allergies.as_ref(),
                behavior: new.behavior.as_ref(),
                alerts: &new.alerts,
                is_active: new.is_active,
                now: write.now(),
            },
        )
        .map(pet)
        .one()
        .await
        .on_constraint("pets_customer_fkey", || {
            Problem::invalid("customerId", "there is no such customer")
        })??;
    Ok(Created { location: format!("/api/pets/{id}"), version: Some(added.version), value: added })
}

async fn change(
    write: Write,
    Path(id): Path<Id<Pet>>,
    seen: IfMatch,
    patch: Patch<NewPet>,
) -> Result<Versioned<Pet>> {
    let tenant_id = write.tenant.id;
    let current = sql::lock()
        .params(&write, &sql::LockParams { tenant_id, id: id.uuid() })
        .map(pet)
        .opt()
        .await?
        .ok_or_else(missing)??;
    seen.check(current.version)?;
    let new = patch.apply(&current.details)?;
    if new.customer_id != current.details.customer_id {
        return Err(Problem::invalid("customerId", "is for good: add the pet anew under the other customer"));
    }
    check(&write, &new)?;
    let (species, sex): (&str, &str) = (new.species.into(), new.sex.into());
    let changed = sql::update()
        .params(
            &write,
            &sql::UpdateParams {
                name: &new.name,
                species: &species,
                breed: new.breed.as_ref(),
                sex: &sex,
                birth_on: new.birth_on,
                weight_grams: new.weight_grams,
                neutered: new.neutered,
                microchip: new.microchip.as_ref(),
                vet_name: new.vet_name.as_ref(),
                vet_phone: new.vet_phone.as_ref(),
                feeding: new.feeding.as_ref(),
                medication: new.medication.as_ref(),
                allergies: new.allergies.as_ref(),
                behavior: new.behavior.as_ref(),
                alerts: &new.alerts,
                is_active: new.is_active,
                now: write.now(),
                tenant_id,
                id: id.uuid(),
            },
        )
        .map(pet)
        .one()
        .await??;
    Ok(versioned(changed))
}

async fn remove(write: Write, Path(id): Path<Id<Pet>>) -> Result<Done> {
    let archived = sql::archive()
        .params(&write, &sql::ArchiveParams { now: write.now(), tenant_id: write.tenant.id, id: id.uuid() })
        .await?;
    if archived == 0 { Err(missing()) } else { Ok(Done) }
}

fn check(scope: &Scope, new: &NewPet) -> Result<()> {
    if new.birth_on.is_some_and(|birth| birth > scope.today()) {
        return Err(Problem::invalid("birthOn", "lies in the future"));
    }
    Ok(())
}

fn missing() -> Problem {
    Problem::not_found("pet")
}

fn versioned(pet: Pet) -> Versioned<Pet> {
    Versioned { version: pet.version, value: pet }
}

/// Puts what was asked for into each pet: one statement each, sent together.
async fn nest(read: &Read, mut pets: Vec<Pet>, include: &Names<Nested>) -> Result<Vec<Pet>> {
    let pet_ids: Vec<Uuid> = pets.iter().map(|pet| pet.id.uuid()).collect();
    let customer_ids: Vec<Uuid> = pets.iter().map(|pet| pet.details.customer_id.uuid()).collect();
    let (customers, vaccinations) = (include.has(&Nested::Customer), include.has(&Nested::Vaccinations));
    let tenant_id = read.tenant.id;
    let find_customers = async {
        if customers {
            sql::customers_of()
                .params(read, &sql::CustomersOfParams { tenant_id, customer_ids: &customer_ids })
                .map(customer)
                .all()
                .await
        } else {
            Ok(Vec::new())
        }
    };
    let find_vaccinations = async {
        if vaccinations {
            sql::vaccinations_of()
                .params(read, &sql::VaccinationsOfParams { tenant_id, pet_ids: &pet_ids })
                .map(vaccination)
                .all()
                .await
        } else {
            Ok(Vec::new())
        }
    };
    let (found_customers, mut found_vaccinations) = tokio::try_join!(find_customers, find_vaccinations)?;
    for pet in &mut pets {
        let (id, customer_id) = (pet.id.uuid(), pet.details.customer_id.uuid());
        pet.customer = found_customers.iter().find(|customer| customer.id == customer_id).cloned();
        pet.vaccinations = vaccinations
            .then(|| found_vaccinations.extract_if(.., |vaccination| vaccination.pet_id == id).collect());
    }
    Ok(pets)
}

fn pet(row: sql::PetBorrowed<'_>) -> Result<Pet, ParseError> {
    fn text<const MAX: usize>(text: Option<&str>) -> Option<Text<MAX>> {
        text.map(Text::from)
    }
    Ok(Pet {
        id: row.id.into(),
        details: NewPet {
            customer_id: row.customer_id.into(),
            name: row.name.into(),
            species: row.species.parse()?,
            breed: text(row.breed),
            sex: row.sex.parse()?,
            birth_on: row.birth_on,
            weight_grams: row.weight_grams,
            neutered: row.neutered,
            microchip: text(row.microchip),
            vet_name: text(row.vet_name),
            vet_phone: text(row.vet_phone),
            feeding: text(row.feeding),
            medication: text(row.medication),
            allergies: text(row.allergies),
            behavior: text(row.behavior),
            alerts: row.alerts.map(Text::from).collect(),
            is_active: row.is_active,
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
        customer: None,
        vaccinations: None,
        version: row.version,
        name_key: row.name_key.into(),
    })
}

fn customer(row: sql::PetCustomerBorrowed<'_>) -> PetCustomer {
    PetCustomer {
        id: row.id,
        first_name: row.first_name.into(),
        last_name: row.last_name.into(),
        email: row.email.map(Into::into),
        phone: row.phone.map(Into::into),
        is_active: row.is_active,
    }
}

fn vaccination(row: sql::PetVaccinationBorrowed<'_>) -> PetVaccination {
    PetVaccination {
        id: row.id,
        vaccine: row.vaccine.into(),
        given_on: row.given_on,
        expires_on: row.expires_on,
        verified: row.verified,
        pet_id: row.pet_id,
    }
}

fn chip(microchip: &Option<Text<15>>, (): &()) -> garde::Result {
    let fits = |chip: &Text<15>| chip.len() >= 9 && chip.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if microchip.as_ref().is_none_or(fits) {
        return Ok(());
    }
    Err(garde::Error::new("must be 9 to 15 letters and digits"))
}
