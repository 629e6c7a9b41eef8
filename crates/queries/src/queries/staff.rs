// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct ListParams<T1: crate::StringSql, T2: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub after: T1,
    pub role: Option<T2>,
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
> {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
    pub first_name: T1,
    pub last_name: T2,
    pub email: T3,
    pub role: T4,
    pub password_hash: T5,
    pub is_active: bool,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct UpdateParams<
    T1: crate::StringSql,
    T2: crate::StringSql,
    T3: crate::StringSql,
    T4: crate::StringSql,
> {
    pub first_name: T1,
    pub last_name: T2,
    pub email: T3,
    pub role: T4,
    pub is_active: bool,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct FindAccountParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub email_key: T1,
}
#[derive(Clone, Copy, Debug)]
pub struct FindAccountByIdParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Clone, Copy, Debug)]
pub struct LockAccountParams {
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct SetPasswordParams<T1: crate::StringSql> {
    pub password_hash: T1,
    pub now: jiff::Timestamp,
    pub tenant_id: uuid::Uuid,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct InsertSessionParams<T1: crate::BytesSql> {
    pub tenant_id: uuid::Uuid,
    pub token_hash: T1,
    pub staff_id: uuid::Uuid,
    pub now: jiff::Timestamp,
    pub expires_at: jiff::Timestamp,
}
#[derive(Clone, Copy, Debug)]
pub struct DeleteExpiredSessionsParams {
    pub tenant_id: uuid::Uuid,
    pub staff_id: uuid::Uuid,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct DeleteSessionParams<T1: crate::BytesSql> {
    pub tenant_id: uuid::Uuid,
    pub token_hash: T1,
}
#[derive(Clone, Copy, Debug)]
pub struct DeleteSessionsParams {
    pub tenant_id: uuid::Uuid,
    pub staff_id: uuid::Uuid,
}
#[derive(Debug)]
pub struct DeleteOtherSessionsParams<T1: crate::BytesSql> {
    pub tenant_id: uuid::Uuid,
    pub staff_id: uuid::Uuid,
    pub token_hash: T1,
}
#[derive(Debug)]
pub struct StartSecondFactorParams<T1: crate::StringSql> {
    pub tenant_id: uuid::Uuid,
    pub staff_id: uuid::Uuid,
    pub sealed_secret: T1,
    pub now: jiff::Timestamp,
}
#[derive(Clone, Copy, Debug)]
pub struct FindStartedSecondFactorParams {
    pub tenant_id: uuid::Uuid,
    pub staff_id: uuid::Uuid,
}
#[derive(Debug)]
pub struct ConfirmSecondFactorParams<
    T1: crate::BytesSql,
    T2: crate::ArraySql<Item = T1>,
    T3: crate::StringSql,
> {
    pub now: jiff::Timestamp,
    pub recovery_codes: T2,
    pub tenant_id: uuid::Uuid,
    pub staff_id: uuid::Uuid,
    pub sealed_secret: T3,
}
#[derive(Debug)]
pub struct UseRecoveryCodeParams<T1: crate::BytesSql> {
    pub code: T1,
    pub tenant_id: uuid::Uuid,
    pub staff_id: uuid::Uuid,
}
#[derive(Clone, Copy, Debug)]
pub struct DeleteSecondFactorParams {
    pub tenant_id: uuid::Uuid,
    pub staff_id: uuid::Uuid,
}
#[derive(Debug, Clone, PartialEq)]
pub struct StaffMember {
    pub id: uuid::Uuid,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub email_key: String,
    pub role: String,
    pub is_active: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
    pub second_factor: bool,
}
pub struct StaffMemberBorrowed<'a> {
    pub id: uuid::Uuid,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub email: &'a str,
    pub email_key: &'a str,
    pub role: &'a str,
    pub is_active: bool,
    pub version: i32,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
    pub second_factor: bool,
}
impl<'a> From<StaffMemberBorrowed<'a>> for StaffMember {
    fn from(
        StaffMemberBorrowed {
            id,
            first_name,
            last_name,
            email,
            email_key,
            role,
            is_active,
            version,
            created_at,
            updated_at,
            second_factor,
        }: StaffMemberBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            first_name: first_name.into(),
            last_name: last_name.into(),
            email: email.into(),
            email_key: email_key.into(),
            role: role.into(),
            is_active,
            version,
            created_at,
            updated_at,
            second_factor,
        }
    }
}
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    pub id: uuid::Uuid,
    pub email: String,
    pub password_hash: String,
    pub is_active: bool,
    pub sealed_secret: Option<String>,
    pub recovery_codes: Option<Vec<Vec<u8>>>,
}
pub struct AccountBorrowed<'a> {
    pub id: uuid::Uuid,
    pub email: &'a str,
    pub password_hash: &'a str,
    pub is_active: bool,
    pub sealed_secret: Option<&'a str>,
    pub recovery_codes: Option<crate::ArrayIterator<'a, &'a [u8]>>,
}
impl<'a> From<AccountBorrowed<'a>> for Account {
    fn from(
        AccountBorrowed { id, email, password_hash, is_active, sealed_secret, recovery_codes, }: AccountBorrowed<'a>,
    ) -> Self {
        Self {
            id,
            email: email.into(),
            password_hash: password_hash.into(),
            is_active,
            sealed_secret: sealed_secret.map(|v| v.into()),
            recovery_codes: recovery_codes.map(|v| v.map(|v| v.into()).collect()),
        }
    }
}
use crate::client::async_::GenericClient;
pub struct StaffMemberQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<StaffMemberBorrowed, tokio_postgres::Error>,
    mapper: fn(StaffMemberBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> StaffMemberQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(StaffMemberBorrowed) -> R) -> StaffMemberQuery<'c, 'a, 's, C, R, N> {
        StaffMemberQuery {
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
pub struct AccountQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<AccountBorrowed, tokio_postgres::Error>,
    mapper: fn(AccountBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> AccountQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(AccountBorrowed) -> R) -> AccountQuery<'c, 'a, 's, C, R, N> {
        AccountQuery {
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
pub struct ListStmt(&'static str);
pub fn list() -> ListStmt {
    ListStmt(
        "select id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at, exists ( select from app.staff_second_factors f where f.tenant_id = s.tenant_id and f.staff_id = s.id and f.confirmed_at is not null ) as second_factor from app.staff s where tenant_id = $1 and email_key > $2 and case when $3::text is null then true else role = $3 end and case when $4::boolean is null then true else is_active = $4 end order by email_key limit $5",
    )
}
impl ListStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        after: &'a T1,
        role: &'a Option<T2>,
        is_active: &'a Option<bool>,
        fetch: &'a i64,
    ) -> StaffMemberQuery<'c, 'a, 's, C, StaffMember, 5> {
        StaffMemberQuery {
            client,
            params: [tenant_id, after, role, is_active, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<StaffMemberBorrowed, tokio_postgres::Error> {
                Ok(StaffMemberBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    email_key: row.try_get(4)?,
                    role: row.try_get(5)?,
                    is_active: row.try_get(6)?,
                    version: row.try_get(7)?,
                    created_at: row.try_get(8)?,
                    updated_at: row.try_get(9)?,
                    second_factor: row.try_get(10)?,
                })
            },
            mapper: |it| StaffMember::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        ListParams<T1, T2>,
        StaffMemberQuery<'c, 'a, 's, C, StaffMember, 5>,
        C,
    > for ListStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListParams<T1, T2>,
    ) -> StaffMemberQuery<'c, 'a, 's, C, StaffMember, 5> {
        self.bind(client, &params.tenant_id, &params.after, &params.role, &params.is_active, &params.fetch)
    }
}
pub struct FindStmt(&'static str);
pub fn find() -> FindStmt {
    FindStmt(
        "select id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at, exists ( select from app.staff_second_factors f where f.tenant_id = s.tenant_id and f.staff_id = s.id and f.confirmed_at is not null ) as second_factor from app.staff s where tenant_id = $1 and id = $2",
    )
}
impl FindStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> StaffMemberQuery<'c, 'a, 's, C, StaffMember, 2> {
        StaffMemberQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<StaffMemberBorrowed, tokio_postgres::Error> {
                Ok(StaffMemberBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    email_key: row.try_get(4)?,
                    role: row.try_get(5)?,
                    is_active: row.try_get(6)?,
                    version: row.try_get(7)?,
                    created_at: row.try_get(8)?,
                    updated_at: row.try_get(9)?,
                    second_factor: row.try_get(10)?,
                })
            },
            mapper: |it| StaffMember::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, FindParams, StaffMemberQuery<'c, 'a, 's, C, StaffMember, 2>, C>
    for FindStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a FindParams,
    ) -> StaffMemberQuery<'c, 'a, 's, C, StaffMember, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct LockStmt(&'static str);
pub fn lock() -> LockStmt {
    LockStmt(
        "select id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at, exists ( select from app.staff_second_factors f where f.tenant_id = s.tenant_id and f.staff_id = s.id and f.confirmed_at is not null ) as second_factor from app.staff s where tenant_id = $1 and id = $2 for update",
    )
}
impl LockStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> StaffMemberQuery<'c, 'a, 's, C, StaffMember, 2> {
        StaffMemberQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<StaffMemberBorrowed, tokio_postgres::Error> {
                Ok(StaffMemberBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    email_key: row.try_get(4)?,
                    role: row.try_get(5)?,
                    is_active: row.try_get(6)?,
                    version: row.try_get(7)?,
                    created_at: row.try_get(8)?,
                    updated_at: row.try_get(9)?,
                    second_factor: row.try_get(10)?,
                })
            },
            mapper: |it| StaffMember::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<'c, 'a, 's, LockParams, StaffMemberQuery<'c, 'a, 's, C, StaffMember, 2>, C>
    for LockStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a LockParams,
    ) -> StaffMemberQuery<'c, 'a, 's, C, StaffMember, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct LockOwnersStmt(&'static str);
pub fn lock_owners() -> LockOwnersStmt {
    LockOwnersStmt(
        "select id from app.staff where tenant_id = $1 and role = 'OWNER' and is_active order by id for update",
    )
}
impl LockOwnersStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
    ) -> UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 1> {
        UuidUuidQuery {
            client,
            params: [tenant_id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it,
        }
    }
}
pub struct InsertStmt(&'static str);
pub fn insert() -> InsertStmt {
    InsertStmt(
        "insert into app.staff (tenant_id, id, first_name, last_name, email, role, password_hash, is_active, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) returning id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at, exists ( select from app.staff_second_factors f where f.tenant_id = staff.tenant_id and f.staff_id = staff.id and f.confirmed_at is not null ) as second_factor",
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
    >(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
        first_name: &'a T1,
        last_name: &'a T2,
        email: &'a T3,
        role: &'a T4,
        password_hash: &'a T5,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
    ) -> StaffMemberQuery<'c, 'a, 's, C, StaffMember, 9> {
        StaffMemberQuery {
            client,
            params: [tenant_id, id, first_name, last_name, email, role, password_hash, is_active, now],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<StaffMemberBorrowed, tokio_postgres::Error> {
                Ok(StaffMemberBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    email_key: row.try_get(4)?,
                    role: row.try_get(5)?,
                    is_active: row.try_get(6)?,
                    version: row.try_get(7)?,
                    created_at: row.try_get(8)?,
                    updated_at: row.try_get(9)?,
                    second_factor: row.try_get(10)?,
                })
            },
            mapper: |it| StaffMember::from(it),
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
        InsertParams<T1, T2, T3, T4, T5>,
        StaffMemberQuery<'c, 'a, 's, C, StaffMember, 9>,
        C,
    > for InsertStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertParams<T1, T2, T3, T4, T5>,
    ) -> StaffMemberQuery<'c, 'a, 's, C, StaffMember, 9> {
        self.bind(
            client,
            &params.tenant_id,
            &params.id,
            &params.first_name,
            &params.last_name,
            &params.email,
            &params.role,
            &params.password_hash,
            &params.is_active,
            &params.now,
        )
    }
}
pub struct UpdateStmt(&'static str);
pub fn update() -> UpdateStmt {
    UpdateStmt(
        "update app.staff set first_name = $1, last_name = $2, email = $3, role = $4, is_active = $5, version = version + 1, updated_at = $6 where tenant_id = $7 and id = $8 returning id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at, exists ( select from app.staff_second_factors f where f.tenant_id = staff.tenant_id and f.staff_id = staff.id and f.confirmed_at is not null ) as second_factor",
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
        first_name: &'a T1,
        last_name: &'a T2,
        email: &'a T3,
        role: &'a T4,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> StaffMemberQuery<'c, 'a, 's, C, StaffMember, 8> {
        StaffMemberQuery {
            client,
            params: [first_name, last_name, email, role, is_active, now, tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<StaffMemberBorrowed, tokio_postgres::Error> {
                Ok(StaffMemberBorrowed {
                    id: row.try_get(0)?,
                    first_name: row.try_get(1)?,
                    last_name: row.try_get(2)?,
                    email: row.try_get(3)?,
                    email_key: row.try_get(4)?,
                    role: row.try_get(5)?,
                    is_active: row.try_get(6)?,
                    version: row.try_get(7)?,
                    created_at: row.try_get(8)?,
                    updated_at: row.try_get(9)?,
                    second_factor: row.try_get(10)?,
                })
            },
            mapper: |it| StaffMember::from(it),
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
        StaffMemberQuery<'c, 'a, 's, C, StaffMember, 8>,
        C,
    > for UpdateStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateParams<T1, T2, T3, T4>,
    ) -> StaffMemberQuery<'c, 'a, 's, C, StaffMember, 8> {
        self.bind(
            client,
            &params.first_name,
            &params.last_name,
            &params.email,
            &params.role,
            &params.is_active,
            &params.now,
            &params.tenant_id,
            &params.id,
        )
    }
}
pub struct FindAccountStmt(&'static str);
pub fn find_account() -> FindAccountStmt {
    FindAccountStmt(
        "select s.id, s.email, s.password_hash, s.is_active, f.sealed_secret, f.recovery_codes from app.staff s left join app.staff_second_factors f on f.tenant_id = $1 and f.staff_id = s.id and f.confirmed_at is not null where s.tenant_id = $1 and s.email_key = $2",
    )
}
impl FindAccountStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        email_key: &'a T1,
    ) -> AccountQuery<'c, 'a, 's, C, Account, 2> {
        AccountQuery {
            client,
            params: [tenant_id, email_key],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<AccountBorrowed, tokio_postgres::Error> {
                Ok(AccountBorrowed {
                    id: row.try_get(0)?,
                    email: row.try_get(1)?,
                    password_hash: row.try_get(2)?,
                    is_active: row.try_get(3)?,
                    sealed_secret: row.try_get(4)?,
                    recovery_codes: row.try_get(5)?,
                })
            },
            mapper: |it| Account::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        FindAccountParams<T1>,
        AccountQuery<'c, 'a, 's, C, Account, 2>,
        C,
    > for FindAccountStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a FindAccountParams<T1>,
    ) -> AccountQuery<'c, 'a, 's, C, Account, 2> {
        self.bind(client, &params.tenant_id, &params.email_key)
    }
}
pub struct FindAccountByIdStmt(&'static str);
pub fn find_account_by_id() -> FindAccountByIdStmt {
    FindAccountByIdStmt(
        "select s.id, s.email, s.password_hash, s.is_active, f.sealed_secret, f.recovery_codes from app.staff s left join app.staff_second_factors f on f.tenant_id = $1 and f.staff_id = s.id and f.confirmed_at is not null where s.tenant_id = $1 and s.id = $2",
    )
}
impl FindAccountByIdStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> AccountQuery<'c, 'a, 's, C, Account, 2> {
        AccountQuery {
            client,
            params: [tenant_id, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<AccountBorrowed, tokio_postgres::Error> {
                Ok(AccountBorrowed {
                    id: row.try_get(0)?,
                    email: row.try_get(1)?,
                    password_hash: row.try_get(2)?,
                    is_active: row.try_get(3)?,
                    sealed_secret: row.try_get(4)?,
                    recovery_codes: row.try_get(5)?,
                })
            },
            mapper: |it| Account::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        FindAccountByIdParams,
        AccountQuery<'c, 'a, 's, C, Account, 2>,
        C,
    > for FindAccountByIdStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a FindAccountByIdParams,
    ) -> AccountQuery<'c, 'a, 's, C, Account, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct LockAccountStmt(&'static str);
pub fn lock_account() -> LockAccountStmt {
    LockAccountStmt("select id from app.staff where tenant_id = $1 and id = $2 for update")
}
impl LockAccountStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 2> {
        UuidUuidQuery {
            client,
            params: [tenant_id, id],
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
        LockAccountParams,
        UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 2>,
        C,
    > for LockAccountStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a LockAccountParams,
    ) -> UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 2> {
        self.bind(client, &params.tenant_id, &params.id)
    }
}
pub struct LockResortStmt(&'static str);
pub fn lock_resort() -> LockResortStmt {
    LockResortStmt("select status from app.tenants where id = $1 for share")
}
impl LockResortStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
    ) -> StringQuery<'c, 'a, 's, C, String, 1> {
        StringQuery {
            client,
            params: [tenant_id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it.into(),
        }
    }
}
pub struct SetPasswordStmt(&'static str);
pub fn set_password() -> SetPasswordStmt {
    SetPasswordStmt(
        "update app.staff set password_hash = $1, updated_at = $2 where tenant_id = $3 and id = $4",
    )
}
impl SetPasswordStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        password_hash: &'a T1,
        now: &'a jiff::Timestamp,
        tenant_id: &'a uuid::Uuid,
        id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[password_hash, now, tenant_id, id]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::StringSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        SetPasswordParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for SetPasswordStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a SetPasswordParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.password_hash, &params.now, &params.tenant_id, &params.id))
    }
}
pub struct InsertSessionStmt(&'static str);
pub fn insert_session() -> InsertSessionStmt {
    InsertSessionStmt(
        "insert into app.staff_sessions (tenant_id, token_hash, staff_id, created_at, expires_at) values ($1, $2, $3, $4, $5)",
    )
}
impl InsertSessionStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        token_hash: &'a T1,
        staff_id: &'a uuid::Uuid,
        now: &'a jiff::Timestamp,
        expires_at: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, token_hash, staff_id, now, expires_at]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::BytesSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        InsertSessionParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for InsertSessionStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a InsertSessionParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(
            client,
            &params.tenant_id,
            &params.token_hash,
            &params.staff_id,
            &params.now,
            &params.expires_at,
        ))
    }
}
pub struct DeleteExpiredSessionsStmt(&'static str);
pub fn delete_expired_sessions() -> DeleteExpiredSessionsStmt {
    DeleteExpiredSessionsStmt(
        "delete from app.staff_sessions where tenant_id = $1 and staff_id = $2 and expires_at <= $3",
    )
}
impl DeleteExpiredSessionsStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        staff_id: &'a uuid::Uuid,
        now: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, staff_id, now]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        DeleteExpiredSessionsParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for DeleteExpiredSessionsStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a DeleteExpiredSessionsParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.staff_id, &params.now))
    }
}
pub struct DeleteSessionStmt(&'static str);
pub fn delete_session() -> DeleteSessionStmt {
    DeleteSessionStmt("delete from app.staff_sessions where tenant_id = $1 and token_hash = $2")
}
impl DeleteSessionStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        token_hash: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, token_hash]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::BytesSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        DeleteSessionParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for DeleteSessionStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a DeleteSessionParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.token_hash))
    }
}
pub struct DeleteSessionsStmt(&'static str);
pub fn delete_sessions() -> DeleteSessionsStmt {
    DeleteSessionsStmt("delete from app.staff_sessions where tenant_id = $1 and staff_id = $2")
}
impl DeleteSessionsStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        staff_id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, staff_id]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        DeleteSessionsParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for DeleteSessionsStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a DeleteSessionsParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.staff_id))
    }
}
pub struct DeleteOtherSessionsStmt(&'static str);
pub fn delete_other_sessions() -> DeleteOtherSessionsStmt {
    DeleteOtherSessionsStmt(
        "delete from app.staff_sessions where tenant_id = $1 and staff_id = $2 and token_hash <> $3",
    )
}
impl DeleteOtherSessionsStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        staff_id: &'a uuid::Uuid,
        token_hash: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, staff_id, token_hash]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::BytesSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        DeleteOtherSessionsParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for DeleteOtherSessionsStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a DeleteOtherSessionsParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.staff_id, &params.token_hash))
    }
}
pub struct StartSecondFactorStmt(&'static str);
pub fn start_second_factor() -> StartSecondFactorStmt {
    StartSecondFactorStmt(
        "insert into app.staff_second_factors as f (tenant_id, staff_id, sealed_secret, created_at) values ($1, $2, $3, $4) on conflict on constraint staff_second_factors_pkey do update set sealed_secret = excluded.sealed_secret, created_at = excluded.created_at where f.confirmed_at is null",
    )
}
impl StartSecondFactorStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        staff_id: &'a uuid::Uuid,
        sealed_secret: &'a T1,
        now: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, staff_id, sealed_secret, now]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::StringSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        StartSecondFactorParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for StartSecondFactorStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a StartSecondFactorParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.staff_id, &params.sealed_secret, &params.now))
    }
}
pub struct FindStartedSecondFactorStmt(&'static str);
pub fn find_started_second_factor() -> FindStartedSecondFactorStmt {
    FindStartedSecondFactorStmt(
        "select sealed_secret from app.staff_second_factors where tenant_id = $1 and staff_id = $2 and confirmed_at is null",
    )
}
impl FindStartedSecondFactorStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        staff_id: &'a uuid::Uuid,
    ) -> StringQuery<'c, 'a, 's, C, String, 2> {
        StringQuery {
            client,
            params: [tenant_id, staff_id],
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
        FindStartedSecondFactorParams,
        StringQuery<'c, 'a, 's, C, String, 2>,
        C,
    > for FindStartedSecondFactorStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a FindStartedSecondFactorParams,
    ) -> StringQuery<'c, 'a, 's, C, String, 2> {
        self.bind(client, &params.tenant_id, &params.staff_id)
    }
}
pub struct ConfirmSecondFactorStmt(&'static str);
pub fn confirm_second_factor() -> ConfirmSecondFactorStmt {
    ConfirmSecondFactorStmt(
        "update app.staff_second_factors set confirmed_at = $1, recovery_codes = $2 where tenant_id = $3 and staff_id = $4 and sealed_secret = $5 and confirmed_at is null",
    )
}
impl ConfirmSecondFactorStmt {
    pub async fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::BytesSql,
        T2: crate::ArraySql<Item = T1>,
        T3: crate::StringSql,
    >(
        &'s self,
        client: &'c C,
        now: &'a jiff::Timestamp,
        recovery_codes: &'a T2,
        tenant_id: &'a uuid::Uuid,
        staff_id: &'a uuid::Uuid,
        sealed_secret: &'a T3,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[now, recovery_codes, tenant_id, staff_id, sealed_secret])
            .await
    }
}
impl<
    'a,
    C: GenericClient + Send + Sync,
    T1: crate::BytesSql,
    T2: crate::ArraySql<Item = T1>,
    T3: crate::StringSql,
>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        ConfirmSecondFactorParams<T1, T2, T3>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for ConfirmSecondFactorStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a ConfirmSecondFactorParams<T1, T2, T3>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(
            client,
            &params.now,
            &params.recovery_codes,
            &params.tenant_id,
            &params.staff_id,
            &params.sealed_secret,
        ))
    }
}
pub struct UseRecoveryCodeStmt(&'static str);
pub fn use_recovery_code() -> UseRecoveryCodeStmt {
    UseRecoveryCodeStmt(
        "update app.staff_second_factors set recovery_codes = array_remove(recovery_codes, $1::bytea) where tenant_id = $2 and staff_id = $3 and confirmed_at is not null and $1::bytea = any (recovery_codes)",
    )
}
impl UseRecoveryCodeStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        code: &'a T1,
        tenant_id: &'a uuid::Uuid,
        staff_id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[code, tenant_id, staff_id]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::BytesSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        UseRecoveryCodeParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for UseRecoveryCodeStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a UseRecoveryCodeParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.code, &params.tenant_id, &params.staff_id))
    }
}
pub struct DeleteSecondFactorStmt(&'static str);
pub fn delete_second_factor() -> DeleteSecondFactorStmt {
    DeleteSecondFactorStmt(
        "delete from app.staff_second_factors where tenant_id = $1 and staff_id = $2 and confirmed_at is not null",
    )
}
impl DeleteSecondFactorStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a uuid::Uuid,
        staff_id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[tenant_id, staff_id]).await
    }
}
impl<'a, C: GenericClient + Send + Sync>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        DeleteSecondFactorParams,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for DeleteSecondFactorStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a DeleteSecondFactorParams,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.tenant_id, &params.staff_id))
    }
}
