// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct ListParams<T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql> {
    pub after: T1,
    pub status: Option<T2>,
    pub tier: Option<T3>,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct InsertParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
    T5: crate::StringSql,
    T6: crate::StringSql,
> {
    pub id: uuid::Uuid,
    pub subdomain: T1,
    pub name: T2,
    pub tier: T3,
    pub status: T4,
    pub timezone: T5,
    pub currency: T6,
    pub tax_rate_bps: i32,
    pub rate_limit: Option<i32>,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct UpdateParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
> {
    pub name: T1,
    pub tier: T2,
    pub status: T3,
    pub timezone: T4,
    pub tax_rate_bps: i32,
    pub rate_limit: Option<i32>,
    pub now: jiff::Timestamp,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct InsertOwnerParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub first_name: T1,
    pub last_name: T2,
    pub email: T3,
    pub password_hash: T4,
    pub now: jiff::Timestamp,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    pub id: uuid::Uuid,
    pub subdomain: String,
    pub name: String,
    pub tier: String,
    pub status: String,
    pub timezone: String,
    pub currency: String,
    pub tax_rate_bps: i32,
    pub rate_limit: Option<i32>,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
pub struct TenantBorrowed<'a> {
    pub id: uuid::Uuid,
    pub subdomain: &'a str,
    pub name: &'a str,
    pub tier: &'a str,
    pub status: &'a str,
    pub timezone: &'a str,
    pub currency: &'a str,
    pub tax_rate_bps: i32,
    pub rate_limit: Option<i32>,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
}
impl<'a> From<TenantBorrowed<'a>> for Tenant {
    fn from(
        TenantBorrowed {
            id,
            subdomain,
            name,
            tier,
            status,
            timezone,
            currency,
            tax_rate_bps,
            rate_limit,
            version,
            created_at,
            updated_at,
        }: TenantBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            subdomain: subdomain.into(),
            name: name.into(),
            tier: tier.into(),
            status: status.into(),
            timezone: timezone.into(),
            currency: currency.into(),
            tax_rate_bps,
            rate_limit,
            version,
            created_at,
            updated_at,
        }
    }
}
use crate::client::async_::GenericClient;
pub struct TenantQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<TenantBorrowed, tokio_postgres::Error>,
    mapper: fn(TenantBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> TenantQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(TenantBorrowed) -> R) -> TenantQuery<'c, 'a, 's, C, R, N> {
        TenantQuery {
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
pub struct BoolQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<bool, tokio_postgres::Error>,
    mapper: fn(bool) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> BoolQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(bool) -> R) -> BoolQuery<'c, 'a, 's, C, R, N> {
        BoolQuery {
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
        "select id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, version, created_at, updated_at from app.tenants where subdomain > $1 and case when $2::text is null then true else status = $2 end and case when $3::text is null then true else tier = $3 end order by subdomain limit $4",
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
        after: &'a T1,
        status: &'a Option<T2>,
        tier: &'a Option<T3>,
        fetch: &'a i64,
    ) -> TenantQuery<'c, 'a, 's, C, Tenant, 4> {
        TenantQuery {
            client,
            params: [after, status, tier, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<TenantBorrowed, tokio_postgres::Error> {
                Ok(TenantBorrowed {
                    id: row.try_get(0)?,
                    subdomain: row.try_get(1)?,
                    name: row.try_get(2)?,
                    tier: row.try_get(3)?,
                    status: row.try_get(4)?,
                    timezone: row.try_get(5)?,
                    currency: row.try_get(6)?,
                    tax_rate_bps: row.try_get(7)?,
                    rate_limit: row.try_get(8)?,
                    version: row.try_get(9)?,
                    created_at: row.try_get(10)?,
                    updated_at: row.try_get(11)?,
                })
            },
            mapper: |it| Tenant::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListParams<T1, T2, T3>,
        TenantQuery<'c, 'a, 's, C, Tenant, 4>,
        C,
    > for ListStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListParams<T1, T2, T3>,
    ) -> TenantQuery<'c, 'a, 's, C, Tenant, 4> {
        self.bind(client, &params.after, &params.status, &params.tier, &params.fetch)
    }
}
pub struct FindStmt(&'static str);
pub fn find() -> FindStmt {
    FindStmt(
        "select id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, version, created_at, updated_at from app.tenants where id = $1",
    )
}
impl FindStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        id: &'a uuid::Uuid,
    ) -> TenantQuery<'c, 'a, 's, C, Tenant, 1> {
        TenantQuery {
            client,
            params: [id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<TenantBorrowed, tokio_postgres::Error> {
                Ok(TenantBorrowed {
                    id: row.try_get(0)?,
                    subdomain: row.try_get(1)?,
                    name: row.try_get(2)?,
                    tier: row.try_get(3)?,
                    status: row.try_get(4)?,
                    timezone: row.try_get(5)?,
                    currency: row.try_get(6)?,
                    tax_rate_bps: row.try_get(7)?,
                    rate_limit: row.try_get(8)?,
                    version: row.try_get(9)?,
                    created_at: row.try_get(10)?,
                    updated_at: row.try_get(11)?,
                })
            },
            mapper: |it| Tenant::from(it),
        }
    }
}
pub struct FindBySubdomainStmt(&'static str);
pub fn find_by_subdomain() -> FindBySubdomainStmt {
    FindBySubdomainStmt(
        "select id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, version, created_at, updated_at from app.tenants where subdomain = $1",
    )
}
impl FindBySubdomainStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        subdomain: &'a T1,
    ) -> TenantQuery<'c, 'a, 's, C, Tenant, 1> {
        TenantQuery {
            client,
            params: [subdomain],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<TenantBorrowed, tokio_postgres::Error> {
                Ok(TenantBorrowed {
                    id: row.try_get(0)?,
                    subdomain: row.try_get(1)?,
                    name: row.try_get(2)?,
                    tier: row.try_get(3)?,
                    status: row.try_get(4)?,
                    timezone: row.try_get(5)?,
                    currency: row.try_get(6)?,
                    tax_rate_bps: row.try_get(7)?,
                    rate_limit: row.try_get(8)?,
                    version: row.try_get(9)?,
                    created_at: row.try_get(10)?,
                    updated_at: row.try_get(11)?,
                })
            },
            mapper: |it| Tenant::from(it),
        }
    }
}
pub struct LockStmt(&'static str);
pub fn lock() -> LockStmt {
    LockStmt(
        "select id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, version, created_at, updated_at from app.tenants where id = $1 for update",
    )
}
impl LockStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        id: &'a uuid::Uuid,
    ) -> TenantQuery<'c, 'a, 's, C, Tenant, 1> {
        TenantQuery {
            client,
            params: [id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<TenantBorrowed, tokio_postgres::Error> {
                Ok(TenantBorrowed {
                    id: row.try_get(0)?,
                    subdomain: row.try_get(1)?,
                    name: row.try_get(2)?,
                    tier: row.try_get(3)?,
                    status: row.try_get(4)?,
                    timezone: row.try_get(5)?,
                    currency: row.try_get(6)?,
                    tax_rate_bps: row.try_get(7)?,
                    rate_limit: row.try_get(8)?,
                    version: row.try_get(9)?,
                    created_at: row.try_get(10)?,
                    updated_at: row.try_get(11)?,
                })
            },
            mapper: |it| Tenant::from(it),
        }
    }
}
pub struct InsertStmt(&'static str);
pub fn insert() -> InsertStmt {
    InsertStmt(
        "insert into app.tenants (id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) returning id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, version, created_at, updated_at",
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
    >(
        &'s self,
        client: &'c C,
        id: &'a uuid::Uuid,
        subdomain: &'a T1,
        name: &'a T2,
        tier: &'a T3,
        status: &'a T4,
        timezone: &'a T5,
        currency: &'a T6,
        tax_rate_bps: &'a i32,
        rate_limit: &'a Option<i32>,
        now: &'a jiff::Timestamp,
    ) -> TenantQuery<'c, 'a, 's, C, Tenant, 10> {
        TenantQuery {
            client,
            params: [id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, now],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<TenantBorrowed, tokio_postgres::Error> {
                Ok(TenantBorrowed {
                    id: row.try_get(0)?,
                    subdomain: row.try_get(1)?,
                    name: row.try_get(2)?,
                    tier: row.try_get(3)?,
                    status: row.try_get(4)?,
                    timezone: row.try_get(5)?,
                    currency: row.try_get(6)?,
                    tax_rate_bps: row.try_get(7)?,
                    rate_limit: row.try_get(8)?,
                    version: row.try_get(9)?,
                    created_at: row.try_get(10)?,
                    updated_at: row.try_get(11)?,
                })
            },
            mapper: |it| Tenant::from(it),
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
>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        InsertParams<T1, T2, T3, T4, T5, T6>,
        TenantQuery<'c, 'a, 's, C, Tenant, 10>,
        C,
    > for InsertStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertParams<T1, T2, T3, T4, T5, T6>,
    ) -> TenantQuery<'c, 'a, 's, C, Tenant, 10> {
        self.bind(
            client,
            &params.id,
            &params.subdomain,
            &params.name,
            &params.tier,
            &params.status,
            &params.timezone,
            &params.currency,
            &params.tax_rate_bps,
            &params.rate_limit,
            &params.now,
        )
    }
}
pub struct UpdateStmt(&'static str);
pub fn update() -> UpdateStmt {
    UpdateStmt(
        "update app.tenants set name = $1, tier = $2, status = $3, timezone = $4, tax_rate_bps = $5, rate_limit = $6, version = version + 1, updated_at = $7 where id = $8 returning id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, version, created_at, updated_at",
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
    >(
        &'s self,
        client: &'c C,
        name: &'a T1,
        tier: &'a T2,
        status: &'a T3,
        timezone: &'a T4,
        tax_rate_bps: &'a i32,
        rate_limit: &'a Option<i32>,
        now: &'a jiff::Timestamp,
        id: &'a uuid::Uuid,
    ) -> TenantQuery<'c, 'a, 's, C, Tenant, 8> {
        TenantQuery {
            client,
            params: [name, tier, status, timezone, tax_rate_bps, rate_limit, now, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<TenantBorrowed, tokio_postgres::Error> {
                Ok(TenantBorrowed {
                    id: row.try_get(0)?,
                    subdomain: row.try_get(1)?,
                    name: row.try_get(2)?,
                    tier: row.try_get(3)?,
                    status: row.try_get(4)?,
                    timezone: row.try_get(5)?,
                    currency: row.try_get(6)?,
                    tax_rate_bps: row.try_get(7)?,
                    rate_limit: row.try_get(8)?,
                    version: row.try_get(9)?,
                    created_at: row.try_get(10)?,
                    updated_at: row.try_get(11)?,
                })
            },
            mapper: |it| Tenant::from(it),
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
        UpdateParams<T1, T2, T3, T4>,
        TenantQuery<'c, 'a, 's, C, Tenant, 8>,
        C,
    > for UpdateStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateParams<T1, T2, T3, T4>,
    ) -> TenantQuery<'c, 'a, 's, C, Tenant, 8> {
        self.bind(
            client,
            &params.name,
            &params.tier,
            &params.status,
            &params.timezone,
            &params.tax_rate_bps,
            &params.rate_limit,
            &params.now,
            &params.id,
        )
    }
}
pub struct AnyStmt(&'static str);
pub fn any() -> AnyStmt {
    AnyStmt("select exists (select from app.tenants) as any")
}
impl AnyStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(&'s self, client: &'c C) -> BoolQuery<'c, 'a, 's, C, bool, 0> {
        BoolQuery {
            client,
            params: [],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it,
        }
    }
}
pub struct InsertOwnerStmt(&'static str);
pub fn insert_owner() -> InsertOwnerStmt {
    InsertOwnerStmt(
        "insert into app.staff (tenant_id, id, first_name, last_name, email, role, password_hash, created_at, updated_at) values ($1, $2, $3, $4, $5, 'OWNER', $6, $7, $7)",
    )
}
impl InsertOwnerStmt {
    pub async fn bind<
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
        first_name: &'a T1,
        last_name: &'a T2,
        email: &'a T3,
        password_hash: &'a T4,
        now: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(
            client,
            self.0,
            &[tenant_id, id, first_name, last_name, email, password_hash, now],
        )
        .await
    }
}
impl<
    'a,
    C: GenericClient + Send + Sync,
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        InsertOwnerParams<T1, T2, T3, T4>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for InsertOwnerStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a InsertOwnerParams<T1, T2, T3, T4>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.first_name,
            &params.last_name,
            &params.email,
            &params.password_hash,
            &params.now,
        ))
    }
}
pub struct DeleteSessionsStmt(&'static str);
pub fn delete_sessions() -> DeleteSessionsStmt {
    DeleteSessionsStmt("delete from app.staff_sessions where tenant_id = $1")
}
impl DeleteSessionsStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id]).await
    }
}
