//! The people who own the pets.

use base::id::Id;
use base::postgres::OnConstraint;
use base::problem::{Problem, Result};
use base::text::{Names, Text, fold, optional_email, prefix_range};
use garde::Validate;
use gateway::doors::{Read, Write};
use gateway::extract::{Created, Done, IfMatch, Json, Patch, Path, Query, Versioned};
use gateway::openapi::Routes;
use gateway::page::{List, Listed};
use jiff::Timestamp;
use jiff::civil::Date;
use queries::client::Params;
use queries::queries::customers as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub fn routes() -> Routes {
    Routes::new("customers", "The people who own the pets.")
        .get("/api/customers", list, LIST)
        .post("/api/customers", add, "Add a customer")
        .get("/api/customers/{id}", show, "Look at one customer\n`?include=pets,reservations` nests them.")
        .patch("/api/customers/{id}", change, "Change a customer")
        .delete("/api/customers/{id}", remove, REMOVE)
}

const LIST: &str = "List customers by last name\n`?q=` finds by the beginning of the name (either order), the e-mail or a \
pet's name, and by the beginning or end of the phone number. `?include=pets,reservations` nests the pets and the next five \
active reservations.";

const REMOVE: &str = "Archive a customer\nThe record stays, with `isActive` false; a PATCH brings it back.";

/// What a customer is known by.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCustomer {
    #[garde(dive)]
    pub first_name: Text<100>,
    #[garde(dive)]
    pub last_name: Text<100>,
    #[garde(dive, custom(optional_email))]
    #[schemars(email)]
    pub email: Option<Text<254>>,
    #[garde(dive)]
    pub phone: Option<Text<40>>,
    #[garde(dive)]
    pub address_line1: Option<Text<200>>,
    #[garde(dive)]
    pub address_line2: Option<Text<200>>,
    #[garde(dive)]
    pub city: Option<Text<100>>,
    #[garde(dive)]
    pub region: Option<Text<100>>,
    #[garde(dive)]
    pub postal_code: Option<Text<20>>,
    #[garde(dive)]
    pub country: Option<Text<100>>,
    #[garde(dive)]
    pub emergency_contact_name: Option<Text<200>>,
    #[garde(dive)]
    pub emergency_contact_phone: Option<Text<40>>,
    #[garde(dive)]
    pub notes: Option<Text<10_000>>,
    #[serde(default)]
    #[garde(length(max = 50), dive)]
    pub tags: Vec<Text<50>>,
    /// The id in another system, once at most in a resort.
    #[garde(dive)]
    pub external_id: Option<Text<200>>,
    #[serde(default = "yes")]
    #[garde(skip)]
    pub is_active: bool,
}

fn yes() -> bool {
    true
}

/// A customer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    pub id: Id<Customer>,
    #[serde(flatten)]
    pub details: NewCustomer,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// With `?include=pets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pets: Option<Vec<CustomerPet>>,
    /// With `?include=reservations`: the next five that are confirmed or here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservations: Option<Vec<CustomerStay>>,
    #[serde(skip)]
    version: i32,
    #[serde(skip)]
    sort_key: String,
}

/// A pet, as its owner's record shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerPet {
    pub id: Uuid,
    pub name: String,
    pub species: String,
    pub breed: Option<String>,
    pub sex: String,
    pub birth_on: Option<Date>,
    pub weight_grams: Option<i32>,
    pub alerts: Vec<String>,
    pub is_active: bool,
    #[serde(skip)]
    customer_id: Uuid,
}

/// A reservation, as its customer's record shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerStay {
    pub id: Uuid,
    pub pet_id: Uuid,
    pub service_id: Uuid,
    pub kennel_id: Option<Uuid>,
    pub check_in_date: Date,
    pub check_out_date: Date,
    pub status: String,
    pub total_cents: i64,
    #[serde(skip)]
    customer_id: Uuid,
}

/// Which customers.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CustomerFilter {
    /// The beginning of a name, an e-mail, a phone number or a pet's name; at most 100 characters.
    #[schemars(length(max = 100))]
    q: Option<String>,
    is_active: Option<bool>,
    tag: Option<String>,
    external_id: Option<String>,
    #[serde(default)]
    include: Names<Nested>,
}

/// What else to show of one customer.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CustomerView {
    #[serde(default)]
    include: Names<Nested>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Nested {
    Pets,
    Reservations,
}

async fn list(read: Read, list: List<CustomerFilter>) -> Result<Listed<Customer>> {
    let (after_key, after_id) = list.after::<(String, Uuid)>()?.unwrap_or_default();
    let CustomerFilter { q, is_active, tag, external_id, include } = &list.filter;
    let tenant_id = read.tenant.id;
    let q = q.as_deref().map(str::trim).filter(|q| !q.is_empty());
    let rows = match (q, external_id) {
        (None, None) => {
            sql::list()
                .params(
                    &read,
                    &sql::ListParams {
                        tenant_id,
                        after_key: &after_key,
                        after_id,
                        is_active: *is_active,
                        tag: tag.as_ref(),
                        fetch: list.fetch(),
                    },
                )
                .map(customer)
                .all()
                .await?
        }
        (None, Some(external_id)) => {
            sql::list_by_external_id()
                .params(
                    &read,
                    &sql::ListByExternalIdParams {
                        tenant_id,
                        external_id,
                        after_key: &after_key,
                        after_id,
                        is_active: *is_active,
                        tag: tag.as_ref(),
                        fetch: list.fetch(),
                    },
                )
                .map(customer)
                .all()
                .await?
        }
        (Some(q), _) => {
            let search = Search::new(q)?;
            let (low, high) = prefix_range(&search.text);
            let (digits_low, digits_high) = search.digits.as_deref().map(prefix_range).unzip();
            let (reversed_low, reversed_high) = search.reversed.as_deref().map(prefix_range).unzip();
            sql::search()
                .params(
                    &read,
                    &sql::SearchParams {
                        tenant_id,
                        low: &low,
                        high: &high,
                        digits_low: digits_low.as_ref(),
                        digits_high: digits_high.as_ref(),
                        reversed_low: reversed_low.as_ref(),
                        reversed_high: reversed_high.as_ref(),
                        after_key: &after_key,
                        after_id,
                        is_active: *is_active,
                        tag: tag.as_ref(),
                        external_id: external_id.as_ref(),
                        fetch: list.fetch(),
                    },
                )
                .map(customer)
                .all()
                .await?
        }
    };
    let rows = nest(&read, rows, include).await?;
    list.page(rows, |customer| (customer.sort_key.clone(), customer.id))
}

async fn show(
    read: Read,
    Path(id): Path<Id<Customer>>,
    Query(view): Query<CustomerView>,
) -> Result<Versioned<Customer>> {
    let found = sql::find()
        .params(&read, &sql::FindParams { tenant_id: read.tenant.id, id: id.uuid() })
        .map(customer)
        .opt()
        .await?;
    let customer = found.ok_or_else(missing)?;
    let mut nested = nest(&read, vec![customer], &view.include).await?;
    nested.pop().map(versioned).ok_or_else(missing)
}

async fn add(write: Write, Json(new): Json<NewCustomer>) -> Result<Created<Customer>> {
    let id = Id::<Customer>::new(write.now());
    let added = sql::insert()
        .params(
            &write,
            &sql::InsertParams {
                tenant_id: write.tenant.id,
                id: id.uuid(),
                first_name: &new.first_name,
                last_name: &new.last_name,
                email: new.email.as_ref(),
                phone: new.phone.as_ref(),
                address_line1: new.address_line1.as_ref(),
                address_line2: new.address_line2.as_ref(),
                city: new.city.as_ref(),
                region: new.region.as_ref(),
                postal_code: new.postal_code.as_ref(),
                country: new.country.as_ref(),
                emergency_contact_name: new.emergency_contact_name.as_ref(),
                emergency_contact_phone: new.emergency_contact_phone.as_ref(),
                notes: new.notes.as_ref(),
                tags: &new.tags,
                external_id: new.external_id.as_ref(),
                is_active: new.is_active,
                now: write.now(),
            },
        )
        .map(customer)
        .one()
        .await
        .on_constraint("customers_external_id_key", external_id_taken)?;
    Ok(Created { location: format!("/api/customers/{id}"), version: Some(added.version), value: added })
}

async fn change(
    write: Write,
    Path(id): Path<Id<Customer>>,
    seen: IfMatch,
    patch: Patch<NewCustomer>,
) -> Result<Versioned<Customer>> {
    let tenant_id = write.tenant.id;
    let current = sql::lock()
        .params(&write, &sql::LockParams { tenant_id, id: id.uuid() })
        .map(customer)
        .opt()
        .await?
        .ok_or_else(missing)?;
    seen.check(current.version)?;
    let new = patch.apply(&current.details)?;
    let changed = sql::update()
        .params(
            &write,
            &sql::UpdateParams {
                first_name: &new.first_name,
                last_name: &new.last_name,
                email: new.email.as_ref(),
                phone: new.phone.as_ref(),
                address_line1: new.address_line1.as_ref(),
                address_line2: new.address_line2.as_ref(),
                city: new.city.as_ref(),
                region: new.region.as_ref(),
                postal_code: new.postal_code.as_ref(),
                country: new.country.as_ref(),
                emergency_contact_name: new.emergency_contact_name.as_ref(),
                emergency_contact_phone: new.emergency_contact_phone.as_ref(),
                notes: new.notes.as_ref(),
                tags: &new.tags,
                external_id: new.external_id.as_ref(),
                is_active: new.is_active,
                now: write.now(),
                tenant_id,
                id: id.uuid(),
            },
        )
        .map(customer)
        .one()
        .await
        .on_constraint("customers_external_id_key", external_id_taken)?;
    Ok(versioned(changed))
}

async fn remove(write: Write, Path(id): Path<Id<Customer>>) -> Result<Done> {
    let archived = sql::archive()
        .params(&write, &sql::ArchiveParams { now: write.now(), tenant_id: write.tenant.id, id: id.uuid() })
        .await?;
    if archived == 0 { Err(missing()) } else { Ok(Done) }
}

fn missing() -> Problem {
    Problem::not_found("customer")
}

fn external_id_taken() -> Problem {
    Problem::conflict("another customer has this externalId: change that one, or leave it out")
}

fn versioned(customer: Customer) -> Versioned<Customer> {
    Versioned { version: customer.version, value: customer }
}

/// Puts what was asked for into each customer: one statement each, whatever the number of customers, sent together.
async fn nest(read: &Read, mut customers: Vec<Customer>, include: &Names<Nested>) -> Result<Vec<Customer>> {
    let ids: Vec<Uuid> = customers.iter().map(|customer| customer.id.uuid()).collect();
    let (pets, stays) = (include.has(&Nested::Pets), include.has(&Nested::Reservations));
    let tenant_id = read.tenant.id;
    let find_pets = async {
        if pets {
            sql::pets_of()
                .params(read, &sql::PetsOfParams { tenant_id, customer_ids: &ids })
                .map(pet)
                .all()
                .await
        } else {
            Ok(Vec::new())
        }
    };
    let find_stays = async {
        if stays {
            sql::stays_of()
                .params(read, &sql::StaysOfParams { tenant_id, customer_ids: &ids })
                .map(stay)
                .all()
                .await
        } else {
            Ok(Vec::new())
        }
    };
    let (mut found_pets, mut found_stays) = tokio::try_join!(find_pets, find_stays)?;
    for customer in &mut customers {
        let id = customer.id.uuid();
        customer.pets = pets.then(|| found_pets.extract_if(.., |pet| pet.customer_id == id).collect());
        customer.reservations =
            stays.then(|| found_stays.extract_if(.., |stay| stay.customer_id == id).collect());
    }
    Ok(customers)
}

/// What a search looks for: folded text, and digits when the text could be a phone number.
struct Search {
    text: String,
    digits: Option<String>,
    reversed: Option<String>,
}

impl Search {
    fn new(q: &str) -> Result<Self> {
        if q.chars().count() > 100 {
            return Err(Problem::invalid("q", "must be at most 100 characters"));
        }
        let text = fold(q).replace(',', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        let is_number = q.chars().all(|letter| letter.is_ascii_digit() || "+-/(). ".contains(letter));
        let digits: String = q.chars().filter(char::is_ascii_digit).collect();
        // Two digits end half of all numbers.
        let digits = (is_number && digits.len() >= 3).then_some(digits);
        let reversed = digits.as_ref().map(|digits| digits.chars().rev().collect());
        Ok(Self { text, digits, reversed })
    }
}

fn customer(row: sql::CustomerBorrowed<'_>) -> Customer {
    fn text<const MAX: usize>(text: Option<&str>) -> Option<Text<MAX>> {
        text.map(Text::from)
    }
    Customer {
        id: row.id.into(),
        details: NewCustomer {
            first_name: row.first_name.into(),
            last_name: row.last_name.into(),
            email: text(row.email),
            phone: text(row.phone),
            address_line1: text(row.address_line1),
            address_line2: text(row.address_line2),
            city: text(row.city),
            region: text(row.region),
            postal_code: text(row.postal_code),
            country: text(row.country),
            emergency_contact_name: text(row.emergency_contact_name),
            emergency_contact_phone: text(row.emergency_contact_phone),
            notes: text(row.notes),
            tags: row.tags.map(Text::from).collect(),
            external_id: text(row.external_id),
            is_active: row.is_active,
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
        pets: None,
        reservations: None,
        version: row.version,
        sort_key: row.sort_key.into(),
    }
}

fn pet(row: sql::CustomerPetBorrowed<'_>) -> CustomerPet {
    CustomerPet {
        id: row.id,
        name: row.name.into(),
        species: row.species.into(),
        breed: row.breed.map(Into::into),
        sex: row.sex.into(),
        birth_on: row.birth_on,
        weight_grams: row.weight_grams,
        alerts: row.alerts.map(Into::into).collect(),
        is_active: row.is_active,
        customer_id: row.customer_id,
    }
}

fn stay(row: sql::CustomerStayBorrowed<'_>) -> CustomerStay {
    CustomerStay {
        id: row.id,
        pet_id: row.pet_id,
        service_id: row.service_id,
        kennel_id: row.kennel_id,
        check_in_date: row.check_in_date,
        check_out_date: row.check_out_date,
        status: row.status.into(),
        total_cents: row.total_cents,
        customer_id: row.customer_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_takes_digits_only_from_what_could_be_a_number() {
        let digits = |q: &str| Search::new(q).unwrap().digits;
        assert_eq!(digits("+1 (555) 010-22"), Some("155501022".into()));
        assert_eq!(digits("22"), None);
        assert_eq!(digits("Rex 2024"), None);
    }

    #[test]
    fn a_search_reads_a_name_in_either_order() {
        assert_eq!(Search::new("  Müller,  Jo ").unwrap().text, "muller jo");
    }
}
