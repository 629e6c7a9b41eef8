// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct ListParams<T1: crate::StringSql, T2: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub after_key: T1,
    pub after_id: uuid::Uuid,
    pub category: Option<T2>,
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
pub struct InsertParams<T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub name: T1,
    pub category: T2,
    pub price_cents: i64,
    pub unit: T3,
    pub duration_minutes: Option<i32>,
    pub daily_capacity: Option<i32>,
    pub taxable: bool,
    pub requires_kennel: bool,
    pub is_active: bool,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct UpdateParams<T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql> {
    pub name: T1,
    pub category: T2,
    pub price_cents: i64,
    pub unit: T3,
    pub duration_minutes: Option<i32>,
    pub daily_capacity: Option<i32>,
    pub taxable: bool,
    pub requires_kennel: bool,
    pub is_active: bool,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct ListAddOnsParams<T1: crate::StringSql, T2: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub after_key: T1,
    pub after_id: uuid::Uuid,
    pub category: Option<T2>,
    pub is_active: Option<bool>,
    pub fetch: i64,
}
#[derive(Clone, Copy, Debug)]
pub struct FindAddOnParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct FindAddOnsParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub ids: T1,
}
#[derive(Clone, Copy, Debug)]
pub struct LockAddOnParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct InsertAddOnParams<T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub name: T1,
    pub category: Option<T2>,
    pub price_cents: i64,
    pub unit: T3,
    pub taxable: bool,
    pub is_active: bool,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct UpdateAddOnParams<T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql> {
    pub name: T1,
    pub category: Option<T2>,
    pub price_cents: i64,
    pub unit: T3,
    pub taxable: bool,
    pub is_active: bool,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    pub id: uuid::Uuid,
    pub name: String,
    pub name_key: String,
    pub category: String,
    pub price_cents: i64,
    pub unit: String,
    pub duration_minutes: Option<i32>,
    pub daily_capacity: Option<i32>,
    pub taxable: bool,
    pub requires_kennel: bool,
    pub is_active: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
pub struct ServiceBorrowed<'a> {
    pub id: uuid::Uuid,
    pub name: &'a str,
    pub name_key: &'a str,
    pub category: &'a str,
    pub price_cents: i64,
    pub unit: &'a str,
    pub duration_minutes: Option<i32>,
    pub daily_capacity: Option<i32>,
    pub taxable: bool,
    pub requires_kennel: bool,
    pub is_active: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
impl<'a> From<ServiceBorrowed<'a>> for Service {
    fn from(
        ServiceBorrowed {
            id,
            name,
            name_key,
            category,
            price_cents,
            unit,
            duration_minutes,
            daily_capacity,
            taxable,
            requires_kennel,
            is_active,
            version,
            created_at,
            updated_at,
        }: ServiceBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            name: name.into(),
            name_key: name_key.into(),
            category: category.into(),
            price_cents,
            unit: unit.into(),
            duration_minutes,
            daily_capacity,
            taxable,
            requires_kennel,
            is_active,
            version,
            created_at,
            updated_at,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct AddOn {
    pub id: uuid::Uuid,
    pub name: String,
    pub name_key: String,
    pub category: Option<String>,
    pub price_cents: i64,
    pub unit: String,
    pub taxable: bool,
    pub is_active: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
pub struct AddOnBorrowed<'a> {
    pub id: uuid::Uuid,
    pub name: &'a str,
    pub name_key: &'a str,
    pub category: Option<&'a str>,
    pub price_cents: i64,
    pub unit: &'a str,
    pub taxable: bool,
    pub is_active: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
impl<'a> From<AddOnBorrowed<'a>> for AddOn {
    fn from(
        AddOnBorrowed {
            id,
            name,
            name_key,
            category,
            price_cents,
            unit,
            taxable,
            is_active,
            version,
            created_at,
            updated_at,
        }: AddOnBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            name: name.into(),
            name_key: name_key.into(),
            category: category.map(|v| v.into()),
            price_cents,
            unit: unit.into(),
            taxable,
            is_active,
            version,
            created_at,
            updated_at,
        }
    }
}
use crate::client::async_::GenericClient;
pub struct ServiceQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<ServiceBorrowed, tokio_postgres::Error>,
    mapper: fn(ServiceBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> ServiceQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(ServiceBorrowed) -> R) -> ServiceQuery<'c, 'a, 's, C, R, N> {
        ServiceQuery {
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
pub struct AddOnQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<AddOnBorrowed, tokio_postgres::Error>,
    mapper: fn(AddOnBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> AddOnQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(AddOnBorrowed) -> R) -> AddOnQuery<'c, 'a, 's, C, R, N> {
        AddOnQuery {
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
        "select id, name, name_key, category, price_cents, unit, duration_minutes, daily_capacity, taxable, requires_kennel, is_active, version, created_at, updated_at from app.services where tenant_id = $1 and (name_key, id) > ($2, $3) and case when $4::text is null then true else category = $4 end and case when $5::boolean is null then true else is_active = $5 end order by name_key, id limit $6",
    )
}
impl ListStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        after_key: &'a T1,
        after_id: &'a uuid::Uuid,
        category: &'a Option<T2>,
        is_active: &'a Option<bool>,
        fetch: &'a i64,
    ) -> ServiceQuery<'c, 'a, 's, C, Service, 6> {
        ServiceQuery {
            client,
            params: [tenant_id, after_key, after_id, category, is_active, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ServiceBorrowed, tokio_postgres::Error> {
                Ok(ServiceBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    category: row.try_get(3)?,
                    price_cents: row.try_get(4)?,
                    unit: row.try_get(5)?,
                    duration_minutes: row.try_get(6)?,
                    daily_capacity: row.try_get(7)?,
                    taxable: row.try_get(8)?,
                    requires_kennel: row.try_get(9)?,
                    is_active: row.try_get(10)?,
                    version: row.try_get(11)?,
                    created_at: row.try_get(12)?,
                    updated_at: row.try_get(13)?,
                })
            },
            mapper: |it| Service::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>
    crate::client::async_::Params<'c, 'a, 's, ListParams<T1, T2>, ServiceQuery<'c, 'a, 's, C, Service, 6>, C>
    for ListStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListParams<T1, T2>,
    ) -> ServiceQuery<'c, 'a, 's, C, Service, 6> {
        self.bind(
            client,
            &params.tenant_id,
            &params.after_key,
            &params.after_id,
            &params.category,
            &params.is_active,
            &params.fetch,
        )
    }
}
pub struct FindStmt(&'static str);
pub fn find() -> FindStmt {
    FindStmt(
        "select id, name, name_key, category, price_cents, unit, duration_minutes, daily_capacity, taxable, requires_kennel, is_active, version, created_at, updated_at from app.services where tenant_id = $1 and id = $2",
    )
}
impl FindStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> ServiceQuery<'c, 'a, 's, C, Service, 2> {
        ServiceQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ServiceBorrowed, tokio_postgres::Error> {
                Ok(ServiceBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    category: row.try_get(3)?,
                    price_cents: row.try_get(4)?,
                    unit: row.try_get(5)?,
                    duration_minutes: row.try_get(6)?,
                    daily_capacity: row.try_get(7)?,
                    taxable: row.try_get(8)?,
                    requires_kennel: row.try_get(9)?,
                    is_active: row.try_get(10)?,
                    version: row.try_get(11)?,
                    created_at: row.try_get(12)?,
                    updated_at: row.try_get(13)?,
                })
            },
            mapper: |it| Service::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, FindParams, ServiceQuery<'c, 'a, 's, C, Service, 2>, C>
    for FindStmt
{
    fn params(&'s self, client: &'c C, params: &'a FindParams) -> ServiceQuery<'c, 'a, 's, C, Service, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct LockStmt(&'static str);
pub fn lock() -> LockStmt {
    LockStmt(
        "select id, name, name_key, category, price_cents, unit, duration_minutes, daily_capacity, taxable, requires_kennel, is_active, version, created_at, updated_at from app.services where tenant_id = $1 and id = $2 for no key update",
    )
}
impl LockStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> ServiceQuery<'c, 'a, 's, C, Service, 2> {
        ServiceQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ServiceBorrowed, tokio_postgres::Error> {
                Ok(ServiceBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    category: row.try_get(3)?,
                    price_cents: row.try_get(4)?,
                    unit: row.try_get(5)?,
                    duration_minutes: row.try_get(6)?,
                    daily_capacity: row.try_get(7)?,
                    taxable: row.try_get(8)?,
                    requires_kennel: row.try_get(9)?,
                    is_active: row.try_get(10)?,
                    version: row.try_get(11)?,
                    created_at: row.try_get(12)?,
                    updated_at: row.try_get(13)?,
                })
            },
            mapper: |it| Service::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, LockParams, ServiceQuery<'c, 'a, 's, C, Service, 2>, C>
    for LockStmt
{
    fn params(&'s self, client: &'c C, params: &'a LockParams) -> ServiceQuery<'c, 'a, 's, C, Service, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct InsertStmt(&'static str);
pub fn insert() -> InsertStmt {
    InsertStmt(
        "insert into app.services (tenant_id, id, name, category, price_cents, unit, duration_minutes, daily_capacity, taxable, requires_kennel, is_active, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) returning id, name, name_key, category, price_cents, unit, duration_minutes, daily_capacity, taxable, requires_kennel, is_active, version, created_at, updated_at",
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
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        name: &'a T1,
        category: &'a T2,
        price_cents: &'a i64,
        unit: &'a T3,
        duration_minutes: &'a Option<i32>,
        daily_capacity: &'a Option<i32>,
        taxable: &'a bool,
        requires_kennel: &'a bool,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
    ) -> ServiceQuery<'c, 'a, 's, C, Service, 12> {
        ServiceQuery {
            client,
            params: [
                tenant_id,
                id,
                name,
                category,
                price_cents,
                unit,
                duration_minutes,
                daily_capacity,
                taxable,
                requires_kennel,
                is_active,
                now,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ServiceBorrowed, tokio_postgres::Error> {
                Ok(ServiceBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    category: row.try_get(3)?,
                    price_cents: row.try_get(4)?,
                    unit: row.try_get(5)?,
                    duration_minutes: row.try_get(6)?,
                    daily_capacity: row.try_get(7)?,
                    taxable: row.try_get(8)?,
                    requires_kennel: row.try_get(9)?,
                    is_active: row.try_get(10)?,
                    version: row.try_get(11)?,
                    created_at: row.try_get(12)?,
                    updated_at: row.try_get(13)?,
                })
            },
            mapper: |it| Service::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        InsertParams<T1, T2, T3>,
        ServiceQuery<'c, 'a, 's, C, Service, 12>,
        C,
    > for InsertStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertParams<T1, T2, T3>,
    ) -> ServiceQuery<'c, 'a, 's, C, Service, 12> {
        self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.name,
            &params.category,
            &params.price_cents,
            &params.unit,
            &params.duration_minutes,
            &params.daily_capacity,
            &params.taxable,
            &params.requires_kennel,
            &params.is_active,
            &params.now,
        )
    }
}
pub struct UpdateStmt(&'static str);
pub fn update() -> UpdateStmt {
    UpdateStmt(
        "update app.services set name = $1, category = $2, price_cents = $3, unit = $4, duration_minutes = $5, daily_capacity = $6, taxable = $7, requires_kennel = $8, is_active = $9, version = version + 1, updated_at = $10 where tenant_id = $11 and id = $12 returning id, name, name_key, category, price_cents, unit, duration_minutes, daily_capacity, taxable, requires_kennel, is_active, version, created_at, updated_at",
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
    >(
        &'s self,
        client: &'c C,
        name: &'a T1,
        category: &'a T2,
        price_cents: &'a i64,
        unit: &'a T3,
        duration_minutes: &'a Option<i32>,
        daily_capacity: &'a Option<i32>,
        taxable: &'a bool,
        requires_kennel: &'a bool,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> ServiceQuery<'c, 'a, 's, C, Service, 12> {
        ServiceQuery {
            client,
            params: [
                name,
                category,
                price_cents,
                unit,
                duration_minutes,
                daily_capacity,
                taxable,
                requires_kennel,
                is_active,
                now,
                tenant_id,
                id,
            ],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ServiceBorrowed, tokio_postgres::Error> {
                Ok(ServiceBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    category: row.try_get(3)?,
                    price_cents: row.try_get(4)?,
                    unit: row.try_get(5)?,
                    duration_minutes: row.try_get(6)?,
                    daily_capacity: row.try_get(7)?,
                    taxable: row.try_get(8)?,
                    requires_kennel: row.try_get(9)?,
                    is_active: row.try_get(10)?,
                    version: row.try_get(11)?,
                    created_at: row.try_get(12)?,
                    updated_at: row.try_get(13)?,
                })
            },
            mapper: |it| Service::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        UpdateParams<T1, T2, T3>,
        ServiceQuery<'c, 'a, 's, C, Service, 12>,
        C,
    > for UpdateStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateParams<T1, T2, T3>,
    ) -> ServiceQuery<'c, 'a, 's, C, Service, 12> {
        self.bind(
            client,
            &params.name,
            &params.category,
            &params.price_cents,
            &params.unit,
            &params.duration_minutes,
            &params.daily_capacity,
            &params.taxable,
            &params.requires_kennel,
            &params.is_active,
            &params.now,
            &params.tenant_id,
            &params.id,
        )
    }
}
pub struct ListAddOnsStmt(&'static str);
pub fn list_add_ons() -> ListAddOnsStmt {
    ListAddOnsStmt(
        "select id, name, name_key, category, price_cents, unit, taxable, is_active, version, created_at, updated_at from app.add_ons where tenant_id = $1 and (name_key, id) > ($2, $3) and case when $4::text is null then true else category is null or category = $4 end and case when $5::boolean is null then true else is_active = $5 end order by name_key, id limit $6",
    )
}
impl ListAddOnsStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        after_key: &'a T1,
        after_id: &'a uuid::Uuid,
        category: &'a Option<T2>,
        is_active: &'a Option<bool>,
        fetch: &'a i64,
    ) -> AddOnQuery<'c, 'a, 's, C, AddOn, 6> {
        AddOnQuery {
            client,
            params: [tenant_id, after_key, after_id, category, is_active, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<AddOnBorrowed, tokio_postgres::Error> {
                Ok(AddOnBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    category: row.try_get(3)?,
                    price_cents: row.try_get(4)?,
                    unit: row.try_get(5)?,
                    taxable: row.try_get(6)?,
                    is_active: row.try_get(7)?,
                    version: row.try_get(8)?,
                    created_at: row.try_get(9)?,
                    updated_at: row.try_get(10)?,
                })
            },
            mapper: |it| AddOn::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListAddOnsParams<T1, T2>,
        AddOnQuery<'c, 'a, 's, C, AddOn, 6>,
        C,
    > for ListAddOnsStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListAddOnsParams<T1, T2>,
    ) -> AddOnQuery<'c, 'a, 's, C, AddOn, 6> {
        self.bind(
            client,
            &params.tenant_id,
            &params.after_key,
            &params.after_id,
            &params.category,
            &params.is_active,
            &params.fetch,
        )
    }
}
pub struct FindAddOnStmt(&'static str);
pub fn find_add_on() -> FindAddOnStmt {
    FindAddOnStmt(
        "select id, name, name_key, category, price_cents, unit, taxable, is_active, version, created_at, updated_at from app.add_ons where tenant_id = $1 and id = $2",
    )
}
impl FindAddOnStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> AddOnQuery<'c, 'a, 's, C, AddOn, 2> {
        AddOnQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<AddOnBorrowed, tokio_postgres::Error> {
                Ok(AddOnBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    category: row.try_get(3)?,
                    price_cents: row.try_get(4)?,
                    unit: row.try_get(5)?,
                    taxable: row.try_get(6)?,
                    is_active: row.try_get(7)?,
                    version: row.try_get(8)?,
                    created_at: row.try_get(9)?,
                    updated_at: row.try_get(10)?,
                })
            },
            mapper: |it| AddOn::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, FindAddOnParams, AddOnQuery<'c, 'a, 's, C, AddOn, 2>, C>
    for FindAddOnStmt
{
    fn params(&'s self, client: &'c C, params: &'a FindAddOnParams) -> AddOnQuery<'c, 'a, 's, C, AddOn, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct FindAddOnsStmt(&'static str);
pub fn find_add_ons() -> FindAddOnsStmt {
    FindAddOnsStmt(
        "select id, name, name_key, category, price_cents, unit, taxable, is_active, version, created_at, updated_at from app.add_ons where tenant_id = $1 and id = any ($2)",
    )
}
impl FindAddOnsStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        ids: &'a T1,
    ) -> AddOnQuery<'c, 'a, 's, C, AddOn, 2> {
        AddOnQuery {
            client,
            params: [tenant_id, ids],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<AddOnBorrowed, tokio_postgres::Error> {
                Ok(AddOnBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    category: row.try_get(3)?,
                    price_cents: row.try_get(4)?,
                    unit: row.try_get(5)?,
                    taxable: row.try_get(6)?,
                    is_active: row.try_get(7)?,
                    version: row.try_get(8)?,
                    created_at: row.try_get(9)?,
                    updated_at: row.try_get(10)?,
                })
            },
            mapper: |it| AddOn::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<'c, 'a, 's, FindAddOnsParams<T1>, AddOnQuery<'c, 'a, 's, C, AddOn, 2>, C>
    for FindAddOnsStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a FindAddOnsParams<T1>,
    ) -> AddOnQuery<'c, 'a, 's, C, AddOn, 2> {
        self.bind(client, &params.tenant_id, &params.ids)
    }
}
pub struct LockAddOnStmt(&'static str);
pub fn lock_add_on() -> LockAddOnStmt {
    LockAddOnStmt(
        "select id, name, name_key, category, price_cents, unit, taxable, is_active, version, created_at, updated_at from app.add_ons where tenant_id = $1 and id = $2 for no key update",
    )
}
impl LockAddOnStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> AddOnQuery<'c, 'a, 's, C, AddOn, 2> {
        AddOnQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<AddOnBorrowed, tokio_postgres::Error> {
                Ok(AddOnBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    category: row.try_get(3)?,
                    price_cents: row.try_get(4)?,
                    unit: row.try_get(5)?,
                    taxable: row.try_get(6)?,
                    is_active: row.try_get(7)?,
                    version: row.try_get(8)?,
                    created_at: row.try_get(9)?,
                    updated_at: row.try_get(10)?,
                })
            },
            mapper: |it| AddOn::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, LockAddOnParams, AddOnQuery<'c, 'a, 's, C, AddOn, 2>, C>
    for LockAddOnStmt
{
    fn params(&'s self, client: &'c C, params: &'a LockAddOnParams) -> AddOnQuery<'c, 'a, 's, C, AddOn, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct InsertAddOnStmt(&'static str);
pub fn insert_add_on() -> InsertAddOnStmt {
    InsertAddOnStmt(
        "insert into app.add_ons (tenant_id, id, name, category, price_cents, unit, taxable, is_active, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) returning id, name, name_key, category, price_cents, unit, taxable, is_active, version, created_at, updated_at",
    )
}
impl InsertAddOnStmt {
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
        id: &'a uuid::Uuid,
        name: &'a T1,
        category: &'a Option<T2>,
        price_cents: &'a i64,
        unit: &'a T3,
        taxable: &'a bool,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
    ) -> AddOnQuery<'c, 'a, 's, C, AddOn, 9> {
        AddOnQuery {
            client,
            params: [tenant_id, id, name, category, price_cents, unit, taxable, is_active, now],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<AddOnBorrowed, tokio_postgres::Error> {
                Ok(AddOnBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    category: row.try_get(3)?,
                    price_cents: row.try_get(4)?,
                    unit: row.try_get(5)?,
                    taxable: row.try_get(6)?,
                    is_active: row.try_get(7)?,
                    version: row.try_get(8)?,
                    created_at: row.try_get(9)?,
                    updated_at: row.try_get(10)?,
                })
            },
            mapper: |it| AddOn::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        InsertAddOnParams<T1, T2, T3>,
        AddOnQuery<'c, 'a, 's, C, AddOn, 9>,
        C,
    > for InsertAddOnStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertAddOnParams<T1, T2, T3>,
    ) -> AddOnQuery<'c, 'a, 's, C, AddOn, 9> {
        self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.name,
            &params.category,
            &params.price_cents,
            &params.unit,
            &params.taxable,
            &params.is_active,
            &params.now,
        )
    }
}
pub struct UpdateAddOnStmt(&'static str);
pub fn update_add_on() -> UpdateAddOnStmt {
    UpdateAddOnStmt(
        "update app.add_ons set name = $1, category = $2, price_cents = $3, unit = $4, taxable = $5, is_active = $6, version = version + 1, updated_at = $7 where tenant_id = $8 and id = $9 returning id, name, name_key, category, price_cents, unit, taxable, is_active, version, created_at, updated_at",
    )
}
impl UpdateAddOnStmt {
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
        name: &'a T1,
        category: &'a Option<T2>,
        price_cents: &'a i64,
        unit: &'a T3,
        taxable: &'a bool,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> AddOnQuery<'c, 'a, 's, C, AddOn, 9> {
        AddOnQuery {
            client,
            params: [name, category, price_cents, unit, taxable, is_active, now, tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<AddOnBorrowed, tokio_postgres::Error> {
                Ok(AddOnBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    category: row.try_get(3)?,
                    price_cents: row.try_get(4)?,
                    unit: row.try_get(5)?,
                    taxable: row.try_get(6)?,
                    is_active: row.try_get(7)?,
                    version: row.try_get(8)?,
                    created_at: row.try_get(9)?,
                    updated_at: row.try_get(10)?,
                })
            },
            mapper: |it| AddOn::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        UpdateAddOnParams<T1, T2, T3>,
        AddOnQuery<'c, 'a, 's, C, AddOn, 9>,
        C,
    > for UpdateAddOnStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateAddOnParams<T1, T2, T3>,
    ) -> AddOnQuery<'c, 'a, 's, C, AddOn, 9> {
        self.bind(
            client,
            &params.name,
            &params.category,
            &params.price_cents,
            &params.unit,
            &params.taxable,
            &params.is_active,
            &params.now,
            &params.tenant_id,
            &params.id,
        )
    }
}
