// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct ListParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub after_date: jiff::civil::Date,
    pub after_id: uuid::Uuid,
    pub vaccine_key: Option<T1>,
    pub expires_before: jiff::civil::Date,
    pub verified: Option<bool>,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct ListOfPetParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub after_date: jiff::civil::Date,
    pub after_id: uuid::Uuid,
    pub vaccine_key: Option<T1>,
    pub expires_before: jiff::civil::Date,
    pub verified: Option<bool>,
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
pub struct InsertParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub vaccine: T1,
    pub given_on: Option<jiff::civil::Date>,
    pub expires_on: jiff::civil::Date,
    pub verified: bool,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct UpdateParams<T1: crate::StringSql> {
    pub vaccine: T1,
    pub given_on: Option<jiff::civil::Date>,
    pub expires_on: jiff::civil::Date,
    pub verified: bool,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Clone, Copy, Debug)]
pub struct DeleteParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct RecordsOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub pet_ids: T1,
}
#[derive(Debug)]
pub struct ListRequirementsParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
    T5: crate::StringSql,
> {
    pub tenant_id: uuid::Uuid,
    pub after_species: T1,
    pub after_category: T2,
    pub after_vaccine: T3,
    pub species: Option<T4>,
    pub category: Option<T5>,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct RequirementsForParams<T1: crate::StringSql, T2: crate::ArraySql<Item = T1>, T3: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub species_of_pets: T2,
    pub category: T3,
}
#[derive(Clone, Copy, Debug)]
pub struct LockRequirementParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct InsertRequirementParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub species: T1,
    pub category: T2,
    pub vaccine: T3,
    pub enforcement: T4,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct UpdateRequirementParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
> {
    pub species: T1,
    pub category: T2,
    pub vaccine: T3,
    pub enforcement: T4,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Clone, Copy, Debug)]
pub struct DeleteRequirementParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Vaccination {
    pub id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub vaccine: String,
    pub given_on: Option<jiff::civil::Date>,
    pub expires_on: jiff::civil::Date,
    pub verified: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
pub struct VaccinationBorrowed<'a> {
    pub id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub vaccine: &'a str,
    pub given_on: Option<jiff::civil::Date>,
    pub expires_on: jiff::civil::Date,
    pub verified: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
impl<'a> From<VaccinationBorrowed<'a>> for Vaccination {
    fn from(
        VaccinationBorrowed {
            id,
            pet_id,
            vaccine,
            given_on,
            expires_on,
            verified,
            version,
            created_at,
            updated_at,
        }: VaccinationBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            pet_id,
            vaccine: vaccine.into(),
            given_on,
            expires_on,
            verified,
            version,
            created_at,
            updated_at,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct VaccinationRecord {
    pub pet_id: uuid::Uuid,
    pub vaccine_key: String,
    pub given_on: Option<jiff::civil::Date>,
    pub expires_on: jiff::civil::Date,
}
pub struct VaccinationRecordBorrowed<'a> {
    pub pet_id: uuid::Uuid,
    pub vaccine_key: &'a str,
    pub given_on: Option<jiff::civil::Date>,
    pub expires_on: jiff::civil::Date,
}
impl<'a> From<VaccinationRecordBorrowed<'a>> for VaccinationRecord {
    fn from(
        VaccinationRecordBorrowed { pet_id, vaccine_key, given_on, expires_on }: VaccinationRecordBorrowed<
            'a,
        >,
    ) -> Self {
        Self { pet_id, vaccine_key: vaccine_key.into(), given_on, expires_on }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    pub id: uuid::Uuid,
    pub species: String,
    pub category: String,
    pub vaccine: String,
    pub vaccine_key: String,
    pub enforcement: String,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
pub struct RequirementBorrowed<'a> {
    pub id: uuid::Uuid,
    pub species: &'a str,
    pub category: &'a str,
    pub vaccine: &'a str,
    pub vaccine_key: &'a str,
    pub enforcement: &'a str,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
impl<'a> From<RequirementBorrowed<'a>> for Requirement {
    fn from(
        RequirementBorrowed {
            id,
            species,
            category,
            vaccine,
            vaccine_key,
            enforcement,
            version,
            created_at,
            updated_at,
        }: RequirementBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            species: species.into(),
            category: category.into(),
            vaccine: vaccine.into(),
            vaccine_key: vaccine_key.into(),
            enforcement: enforcement.into(),
            version,
            created_at,
            updated_at,
        }
    }
}
use crate::client::async_::GenericClient;
pub struct VaccinationQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<VaccinationBorrowed, tokio_postgres::Error>,
    mapper: fn(VaccinationBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> VaccinationQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(VaccinationBorrowed) -> R) -> VaccinationQuery<'c, 'a, 's, C, R, N> {
        VaccinationQuery {
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
pub struct VaccinationRecordQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<VaccinationRecordBorrowed, tokio_postgres::Error>,
    mapper: fn(VaccinationRecordBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> VaccinationRecordQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(
        self,
        mapper: fn(VaccinationRecordBorrowed) -> R,
    ) -> VaccinationRecordQuery<'c, 'a, 's, C, R, N> {
        VaccinationRecordQuery {
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
pub struct RequirementQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<RequirementBorrowed, tokio_postgres::Error>,
    mapper: fn(RequirementBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> RequirementQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(RequirementBorrowed) -> R) -> RequirementQuery<'c, 'a, 's, C, R, N> {
        RequirementQuery {
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
        "select id, pet_id, vaccine, given_on, expires_on, verified, version, created_at, updated_at from app.vaccinations where tenant_id = $1 and (expires_on, id) > ($2, $3) and case when $4::text is null then true else vaccine_key = $4 end and expires_on < $5 and case when $6::boolean is null then true else verified = $6 end order by expires_on, id limit $7",
    )
}
impl ListStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        after_date: &'a jiff::civil::Date,
        after_id: &'a uuid::Uuid,
        vaccine_key: &'a Option<T1>,
        expires_before: &'a jiff::civil::Date,
        verified: &'a Option<bool>,
        fetch: &'a i64,
    ) -> VaccinationQuery<'c, 'a, 's, C, Vaccination, 7> {
        VaccinationQuery {
            client,
            params: [tenant_id, after_date, after_id, vaccine_key, expires_before, verified, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<VaccinationBorrowed, tokio_postgres::Error> {
                Ok(VaccinationBorrowed {
                    id: row.try_get(0)?,
                    pet_id: row.try_get(1)?,
                    vaccine: row.try_get(2)?,
                    given_on: row.try_get(3)?,
                    expires_on: row.try_get(4)?,
                    verified: row.try_get(5)?,
                    version: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Vaccination::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListParams<T1>,
        VaccinationQuery<'c, 'a, 's, C, Vaccination, 7>,
        C,
    > for ListStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListParams<T1>,
    ) -> VaccinationQuery<'c, 'a, 's, C, Vaccination, 7> {
        self.bind(
            client,
            &params.tenant_id,
            &params.after_date,
            &params.after_id,
            &params.vaccine_key,
            &params.expires_before,
            &params.verified,
            &params.fetch,
        )
    }
}
pub struct ListOfPetStmt(&'static str);
pub fn list_of_pet() -> ListOfPetStmt {
    ListOfPetStmt(
        "select id, pet_id, vaccine, given_on, expires_on, verified, version, created_at, updated_at from app.vaccinations where tenant_id = $1 and pet_id = $2 and (expires_on, id) > ($3, $4) and case when $5::text is null then true else vaccine_key = $5 end and expires_on < $6 and case when $7::boolean is null then true else verified = $7 end order by expires_on, id limit $8",
    )
}
impl ListOfPetStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        pet_id: &'a uuid::Uuid,
        after_date: &'a jiff::civil::Date,
        after_id: &'a uuid::Uuid,
        vaccine_key: &'a Option<T1>,
        expires_before: &'a jiff::civil::Date,
        verified: &'a Option<bool>,
        fetch: &'a i64,
    ) -> VaccinationQuery<'c, 'a, 's, C, Vaccination, 8> {
        VaccinationQuery {
            client,
            params: [tenant_id, pet_id, after_date, after_id, vaccine_key, expires_before, verified, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<VaccinationBorrowed, tokio_postgres::Error> {
                Ok(VaccinationBorrowed {
                    id: row.try_get(0)?,
                    pet_id: row.try_get(1)?,
                    vaccine: row.try_get(2)?,
                    given_on: row.try_get(3)?,
                    expires_on: row.try_get(4)?,
                    verified: row.try_get(5)?,
                    version: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Vaccination::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListOfPetParams<T1>,
        VaccinationQuery<'c, 'a, 's, C, Vaccination, 8>,
        C,
    > for ListOfPetStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListOfPetParams<T1>,
    ) -> VaccinationQuery<'c, 'a, 's, C, Vaccination, 8> {
        self.bind(
            client,
            &params.tenant_id,
            &params.pet_id,
            &params.after_date,
            &params.after_id,
            &params.vaccine_key,
            &params.expires_before,
            &params.verified,
            &params.fetch,
        )
    }
}
pub struct FindStmt(&'static str);
pub fn find() -> FindStmt {
    FindStmt(
        "select id, pet_id, vaccine, given_on, expires_on, verified, version, created_at, updated_at from app.vaccinations where tenant_id = $1 and id = $2",
    )
}
impl FindStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> VaccinationQuery<'c, 'a, 's, C, Vaccination, 2> {
        VaccinationQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<VaccinationBorrowed, tokio_postgres::Error> {
                Ok(VaccinationBorrowed {
                    id: row.try_get(0)?,
                    pet_id: row.try_get(1)?,
                    vaccine: row.try_get(2)?,
                    given_on: row.try_get(3)?,
                    expires_on: row.try_get(4)?,
                    verified: row.try_get(5)?,
                    version: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Vaccination::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, FindParams, VaccinationQuery<'c, 'a, 's, C, Vaccination, 2>, C>
    for FindStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a FindParams,
    ) -> VaccinationQuery<'c, 'a, 's, C, Vaccination, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct LockStmt(&'static str);
pub fn lock() -> LockStmt {
    LockStmt(
        "select id, pet_id, vaccine, given_on, expires_on, verified, version, created_at, updated_at from app.vaccinations where tenant_id = $1 and id = $2 for update",
    )
}
impl LockStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> VaccinationQuery<'c, 'a, 's, C, Vaccination, 2> {
        VaccinationQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<VaccinationBorrowed, tokio_postgres::Error> {
                Ok(VaccinationBorrowed {
                    id: row.try_get(0)?,
                    pet_id: row.try_get(1)?,
                    vaccine: row.try_get(2)?,
                    given_on: row.try_get(3)?,
                    expires_on: row.try_get(4)?,
                    verified: row.try_get(5)?,
                    version: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Vaccination::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, LockParams, VaccinationQuery<'c, 'a, 's, C, Vaccination, 2>, C>
    for LockStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a LockParams,
    ) -> VaccinationQuery<'c, 'a, 's, C, Vaccination, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct InsertStmt(&'static str);
pub fn insert() -> InsertStmt {
    InsertStmt(
        "insert into app.vaccinations (tenant_id, id, pet_id, vaccine, given_on, expires_on, verified, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning id, pet_id, vaccine, given_on, expires_on, verified, version, created_at, updated_at",
    )
}
impl InsertStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        pet_id: &'a uuid::Uuid,
        vaccine: &'a T1,
        given_on: &'a Option<jiff::civil::Date>,
        expires_on: &'a jiff::civil::Date,
        verified: &'a bool,
        now: &'a jiff::Timestamp,
    ) -> VaccinationQuery<'c, 'a, 's, C, Vaccination, 8> {
        VaccinationQuery {
            client,
            params: [tenant_id, id, pet_id, vaccine, given_on, expires_on, verified, now],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<VaccinationBorrowed, tokio_postgres::Error> {
                Ok(VaccinationBorrowed {
                    id: row.try_get(0)?,
                    pet_id: row.try_get(1)?,
                    vaccine: row.try_get(2)?,
                    given_on: row.try_get(3)?,
                    expires_on: row.try_get(4)?,
                    verified: row.try_get(5)?,
                    version: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Vaccination::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        InsertParams<T1>,
        VaccinationQuery<'c, 'a, 's, C, Vaccination, 8>,
        C,
    > for InsertStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertParams<T1>,
    ) -> VaccinationQuery<'c, 'a, 's, C, Vaccination, 8> {
        self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.pet_id,
            &params.vaccine,
            &params.given_on,
            &params.expires_on,
            &params.verified,
            &params.now,
        )
    }
}
pub struct UpdateStmt(&'static str);
pub fn update() -> UpdateStmt {
    UpdateStmt(
        "update app.vaccinations set vaccine = $1, given_on = $2, expires_on = $3, verified = $4, version = version + 1, updated_at = $5 where tenant_id = $6 and id = $7 returning id, pet_id, vaccine, given_on, expires_on, verified, version, created_at, updated_at",
    )
}
impl UpdateStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        vaccine: &'a T1,
        given_on: &'a Option<jiff::civil::Date>,
        expires_on: &'a jiff::civil::Date,
        verified: &'a bool,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> VaccinationQuery<'c, 'a, 's, C, Vaccination, 7> {
        VaccinationQuery {
            client,
            params: [vaccine, given_on, expires_on, verified, now, tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<VaccinationBorrowed, tokio_postgres::Error> {
                Ok(VaccinationBorrowed {
                    id: row.try_get(0)?,
                    pet_id: row.try_get(1)?,
                    vaccine: row.try_get(2)?,
                    given_on: row.try_get(3)?,
                    expires_on: row.try_get(4)?,
                    verified: row.try_get(5)?,
                    version: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Vaccination::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        UpdateParams<T1>,
        VaccinationQuery<'c, 'a, 's, C, Vaccination, 7>,
        C,
    > for UpdateStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateParams<T1>,
    ) -> VaccinationQuery<'c, 'a, 's, C, Vaccination, 7> {
        self.bind(
            client,
            &params.vaccine,
            &params.given_on,
            &params.expires_on,
            &params.verified,
            &params.now,
            &params.tenant_id,
            &params.id,
        )
    }
}
pub struct DeleteStmt(&'static str);
pub fn delete() -> DeleteStmt {
    DeleteStmt("delete from app.vaccinations where tenant_id = $1 and id = $2")
}
impl DeleteStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, id]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        DeleteParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for DeleteStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a DeleteParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.id))
    }
}
pub struct RecordsOfStmt(&'static str);
pub fn records_of() -> RecordsOfStmt {
    RecordsOfStmt(
        "select pet_id, vaccine_key, given_on, expires_on from app.vaccinations where tenant_id = $1 and pet_id = any ($2) order by pet_id, vaccine_key, expires_on",
    )
}
impl RecordsOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        pet_ids: &'a T1,
    ) -> VaccinationRecordQuery<'c, 'a, 's, C, VaccinationRecord, 2> {
        VaccinationRecordQuery {
            client,
            params: [tenant_id, pet_ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor:
                |row: &tokio_postgres::Row| -> Result<VaccinationRecordBorrowed, tokio_postgres::Error> {
                    Ok(VaccinationRecordBorrowed {
                        pet_id: row.try_get(0)?,
                        vaccine_key: row.try_get(1)?,
                        given_on: row.try_get(2)?,
                        expires_on: row.try_get(3)?,
                    })
                },
            mapper: |it| VaccinationRecord::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        RecordsOfParams<T1>,
        VaccinationRecordQuery<'c, 'a, 's, C, VaccinationRecord, 2>,
        C,
    > for RecordsOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a RecordsOfParams<T1>,
    ) -> VaccinationRecordQuery<'c, 'a, 's, C, VaccinationRecord, 2> {
        self.bind(client, &params.tenant_id, &params.pet_ids)
    }
}
pub struct ListRequirementsStmt(&'static str);
pub fn list_requirements() -> ListRequirementsStmt {
    ListRequirementsStmt(
        "select id, species, category, vaccine, vaccine_key, enforcement, version, created_at, updated_at from app.vaccine_requirements where tenant_id = $1 and (species, category, vaccine_key) > ($2, $3, $4) and case when $5::text is null then true else species = $5 end and case when $6::text is null then true else category = $6 end order by species, category, vaccine_key limit $7",
    )
}
impl ListRequirementsStmt {
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
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        after_species: &'a T1,
        after_category: &'a T2,
        after_vaccine: &'a T3,
        species: &'a Option<T4>,
        category: &'a Option<T5>,
        fetch: &'a i64,
    ) -> RequirementQuery<'c, 'a, 's, C, Requirement, 7> {
        RequirementQuery {
            client,
            params: [tenant_id, after_species, after_category, after_vaccine, species, category, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<RequirementBorrowed, tokio_postgres::Error> {
                Ok(RequirementBorrowed {
                    id: row.try_get(0)?,
                    species: row.try_get(1)?,
                    category: row.try_get(2)?,
                    vaccine: row.try_get(3)?,
                    vaccine_key: row.try_get(4)?,
                    enforcement: row.try_get(5)?,
                    version: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Requirement::from(it),
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
>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListRequirementsParams<T1, T2, T3, T4, T5>,
        RequirementQuery<'c, 'a, 's, C, Requirement, 7>,
        C,
    > for ListRequirementsStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListRequirementsParams<T1, T2, T3, T4, T5>,
    ) -> RequirementQuery<'c, 'a, 's, C, Requirement, 7> {
        self.bind(
            client,
            &params.tenant_id,
            &params.after_species,
            &params.after_category,
            &params.after_vaccine,
            &params.species,
            &params.category,
            &params.fetch,
        )
    }
}
pub struct RequirementsForStmt(&'static str);
pub fn requirements_for() -> RequirementsForStmt {
    RequirementsForStmt(
        "select id, species, category, vaccine, vaccine_key, enforcement, version, created_at, updated_at from app.vaccine_requirements where tenant_id = $1 and species = any ($2) and category = $3 order by species, category, vaccine_key",
    )
}
impl RequirementsForStmt {
    pub fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::StringSql,
        T2: crate::ArraySql<Item = T1>,
        T3: crate::StringSql,
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        species_of_pets: &'a T2,
        category: &'a T3,
    ) -> RequirementQuery<'c, 'a, 's, C, Requirement, 3> {
        RequirementQuery {
            client,
            params: [tenant_id, species_of_pets, category],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<RequirementBorrowed, tokio_postgres::Error> {
                Ok(RequirementBorrowed {
                    id: row.try_get(0)?,
                    species: row.try_get(1)?,
                    category: row.try_get(2)?,
                    vaccine: row.try_get(3)?,
                    vaccine_key: row.try_get(4)?,
                    enforcement: row.try_get(5)?,
                    version: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Requirement::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::ArraySql<Item = T1>, T3: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        RequirementsForParams<T1, T2, T3>,
        RequirementQuery<'c, 'a, 's, C, Requirement, 3>,
        C,
    > for RequirementsForStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a RequirementsForParams<T1, T2, T3>,
    ) -> RequirementQuery<'c, 'a, 's, C, Requirement, 3> {
        self.bind(client, &params.tenant_id, &params.species_of_pets, &params.category)
    }
}
pub struct LockRequirementStmt(&'static str);
pub fn lock_requirement() -> LockRequirementStmt {
    LockRequirementStmt(
        "select id, species, category, vaccine, vaccine_key, enforcement, version, created_at, updated_at from app.vaccine_requirements where tenant_id = $1 and id = $2 for update",
    )
}
impl LockRequirementStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> RequirementQuery<'c, 'a, 's, C, Requirement, 2> {
        RequirementQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<RequirementBorrowed, tokio_postgres::Error> {
                Ok(RequirementBorrowed {
                    id: row.try_get(0)?,
                    species: row.try_get(1)?,
                    category: row.try_get(2)?,
                    vaccine: row.try_get(3)?,
                    vaccine_key: row.try_get(4)?,
                    enforcement: row.try_get(5)?,
                    version: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Requirement::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        LockRequirementParams,
        RequirementQuery<'c, 'a, 's, C, Requirement, 2>,
        C,
    > for LockRequirementStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a LockRequirementParams,
    ) -> RequirementQuery<'c, 'a, 's, C, Requirement, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct InsertRequirementStmt(&'static str);
pub fn insert_requirement() -> InsertRequirementStmt {
    InsertRequirementStmt(
        "insert into app.vaccine_requirements (tenant_id, id, species, category, vaccine, enforcement, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $7) returning id, species, category, vaccine, vaccine_key, enforcement, version, created_at, updated_at",
    )
}
impl InsertRequirementStmt {
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
        id: &'a uuid::Uuid,
        species: &'a T1,
        category: &'a T2,
        vaccine: &'a T3,
        enforcement: &'a T4,
        now: &'a jiff::Timestamp,
    ) -> RequirementQuery<'c, 'a, 's, C, Requirement, 7> {
        RequirementQuery {
            client,
            params: [tenant_id, id, species, category, vaccine, enforcement, now],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<RequirementBorrowed, tokio_postgres::Error> {
                Ok(RequirementBorrowed {
                    id: row.try_get(0)?,
                    species: row.try_get(1)?,
                    category: row.try_get(2)?,
                    vaccine: row.try_get(3)?,
                    vaccine_key: row.try_get(4)?,
                    enforcement: row.try_get(5)?,
                    version: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Requirement::from(it),
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
        InsertRequirementParams<T1, T2, T3, T4>,
        RequirementQuery<'c, 'a, 's, C, Requirement, 7>,
        C,
    > for InsertRequirementStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertRequirementParams<T1, T2, T3, T4>,
    ) -> RequirementQuery<'c, 'a, 's, C, Requirement, 7> {
        self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.species,
            &params.category,
            &params.vaccine,
            &params.enforcement,
            &params.now,
        )
    }
}
pub struct UpdateRequirementStmt(&'static str);
pub fn update_requirement() -> UpdateRequirementStmt {
    UpdateRequirementStmt(
        "update app.vaccine_requirements set species = $1, category = $2, vaccine = $3, enforcement = $4, version = version + 1, updated_at = $5 where tenant_id = $6 and id = $7 returning id, species, category, vaccine, vaccine_key, enforcement, version, created_at, updated_at",
    )
}
impl UpdateRequirementStmt {
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
        species: &'a T1,
        category: &'a T2,
        vaccine: &'a T3,
        enforcement: &'a T4,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> RequirementQuery<'c, 'a, 's, C, Requirement, 7> {
        RequirementQuery {
            client,
            params: [species, category, vaccine, enforcement, now, tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<RequirementBorrowed, tokio_postgres::Error> {
                Ok(RequirementBorrowed {
                    id: row.try_get(0)?,
                    species: row.try_get(1)?,
                    category: row.try_get(2)?,
                    vaccine: row.try_get(3)?,
                    vaccine_key: row.try_get(4)?,
                    enforcement: row.try_get(5)?,
                    version: row.try_get(6)?,
                    created_at: row.try_get(7)?,
                    updated_at: row.try_get(8)?,
                })
            },
            mapper: |it| Requirement::from(it),
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
        UpdateRequirementParams<T1, T2, T3, T4>,
        RequirementQuery<'c, 'a, 's, C, Requirement, 7>,
        C,
    > for UpdateRequirementStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateRequirementParams<T1, T2, T3, T4>,
    ) -> RequirementQuery<'c, 'a, 's, C, Requirement, 7> {
        self.bind(
            client,
            &params.species,
            &params.category,
            &params.vaccine,
            &params.enforcement,
            &params.now,
            &params.tenant_id,
            &params.id,
        )
    }
}
pub struct DeleteRequirementStmt(&'static str);
pub fn delete_requirement() -> DeleteRequirementStmt {
    DeleteRequirementStmt("delete from app.vaccine_requirements where tenant_id = $1 and id = $2")
}
impl DeleteRequirementStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, id]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        DeleteRequirementParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for DeleteRequirementStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a DeleteRequirementParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.id))
    }
}
