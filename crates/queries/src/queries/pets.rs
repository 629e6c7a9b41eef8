// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct ListParams<T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql, T4: crate::StringSql>
{
    pub tenant_id: uuid::Uuid,
    pub after_key: T1,
    pub after_id: uuid::Uuid,
    pub low: T2,
    pub high: T3,
    pub species: Option<T4>,
    pub is_active: Option<bool>,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct ListOfCustomerParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
> {
    pub tenant_id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub after_key: T1,
    pub after_id: uuid::Uuid,
    pub low: T2,
    pub high: T3,
    pub species: Option<T4>,
    pub is_active: Option<bool>,
    pub fetch: i64,
}
#[derive(Clone, Copy, Debug)]
pub struct FindParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Clone, Copy, Debug)]
pub struct LockParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct InsertParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
    T5: crate::StringSql,
    T6: crate::StringSql,
    T7: crate::StringSql,
    T8: crate::StringSql,
    T9: crate::StringSql,
    T10: crate::StringSql,
    T11: crate::StringSql,
    T12: crate::StringSql,
    T13: crate::ArraySql<Item = T12>,
> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub name: T1,
    pub species: T2,
    pub breed: Option<T3>,
    pub sex: T4,
    pub birth_on: Option<jiff::civil::Date>,
    pub weight_grams: Option<i32>,
    pub neutered: Option<bool>,
    pub microchip: Option<T5>,
    pub vet_name: Option<T6>,
    pub vet_phone: Option<T7>,
    pub feeding: Option<T8>,
    pub medication: Option<T9>,
    pub allergies: Option<T10>,
    pub behavior: Option<T11>,
    pub alerts: T13,
    pub is_active: bool,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct UpdateParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
    T5: crate::StringSql,
    T6: crate::StringSql,
    T7: crate::StringSql,
    T8: crate::StringSql,
    T9: crate::StringSql,
    T10: crate::StringSql,
    T11: crate::StringSql,
    T12: crate::StringSql,
    T13: crate::ArraySql<Item = T12>,
> {
    pub name: T1,
    pub species: T2,
    pub breed: Option<T3>,
    pub sex: T4,
    pub birth_on: Option<jiff::civil::Date>,
    pub weight_grams: Option<i32>,
    pub neutered: Option<bool>,
    pub microchip: Option<T5>,
    pub vet_name: Option<T6>,
    pub vet_phone: Option<T7>,
    pub feeding: Option<T8>,
    pub medication: Option<T9>,
    pub allergies: Option<T10>,
    pub behavior: Option<T11>,
    pub alerts: T13,
    pub is_active: bool,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Clone, Copy, Debug)]
pub struct ArchiveParams {
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct CustomersOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub customer_ids: T1,
}
#[derive(Debug)]
pub struct VaccinationsOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub pet_ids: T1,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Pet {
    pub id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub name: String,
    pub species: String,
    pub breed: Option<String>,
    pub sex: String,
    pub birth_on: Option<jiff::civil::Date>,
    pub weight_grams: Option<i32>,
    pub neutered: Option<bool>,
    pub microchip: Option<String>,
    pub vet_name: Option<String>,
    pub vet_phone: Option<String>,
    pub feeding: Option<String>,
    pub medication: Option<String>,
    pub allergies: Option<String>,
    pub behavior: Option<String>,
    pub alerts: Vec<String>,
    pub is_active: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
    pub name_key: String,
}
pub struct PetBorrowed<'a> {
    pub id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub name: &'a str,
    pub species: &'a str,
    pub breed: Option<&'a str>,
    pub sex: &'a str,
    pub birth_on: Option<jiff::civil::Date>,
    pub weight_grams: Option<i32>,
    pub neutered: Option<bool>,
    pub microchip: Option<&'a str>,
    pub vet_name: Option<&'a str>,
    pub vet_phone: Option<&'a str>,
    pub feeding: Option<&'a str>,
    pub medication: Option<&'a str>,
    pub allergies: Option<&'a str>,
    pub behavior: Option<&'a str>,
    pub alerts: crate::ArrayIterator<'a, &'a str>,
    pub is_active: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
    pub name_key: &'a str,
}
impl<'a> From<PetBorrowed<'a>> for Pet {
    fn from(
        PetBorrowed {
            id,
            customer_id,
            name,
            species,
            breed,
            sex,
            birth_on,
            weight_grams,
            neutered,
            microchip,
            vet_name,
            vet_phone,
            feeding,
            medication,
            allergies,
            behavior,
            alerts,
            is_active,
            version,
            created_at,
            updated_at,
            name_key,
        }: PetBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            customer_id,
            name: name.into(),
            species: species.into(),
            breed: breed.map(|v| v.into()),
            sex: sex.into(),
            birth_on,
            weight_grams,
            neutered,
            microchip: microchip.map(|v| v.into()),
            vet_name: vet_name.map(|v| v.into()),
            vet_phone: vet_phone.map(|v| v.into()),
            feeding: feeding.map(|v| v.into()),
            medication: medication.map(|v| v.into()),
            allergies: allergies.map(|v| v.into()),
            behavior: behavior.map(|v| v.into()),
            alerts: alerts.map(|v| v.into()).collect(),
            is_active,
            version,
            created_at,
            updated_at,
            name_key: name_key.into(),
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct PetCustomer {
    pub id: uuid::Uuid,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub is_active: bool,
}
pub struct PetCustomerBorrowed<'a> {
    pub id: uuid::Uuid,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub email: Option<&'a str>,
    pub phone: Option<&'a str>,
    pub is_active: bool,
}
impl<'a> From<PetCustomerBorrowed<'a>> for PetCustomer {
    fn from(
        PetCustomerBorrowed { id, first_name, last_name, email, phone, is_active }: PetCustomerBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            first_name: first_name.into(),
            last_name: last_name.into(),
            email: email.map(|v| v.into()),
            phone: phone.map(|v| v.into()),
            is_active,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct PetVaccination {
    pub id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub vaccine: String,
    pub given_on: Option<jiff::civil::Date>,
    pub expires_on: jiff::civil::Date,
    pub verified: bool,
}
pub struct PetVaccinationBorrowed<'a> {
    pub id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub vaccine: &'a str,
    pub given_on: Option<jiff::civil::Date>,
    pub expires_on: jiff::civil::Date,
    pub verified: bool,
}
impl<'a> From<PetVaccinationBorrowed<'a>> for PetVaccination {
    fn from(
        PetVaccinationBorrowed { id, pet_id, vaccine, given_on, expires_on, verified, }: PetVaccinationBorrowed<'a>,
    ) -> Self {
        Self { id, pet_id, vaccine: vaccine.into(), given_on, expires_on, verified }
    }
}
use crate::client::async_::GenericClient;
pub struct PetQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<PetBorrowed, tokio_postgres::Error>,
    mapper: fn(PetBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> PetQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(PetBorrowed) -> R) -> PetQuery<'c, 'a, 's, C, R, N> {
        PetQuery {
            client: self.client,
            params: self.params,
            query: self.query,
            statement: self.statement,
            extractor: self.extractor,
            mapper,
        }
    }
    pub async fn one(self) -> Result<T, tokio_postgres::Error> {
        let row = crate::client::one(self.client, self.query, &self.params).await?;
        Ok((self.mapper)((self.extractor)(&row)?))
    }
    pub async fn all(self) -> Result<Vec<T>, tokio_postgres::Error> {
        let rows = crate::client::all(self.client, self.query, &self.params).await?;
        rows.iter().map(|row| Ok((self.mapper)((self.extractor)(row)?))).collect()
    }
    pub async fn opt(self) -> Result<Option<T>, tokio_postgres::Error> {
        let opt_row = crate::client::opt(self.client, self.query, &self.params).await?;
        Ok(opt_row
            .map(|row| {
                let extracted = (self.extractor)(&row)?;
                Ok((self.mapper)(extracted))
            })
            .transpose()?)
    }
}
pub struct PetCustomerQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<PetCustomerBorrowed, tokio_postgres::Error>,
    mapper: fn(PetCustomerBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> PetCustomerQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(PetCustomerBorrowed) -> R) -> PetCustomerQuery<'c, 'a, 's, C, R, N> {
        PetCustomerQuery {
            client: self.client,
            params: self.params,
            query: self.query,
            statement: self.statement,
            extractor: self.extractor,
            mapper,
        }
    }
    pub async fn one(self) -> Result<T, tokio_postgres::Error> {
        let row = crate::client::one(self.client, self.query, &self.params).await?;
        Ok((self.mapper)((self.extractor)(&row)?))
    }
    pub async fn all(self) -> Result<Vec<T>, tokio_postgres::Error> {
        let rows = crate::client::all(self.client, self.query, &self.params).await?;
        rows.iter().map(|row| Ok((self.mapper)((self.extractor)(row)?))).collect()
    }
    pub async fn opt(self) -> Result<Option<T>, tokio_postgres::Error> {
        let opt_row = crate::client::opt(self.client, self.query, &self.params).await?;
        Ok(opt_row
            .map(|row| {
                let extracted = (self.extractor)(&row)?;
                Ok((self.mapper)(extracted))
            })
            .transpose()?)
    }
}
pub struct PetVaccinationQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<PetVaccinationBorrowed, tokio_postgres::Error>,
    mapper: fn(PetVaccinationBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> PetVaccinationQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(PetVaccinationBorrowed) -> R) -> PetVaccinationQuery<'c, 'a, 's, C, R, N> {
        PetVaccinationQuery {
            client: self.client,
            params: self.params,
            query: self.query,
            statement: self.statement,
            extractor: self.extractor,
            mapper,
        }
    }
    pub async fn one(self) -> Result<T, tokio_postgres::Error> {
        let row = crate::client::one(self.client, self.query, &self.params).await?;
        Ok((self.mapper)((self.extractor)(&row)?))
    }
    pub async fn all(self) -> Result<Vec<T>, tokio_postgres::Error> {
        let rows = crate::client::all(self.client, self.query, &self.params).await?;
        rows.iter().map(|row| Ok((self.mapper)((self.extractor)(row)?))).collect()
    }
    pub async fn opt(self) -> Result<Option<T>, tokio_postgres::Error> {
        let opt_row = crate::client::opt(self.client, self.query, &self.params).await?;
        Ok(opt_row
            .map(|row| {
                let extracted = (self.extractor)(&row)?;
                Ok((self.mapper)(extracted))
            })
            .transpose()?)
    }
}
pub struct ListStmt(&'static str);
pub fn list() -> ListStmt {
    ListStmt(
        "select id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone, feeding, medication, allergies, behavior, alerts, is_active, version, created_at, updated_at, name_key from app.pets where tenant_id = $1 and (name_key, id) > ($2, $3) and name_key >= $4 and name_key < $5 and case when $6::text is null then true else species = $6 end and case when $7::boolean is null then true else is_active = $7 end order by name_key, id limit $8",
    )
}
impl ListStmt {
    pub fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::StringSql,
        T2: crate::StringSql,
        T3: crate::StringSql,
        T4: crate::StringSql,
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        after_key: &'a T1,
        after_id: &'a uuid::Uuid,
        low: &'a T2,
        high: &'a T3,
        species: &'a Option<T4>,
        is_active: &'a Option<bool>,
        fetch: &'a i64,
    ) -> PetQuery<'c, 'a, 's, C, Pet, 8> {
        PetQuery {
            client,
            params: [tenant_id, after_key, after_id, low, high, species, is_active, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PetBorrowed, tokio_postgres::Error> {
                Ok(PetBorrowed {
                    id: row.try_get(0)?,
                    customer_id: row.try_get(1)?,
                    name: row.try_get(2)?,
                    species: row.try_get(3)?,
                    breed: row.try_get(4)?,
                    sex: row.try_get(5)?,
                    birth_on: row.try_get(6)?,
                    weight_grams: row.try_get(7)?,
                    neutered: row.try_get(8)?,
                    microchip: row.try_get(9)?,
                    vet_name: row.try_get(10)?,
                    vet_phone: row.try_get(11)?,
                    feeding: row.try_get(12)?,
                    medication: row.try_get(13)?,
                    allergies: row.try_get(14)?,
                    behavior: row.try_get(15)?,
                    alerts: row.try_get(16)?,
                    is_active: row.try_get(17)?,
                    version: row.try_get(18)?,
                    created_at: row.try_get(19)?,
                    updated_at: row.try_get(20)?,
                    name_key: row.try_get(21)?,
                })
            },
            mapper: |it| Pet::from(it),
        }
    }
}
impl<
    'c,
    'a,
    's,
    C: GenericClient,
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
> crate::client::async_::Params<'c, 'a, 's, ListParams<T1, T2, T3, T4>, PetQuery<'c, 'a, 's, C, Pet, 8>, C>
    for ListStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListParams<T1, T2, T3, T4>,
    ) -> PetQuery<'c, 'a, 's, C, Pet, 8> {
        self.bind(
            client,
            &params.tenant_id,
            &params.after_key,
            &params.after_id,
            &params.low,
            &params.high,
            &params.species,
            &params.is_active,
            &params.fetch,
        )
    }
}
pub struct ListOfCustomerStmt(&'static str);
pub fn list_of_customer() -> ListOfCustomerStmt {
    ListOfCustomerStmt(
        "select id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone, feeding, medication, allergies, behavior, alerts, is_active, version, created_at, updated_at, name_key from app.pets where tenant_id = $1 and customer_id = $2 and (name_key, id) > ($3, $4) and name_key >= $5 and name_key < $6 and case when $7::text is null then true else species = $7 end and case when $8::boolean is null then true else is_active = $8 end order by name_key, id limit $9",
    )
}
impl ListOfCustomerStmt {
    pub fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::StringSql,
        T2: crate::StringSql,
        T3: crate::StringSql,
        T4: crate::StringSql,
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        customer_id: &'a uuid::Uuid,
        after_key: &'a T1,
        after_id: &'a uuid::Uuid,
        low: &'a T2,
        high: &'a T3,
        species: &'a Option<T4>,
        is_active: &'a Option<bool>,
        fetch: &'a i64,
    ) -> PetQuery<'c, 'a, 's, C, Pet, 9> {
        PetQuery {
            client,
            params: [tenant_id, customer_id, after_key, after_id, low, high, species, is_active, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PetBorrowed, tokio_postgres::Error> {
                Ok(PetBorrowed {
                    id: row.try_get(0)?,
                    customer_id: row.try_get(1)?,
                    name: row.try_get(2)?,
                    species: row.try_get(3)?,
                    breed: row.try_get(4)?,
                    sex: row.try_get(5)?,
                    birth_on: row.try_get(6)?,
                    weight_grams: row.try_get(7)?,
                    neutered: row.try_get(8)?,
                    microchip: row.try_get(9)?,
                    vet_name: row.try_get(10)?,
                    vet_phone: row.try_get(11)?,
                    feeding: row.try_get(12)?,
                    medication: row.try_get(13)?,
                    allergies: row.try_get(14)?,
                    behavior: row.try_get(15)?,
                    alerts: row.try_get(16)?,
                    is_active: row.try_get(17)?,
                    version: row.try_get(18)?,
                    created_at: row.try_get(19)?,
                    updated_at: row.try_get(20)?,
                    name_key: row.try_get(21)?,
                })
            },
            mapper: |it| Pet::from(it),
        }
    }
}
impl<
    'c,
    'a,
    's,
    C: GenericClient,
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListOfCustomerParams<T1, T2, T3, T4>,
        PetQuery<'c, 'a, 's, C, Pet, 9>,
        C,
    > for ListOfCustomerStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListOfCustomerParams<T1, T2, T3, T4>,
    ) -> PetQuery<'c, 'a, 's, C, Pet, 9> {
        self.bind(
            client,
            &params.tenant_id,
            &params.customer_id,
            &params.after_key,
            &params.after_id,
            &params.low,
            &params.high,
            &params.species,
            &params.is_active,
            &params.fetch,
        )
    }
}
pub struct FindStmt(&'static str);
pub fn find() -> FindStmt {
    FindStmt(
        "select id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone, feeding, medication, allergies, behavior, alerts, is_active, version, created_at, updated_at, name_key from app.pets where tenant_id = $1 and id = $2",
    )
}
impl FindStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> PetQuery<'c, 'a, 's, C, Pet, 2> {
        PetQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PetBorrowed, tokio_postgres::Error> {
                Ok(PetBorrowed {
                    id: row.try_get(0)?,
                    customer_id: row.try_get(1)?,
                    name: row.try_get(2)?,
                    species: row.try_get(3)?,
                    breed: row.try_get(4)?,
                    sex: row.try_get(5)?,
                    birth_on: row.try_get(6)?,
                    weight_grams: row.try_get(7)?,
                    neutered: row.try_get(8)?,
                    microchip: row.try_get(9)?,
                    vet_name: row.try_get(10)?,
                    vet_phone: row.try_get(11)?,
                    feeding: row.try_get(12)?,
                    medication: row.try_get(13)?,
                    allergies: row.try_get(14)?,
                    behavior: row.try_get(15)?,
                    alerts: row.try_get(16)?,
                    is_active: row.try_get(17)?,
                    version: row.try_get(18)?,
                    created_at: row.try_get(19)?,
                    updated_at: row.try_get(20)?,
                    name_key: row.try_get(21)?,
                })
            },
            mapper: |it| Pet::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, FindParams, PetQuery<'c, 'a, 's, C, Pet, 2>, C> for FindStmt
{
    fn params(&'s self, client: &'c C, params: &'a FindParams) -> PetQuery<'c, 'a, 's, C, Pet, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct LockStmt(&'static str);
pub fn lock() -> LockStmt {
    LockStmt(
        "select id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone, feeding, medication, allergies, behavior, alerts, is_active, version, created_at, updated_at, name_key from app.pets where tenant_id = $1 and id = $2 for no key update",
    )
}
impl LockStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> PetQuery<'c, 'a, 's, C, Pet, 2> {
        PetQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PetBorrowed, tokio_postgres::Error> {
                Ok(PetBorrowed {
                    id: row.try_get(0)?,
                    customer_id: row.try_get(1)?,
                    name: row.try_get(2)?,
                    species: row.try_get(3)?,
                    breed: row.try_get(4)?,
                    sex: row.try_get(5)?,
                    birth_on: row.try_get(6)?,
                    weight_grams: row.try_get(7)?,
                    neutered: row.try_get(8)?,
                    microchip: row.try_get(9)?,
                    vet_name: row.try_get(10)?,
                    vet_phone: row.try_get(11)?,
                    feeding: row.try_get(12)?,
                    medication: row.try_get(13)?,
                    allergies: row.try_get(14)?,
                    behavior: row.try_get(15)?,
                    alerts: row.try_get(16)?,
                    is_active: row.try_get(17)?,
                    version: row.try_get(18)?,
                    created_at: row.try_get(19)?,
                    updated_at: row.try_get(20)?,
                    name_key: row.try_get(21)?,
                })
            },
            mapper: |it| Pet::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, LockParams, PetQuery<'c, 'a, 's, C, Pet, 2>, C> for LockStmt
{
    fn params(&'s self, client: &'c C, params: &'a LockParams) -> PetQuery<'c, 'a, 's, C, Pet, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct InsertStmt(&'static str);
pub fn insert() -> InsertStmt {
    InsertStmt(
        "insert into app.pets (tenant_id, id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone, feeding, medication, allergies, behavior, alerts, is_active, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20) returning id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone, feeding, medication, allergies, behavior, alerts, is_active, version, created_at, updated_at, name_key",
    )
}
impl InsertStmt {
    pub fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::StringSql,
        T2: crate::StringSql,
        T3: crate::StringSql,
        T4: crate::StringSql,
        T5: crate::StringSql,
        T6: crate::StringSql,
        T7: crate::StringSql,
        T8: crate::StringSql,
        T9: crate::StringSql,
        T10: crate::StringSql,
        T11: crate::StringSql,
        T12: crate::StringSql,
        T13: crate::ArraySql<Item = T12>,
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        customer_id: &'a uuid::Uuid,
        name: &'a T1,
        species: &'a T2,
        breed: &'a Option<T3>,
        sex: &'a T4,
        birth_on: &'a Option<jiff::civil::Date>,
        weight_grams: &'a Option<i32>,
        neutered: &'a Option<bool>,
        microchip: &'a Option<T5>,
        vet_name: &'a Option<T6>,
        vet_phone: &'a Option<T7>,
        feeding: &'a Option<T8>,
        medication: &'a Option<T9>,
        allergies: &'a Option<T10>,
        behavior: &'a Option<T11>,
        alerts: &'a T13,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
    ) -> PetQuery<'c, 'a, 's, C, Pet, 20> {
        PetQuery {
            client,
            params: [
                tenant_id,
                id,
                customer_id,
                name,
                species,
                breed,
                sex,
                birth_on,
                weight_grams,
                neutered,
                microchip,
                vet_name,
                vet_phone,
                feeding,
                medication,
                allergies,
                behavior,
                alerts,
                is_active,
                now,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PetBorrowed, tokio_postgres::Error> {
                Ok(PetBorrowed {
                    id: row.try_get(0)?,
                    customer_id: row.try_get(1)?,
                    name: row.try_get(2)?,
                    species: row.try_get(3)?,
                    breed: row.try_get(4)?,
                    sex: row.try_get(5)?,
                    birth_on: row.try_get(6)?,
                    weight_grams: row.try_get(7)?,
                    neutered: row.try_get(8)?,
                    microchip: row.try_get(9)?,
                    vet_name: row.try_get(10)?,
                    vet_phone: row.try_get(11)?,
                    feeding: row.try_get(12)?,
                    medication: row.try_get(13)?,
                    allergies: row.try_get(14)?,
                    behavior: row.try_get(15)?,
                    alerts: row.try_get(16)?,
                    is_active: row.try_get(17)?,
                    version: row.try_get(18)?,
                    created_at: row.try_get(19)?,
                    updated_at: row.try_get(20)?,
                    name_key: row.try_get(21)?,
                })
            },
            mapper: |it| Pet::from(it),
        }
    }
}
impl<
    'c,
    'a,
    's,
    C: GenericClient,
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
    T5: crate::StringSql,
    T6: crate::StringSql,
    T7: crate::StringSql,
    T8: crate::StringSql,
    T9: crate::StringSql,
    T10: crate::StringSql,
    T11: crate::StringSql,
    T12: crate::StringSql,
    T13: crate::ArraySql<Item = T12>,
>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        InsertParams<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>,
        PetQuery<'c, 'a, 's, C, Pet, 20>,
        C,
    > for InsertStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertParams<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>,
    ) -> PetQuery<'c, 'a, 's, C, Pet, 20> {
        self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.customer_id,
            &params.name,
            &params.species,
            &params.breed,
            &params.sex,
            &params.birth_on,
            &params.weight_grams,
            &params.neutered,
            &params.microchip,
            &params.vet_name,
            &params.vet_phone,
            &params.feeding,
            &params.medication,
            &params.allergies,
            &params.behavior,
            &params.alerts,
            &params.is_active,
            &params.now,
        )
    }
}
pub struct UpdateStmt(&'static str);
pub fn update() -> UpdateStmt {
    UpdateStmt(
        "update app.pets set name = $1, species = $2, breed = $3, sex = $4, birth_on = $5, weight_grams = $6, neutered = $7, microchip = $8, vet_name = $9, vet_phone = $10, feeding = $11, medication = $12, allergies = $13, behavior = $14, alerts = $15, is_active = $16, version = version + 1, updated_at = $17 where tenant_id = $18 and id = $19 returning id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone, feeding, medication, allergies, behavior, alerts, is_active, version, created_at, updated_at, name_key",
    )
}
impl UpdateStmt {
    pub fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::StringSql,
        T2: crate::StringSql,
        T3: crate::StringSql,
        T4: crate::StringSql,
        T5: crate::StringSql,
        T6: crate::StringSql,
        T7: crate::StringSql,
        T8: crate::StringSql,
        T9: crate::StringSql,
        T10: crate::StringSql,
        T11: crate::StringSql,
        T12: crate::StringSql,
        T13: crate::ArraySql<Item = T12>,
    >(
        &'s self,
        client: &'c C,
        name: &'a T1,
        species: &'a T2,
        breed: &'a Option<T3>,
        sex: &'a T4,
        birth_on: &'a Option<jiff::civil::Date>,
        weight_grams: &'a Option<i32>,
        neutered: &'a Option<bool>,
        microchip: &'a Option<T5>,
        vet_name: &'a Option<T6>,
        vet_phone: &'a Option<T7>,
        feeding: &'a Option<T8>,
        medication: &'a Option<T9>,
        allergies: &'a Option<T10>,
        behavior: &'a Option<T11>,
        alerts: &'a T13,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> PetQuery<'c, 'a, 's, C, Pet, 19> {
        PetQuery {
            client,
            params: [
                name,
                species,
                breed,
                sex,
                birth_on,
                weight_grams,
                neutered,
                microchip,
                vet_name,
                vet_phone,
                feeding,
                medication,
                allergies,
                behavior,
                alerts,
                is_active,
                now,
                tenant_id,
                id,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PetBorrowed, tokio_postgres::Error> {
                Ok(PetBorrowed {
                    id: row.try_get(0)?,
                    customer_id: row.try_get(1)?,
                    name: row.try_get(2)?,
                    species: row.try_get(3)?,
                    breed: row.try_get(4)?,
                    sex: row.try_get(5)?,
                    birth_on: row.try_get(6)?,
                    weight_grams: row.try_get(7)?,
                    neutered: row.try_get(8)?,
                    microchip: row.try_get(9)?,
                    vet_name: row.try_get(10)?,
                    vet_phone: row.try_get(11)?,
                    feeding: row.try_get(12)?,
                    medication: row.try_get(13)?,
                    allergies: row.try_get(14)?,
                    behavior: row.try_get(15)?,
                    alerts: row.try_get(16)?,
                    is_active: row.try_get(17)?,
                    version: row.try_get(18)?,
                    created_at: row.try_get(19)?,
                    updated_at: row.try_get(20)?,
                    name_key: row.try_get(21)?,
                })
            },
            mapper: |it| Pet::from(it),
        }
    }
}
impl<
    'c,
    'a,
    's,
    C: GenericClient,
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
    T5: crate::StringSql,
    T6: crate::StringSql,
    T7: crate::StringSql,
    T8: crate::StringSql,
    T9: crate::StringSql,
    T10: crate::StringSql,
    T11: crate::StringSql,
    T12: crate::StringSql,
    T13: crate::ArraySql<Item = T12>,
>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        UpdateParams<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>,
        PetQuery<'c, 'a, 's, C, Pet, 19>,
        C,
    > for UpdateStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateParams<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>,
    ) -> PetQuery<'c, 'a, 's, C, Pet, 19> {
        self.bind(
            client,
            &params.name,
            &params.species,
            &params.breed,
            &params.sex,
            &params.birth_on,
            &params.weight_grams,
            &params.neutered,
            &params.microchip,
            &params.vet_name,
            &params.vet_phone,
            &params.feeding,
            &params.medication,
            &params.allergies,
            &params.behavior,
            &params.alerts,
            &params.is_active,
            &params.now,
            &params.tenant_id,
            &params.id,
        )
    }
}
pub struct ArchiveStmt(&'static str);
pub fn archive() -> ArchiveStmt {
    ArchiveStmt(
        "update app.pets set is_active = false, version = version + 1, updated_at = $1 where tenant_id = $2 and id = $3",
    )
}
impl ArchiveStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[now, tenant_id, id]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        ArchiveParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for ArchiveStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a ArchiveParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.now, &params.tenant_id, &params.id))
    }
}
pub struct CustomersOfStmt(&'static str);
pub fn customers_of() -> CustomersOfStmt {
    CustomersOfStmt(
        "select id, first_name, last_name, email, phone, is_active from app.customers where tenant_id = $1 and id = any ($2)",
    )
}
impl CustomersOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        customer_ids: &'a T1,
    ) -> PetCustomerQuery<'c, 'a, 's, C, PetCustomer, 2> {
        PetCustomerQuery {
            client,
            params: [tenant_id, customer_ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PetCustomerBorrowed, tokio_postgres::Error> {
                Ok(PetCustomerBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    phone: row.try_get(4)?,
                    is_active: row.try_get(5)?,
                })
            },
            mapper: |it| PetCustomer::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        CustomersOfParams<T1>,
        PetCustomerQuery<'c, 'a, 's, C, PetCustomer, 2>,
        C,
    > for CustomersOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a CustomersOfParams<T1>,
    ) -> PetCustomerQuery<'c, 'a, 's, C, PetCustomer, 2> {
        self.bind(client, &params.tenant_id, &params.customer_ids)
    }
}
pub struct VaccinationsOfStmt(&'static str);
pub fn vaccinations_of() -> VaccinationsOfStmt {
    VaccinationsOfStmt(
        "select id, pet_id, vaccine, given_on, expires_on, verified from app.vaccinations where tenant_id = $1 and pet_id = any ($2) order by pet_id, vaccine_key, expires_on, id",
    )
}
impl VaccinationsOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        pet_ids: &'a T1,
    ) -> PetVaccinationQuery<'c, 'a, 's, C, PetVaccination, 2> {
        PetVaccinationQuery {
            client,
            params: [tenant_id, pet_ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<PetVaccinationBorrowed, tokio_postgres::Error> {
                Ok(PetVaccinationBorrowed {
                    id: row.try_get(0)?,
                    pet_id: row.try_get(1)?,
                    vaccine: row.try_get(2)?,
                    given_on: row.try_get(3)?,
                    expires_on: row.try_get(4)?,
                    verified: row.try_get(5)?,
                })
            },
            mapper: |it| PetVaccination::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        VaccinationsOfParams<T1>,
        PetVaccinationQuery<'c, 'a, 's, C, PetVaccination, 2>,
        C,
    > for VaccinationsOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a VaccinationsOfParams<T1>,
    ) -> PetVaccinationQuery<'c, 'a, 's, C, PetVaccination, 2> {
        self.bind(client, &params.tenant_id, &params.pet_ids)
    }
}
