// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct ListParams<T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub after_key: T1,
    pub after_id: uuid::Uuid,
    pub kind: Option<T2>,
    pub area: Option<T3>,
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
    pub kind: T2,
    pub area: Option<T3>,
    pub capacity: i32,
    pub is_active: bool,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct UpdateParams<T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql> {
    pub name: T1,
    pub kind: T2,
    pub area: Option<T3>,
    pub capacity: i32,
    pub is_active: bool,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Clone, Copy, Debug)]
pub struct InsertSlotsParams {
    pub tenant_id: uuid::Uuid,
    pub kennel_id: uuid::Uuid,
    pub first_slot: i32,
    pub last_slot: i32,
}
#[derive(Clone, Copy, Debug)]
pub struct DeleteSlotsParams {
    pub tenant_id: uuid::Uuid,
    pub kennel_id: uuid::Uuid,
    pub last_slot: i32,
}
#[derive(Clone, Copy, Debug)]
pub struct HeldFromParams {
    pub tenant_id: uuid::Uuid,
    pub kennel_id: uuid::Uuid,
    pub before: jiff::civil::Date,
    pub after: jiff::civil::Date,
}
#[derive(Debug)]
pub struct ClosuresOfParams<T1: crate::ArraySql<Item = uuid::Uuid>> {
    pub tenant_id: uuid::Uuid,
    pub kennel_ids: T1,
    pub after: jiff::civil::Date,
}
#[derive(Clone, Copy, Debug)]
pub struct ListClosuresParams {
    pub tenant_id: uuid::Uuid,
    pub kennel_id: uuid::Uuid,
    pub after_date: jiff::civil::Date,
    pub after_id: uuid::Uuid,
    pub fetch: i64,
}
#[derive(Clone, Copy, Debug)]
pub struct FindClosureParams {
    pub tenant_id: uuid::Uuid,
    pub kennel_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct InsertClosureParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub kennel_id: uuid::Uuid,
    pub starts_on: jiff::civil::Date,
    pub ends_on: jiff::civil::Date,
    pub reason: Option<T1>,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct UpdateClosureParams<T1: crate::StringSql> {
    pub starts_on: jiff::civil::Date,
    pub ends_on: jiff::civil::Date,
    pub reason: Option<T1>,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub kennel_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Clone, Copy, Debug)]
pub struct DeleteClosureParams {
    pub tenant_id: uuid::Uuid,
    pub kennel_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Kennel {
    pub id: uuid::Uuid,
    pub name: String,
    pub name_key: String,
    pub kind: String,
    pub area: Option<String>,
    pub capacity: i32,
    pub is_active: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
pub struct KennelBorrowed<'a> {
    pub id: uuid::Uuid,
    pub name: &'a str,
    pub name_key: &'a str,
    pub kind: &'a str,
    pub area: Option<&'a str>,
    pub capacity: i32,
    pub is_active: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
impl<'a> From<KennelBorrowed<'a>> for Kennel {
    fn from(
        KennelBorrowed {
            id,
            name,
            name_key,
            kind,
            area,
            capacity,
            is_active,
            version,
            created_at,
            updated_at,
        }: KennelBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            name: name.into(),
            name_key: name_key.into(),
            kind: kind.into(),
            area: area.map(|v| v.into()),
            capacity,
            is_active,
            version,
            created_at,
            updated_at,
        }
    }
}
#[derive(Debug, Clone, PartialEq, Copy)]
pub struct HeldFrom {
    pub check_in_date: jiff::civil::Date,
    pub held_until: jiff::civil::Date,
    pub kennel_slot: i32,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Closure {
    pub id: uuid::Uuid,
    pub kennel_id: uuid::Uuid,
    pub starts_on: jiff::civil::Date,
    pub ends_on: jiff::civil::Date,
    pub reason: Option<String>,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
pub struct ClosureBorrowed<'a> {
    pub id: uuid::Uuid,
    pub kennel_id: uuid::Uuid,
    pub starts_on: jiff::civil::Date,
    pub ends_on: jiff::civil::Date,
    pub reason: Option<&'a str>,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
impl<'a> From<ClosureBorrowed<'a>> for Closure {
    fn from(
        ClosureBorrowed { id, kennel_id, starts_on, ends_on, reason, version, created_at, updated_at, }: ClosureBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            kennel_id,
            starts_on,
            ends_on,
            reason: reason.map(|v| v.into()),
            version,
            created_at,
            updated_at,
        }
    }
}
use crate::client::async_::GenericClient;
pub struct KennelQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<KennelBorrowed, tokio_postgres::Error>,
    mapper: fn(KennelBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> KennelQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(KennelBorrowed) -> R) -> KennelQuery<'c, 'a, 's, C, R, N> {
        KennelQuery {
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
pub struct HeldFromQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<HeldFrom, tokio_postgres::Error>,
    mapper: fn(HeldFrom) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> HeldFromQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(HeldFrom) -> R) -> HeldFromQuery<'c, 'a, 's, C, R, N> {
        HeldFromQuery {
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
pub struct ClosureQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<ClosureBorrowed, tokio_postgres::Error>,
    mapper: fn(ClosureBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> ClosureQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(ClosureBorrowed) -> R) -> ClosureQuery<'c, 'a, 's, C, R, N> {
        ClosureQuery {
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
        "select id, name, name_key, kind, area, capacity, is_active, version, created_at, updated_at from app.kennels where tenant_id = $1 and (name_key, id) > ($2, $3) and case when $4::text is null then true else kind = $4 end and case when $5::text is null then true else area = $5 end and case when $6::boolean is null then true else is_active = $6 end order by name_key, id limit $7",
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
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        after_key: &'a T1,
        after_id: &'a uuid::Uuid,
        kind: &'a Option<T2>,
        area: &'a Option<T3>,
        is_active: &'a Option<bool>,
        fetch: &'a i64,
    ) -> KennelQuery<'c, 'a, 's, C, Kennel, 7> {
        KennelQuery {
            client,
            params: [tenant_id, after_key, after_id, kind, area, is_active, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<KennelBorrowed, tokio_postgres::Error> {
                Ok(KennelBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    kind: row.try_get(3)?,
                    area: row.try_get(4)?,
                    capacity: row.try_get(5)?,
                    is_active: row.try_get(6)?,
                    version: row.try_get(7)?,
                    created_at: row.try_get(8)?,
                    updated_at: row.try_get(9)?,
                })
            },
            mapper: |it| Kennel::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListParams<T1, T2, T3>,
        KennelQuery<'c, 'a, 's, C, Kennel, 7>,
        C,
    > for ListStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListParams<T1, T2, T3>,
    ) -> KennelQuery<'c, 'a, 's, C, Kennel, 7> {
        self.bind(
            client,
            &params.tenant_id,
            &params.after_key,
            &params.after_id,
            &params.kind,
            &params.area,
            &params.is_active,
            &params.fetch,
        )
    }
}
pub struct FindStmt(&'static str);
pub fn find() -> FindStmt {
    FindStmt(
        "select id, name, name_key, kind, area, capacity, is_active, version, created_at, updated_at from app.kennels where tenant_id = $1 and id = $2",
    )
}
impl FindStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> KennelQuery<'c, 'a, 's, C, Kennel, 2> {
        KennelQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<KennelBorrowed, tokio_postgres::Error> {
                Ok(KennelBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    kind: row.try_get(3)?,
                    area: row.try_get(4)?,
                    capacity: row.try_get(5)?,
                    is_active: row.try_get(6)?,
                    version: row.try_get(7)?,
                    created_at: row.try_get(8)?,
                    updated_at: row.try_get(9)?,
                })
            },
            mapper: |it| Kennel::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, FindParams, KennelQuery<'c, 'a, 's, C, Kennel, 2>, C>
    for FindStmt
{
    fn params(&'s self, client: &'c C, params: &'a FindParams) -> KennelQuery<'c, 'a, 's, C, Kennel, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct LockStmt(&'static str);
pub fn lock() -> LockStmt {
    LockStmt(
        "select id, name, name_key, kind, area, capacity, is_active, version, created_at, updated_at from app.kennels where tenant_id = $1 and id = $2 for update",
    )
}
impl LockStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> KennelQuery<'c, 'a, 's, C, Kennel, 2> {
        KennelQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<KennelBorrowed, tokio_postgres::Error> {
                Ok(KennelBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    kind: row.try_get(3)?,
                    area: row.try_get(4)?,
                    capacity: row.try_get(5)?,
                    is_active: row.try_get(6)?,
                    version: row.try_get(7)?,
                    created_at: row.try_get(8)?,
                    updated_at: row.try_get(9)?,
                })
            },
            mapper: |it| Kennel::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, LockParams, KennelQuery<'c, 'a, 's, C, Kennel, 2>, C>
    for LockStmt
{
    fn params(&'s self, client: &'c C, params: &'a LockParams) -> KennelQuery<'c, 'a, 's, C, Kennel, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct InsertStmt(&'static str);
pub fn insert() -> InsertStmt {
    InsertStmt(
        "insert into app.kennels (tenant_id, id, name, kind, area, capacity, is_active, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning id, name, name_key, kind, area, capacity, is_active, version, created_at, updated_at",
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
        kind: &'a T2,
        area: &'a Option<T3>,
        capacity: &'a i32,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
    ) -> KennelQuery<'c, 'a, 's, C, Kennel, 8> {
        KennelQuery {
            client,
            params: [tenant_id, id, name, kind, area, capacity, is_active, now],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<KennelBorrowed, tokio_postgres::Error> {
                Ok(KennelBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    kind: row.try_get(3)?,
                    area: row.try_get(4)?,
                    capacity: row.try_get(5)?,
                    is_active: row.try_get(6)?,
                    version: row.try_get(7)?,
                    created_at: row.try_get(8)?,
                    updated_at: row.try_get(9)?,
                })
            },
            mapper: |it| Kennel::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        InsertParams<T1, T2, T3>,
        KennelQuery<'c, 'a, 's, C, Kennel, 8>,
        C,
    > for InsertStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertParams<T1, T2, T3>,
    ) -> KennelQuery<'c, 'a, 's, C, Kennel, 8> {
        self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.name,
            &params.kind,
            &params.area,
            &params.capacity,
            &params.is_active,
            &params.now,
        )
    }
}
pub struct UpdateStmt(&'static str);
pub fn update() -> UpdateStmt {
    UpdateStmt(
        "update app.kennels set name = $1, kind = $2, area = $3, capacity = $4, is_active = $5, version = version + 1, updated_at = $6 where tenant_id = $7 and id = $8 returning id, name, name_key, kind, area, capacity, is_active, version, created_at, updated_at",
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
        kind: &'a T2,
        area: &'a Option<T3>,
        capacity: &'a i32,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> KennelQuery<'c, 'a, 's, C, Kennel, 8> {
        KennelQuery {
            client,
            params: [name, kind, area, capacity, is_active, now, tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<KennelBorrowed, tokio_postgres::Error> {
                Ok(KennelBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    name_key: row.try_get(2)?,
                    kind: row.try_get(3)?,
                    area: row.try_get(4)?,
                    capacity: row.try_get(5)?,
                    is_active: row.try_get(6)?,
                    version: row.try_get(7)?,
                    created_at: row.try_get(8)?,
                    updated_at: row.try_get(9)?,
                })
            },
            mapper: |it| Kennel::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        UpdateParams<T1, T2, T3>,
        KennelQuery<'c, 'a, 's, C, Kennel, 8>,
        C,
    > for UpdateStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateParams<T1, T2, T3>,
    ) -> KennelQuery<'c, 'a, 's, C, Kennel, 8> {
        self.bind(
            client,
            &params.name,
            &params.kind,
            &params.area,
            &params.capacity,
            &params.is_active,
            &params.now,
            &params.tenant_id,
            &params.id,
        )
    }
}
pub struct InsertSlotsStmt(&'static str);
pub fn insert_slots() -> InsertSlotsStmt {
    InsertSlotsStmt(
        "insert into app.kennel_slots (tenant_id, kennel_id, slot) select $1, $2, slot from generate_series($3::integer, $4::integer) as slot",
    )
}
impl InsertSlotsStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        kennel_id: &'a uuid::Uuid,
        first_slot: &'a i32,
        last_slot: &'a i32,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, kennel_id, first_slot, last_slot]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        InsertSlotsParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for InsertSlotsStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a InsertSlotsParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(
            client,
            &params.tenant_id,
            &params.kennel_id,
            &params.first_slot,
            &params.last_slot,
        ))
    }
}
pub struct DeleteSlotsStmt(&'static str);
pub fn delete_slots() -> DeleteSlotsStmt {
    DeleteSlotsStmt("delete from app.kennel_slots where tenant_id = $1 and kennel_id = $2 and slot > $3")
}
impl DeleteSlotsStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        kennel_id: &'a uuid::Uuid,
        last_slot: &'a i32,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, kennel_id, last_slot]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        DeleteSlotsParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for DeleteSlotsStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a DeleteSlotsParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.kennel_id, &params.last_slot))
    }
}
pub struct HeldFromStmt(&'static str);
pub fn held_from() -> HeldFromStmt {
    HeldFromStmt(
        "select check_in_date, held_until, kennel_slot from app.reservations where tenant_id = $1 and kennel_id = $2 and kennel_slot is not null and check_in_date < $3 and held_until > $4 order by check_in_date, id",
    )
}
impl HeldFromStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        kennel_id: &'a uuid::Uuid,
        before: &'a jiff::civil::Date,
        after: &'a jiff::civil::Date,
    ) -> HeldFromQuery<'c, 'a, 's, C, HeldFrom, 4> {
        HeldFromQuery {
            client,
            params: [tenant_id, kennel_id, before, after],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<HeldFrom, tokio_postgres::Error> {
                Ok(HeldFrom {
                    check_in_date: row.try_get(0)?,
                    held_until: row.try_get(1)?,
                    kennel_slot: row.try_get(2)?,
                })
            },
            mapper: |it| HeldFrom::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, HeldFromParams, HeldFromQuery<'c, 'a, 's, C, HeldFrom, 4>, C>
    for HeldFromStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a HeldFromParams,
    ) -> HeldFromQuery<'c, 'a, 's, C, HeldFrom, 4> {
        self.bind(client, &params.tenant_id, &params.kennel_id, &params.before, &params.after)
    }
}
pub struct ClosuresOfStmt(&'static str);
pub fn closures_of() -> ClosuresOfStmt {
    ClosuresOfStmt(
        "select id, kennel_id, starts_on, ends_on, reason, version, created_at, updated_at from app.kennel_closures where tenant_id = $1 and kennel_id = any ($2) and ends_on > $3 order by kennel_id, starts_on, id",
    )
}
impl ClosuresOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        kennel_ids: &'a T1,
        after: &'a jiff::civil::Date,
    ) -> ClosureQuery<'c, 'a, 's, C, Closure, 3> {
        ClosureQuery {
            client,
            params: [tenant_id, kennel_ids, after],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ClosureBorrowed, tokio_postgres::Error> {
                Ok(ClosureBorrowed {
                    id: row.try_get(0)?,
                    kennel_id: row.try_get(1)?,
                    starts_on: row.try_get(2)?,
                    ends_on: row.try_get(3)?,
                    reason: row.try_get(4)?,
                    version: row.try_get(5)?,
                    created_at: row.try_get(6)?,
                    updated_at: row.try_get(7)?,
                })
            },
            mapper: |it| Closure::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::ArraySql<Item = uuid::Uuid>>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ClosuresOfParams<T1>,
        ClosureQuery<'c, 'a, 's, C, Closure, 3>,
        C,
    > for ClosuresOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ClosuresOfParams<T1>,
    ) -> ClosureQuery<'c, 'a, 's, C, Closure, 3> {
        self.bind(client, &params.tenant_id, &params.kennel_ids, &params.after)
    }
}
pub struct ListClosuresStmt(&'static str);
pub fn list_closures() -> ListClosuresStmt {
    ListClosuresStmt(
        "select id, kennel_id, starts_on, ends_on, reason, version, created_at, updated_at from app.kennel_closures where tenant_id = $1 and kennel_id = $2 and (starts_on, id) > ($3, $4) order by starts_on, id limit $5",
    )
}
impl ListClosuresStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        kennel_id: &'a uuid::Uuid,
        after_date: &'a jiff::civil::Date,
        after_id: &'a uuid::Uuid,
        fetch: &'a i64,
    ) -> ClosureQuery<'c, 'a, 's, C, Closure, 5> {
        ClosureQuery {
            client,
            params: [tenant_id, kennel_id, after_date, after_id, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ClosureBorrowed, tokio_postgres::Error> {
                Ok(ClosureBorrowed {
                    id: row.try_get(0)?,
                    kennel_id: row.try_get(1)?,
                    starts_on: row.try_get(2)?,
                    ends_on: row.try_get(3)?,
                    reason: row.try_get(4)?,
                    version: row.try_get(5)?,
                    created_at: row.try_get(6)?,
                    updated_at: row.try_get(7)?,
                })
            },
            mapper: |it| Closure::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, ListClosuresParams, ClosureQuery<'c, 'a, 's, C, Closure, 5>, C>
    for ListClosuresStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListClosuresParams,
    ) -> ClosureQuery<'c, 'a, 's, C, Closure, 5> {
        self.bind(
            client,
            &params.tenant_id,
            &params.kennel_id,
            &params.after_date,
            &params.after_id,
            &params.fetch,
        )
    }
}
pub struct FindClosureStmt(&'static str);
pub fn find_closure() -> FindClosureStmt {
    FindClosureStmt(
        "select id, kennel_id, starts_on, ends_on, reason, version, created_at, updated_at from app.kennel_closures where tenant_id = $1 and kennel_id = $2 and id = $3",
    )
}
impl FindClosureStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        kennel_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> ClosureQuery<'c, 'a, 's, C, Closure, 3> {
        ClosureQuery {
            client,
            params: [tenant_id, kennel_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ClosureBorrowed, tokio_postgres::Error> {
                Ok(ClosureBorrowed {
                    id: row.try_get(0)?,
                    kennel_id: row.try_get(1)?,
                    starts_on: row.try_get(2)?,
                    ends_on: row.try_get(3)?,
                    reason: row.try_get(4)?,
                    version: row.try_get(5)?,
                    created_at: row.try_get(6)?,
                    updated_at: row.try_get(7)?,
                })
            },
            mapper: |it| Closure::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, FindClosureParams, ClosureQuery<'c, 'a, 's, C, Closure, 3>, C>
    for FindClosureStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a FindClosureParams,
    ) -> ClosureQuery<'c, 'a, 's, C, Closure, 3> {
        self.bind(client, &params.tenant_id, &params.kennel_id, &params.id)
    }
}
pub struct InsertClosureStmt(&'static str);
pub fn insert_closure() -> InsertClosureStmt {
    InsertClosureStmt(
        "insert into app.kennel_closures (tenant_id, id, kennel_id, starts_on, ends_on, reason, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $7) returning id, kennel_id, starts_on, ends_on, reason, version, created_at, updated_at",
    )
}
impl InsertClosureStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        kennel_id: &'a uuid::Uuid,
        starts_on: &'a jiff::civil::Date,
        ends_on: &'a jiff::civil::Date,
        reason: &'a Option<T1>,
        now: &'a jiff::Timestamp,
    ) -> ClosureQuery<'c, 'a, 's, C, Closure, 7> {
        ClosureQuery {
            client,
            params: [tenant_id, id, kennel_id, starts_on, ends_on, reason, now],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ClosureBorrowed, tokio_postgres::Error> {
                Ok(ClosureBorrowed {
                    id: row.try_get(0)?,
                    kennel_id: row.try_get(1)?,
                    starts_on: row.try_get(2)?,
                    ends_on: row.try_get(3)?,
                    reason: row.try_get(4)?,
                    version: row.try_get(5)?,
                    created_at: row.try_get(6)?,
                    updated_at: row.try_get(7)?,
                })
            },
            mapper: |it| Closure::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        InsertClosureParams<T1>,
        ClosureQuery<'c, 'a, 's, C, Closure, 7>,
        C,
    > for InsertClosureStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertClosureParams<T1>,
    ) -> ClosureQuery<'c, 'a, 's, C, Closure, 7> {
        self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.kennel_id,
            &params.starts_on,
            &params.ends_on,
            &params.reason,
            &params.now,
        )
    }
}
pub struct UpdateClosureStmt(&'static str);
pub fn update_closure() -> UpdateClosureStmt {
    UpdateClosureStmt(
        "update app.kennel_closures set starts_on = $1, ends_on = $2, reason = $3, version = version + 1, updated_at = $4 where tenant_id = $5 and kennel_id = $6 and id = $7 returning id, kennel_id, starts_on, ends_on, reason, version, created_at, updated_at",
    )
}
impl UpdateClosureStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        starts_on: &'a jiff::civil::Date,
        ends_on: &'a jiff::civil::Date,
        reason: &'a Option<T1>,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        kennel_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> ClosureQuery<'c, 'a, 's, C, Closure, 7> {
        ClosureQuery {
            client,
            params: [starts_on, ends_on, reason, now, tenant_id, kennel_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<ClosureBorrowed, tokio_postgres::Error> {
                Ok(ClosureBorrowed {
                    id: row.try_get(0)?,
                    kennel_id: row.try_get(1)?,
                    starts_on: row.try_get(2)?,
                    ends_on: row.try_get(3)?,
                    reason: row.try_get(4)?,
                    version: row.try_get(5)?,
                    created_at: row.try_get(6)?,
                    updated_at: row.try_get(7)?,
                })
            },
            mapper: |it| Closure::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        UpdateClosureParams<T1>,
        ClosureQuery<'c, 'a, 's, C, Closure, 7>,
        C,
    > for UpdateClosureStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateClosureParams<T1>,
    ) -> ClosureQuery<'c, 'a, 's, C, Closure, 7> {
        self.bind(
            client,
            &params.starts_on,
            &params.ends_on,
            &params.reason,
            &params.now,
            &params.tenant_id,
            &params.kennel_id,
            &params.id,
        )
    }
}
pub struct DeleteClosureStmt(&'static str);
pub fn delete_closure() -> DeleteClosureStmt {
    DeleteClosureStmt("delete from app.kennel_closures where tenant_id = $1 and kennel_id = $2 and id = $3")
}
impl DeleteClosureStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        kennel_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, kennel_id, id]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        DeleteClosureParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for DeleteClosureStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a DeleteClosureParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.kennel_id, &params.id))
    }
}
