// This file was generated with `clorinde`. Do not modify.
#[derive(Clone, Copy, Debug)]
pub struct FindStaffSessionParams {
    pub tenant_id: uuid::Uuid,
    pub before: jiff::Timestamp,
}
#[derive(Clone, Copy, Debug)]
pub struct FindIdempotencyKeyParams {
    pub tenant_id: uuid::Uuid,
    pub before: jiff::Timestamp,
}
#[derive(Clone, Copy, Debug)]
pub struct StaffSessionsParams {
    pub tenant_id: uuid::Uuid,
    pub before: jiff::Timestamp,
}
#[derive(Clone, Copy, Debug)]
pub struct IdempotencyKeysParams {
    pub tenant_id: uuid::Uuid,
    pub before: jiff::Timestamp,
}
use crate::client::async_::GenericClient;
pub struct UuidUuidQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<uuid::Uuid, tokio_postgres::Error>,
    mapper: fn(uuid::Uuid) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> UuidUuidQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(uuid::Uuid) -> R) -> UuidUuidQuery<'c, 'a, 's, C, R, N> {
        UuidUuidQuery {
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
pub struct StringQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<&str, tokio_postgres::Error>,
    mapper: fn(&str) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> StringQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(&str) -> R) -> StringQuery<'c, 'a, 's, C, R, N> {
        StringQuery {
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
pub struct TenantsStmt(&'static str);
pub fn tenants() -> TenantsStmt {
    TenantsStmt("select id from app.tenants where id > $1 order by id limit 200")
}
impl TenantsStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        after: &'a uuid::Uuid,
    ) -> UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 1> {
        UuidUuidQuery {
            client,
            params: [after],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it,
        }
    }
}
pub struct FindStaffSessionStmt(&'static str);
pub fn find_staff_session() -> FindStaffSessionStmt {
    FindStaffSessionStmt(
        "select staff_id from app.staff_sessions where tenant_id = $1 and expires_at <= $2 limit 1",
    )
}
impl FindStaffSessionStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        before: &'a jiff::Timestamp,
    ) -> UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 2> {
        UuidUuidQuery {
            client,
            params: [tenant_id, before],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it,
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        FindStaffSessionParams,
        UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 2>,
        C,
    > for FindStaffSessionStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a FindStaffSessionParams,
    ) -> UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 2> {
        self.bind(client, &params.tenant_id, &params.before)
    }
}
pub struct FindIdempotencyKeyStmt(&'static str);
pub fn find_idempotency_key() -> FindIdempotencyKeyStmt {
    FindIdempotencyKeyStmt(
        "select key from app.idempotency_keys where tenant_id = $1 and created_at < $2 limit 1",
    )
}
impl FindIdempotencyKeyStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        before: &'a jiff::Timestamp,
    ) -> StringQuery<'c, 'a, 's, C, String, 2> {
        StringQuery {
            client,
            params: [tenant_id, before],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it.into(),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        FindIdempotencyKeyParams,
        StringQuery<'c, 'a, 's, C, String, 2>,
        C,
    > for FindIdempotencyKeyStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a FindIdempotencyKeyParams,
    ) -> StringQuery<'c, 'a, 's, C, String, 2> {
        self.bind(client, &params.tenant_id, &params.before)
    }
}
pub struct StaffSessionsStmt(&'static str);
pub fn staff_sessions() -> StaffSessionsStmt {
    StaffSessionsStmt(
        "delete from app.staff_sessions where tenant_id = $1 and token_hash in ( select s.token_hash from app.staff_sessions s where s.tenant_id = $1 and s.expires_at <= $2 limit 500 for update skip locked)",
    )
}
impl StaffSessionsStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        before: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, before]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        StaffSessionsParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for StaffSessionsStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a StaffSessionsParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.before))
    }
}
pub struct IdempotencyKeysStmt(&'static str);
pub fn idempotency_keys() -> IdempotencyKeysStmt {
    IdempotencyKeysStmt(
        "delete from app.idempotency_keys where tenant_id = $1 and (staff_id, key) in ( select k.staff_id, k.key from app.idempotency_keys k where k.tenant_id = $1 and k.created_at < $2 order by k.created_at limit 500 for update skip locked)",
    )
}
impl IdempotencyKeysStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        before: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, before]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        IdempotencyKeysParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for IdempotencyKeysStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a IdempotencyKeysParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.before))
    }
}
pub struct OperatorSessionsStmt(&'static str);
pub fn operator_sessions() -> OperatorSessionsStmt {
    OperatorSessionsStmt(
        "delete from app.operator_sessions where token_hash in ( select s.token_hash from app.operator_sessions s where s.expires_at <= $1 limit 500 for update skip locked)",
    )
}
impl OperatorSessionsStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        before: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[before]).await
    }
}
pub struct OperatorIdempotencyKeysStmt(&'static str);
pub fn operator_idempotency_keys() -> OperatorIdempotencyKeysStmt {
    OperatorIdempotencyKeysStmt(
        "delete from app.operator_idempotency_keys where (operator_id, key) in ( select k.operator_id, k.key from app.operator_idempotency_keys k where k.created_at < $1 order by k.created_at limit 500 for update skip locked)",
    )
}
impl OperatorIdempotencyKeysStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        before: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[before]).await
    }
}
pub struct SignInAttemptsStmt(&'static str);
pub fn sign_in_attempts() -> SignInAttemptsStmt {
    SignInAttemptsStmt(
        "delete from app.sign_in_attempts where key in ( select a.key from app.sign_in_attempts a where a.failed_at <= $1 order by a.failed_at limit 500 for update skip locked)",
    )
}
impl SignInAttemptsStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        before: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[before]).await
    }
}
pub struct AcceptedCodesStmt(&'static str);
pub fn accepted_codes() -> AcceptedCodesStmt {
    AcceptedCodesStmt(
        "delete from app.accepted_codes where key in ( select c.key from app.accepted_codes c where c.accepted_at <= $1 order by c.accepted_at limit 500 for update skip locked)",
    )
}
impl AcceptedCodesStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        before: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[before]).await
    }
}
