// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct ListParams<T1: crate::StringSql, T2: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub after_key: T1,
    pub after_id: uuid::Uuid,
    pub is_active: Option<bool>,
    pub tag: Option<T2>,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct ListByExternalIdParams<T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub external_id: T1,
    pub after_key: T2,
    pub after_id: uuid::Uuid,
    pub is_active: Option<bool>,
    pub tag: Option<T3>,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct SearchParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
    T5: crate::StringSql,
    T6: crate::StringSql,
    T7: crate::StringSql,
    T8: crate::StringSql,
    T9: crate::StringSql,
> {
    pub tenant_id: uuid::Uuid,
    pub low: T1,
    pub high: T2,
    pub digits_low: Option<T3>,
    pub digits_high: Option<T4>,
    pub reversed_low: Option<T5>,
    pub reversed_high: Option<T6>,
    pub after_key: T7,
    pub after_id: uuid::Uuid,
    pub is_active: Option<bool>,
    pub tag: Option<T8>,
    pub external_id: Option<T9>,
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
    T13: crate::StringSql,
    T14: crate::StringSql,
    T15: crate::ArraySql<Item = T14>,
    T16: crate::StringSql,
> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub first_name: T1,
    pub last_name: T2,
    pub email: Option<T3>,
    pub phone: Option<T4>,
    pub address_line1: Option<T5>,
    pub address_line2: Option<T6>,
    pub city: Option<T7>,
    pub region: Option<T8>,
    pub postal_code: Option<T9>,
    pub country: Option<T10>,
    pub emergency_contact_name: Option<T11>,
    pub emergency_contact_phone: Option<T12>,
    pub notes: Option<T13>,
    pub tags: T15,
    pub external_id: Option<T16>,
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
    T13: crate::StringSql,
    T14: crate::StringSql,
    T15: crate::ArraySql<Item = T14>,
    T16: crate::StringSql,
> {
    pub first_name: T1,
    pub last_name: T2,
    pub email: Option<T3>,
    pub phone: Option<T4>,
    pub address_line1: Option<T5>,
    pub address_line2: Option<T6>,
    pub city: Option<T7>,
    pub region: Option<T8>,
    pub postal_code: Option<T9>,
    pub country: Option<T10>,
    pub emergency_contact_name: Option<T11>,
    pub emergency_contact_phone: Option<T12>,
    pub notes: Option<T13>,
    pub tags: T15,
    pub external_id: Option<T16>,
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
pub struct PetsOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub customer_ids: T1,
}
#[derive(Debug)]
pub struct StaysOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub customer_ids: T1,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    pub id: uuid::Uuid,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub address_line1: Option<String>,
    pub address_line2: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub emergency_contact_name: Option<String>,
    pub emergency_contact_phone: Option<String>,
    pub notes: Option<String>,
    pub tags: Vec<String>,
    pub external_id: Option<String>,
    pub is_active: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
    pub sort_key: String,
}
pub struct CustomerBorrowed<'a> {
    pub id: uuid::Uuid,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub email: Option<&'a str>,
    pub phone: Option<&'a str>,
    pub address_line1: Option<&'a str>,
    pub address_line2: Option<&'a str>,
    pub city: Option<&'a str>,
    pub region: Option<&'a str>,
    pub postal_code: Option<&'a str>,
    pub country: Option<&'a str>,
    pub emergency_contact_name: Option<&'a str>,
    pub emergency_contact_phone: Option<&'a str>,
    pub notes: Option<&'a str>,
    pub tags: crate::ArrayIterator<'a, &'a str>,
    pub external_id: Option<&'a str>,
    pub is_active: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
    pub sort_key: &'a str,
}
impl<'a> From<CustomerBorrowed<'a>> for Customer {
    fn from(
        CustomerBorrowed {
            id,
            first_name,
            last_name,
            email,
            phone,
            address_line1,
            address_line2,
            city,
            region,
            postal_code,
            country,
            emergency_contact_name,
            emergency_contact_phone,
            notes,
            tags,
            external_id,
            is_active,
            version,
            created_at,
            updated_at,
            sort_key,
        }: CustomerBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            first_name: first_name.into(),
            last_name: last_name.into(),
            email: email.map(|v| v.into()),
            phone: phone.map(|v| v.into()),
            address_line1: address_line1.map(|v| v.into()),
            address_line2: address_line2.map(|v| v.into()),
            city: city.map(|v| v.into()),
            region: region.map(|v| v.into()),
            postal_code: postal_code.map(|v| v.into()),
            country: country.map(|v| v.into()),
            emergency_contact_name: emergency_contact_name.map(|v| v.into()),
            emergency_contact_phone: emergency_contact_phone.map(|v| v.into()),
            notes: notes.map(|v| v.into()),
            tags: tags.map(|v| v.into()).collect(),
            external_id: external_id.map(|v| v.into()),
            is_active,
            version,
            created_at,
            updated_at,
            sort_key: sort_key.into(),
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerPet {
    pub id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub name: String,
    pub species: String,
    pub breed: Option<String>,
    pub sex: String,
    pub birth_on: Option<jiff::civil::Date>,
    pub weight_grams: Option<i32>,
    pub alerts: Vec<String>,
    pub is_active: bool,
}
pub struct CustomerPetBorrowed<'a> {
    pub id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub name: &'a str,
    pub species: &'a str,
    pub breed: Option<&'a str>,
    pub sex: &'a str,
    pub birth_on: Option<jiff::civil::Date>,
    pub weight_grams: Option<i32>,
    pub alerts: crate::ArrayIterator<'a, &'a str>,
    pub is_active: bool,
}
impl<'a> From<CustomerPetBorrowed<'a>> for CustomerPet {
    fn from(
        CustomerPetBorrowed {
            id,
            customer_id,
            name,
            species,
            breed,
            sex,
            birth_on,
            weight_grams,
            alerts,
            is_active,
        }: CustomerPetBorrowed<'a>,
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
            alerts: alerts.map(|v| v.into()).collect(),
            is_active,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerStay {
    pub id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub service_id: uuid::Uuid,
    pub kennel_id: Option<uuid::Uuid>,
    pub check_in_date: jiff::civil::Date,
    pub check_out_date: jiff::civil::Date,
    pub status: String,
    pub total_cents: i64,
}
pub struct CustomerStayBorrowed<'a> {
    pub id: uuid::Uuid,
    pub customer_id: uuid::Uuid,
    pub pet_id: uuid::Uuid,
    pub service_id: uuid::Uuid,
    pub kennel_id: Option<uuid::Uuid>,
    pub check_in_date: jiff::civil::Date,
    pub check_out_date: jiff::civil::Date,
    pub status: &'a str,
    pub total_cents: i64,
}
impl<'a> From<CustomerStayBorrowed<'a>> for CustomerStay {
    fn from(
        CustomerStayBorrowed {
            id,
            customer_id,
            pet_id,
            service_id,
            kennel_id,
            check_in_date,
            check_out_date,
            status,
            total_cents,
        }: CustomerStayBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            customer_id,
            pet_id,
            service_id,
            kennel_id,
            check_in_date,
            check_out_date,
            status: status.into(),
            total_cents,
        }
    }
}
use crate::client::async_::GenericClient;
pub struct CustomerQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<CustomerBorrowed, tokio_postgres::Error>,
    mapper: fn(CustomerBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> CustomerQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(CustomerBorrowed) -> R) -> CustomerQuery<'c, 'a, 's, C, R, N> {
        CustomerQuery {
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
pub struct CustomerPetQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<CustomerPetBorrowed, tokio_postgres::Error>,
    mapper: fn(CustomerPetBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> CustomerPetQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(CustomerPetBorrowed) -> R) -> CustomerPetQuery<'c, 'a, 's, C, R, N> {
        CustomerPetQuery {
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
pub struct CustomerStayQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<CustomerStayBorrowed, tokio_postgres::Error>,
    mapper: fn(CustomerStayBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> CustomerStayQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(CustomerStayBorrowed) -> R) -> CustomerStayQuery<'c, 'a, 's, C, R, N> {
        CustomerStayQuery {
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
        "select id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country, emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key from app.customers where tenant_id = $1 and (sort_key, id) > ($2, $3) and case when $4::boolean is null then true else is_active = $4 end and case when $5::text is null then true else $5 = any (tags) end order by sort_key, id limit $6",
    )
}
impl ListStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        after_key: &'a T1,
        after_id: &'a uuid::Uuid,
        is_active: &'a Option<bool>,
        tag: &'a Option<T2>,
        fetch: &'a i64,
    ) -> CustomerQuery<'c, 'a, 's, C, Customer, 6> {
        CustomerQuery {
            client,
            params: [tenant_id, after_key, after_id, is_active, tag, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<CustomerBorrowed, tokio_postgres::Error> {
                Ok(CustomerBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    phone: row.try_get(4)?,
                    address_line1: row.try_get(5)?,
                    address_line2: row.try_get(6)?,
                    city: row.try_get(7)?,
                    region: row.try_get(8)?,
                    postal_code: row.try_get(9)?,
                    country: row.try_get(10)?,
                    emergency_contact_name: row.try_get(11)?,
                    emergency_contact_phone: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    tags: row.try_get(14)?,
                    external_id: row.try_get(15)?,
                    is_active: row.try_get(16)?,
                    version: row.try_get(17)?,
                    created_at: row.try_get(18)?,
                    updated_at: row.try_get(19)?,
                    sort_key: row.try_get(20)?,
                })
            },
            mapper: |it| Customer::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListParams<T1, T2>,
        CustomerQuery<'c, 'a, 's, C, Customer, 6>,
        C,
    > for ListStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListParams<T1, T2>,
    ) -> CustomerQuery<'c, 'a, 's, C, Customer, 6> {
        self.bind(
            client,
            &params.tenant_id,
            &params.after_key,
            &params.after_id,
            &params.is_active,
            &params.tag,
            &params.fetch,
        )
    }
}
pub struct ListByExternalIdStmt(&'static str);
pub fn list_by_external_id() -> ListByExternalIdStmt {
    ListByExternalIdStmt(
        "select id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country, emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key from app.customers where tenant_id = $1 and external_id = $2 and (sort_key, id) > ($3, $4) and case when $5::boolean is null then true else is_active = $5 end and case when $6::text is null then true else $6 = any (tags) end order by sort_key, id limit $7",
    )
}
impl ListByExternalIdStmt {
    pub fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::StringSql,
        T2: crate::StringSql,
        T3: crate::StringSql,
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        external_id: &'a T1,
        after_key: &'a T2,
        after_id: &'a uuid::Uuid,
        is_active: &'a Option<bool>,
        tag: &'a Option<T3>,
        fetch: &'a i64,
    ) -> CustomerQuery<'c, 'a, 's, C, Customer, 7> {
        CustomerQuery {
            client,
            params: [tenant_id, external_id, after_key, after_id, is_active, tag, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<CustomerBorrowed, tokio_postgres::Error> {
                Ok(CustomerBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    phone: row.try_get(4)?,
                    address_line1: row.try_get(5)?,
                    address_line2: row.try_get(6)?,
                    city: row.try_get(7)?,
                    region: row.try_get(8)?,
                    postal_code: row.try_get(9)?,
                    country: row.try_get(10)?,
                    emergency_contact_name: row.try_get(11)?,
                    emergency_contact_phone: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    tags: row.try_get(14)?,
                    external_id: row.try_get(15)?,
                    is_active: row.try_get(16)?,
                    version: row.try_get(17)?,
                    created_at: row.try_get(18)?,
                    updated_at: row.try_get(19)?,
                    sort_key: row.try_get(20)?,
                })
            },
            mapper: |it| Customer::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListByExternalIdParams<T1, T2, T3>,
        CustomerQuery<'c, 'a, 's, C, Customer, 7>,
        C,
    > for ListByExternalIdStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListByExternalIdParams<T1, T2, T3>,
    ) -> CustomerQuery<'c, 'a, 's, C, Customer, 7> {
        self.bind(
            client,
            &params.tenant_id,
            &params.external_id,
            &params.after_key,
            &params.after_id,
            &params.is_active,
            &params.tag,
            &params.fetch,
        )
    }
}
pub struct SearchStmt(&'static str);
pub fn search() -> SearchStmt {
    SearchStmt(
        "select id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country, emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key from app.customers where tenant_id = $1 and id in ( select c.id from app.customers c where c.tenant_id = $1 and c.name_key >= $2 and c.name_key < $3 union select c.id from app.customers c where c.tenant_id = $1 and c.sort_key >= $2 and c.sort_key < $3 union select c.id from app.customers c where c.tenant_id = $1 and c.email_key >= $2 and c.email_key < $3 union select c.id from app.customers c where c.tenant_id = $1 and c.phone_key >= $4 and c.phone_key < $5 union select c.id from app.customers c where c.tenant_id = $1 and c.phone_end_key >= $6 and c.phone_end_key < $7 union select p.customer_id from app.pets p where p.tenant_id = $1 and p.name_key >= $2 and p.name_key < $3) and (sort_key, id) > ($8, $9) and case when $10::boolean is null then true else is_active = $10 end and case when $11::text is null then true else $11 = any (tags) end and case when $12::text is null then true else external_id = $12 end order by sort_key, id limit $13",
    )
}
impl SearchStmt {
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
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        low: &'a T1,
        high: &'a T2,
        digits_low: &'a Option<T3>,
        digits_high: &'a Option<T4>,
        reversed_low: &'a Option<T5>,
        reversed_high: &'a Option<T6>,
        after_key: &'a T7,
        after_id: &'a uuid::Uuid,
        is_active: &'a Option<bool>,
        tag: &'a Option<T8>,
        external_id: &'a Option<T9>,
        fetch: &'a i64,
    ) -> CustomerQuery<'c, 'a, 's, C, Customer, 13> {
        CustomerQuery {
            client,
            params: [
                tenant_id,
                low,
                high,
                digits_low,
                digits_high,
                reversed_low,
                reversed_high,
                after_key,
                after_id,
                is_active,
                tag,
                external_id,
                fetch,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<CustomerBorrowed, tokio_postgres::Error> {
                Ok(CustomerBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    phone: row.try_get(4)?,
                    address_line1: row.try_get(5)?,
                    address_line2: row.try_get(6)?,
                    city: row.try_get(7)?,
                    region: row.try_get(8)?,
                    postal_code: row.try_get(9)?,
                    country: row.try_get(10)?,
                    emergency_contact_name: row.try_get(11)?,
                    emergency_contact_phone: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    tags: row.try_get(14)?,
                    external_id: row.try_get(15)?,
                    is_active: row.try_get(16)?,
                    version: row.try_get(17)?,
                    created_at: row.try_get(18)?,
                    updated_at: row.try_get(19)?,
                    sort_key: row.try_get(20)?,
                })
            },
            mapper: |it| Customer::from(it),
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
>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        SearchParams<T1, T2, T3, T4, T5, T6, T7, T8, T9>,
        CustomerQuery<'c, 'a, 's, C, Customer, 13>,
        C,
    > for SearchStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a SearchParams<T1, T2, T3, T4, T5, T6, T7, T8, T9>,
    ) -> CustomerQuery<'c, 'a, 's, C, Customer, 13> {
        self.bind(
            client,
            &params.tenant_id,
            &params.low,
            &params.high,
            &params.digits_low,
            &params.digits_high,
            &params.reversed_low,
            &params.reversed_high,
            &params.after_key,
            &params.after_id,
            &params.is_active,
            &params.tag,
            &params.external_id,
            &params.fetch,
        )
    }
}
pub struct FindStmt(&'static str);
pub fn find() -> FindStmt {
    FindStmt(
        "select id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country, emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key from app.customers where tenant_id = $1 and id = $2",
    )
}
impl FindStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> CustomerQuery<'c, 'a, 's, C, Customer, 2> {
        CustomerQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<CustomerBorrowed, tokio_postgres::Error> {
                Ok(CustomerBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    phone: row.try_get(4)?,
                    address_line1: row.try_get(5)?,
                    address_line2: row.try_get(6)?,
                    city: row.try_get(7)?,
                    region: row.try_get(8)?,
                    postal_code: row.try_get(9)?,
                    country: row.try_get(10)?,
                    emergency_contact_name: row.try_get(11)?,
                    emergency_contact_phone: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    tags: row.try_get(14)?,
                    external_id: row.try_get(15)?,
                    is_active: row.try_get(16)?,
                    version: row.try_get(17)?,
                    created_at: row.try_get(18)?,
                    updated_at: row.try_get(19)?,
                    sort_key: row.try_get(20)?,
                })
            },
            mapper: |it| Customer::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, FindParams, CustomerQuery<'c, 'a, 's, C, Customer, 2>, C>
    for FindStmt
{
    fn params(&'s self, client: &'c C, params: &'a FindParams) -> CustomerQuery<'c, 'a, 's, C, Customer, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct LockStmt(&'static str);
pub fn lock() -> LockStmt {
    LockStmt(
        "select id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country, emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key from app.customers where tenant_id = $1 and id = $2 for no key update",
    )
}
impl LockStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> CustomerQuery<'c, 'a, 's, C, Customer, 2> {
        CustomerQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<CustomerBorrowed, tokio_postgres::Error> {
                Ok(CustomerBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    phone: row.try_get(4)?,
                    address_line1: row.try_get(5)?,
                    address_line2: row.try_get(6)?,
                    city: row.try_get(7)?,
                    region: row.try_get(8)?,
                    postal_code: row.try_get(9)?,
                    country: row.try_get(10)?,
                    emergency_contact_name: row.try_get(11)?,
                    emergency_contact_phone: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    tags: row.try_get(14)?,
                    external_id: row.try_get(15)?,
                    is_active: row.try_get(16)?,
                    version: row.try_get(17)?,
                    created_at: row.try_get(18)?,
                    updated_at: row.try_get(19)?,
                    sort_key: row.try_get(20)?,
                })
            },
            mapper: |it| Customer::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, LockParams, CustomerQuery<'c, 'a, 's, C, Customer, 2>, C>
    for LockStmt
{
    fn params(&'s self, client: &'c C, params: &'a LockParams) -> CustomerQuery<'c, 'a, 's, C, Customer, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct InsertStmt(&'static str);
pub fn insert() -> InsertStmt {
    InsertStmt(
        "insert into app.customers (tenant_id, id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country, emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19) returning id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country, emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key",
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
        T13: crate::StringSql,
        T14: crate::StringSql,
        T15: crate::ArraySql<Item = T14>,
        T16: crate::StringSql,
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        first_name: &'a T1,
        last_name: &'a T2,
        email: &'a Option<T3>,
        phone: &'a Option<T4>,
        address_line1: &'a Option<T5>,
        address_line2: &'a Option<T6>,
        city: &'a Option<T7>,
        region: &'a Option<T8>,
        postal_code: &'a Option<T9>,
        country: &'a Option<T10>,
        emergency_contact_name: &'a Option<T11>,
        emergency_contact_phone: &'a Option<T12>,
        notes: &'a Option<T13>,
        tags: &'a T15,
        external_id: &'a Option<T16>,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
    ) -> CustomerQuery<'c, 'a, 's, C, Customer, 19> {
        CustomerQuery {
            client,
            params: [
                tenant_id,
                id,
                first_name,
                last_name,
                email,
                phone,
                address_line1,
                address_line2,
                city,
                region,
                postal_code,
                country,
                emergency_contact_name,
                emergency_contact_phone,
                notes,
                tags,
                external_id,
                is_active,
                now,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<CustomerBorrowed, tokio_postgres::Error> {
                Ok(CustomerBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    phone: row.try_get(4)?,
                    address_line1: row.try_get(5)?,
                    address_line2: row.try_get(6)?,
                    city: row.try_get(7)?,
                    region: row.try_get(8)?,
                    postal_code: row.try_get(9)?,
                    country: row.try_get(10)?,
                    emergency_contact_name: row.try_get(11)?,
                    emergency_contact_phone: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    tags: row.try_get(14)?,
                    external_id: row.try_get(15)?,
                    is_active: row.try_get(16)?,
                    version: row.try_get(17)?,
                    created_at: row.try_get(18)?,
                    updated_at: row.try_get(19)?,
                    sort_key: row.try_get(20)?,
                })
            },
            mapper: |it| Customer::from(it),
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
    T13: crate::StringSql,
    T14: crate::StringSql,
    T15: crate::ArraySql<Item = T14>,
    T16: crate::StringSql,
>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        InsertParams<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16>,
        CustomerQuery<'c, 'a, 's, C, Customer, 19>,
        C,
    > for InsertStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertParams<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16>,
    ) -> CustomerQuery<'c, 'a, 's, C, Customer, 19> {
        self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.first_name,
            &params.last_name,
            &params.email,
            &params.phone,
            &params.address_line1,
            &params.address_line2,
            &params.city,
            &params.region,
            &params.postal_code,
            &params.country,
            &params.emergency_contact_name,
            &params.emergency_contact_phone,
            &params.notes,
            &params.tags,
            &params.external_id,
            &params.is_active,
            &params.now,
        )
    }
}
pub struct UpdateStmt(&'static str);
pub fn update() -> UpdateStmt {
    UpdateStmt(
        "update app.customers set first_name = $1, last_name = $2, email = $3, phone = $4, address_line1 = $5, address_line2 = $6, city = $7, region = $8, postal_code = $9, country = $10, emergency_contact_name = $11, emergency_contact_phone = $12, notes = $13, tags = $14, external_id = $15, is_active = $16, version = version + 1, updated_at = $17 where tenant_id = $18 and id = $19 returning id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country, emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key",
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
        T13: crate::StringSql,
        T14: crate::StringSql,
        T15: crate::ArraySql<Item = T14>,
        T16: crate::StringSql,
    >(
        &'s self,
        client: &'c C,
        first_name: &'a T1,
        last_name: &'a T2,
        email: &'a Option<T3>,
        phone: &'a Option<T4>,
        address_line1: &'a Option<T5>,
        address_line2: &'a Option<T6>,
        city: &'a Option<T7>,
        region: &'a Option<T8>,
        postal_code: &'a Option<T9>,
        country: &'a Option<T10>,
        emergency_contact_name: &'a Option<T11>,
        emergency_contact_phone: &'a Option<T12>,
        notes: &'a Option<T13>,
        tags: &'a T15,
        external_id: &'a Option<T16>,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> CustomerQuery<'c, 'a, 's, C, Customer, 19> {
        CustomerQuery {
            client,
            params: [
                first_name,
                last_name,
                email,
                phone,
                address_line1,
                address_line2,
                city,
                region,
                postal_code,
                country,
                emergency_contact_name,
                emergency_contact_phone,
                notes,
                tags,
                external_id,
                is_active,
                now,
                tenant_id,
                id,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<CustomerBorrowed, tokio_postgres::Error> {
                Ok(CustomerBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    phone: row.try_get(4)?,
                    address_line1: row.try_get(5)?,
                    address_line2: row.try_get(6)?,
                    city: row.try_get(7)?,
                    region: row.try_get(8)?,
                    postal_code: row.try_get(9)?,
                    country: row.try_get(10)?,
                    emergency_contact_name: row.try_get(11)?,
                    emergency_contact_phone: row.try_get(12)?,
                    notes: row.try_get(13)?,
                    tags: row.try_get(14)?,
                    external_id: row.try_get(15)?,
                    is_active: row.try_get(16)?,
                    version: row.try_get(17)?,
                    created_at: row.try_get(18)?,
                    updated_at: row.try_get(19)?,
                    sort_key: row.try_get(20)?,
                })
            },
            mapper: |it| Customer::from(it),
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
    T13: crate::StringSql,
    T14: crate::StringSql,
    T15: crate::ArraySql<Item = T14>,
    T16: crate::StringSql,
>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        UpdateParams<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16>,
        CustomerQuery<'c, 'a, 's, C, Customer, 19>,
        C,
    > for UpdateStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateParams<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16>,
    ) -> CustomerQuery<'c, 'a, 's, C, Customer, 19> {
        self.bind(
            client,
            &params.first_name,
            &params.last_name,
            &params.email,
            &params.phone,
            &params.address_line1,
            &params.address_line2,
            &params.city,
            &params.region,
            &params.postal_code,
            &params.country,
            &params.emergency_contact_name,
            &params.emergency_contact_phone,
            &params.notes,
            &params.tags,
            &params.external_id,
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
        "update app.customers set is_active = false, version = version + 1, updated_at = $1 where tenant_id = $2 and id = $3",
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
pub struct PetsOfStmt(&'static str);
pub fn pets_of() -> PetsOfStmt {
    PetsOfStmt(
        "select id, customer_id, name, species, breed, sex, birth_on, weight_grams, alerts, is_active from app.pets where tenant_id = $1 and customer_id = any ($2) order by customer_id, name_key, id",
    )
}
impl PetsOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        customer_ids: &'a T1,
    ) -> CustomerPetQuery<'c, 'a, 's, C, CustomerPet, 2> {
        CustomerPetQuery {
            client,
            params: [tenant_id, customer_ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<CustomerPetBorrowed, tokio_postgres::Error> {
                Ok(CustomerPetBorrowed {
                    id: row.try_get(0)?,
                    customer_id: row.try_get(1)?,
                    name: row.try_get(2)?,
                    species: row.try_get(3)?,
                    breed: row.try_get(4)?,
                    sex: row.try_get(5)?,
                    birth_on: row.try_get(6)?,
                    weight_grams: row.try_get(7)?,
                    alerts: row.try_get(8)?,
                    is_active: row.try_get(9)?,
                })
            },
            mapper: |it| CustomerPet::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        PetsOfParams<T1>,
        CustomerPetQuery<'c, 'a, 's, C, CustomerPet, 2>,
        C,
    > for PetsOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a PetsOfParams<T1>,
    ) -> CustomerPetQuery<'c, 'a, 's, C, CustomerPet, 2> {
        self.bind(client, &params.tenant_id, &params.customer_ids)
    }
}
pub struct StaysOfStmt(&'static str);
pub fn stays_of() -> StaysOfStmt {
    StaysOfStmt(
        "select s.id, s.customer_id, s.pet_id, s.service_id, s.kennel_id, s.check_in_date, s.check_out_date, s.status, s.total_cents from app.customers c cross join lateral ( select r.id, r.customer_id, r.pet_id, r.service_id, r.kennel_id, r.check_in_date, r.check_out_date, r.status, r.total_cents from app.reservations r where r.tenant_id = $1 and r.customer_id = c.id and r.status in ('CONFIRMED', 'CHECKED_IN') order by r.check_in_date, r.id limit 5) s where c.tenant_id = $1 and c.id = any ($2) order by s.customer_id, s.check_in_date, s.id",
    )
}
impl StaysOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        customer_ids: &'a T1,
    ) -> CustomerStayQuery<'c, 'a, 's, C, CustomerStay, 2> {
        CustomerStayQuery {
            client,
            params: [tenant_id, customer_ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<CustomerStayBorrowed, tokio_postgres::Error> {
                Ok(CustomerStayBorrowed {
                    id: row.try_get(0)?,
                    customer_id: row.try_get(1)?,
                    pet_id: row.try_get(2)?,
                    service_id: row.try_get(3)?,
                    kennel_id: row.try_get(4)?,
                    check_in_date: row.try_get(5)?,
                    check_out_date: row.try_get(6)?,
                    status: row.try_get(7)?,
                    total_cents: row.try_get(8)?,
                })
            },
            mapper: |it| CustomerStay::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        StaysOfParams<T1>,
        CustomerStayQuery<'c, 'a, 's, C, CustomerStay, 2>,
        C,
    > for StaysOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a StaysOfParams<T1>,
    ) -> CustomerStayQuery<'c, 'a, 's, C, CustomerStay, 2> {
        self.bind(client, &params.tenant_id, &params.customer_ids)
    }
}
