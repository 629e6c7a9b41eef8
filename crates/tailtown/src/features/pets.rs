//! The guests.

use garde::Validate;
use jiff::Timestamp;
use jiff::civil::Date;
use platform::clock::plausible;
use platform::db::{Read, Scope, Write};
use platform::extract::{Created, Done, IfMatch, Json, Patch, Path, Query, Versioned};
use platform::id::Id;
use platform::openapi::Routes;
use platform::page::{List, Listed};
use platform::problem::{OnConstraint, Problem, Result};
use platform::text::{Names, Text, fold, prefix_range};
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
                .bind(
                    &read,
                    tenant,
                    &customer.uuid(),
                    &after_key,
                    &after_id,
                    &low,
                    &high,
                    &species,
                    is_active,
                    fetch,
                )
                .map(pet)
                .all()
                .await?
        }
        None => {
            sql::list()
                .bind(&read, tenant, &after_key, &after_id, &low, &high, &species, is_active, fetch)
                .map(pet)
                .all()
                .await?
        }
    };
    let rows = nest(&read, rows.into_iter().collect::<Result<_, _>>()?, include).await?;
    list.page(rows, |pet| (pet.name_key.clone(), pet.id))
}

async fn show(read: Read, Path(id): Path<Id<Pet>>, Query(view): Query<PetView>) -> Result<Versioned<Pet>> {
    let pet =
        sql::find().bind(&read, &read.tenant.id, &id.uuid()).map(pet).opt().await?.ok_or_else(missing)??;
    nest(&read, vec![pet], &view.include).await?.pop().map(versioned).ok_or_else(missing)
}

async fn add(write: Write, Json(new): Json<NewPet>) -> Result<Created<Pet>> {
    check(&write, &new)?;
    let id = Id::<Pet>::new(write.now());
    let (species, sex): (&str, &str) = (new.species.into(), new.sex.into());
    let added = sql::insert()
        .bind(
            &write,
            &write.tenant.id,
            &id.uuid(),
            &new.customer_id.uuid(),
            &new.name,
            &species,
            &new.breed,
            &sex,
            &new.birth_on,
            &new.weight_grams,
            &new.neutered,
            &new.microchip,
            &new.vet_name,
            &new.vet_phone,
            &new.feeding,
            &new.medication,
            &new.allergies,
            &new.behavior,
            &new.alerts,
            &new.is_active,
            &write.now(),
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
    let tenant = &write.tenant.id;
    let current =
        sql::lock().bind(&write, tenant, &id.uuid()).map(pet).opt().await?.ok_or_else(missing)??;
    seen.check(current.version)?;
    let new = patch.apply(&current.details)?;
    if new.customer_id != current.details.customer_id {
        return Err(Problem::invalid("customerId", "is for good: add the pet anew under the other customer"));
    }
    check(&write, &new)?;
    let (species, sex): (&str, &str) = (new.species.into(), new.sex.into());
    let changed = sql::update()
        .bind(
            &write,
            &new.name,
            &species,
            &new.breed,
            &sex,
            &new.birth_on,
            &new.weight_grams,
            &new.neutered,
            &new.microchip,
            &new.vet_name,
            &new.vet_phone,
            &new.feeding,
            &new.medication,
            &new.allergies,
            &new.behavior,
            &new.alerts,
            &new.is_active,
            &write.now(),
            tenant,
            &id.uuid(),
        )
        .map(pet)
        .one()
        .await??;
    Ok(versioned(changed))
}

async fn remove(write: Write, Path(id): Path<Id<Pet>>) -> Result<Done> {
    let archived = sql::archive().bind(&write, &write.now(), &write.tenant.id, &id.uuid()).await?;
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
    let tenant = &read.tenant.id;
    let find_customers = async {
        if customers {
            sql::customers_of().bind(read, tenant, &customer_ids).map(customer).all().await
        } else {
            Ok(Vec::new())
        }
    };
    let find_vaccinations = async {
        if vaccinations {
            sql::vaccinations_of().bind(read, tenant, &pet_ids).map(vaccination).all().await
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
