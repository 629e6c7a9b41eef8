// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct ClaimParams<T1: crate::StringSql, T2: crate::BytesSql> {
    pub tenant_id: uuid::Uuid,
    pub staff_id: uuid::Uuid,
    pub key: T1,
    pub fingerprint: T2,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct GetParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub staff_id: uuid::Uuid,
    pub key: T1,
}
#[derive(Debug)]
pub struct KeepParams<T1: crate::StringSql, T2: crate::StringSql, T3: crate::BytesSql, T4: crate::StringSql> {
    pub status: i32,
    pub location: Option<T1>,
    pub etag: Option<T2>,
    pub body: T3,
    pub tenant_id: uuid::Uuid,
    pub staff_id: uuid::Uuid,
    pub key: T4,
}
#[derive(Debug)]
pub struct ReleaseParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub staff_id: uuid::Uuid,
    pub key: T1,
}
#[derive(Debug)]
pub struct ClaimByOperatorParams<T1: crate::StringSql, T2: crate::BytesSql> {
    pub operator_id: uuid::Uuid,
    pub key: T1,
    pub fingerprint: T2,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct GetOfOperatorParams<T1: crate::StringSql> {
    pub operator_id: uuid::Uuid,
    pub key: T1,
}
#[derive(Debug)]
pub struct KeepForOperatorParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::BytesSql,
    T4: crate::StringSql,
> {
    pub status: i32,
    pub location: Option<T1>,
    pub etag: Option<T2>,
    pub body: T3,
    pub operator_id: uuid::Uuid,
    pub key: T4,
}
#[derive(Debug)]
pub struct ReleaseOfOperatorParams<T1: crate::StringSql> {
    pub operator_id: uuid::Uuid,
    pub key: T1,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    pub fingerprint: Vec<u8>,
    pub status: Option<i32>,
    pub location: Option<String>,
    pub etag: Option<String>,
    pub body: Option<Vec<u8>>,
}
pub struct KeptBorrowed<'a> {
    pub fingerprint: &'a [u8],
    pub status: Option<i32>,
    pub location: Option<&'a str>,
    pub etag: Option<&'a str>,
    pub body: Option<&'a [u8]>,
}
impl<'a> From<KeptBorrowed<'a>> for Kept {
    fn from(KeptBorrowed { fingerprint, status, location, etag, body }: KeptBorrowed<'a>) -> Self {
        Self {
            fingerprint: fingerprint.into(),
            status,
            location: location.map(|v| v.into()),
            etag: etag.map(|v| v.into()),
            body: body.map(|v| v.into()),
        }
    }
}
use crate::client::async_::GenericClient;
pub struct KeptQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<KeptBorrowed, tokio_postgres::Error>,
    mapper: fn(KeptBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> KeptQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(KeptBorrowed) -> R) -> KeptQuery<'c, 'a, 's, C, R, N> {
        KeptQuery {
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
pub struct ClaimStmt(&'static str);
pub fn claim() -> ClaimStmt {
    ClaimStmt(
        "insert into app.idempotency_keys (tenant_id, staff_id, key, fingerprint, created_at) values ($1, $2, $3, $4, $5) on conflict (tenant_id, staff_id, key) do nothing",
    )
}
impl ClaimStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::BytesSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        staff_id: &'a uuid::Uuid,
        key: &'a T1,
        fingerprint: &'a T2,
        now: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, staff_id, key, fingerprint, now]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::StringSql, T2: crate::BytesSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        ClaimParams<T1, T2>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for ClaimStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a ClaimParams<T1, T2>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(
            client,
            &params.tenant_id,
            &params.staff_id,
            &params.key,
            &params.fingerprint,
            &params.now,
        ))
    }
}
pub struct GetStmt(&'static str);
pub fn get() -> GetStmt {
    GetStmt(
        "select fingerprint, status, location, etag, body from app.idempotency_keys where tenant_id = $1 and staff_id = $2 and key = $3",
    )
}
impl GetStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        staff_id: &'a uuid::Uuid,
        key: &'a T1,
    ) -> KeptQuery<'c, 'a, 's, C, Kept, 3> {
        KeptQuery {
            client,
            params: [tenant_id, staff_id, key],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<KeptBorrowed, tokio_postgres::Error> {
                Ok(KeptBorrowed {
                    fingerprint: row.try_get(0)?,
                    status: row.try_get(1)?,
                    location: row.try_get(2)?,
                    etag: row.try_get(3)?,
                    body: row.try_get(4)?,
                })
            },
            mapper: |it| Kept::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<'c, 'a, 's, GetParams<T1>, KeptQuery<'c, 'a, 's, C, Kept, 3>, C>
    for GetStmt
{
    fn params(&'s self, client: &'c C, params: &'a GetParams<T1>) -> KeptQuery<'c, 'a, 's, C, Kept, 3> {
        self.bind(client, &params.tenant_id, &params.staff_id, &params.key)
    }
}
pub struct KeepStmt(&'static str);
pub fn keep() -> KeepStmt {
    KeepStmt(
        "update app.idempotency_keys set status = $1, location = $2, etag = $3, body = $4 where tenant_id = $5 and staff_id = $6 and key = $7",
    )
}
impl KeepStmt {
    pub async fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::StringSql,
        T2: crate::StringSql,
        T3: crate::BytesSql,
        T4: crate::StringSql,
    >(
        &'s self,
        client: &'c C,
        status: &'a i32,
        location: &'a Option<T1>,
        etag: &'a Option<T2>,
        body: &'a T3,
        tenant_id: &'a uuid::Uuid,
        staff_id: &'a uuid::Uuid,
        key: &'a T4,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[status, location, etag, body, tenant_id, staff_id, key])
            .await
    }
}
impl<
    'a,
    C: GenericClient + Send + Sync,
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::BytesSql,
    T4: crate::StringSql,
>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        KeepParams<T1, T2, T3, T4>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for KeepStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a KeepParams<T1, T2, T3, T4>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(
            client,
            &params.status,
            &params.location,
            &params.etag,
            &params.body,
            &params.tenant_id,
            &params.staff_id,
            &params.key,
        ))
    }
}
pub struct ReleaseStmt(&'static str);
pub fn release() -> ReleaseStmt {
    ReleaseStmt("delete from app.idempotency_keys where tenant_id = $1 and staff_id = $2 and key = $3")
}
impl ReleaseStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        staff_id: &'a uuid::Uuid,
        key: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, staff_id, key]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::StringSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        ReleaseParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for ReleaseStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a ReleaseParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.staff_id, &params.key))
    }
}
pub struct ClaimByOperatorStmt(&'static str);
pub fn claim_by_operator() -> ClaimByOperatorStmt {
    ClaimByOperatorStmt(
        "insert into app.operator_idempotency_keys (operator_id, key, fingerprint, created_at) values ($1, $2, $3, $4) on conflict (operator_id, key) do nothing",
    )
}
impl ClaimByOperatorStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::BytesSql>(
        &'s self,
        client: &'c C,
        operator_id: &'a uuid::Uuid,
        key: &'a T1,
        fingerprint: &'a T2,
        now: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[operator_id, key, fingerprint, now]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::StringSql, T2: crate::BytesSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        ClaimByOperatorParams<T1, T2>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for ClaimByOperatorStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a ClaimByOperatorParams<T1, T2>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.operator_id, &params.key, &params.fingerprint, &params.now))
    }
}
pub struct GetOfOperatorStmt(&'static str);
pub fn get_of_operator() -> GetOfOperatorStmt {
    GetOfOperatorStmt(
        "select fingerprint, status, location, etag, body from app.operator_idempotency_keys where operator_id = $1 and key = $2",
    )
}
impl GetOfOperatorStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        operator_id: &'a uuid::Uuid,
        key: &'a T1,
    ) -> KeptQuery<'c, 'a, 's, C, Kept, 2> {
        KeptQuery {
            client,
            params: [operator_id, key],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<KeptBorrowed, tokio_postgres::Error> {
                Ok(KeptBorrowed {
                    fingerprint: row.try_get(0)?,
                    status: row.try_get(1)?,
                    location: row.try_get(2)?,
                    etag: row.try_get(3)?,
                    body: row.try_get(4)?,
                })
            },
            mapper: |it| Kept::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<'c, 'a, 's, GetOfOperatorParams<T1>, KeptQuery<'c, 'a, 's, C, Kept, 2>, C>
    for GetOfOperatorStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a GetOfOperatorParams<T1>,
    ) -> KeptQuery<'c, 'a, 's, C, Kept, 2> {
        self.bind(client, &params.operator_id, &params.key)
    }
}
pub struct KeepForOperatorStmt(&'static str);
pub fn keep_for_operator() -> KeepForOperatorStmt {
    KeepForOperatorStmt(
        "update app.operator_idempotency_keys set status = $1, location = $2, etag = $3, body = $4 where operator_id = $5 and key = $6",
    )
}
impl KeepForOperatorStmt {
    pub async fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::StringSql,
        T2: crate::StringSql,
        T3: crate::BytesSql,
        T4: crate::StringSql,
    >(
        &'s self,
        client: &'c C,
        status: &'a i32,
        location: &'a Option<T1>,
        etag: &'a Option<T2>,
        body: &'a T3,
        operator_id: &'a uuid::Uuid,
        key: &'a T4,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[status, location, etag, body, operator_id, key]).await
    }
}
impl<
    'a,
    C: GenericClient + Send + Sync,
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::BytesSql,
    T4: crate::StringSql,
>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        KeepForOperatorParams<T1, T2, T3, T4>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for KeepForOperatorStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a KeepForOperatorParams<T1, T2, T3, T4>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(
            client,
            &params.status,
            &params.location,
            &params.etag,
            &params.body,
            &params.operator_id,
            &params.key,
        ))
    }
}
pub struct ReleaseOfOperatorStmt(&'static str);
pub fn release_of_operator() -> ReleaseOfOperatorStmt {
    ReleaseOfOperatorStmt("delete from app.operator_idempotency_keys where operator_id = $1 and key = $2")
}
impl ReleaseOfOperatorStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        operator_id: &'a uuid::Uuid,
        key: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[operator_id, key]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::StringSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        ReleaseOfOperatorParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for ReleaseOfOperatorStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a ReleaseOfOperatorParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.operator_id, &params.key))
    }
}
