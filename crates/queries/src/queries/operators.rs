// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct ListParams<T1: crate::StringSql> {
    pub after: T1,
    pub fetch: i64,
}
#[derive(Debug)]
pub struct UpdateParams<T1: crate::StringSql> {
    pub name: T1,
    pub is_active: bool,
    pub now: jiff::Timestamp,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct InsertParams<T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql> {
    pub id: uuid::Uuid,
    pub name: T1,
    pub email: T2,
    pub password_hash: T3,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct SetPasswordParams<T1: crate::StringSql> {
    pub password_hash: T1,
    pub now: jiff::Timestamp,
    pub id: uuid::Uuid,
}
#[derive(Debug)]
pub struct InsertSessionParams<T1: crate::BytesSql> {
    pub token_hash: T1,
    pub operator_id: uuid::Uuid,
    pub now: jiff::Timestamp,
    pub expires_at: jiff::Timestamp,
    pub second_factor: bool,
}
#[derive(Debug)]
pub struct SetSessionSecondFactorParams<T1: crate::BytesSql> {
    pub second_factor: bool,
    pub token_hash: T1,
}
#[derive(Clone, Copy, Debug)]
pub struct DeleteExpiredSessionsParams {
    pub operator_id: uuid::Uuid,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct DeleteOtherSessionsParams<T1: crate::BytesSql> {
    pub operator_id: uuid::Uuid,
    pub token_hash: T1,
}
#[derive(Debug)]
pub struct StartSecondFactorParams<T1: crate::StringSql> {
    pub operator_id: uuid::Uuid,
    pub sealed_secret: T1,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct ConfirmSecondFactorParams<
    T1: crate::BytesSql,
    T2: crate::ArraySql<Item = T1>,
    T3: crate::StringSql,
> {
    pub now: jiff::Timestamp,
    pub recovery_codes: T2,
    pub operator_id: uuid::Uuid,
    pub sealed_secret: T3,
}
#[derive(Debug)]
pub struct UseRecoveryCodeParams<T1: crate::BytesSql> {
    pub code: T1,
    pub operator_id: uuid::Uuid,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    pub id: uuid::Uuid,
    pub name: String,
    pub email: String,
    pub is_active: bool,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
    pub second_factor: bool,
}
pub struct OperatorBorrowed<'a> {
    pub id: uuid::Uuid,
    pub name: &'a str,
    pub email: &'a str,
    pub is_active: bool,
    pub created_at: jiff::Timestamp,
    pub updated_at: jiff::Timestamp,
    pub second_factor: bool,
}
impl<'a> From<OperatorBorrowed<'a>> for Operator {
    fn from(
        OperatorBorrowed { id, name, email, is_active, created_at, updated_at, second_factor, }: OperatorBorrowed<'a>,
    ) -> Self {
        Self { id, name: name.into(), email: email.into(), is_active, created_at, updated_at, second_factor }
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
pub struct OperatorQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<OperatorBorrowed, tokio_postgres::Error>,
    mapper: fn(OperatorBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> OperatorQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(OperatorBorrowed) -> R) -> OperatorQuery<'c, 'a, 's, C, R, N> {
        OperatorQuery {
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
        "select id, name, email, is_active, created_at, updated_at, exists (select from app.operator_second_factors f where f.operator_id = o.id and f.confirmed_at is not null) as second_factor from app.operators o where email > $1 order by email limit $2",
    )
}
impl ListStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        after: &'a T1,
        fetch: &'a i64,
    ) -> OperatorQuery<'c, 'a, 's, C, Operator, 2> {
        OperatorQuery {
            client,
            params: [after, fetch],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<OperatorBorrowed, tokio_postgres::Error> {
                Ok(OperatorBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    email: row.try_get(2)?,
                    is_active: row.try_get(3)?,
                    created_at: row.try_get(4)?,
                    updated_at: row.try_get(5)?,
                    second_factor: row.try_get(6)?,
                })
            },
            mapper: |it| Operator::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<'c, 'a, 's, ListParams<T1>, OperatorQuery<'c, 'a, 's, C, Operator, 2>, C>
    for ListStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a ListParams<T1>,
    ) -> OperatorQuery<'c, 'a, 's, C, Operator, 2> {
        self.bind(client, &params.after, &params.fetch)
    }
}
pub struct FindStmt(&'static str);
pub fn find() -> FindStmt {
    FindStmt(
        "select id, name, email, is_active, created_at, updated_at, exists (select from app.operator_second_factors f where f.operator_id = o.id and f.confirmed_at is not null) as second_factor from app.operators o where id = $1",
    )
}
impl FindStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        id: &'a uuid::Uuid,
    ) -> OperatorQuery<'c, 'a, 's, C, Operator, 1> {
        OperatorQuery {
            client,
            params: [id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<OperatorBorrowed, tokio_postgres::Error> {
                Ok(OperatorBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    email: row.try_get(2)?,
                    is_active: row.try_get(3)?,
                    created_at: row.try_get(4)?,
                    updated_at: row.try_get(5)?,
                    second_factor: row.try_get(6)?,
                })
            },
            mapper: |it| Operator::from(it),
        }
    }
}
pub struct FindByEmailStmt(&'static str);
pub fn find_by_email() -> FindByEmailStmt {
    FindByEmailStmt(
        "select id, name, email, is_active, created_at, updated_at, exists (select from app.operator_second_factors f where f.operator_id = o.id and f.confirmed_at is not null) as second_factor from app.operators o where email = $1",
    )
}
impl FindByEmailStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        email: &'a T1,
    ) -> OperatorQuery<'c, 'a, 's, C, Operator, 1> {
        OperatorQuery {
            client,
            params: [email],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<OperatorBorrowed, tokio_postgres::Error> {
                Ok(OperatorBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    email: row.try_get(2)?,
                    is_active: row.try_get(3)?,
                    created_at: row.try_get(4)?,
                    updated_at: row.try_get(5)?,
                    second_factor: row.try_get(6)?,
                })
            },
            mapper: |it| Operator::from(it),
        }
    }
}
pub struct LockStmt(&'static str);
pub fn lock() -> LockStmt {
    LockStmt(
        "select id, name, email, is_active, created_at, updated_at, exists (select from app.operator_second_factors f where f.operator_id = o.id and f.confirmed_at is not null) as second_factor from app.operators o where id = $1 for update",
    )
}
impl LockStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        id: &'a uuid::Uuid,
    ) -> OperatorQuery<'c, 'a, 's, C, Operator, 1> {
        OperatorQuery {
            client,
            params: [id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<OperatorBorrowed, tokio_postgres::Error> {
                Ok(OperatorBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    email: row.try_get(2)?,
                    is_active: row.try_get(3)?,
                    created_at: row.try_get(4)?,
                    updated_at: row.try_get(5)?,
                    second_factor: row.try_get(6)?,
                })
            },
            mapper: |it| Operator::from(it),
        }
    }
}
pub struct LockActiveStmt(&'static str);
pub fn lock_active() -> LockActiveStmt {
    LockActiveStmt("select id from app.operators where is_active order by id for update")
}
impl LockActiveStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
    ) -> UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 0> {
        UuidUuidQuery {
            client,
            params: [],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it,
        }
    }
}
pub struct UpdateStmt(&'static str);
pub fn update() -> UpdateStmt {
    UpdateStmt(
        "update app.operators set name = $1, is_active = $2, updated_at = $3 where id = $4 returning id, name, email, is_active, created_at, updated_at, exists (select from app.operator_second_factors f where f.operator_id = operators.id and f.confirmed_at is not null) as second_factor",
    )
}
impl UpdateStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        name: &'a T1,
        is_active: &'a bool,
        now: &'a jiff::Timestamp,
        id: &'a uuid::Uuid,
    ) -> OperatorQuery<'c, 'a, 's, C, Operator, 4> {
        OperatorQuery {
            client,
            params: [name, is_active, now, id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<OperatorBorrowed, tokio_postgres::Error> {
                Ok(OperatorBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    email: row.try_get(2)?,
                    is_active: row.try_get(3)?,
                    created_at: row.try_get(4)?,
                    updated_at: row.try_get(5)?,
                    second_factor: row.try_get(6)?,
                })
            },
            mapper: |it| Operator::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>
    crate::client::async_::Params<'c, 'a, 's, UpdateParams<T1>, OperatorQuery<'c, 'a, 's, C, Operator, 4>, C>
    for UpdateStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a UpdateParams<T1>,
    ) -> OperatorQuery<'c, 'a, 's, C, Operator, 4> {
        self.bind(client, &params.name, &params.is_active, &params.now, &params.id)
    }
}
pub struct InsertStmt(&'static str);
pub fn insert() -> InsertStmt {
    InsertStmt(
        "insert into app.operators (id, name, email, password_hash, created_at, updated_at) values ($1, $2, $3, $4, $5, $5) returning id, name, email, is_active, created_at, updated_at, exists (select from app.operator_second_factors f where f.operator_id = operators.id and f.confirmed_at is not null) as second_factor",
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
        id: &'a uuid::Uuid,
        name: &'a T1,
        email: &'a T2,
        password_hash: &'a T3,
        now: &'a jiff::Timestamp,
    ) -> OperatorQuery<'c, 'a, 's, C, Operator, 5> {
        OperatorQuery {
            client,
            params: [id, name, email, password_hash, now],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<OperatorBorrowed, tokio_postgres::Error> {
                Ok(OperatorBorrowed {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    email: row.try_get(2)?,
                    is_active: row.try_get(3)?,
                    created_at: row.try_get(4)?,
                    updated_at: row.try_get(5)?,
                    second_factor: row.try_get(6)?,
                })
            },
            mapper: |it| Operator::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql, T3: crate::StringSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        InsertParams<T1, T2, T3>,
        OperatorQuery<'c, 'a, 's, C, Operator, 5>,
        C,
    > for InsertStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a InsertParams<T1, T2, T3>,
    ) -> OperatorQuery<'c, 'a, 's, C, Operator, 5> {
        self.bind(client, &params.id, &params.name, &params.email, &params.password_hash, &params.now)
    }
}
pub struct FindAccountStmt(&'static str);
pub fn find_account() -> FindAccountStmt {
    FindAccountStmt(
        "select o.id, o.email, o.password_hash, o.is_active, f.sealed_secret, f.recovery_codes from app.operators o left join app.operator_second_factors f on f.operator_id = o.id and f.confirmed_at is not null where o.email = $1",
    )
}
impl FindAccountStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        email: &'a T1,
    ) -> AccountQuery<'c, 'a, 's, C, Account, 1> {
        AccountQuery {
            client,
            params: [email],
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
pub struct FindAccountByIdStmt(&'static str);
pub fn find_account_by_id() -> FindAccountByIdStmt {
    FindAccountByIdStmt(
        "select o.id, o.email, o.password_hash, o.is_active, f.sealed_secret, f.recovery_codes from app.operators o left join app.operator_second_factors f on f.operator_id = o.id and f.confirmed_at is not null where o.id = $1",
    )
}
impl FindAccountByIdStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        id: &'a uuid::Uuid,
    ) -> AccountQuery<'c, 'a, 's, C, Account, 1> {
        AccountQuery {
            client,
            params: [id],
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
pub struct LockAccountStmt(&'static str);
pub fn lock_account() -> LockAccountStmt {
    LockAccountStmt("select id from app.operators where id = $1 for update")
}
impl LockAccountStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        id: &'a uuid::Uuid,
    ) -> UuidUuidQuery<'c, 'a, 's, C, uuid::Uuid, 1> {
        UuidUuidQuery {
            client,
            params: [id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it,
        }
    }
}
pub struct SetPasswordStmt(&'static str);
pub fn set_password() -> SetPasswordStmt {
    SetPasswordStmt("update app.operators set password_hash = $1, updated_at = $2 where id = $3")
}
impl SetPasswordStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        password_hash: &'a T1,
        now: &'a jiff::Timestamp,
        id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[password_hash, now, id]).await
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
        Box::pin(self.bind(client, &params.password_hash, &params.now, &params.id))
    }
}
pub struct InsertSessionStmt(&'static str);
pub fn insert_session() -> InsertSessionStmt {
    InsertSessionStmt(
        "insert into app.operator_sessions (token_hash, operator_id, created_at, expires_at, second_factor) values ($1, $2, $3, $4, $5)",
    )
}
impl InsertSessionStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        token_hash: &'a T1,
        operator_id: &'a uuid::Uuid,
        now: &'a jiff::Timestamp,
        expires_at: &'a jiff::Timestamp,
        second_factor: &'a bool,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[token_hash, operator_id, now, expires_at, second_factor])
            .await
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
            &params.token_hash,
            &params.operator_id,
            &params.now,
            &params.expires_at,
            &params.second_factor,
        ))
    }
}
pub struct SetSessionSecondFactorStmt(&'static str);
pub fn set_session_second_factor() -> SetSessionSecondFactorStmt {
    SetSessionSecondFactorStmt("update app.operator_sessions set second_factor = $1 where token_hash = $2")
}
impl SetSessionSecondFactorStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        second_factor: &'a bool,
        token_hash: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[second_factor, token_hash]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::BytesSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        SetSessionSecondFactorParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for SetSessionSecondFactorStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a SetSessionSecondFactorParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.second_factor, &params.token_hash))
    }
}
pub struct DeleteExpiredSessionsStmt(&'static str);
pub fn delete_expired_sessions() -> DeleteExpiredSessionsStmt {
    DeleteExpiredSessionsStmt("delete from app.operator_sessions where operator_id = $1 and expires_at <= $2")
}
impl DeleteExpiredSessionsStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        operator_id: &'a uuid::Uuid,
        now: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[operator_id, now]).await
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
        Box::pin(self.bind(client, &params.operator_id, &params.now))
    }
}
pub struct DeleteSessionStmt(&'static str);
pub fn delete_session() -> DeleteSessionStmt {
    DeleteSessionStmt("delete from app.operator_sessions where token_hash = $1")
}
impl DeleteSessionStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        token_hash: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[token_hash]).await
    }
}
pub struct DeleteOtherSessionsStmt(&'static str);
pub fn delete_other_sessions() -> DeleteOtherSessionsStmt {
    DeleteOtherSessionsStmt("delete from app.operator_sessions where operator_id = $1 and token_hash <> $2")
}
impl DeleteOtherSessionsStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        operator_id: &'a uuid::Uuid,
        token_hash: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[operator_id, token_hash]).await
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
        Box::pin(self.bind(client, &params.operator_id, &params.token_hash))
    }
}
pub struct DeleteSessionsStmt(&'static str);
pub fn delete_sessions() -> DeleteSessionsStmt {
    DeleteSessionsStmt("delete from app.operator_sessions where operator_id = $1")
}
impl DeleteSessionsStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        operator_id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[operator_id]).await
    }
}
pub struct StartSecondFactorStmt(&'static str);
pub fn start_second_factor() -> StartSecondFactorStmt {
    StartSecondFactorStmt(
        "insert into app.operator_second_factors as f (operator_id, sealed_secret, created_at) values ($1, $2, $3) on conflict on constraint operator_second_factors_pkey do update set sealed_secret = excluded.sealed_secret, created_at = excluded.created_at where f.confirmed_at is null",
    )
}
impl StartSecondFactorStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        operator_id: &'a uuid::Uuid,
        sealed_secret: &'a T1,
        now: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[operator_id, sealed_secret, now]).await
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
        Box::pin(self.bind(client, &params.operator_id, &params.sealed_secret, &params.now))
    }
}
pub struct FindStartedSecondFactorStmt(&'static str);
pub fn find_started_second_factor() -> FindStartedSecondFactorStmt {
    FindStartedSecondFactorStmt(
        "select sealed_secret from app.operator_second_factors where operator_id = $1 and confirmed_at is null",
    )
}
impl FindStartedSecondFactorStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        operator_id: &'a uuid::Uuid,
    ) -> StringQuery<'c, 'a, 's, C, String, 1> {
        StringQuery {
            client,
            params: [operator_id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it.into(),
        }
    }
}
pub struct ConfirmSecondFactorStmt(&'static str);
pub fn confirm_second_factor() -> ConfirmSecondFactorStmt {
    ConfirmSecondFactorStmt(
        "update app.operator_second_factors set confirmed_at = $1, recovery_codes = $2 where operator_id = $3 and sealed_secret = $4 and confirmed_at is null",
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
        operator_id: &'a uuid::Uuid,
        sealed_secret: &'a T3,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[now, recovery_codes, operator_id, sealed_secret]).await
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
            &params.operator_id,
            &params.sealed_secret,
        ))
    }
}
pub struct UseRecoveryCodeStmt(&'static str);
pub fn use_recovery_code() -> UseRecoveryCodeStmt {
    UseRecoveryCodeStmt(
        "update app.operator_second_factors set recovery_codes = array_remove(recovery_codes, $1::bytea) where operator_id = $2 and confirmed_at is not null and $1::bytea = any (recovery_codes)",
    )
}
impl UseRecoveryCodeStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        code: &'a T1,
        operator_id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[code, operator_id]).await
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
        Box::pin(self.bind(client, &params.code, &params.operator_id))
    }
}
pub struct DeleteSecondFactorStmt(&'static str);
pub fn delete_second_factor() -> DeleteSecondFactorStmt {
    DeleteSecondFactorStmt(
        "delete from app.operator_second_factors where operator_id = $1 and confirmed_at is not null",
    )
}
impl DeleteSecondFactorStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        operator_id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[operator_id]).await
    }
}
