// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct CountsOfParams<T1: crate::StringSql> {
    pub of_tenant: uuid::Uuid,
    pub span: T1,
    pub since: jiff::Timestamp,
}
#[derive(Debug)]
pub struct CountsOfAllParams<T1: crate::StringSql> {
    pub span: T1,
    pub since: jiff::Timestamp,
}
#[derive(Clone, Copy, Debug)]
pub struct BusiestParams {
    pub since: jiff::Timestamp,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct PruneParams<T1: crate::StringSql> {
    pub span: T1,
    pub before: jiff::Timestamp,
}
#[derive(Debug, Clone, PartialEq, Copy)]
pub struct UsageCount {
    pub starts_at: jiff::Timestamp,
    pub requests: i64,
    pub errors: i64,
    pub refused: i64,
    pub statements: i64,
    pub database_us: i64,
    pub elapsed_us: i64,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Busiest {
    pub subdomain: String,
    pub requests: i64,
    pub errors: i64,
    pub refused: i64,
    pub database_us: i64,
}
pub struct BusiestBorrowed<'a> {
    pub subdomain: &'a str,
    pub requests: i64,
    pub errors: i64,
    pub refused: i64,
    pub database_us: i64,
}
impl<'a> From<BusiestBorrowed<'a>> for Busiest {
    fn from(
        BusiestBorrowed { subdomain, requests, errors, refused, database_us }: BusiestBorrowed<'a>,
    ) -> Self {
        Self { subdomain: subdomain.into(), requests, errors, refused, database_us }
    }
}
use crate::client::async_::GenericClient;
pub struct I64Query<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<i64, tokio_postgres::Error>,
    mapper: fn(i64) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> I64Query<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(i64) -> R) -> I64Query<'c, 'a, 's, C, R, N> {
        I64Query {
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
pub struct UsageCountQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<UsageCount, tokio_postgres::Error>,
    mapper: fn(UsageCount) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> UsageCountQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(UsageCount) -> R) -> UsageCountQuery<'c, 'a, 's, C, R, N> {
        UsageCountQuery {
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
pub struct BusiestQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<BusiestBorrowed, tokio_postgres::Error>,
    mapper: fn(BusiestBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> BusiestQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(BusiestBorrowed) -> R) -> BusiestQuery<'c, 'a, 's, C, R, N> {
        BusiestQuery {
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
pub struct AddStmt(&'static str);
pub fn add() -> AddStmt {
    AddStmt("select app.add_usage($1) as added")
}
impl AddStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        rows: &'a T1,
    ) -> I64Query<'c, 'a, 's, C, i64, 1> {
        I64Query {
            client,
            params: [rows],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it,
        }
    }
}
pub struct CountsOfStmt(&'static str);
pub fn counts_of() -> CountsOfStmt {
    CountsOfStmt(
        "select starts_at, requests, errors, refused, statements, database_us, elapsed_us from app.usage_counts where of_tenant = $1 and span = $2 and starts_at >= $3 order by starts_at",
    )
}
impl CountsOfStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        of_tenant: &'a uuid::Uuid,
        span: &'a T1,
        since: &'a jiff::Timestamp,
    ) -> UsageCountQuery<'c, 'a, 's, C, UsageCount, 3> {
        UsageCountQuery {
            client,
            params: [of_tenant, span, since],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<UsageCount, tokio_postgres::Error> {
                Ok(UsageCount {
                    starts_at: row.try_get(0)?,
                    requests: row.try_get(1)?,
                    errors: row.try_get(2)?,
                    refused: row.try_get(3)?,
                    statements: row.try_get(4)?,
                    database_us: row.try_get(5)?,
                    elapsed_us: row.try_get(6)?,
                })
            },
            mapper: |it| UsageCount::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        CountsOfParams<T1>,
        UsageCountQuery<'c, 'a, 's, C, UsageCount, 3>,
        C,
    > for CountsOfStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a CountsOfParams<T1>,
    ) -> UsageCountQuery<'c, 'a, 's, C, UsageCount, 3> {
        self.bind(client, &params.of_tenant, &params.span, &params.since)
    }
}
pub struct CountsOfAllStmt(&'static str);
pub fn counts_of_all() -> CountsOfAllStmt {
    CountsOfAllStmt(
        "select starts_at, sum(requests)::bigint as requests, sum(errors)::bigint as errors, sum(refused)::bigint as refused, sum(statements)::bigint as statements, sum(database_us)::bigint as database_us, sum(elapsed_us)::bigint as elapsed_us from app.usage_counts where span = $1 and starts_at >= $2 group by starts_at order by starts_at",
    )
}
impl CountsOfAllStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        span: &'a T1,
        since: &'a jiff::Timestamp,
    ) -> UsageCountQuery<'c, 'a, 's, C, UsageCount, 2> {
        UsageCountQuery {
            client,
            params: [span, since],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<UsageCount, tokio_postgres::Error> {
                Ok(UsageCount {
                    starts_at: row.try_get(0)?,
                    requests: row.try_get(1)?,
                    errors: row.try_get(2)?,
                    refused: row.try_get(3)?,
                    statements: row.try_get(4)?,
                    database_us: row.try_get(5)?,
                    elapsed_us: row.try_get(6)?,
                })
            },
            mapper: |it| UsageCount::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        CountsOfAllParams<T1>,
        UsageCountQuery<'c, 'a, 's, C, UsageCount, 2>,
        C,
    > for CountsOfAllStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a CountsOfAllParams<T1>,
    ) -> UsageCountQuery<'c, 'a, 's, C, UsageCount, 2> {
        self.bind(client, &params.span, &params.since)
    }
}
pub struct BusiestStmt(&'static str);
pub fn busiest() -> BusiestStmt {
    BusiestStmt(
        "select t.subdomain, sum(u.requests)::bigint as requests, sum(u.errors)::bigint as errors, sum(u.refused)::bigint as refused, sum(u.database_us)::bigint as database_us from app.usage_counts u join app.tenants t on t.id = u.of_tenant where u.span = 'DAY' and u.starts_at >= $1 group by t.subdomain order by 2 desc, 1 limit $2",
    )
}
impl BusiestStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        since: &'a jiff::Timestamp,
        fetch: &'a i64,
    ) -> BusiestQuery<'c, 'a, 's, C, Busiest, 2> {
        BusiestQuery {
            client,
            params: [since, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<BusiestBorrowed, tokio_postgres::Error> {
                Ok(BusiestBorrowed {
                    subdomain: row.try_get(0)?,
                    requests: row.try_get(1)?,
                    errors: row.try_get(2)?,
                    refused: row.try_get(3)?,
                    database_us: row.try_get(4)?,
                })
            },
            mapper: |it| Busiest::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, BusiestParams, BusiestQuery<'c, 'a, 's, C, Busiest, 2>, C>
    for BusiestStmt
{
    fn params(&'s self, client: &'c C, params: &'a BusiestParams) -> BusiestQuery<'c, 'a, 's, C, Busiest, 2> {
        self.bind(client, &params.since, &params.fetch)
    }
}
pub struct PruneStmt(&'static str);
pub fn prune() -> PruneStmt {
    PruneStmt("delete from app.usage_counts where span = $1 and starts_at < $2")
}
impl PruneStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        span: &'a T1,
        before: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[span, before]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::StringSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        PruneParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for PruneStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a PruneParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.span, &params.before))
    }
}
