// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct CountParams<T1: crate::BytesSql, T2: crate::ArraySql<Item = jiff::Timestamp>> {
    pub key: T1,
    pub now: jiff::Timestamp,
    pub forgotten: jiff::Timestamp,
    pub ahead: jiff::Timestamp,
    pub open: T2,
    pub steps: i32,
}
#[derive(Debug)]
pub struct AcceptCodeParams<T1: crate::BytesSql> {
    pub key: T1,
    pub now: jiff::Timestamp,
}
#[derive(Debug, Clone, PartialEq, Copy)]
pub struct Find {
    pub failed: i32,
    pub failed_at: jiff::Timestamp,
}
use crate::client::async_::GenericClient;
pub struct I32Query<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<i32, tokio_postgres::Error>,
    mapper: fn(i32) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> I32Query<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(i32) -> R) -> I32Query<'c, 'a, 's, C, R, N> {
        I32Query {
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
pub struct FindQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<Find, tokio_postgres::Error>,
    mapper: fn(Find) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> FindQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(Find) -> R) -> FindQuery<'c, 'a, 's, C, R, N> {
        FindQuery {
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
pub struct CountStmt(&'static str);
pub fn count() -> CountStmt {
    CountStmt(
        "insert into app.sign_in_attempts as attempts (key, failed, failed_at) values ($1, 1, $2) on conflict on constraint sign_in_attempts_pkey do update set failed = case when attempts.failed_at > $3 and attempts.failed_at <= $4 then attempts.failed + 1 else 1 end, failed_at = $2 where attempts.failed_at <= ($5::timestamptz[])[least(attempts.failed, $6::integer)] or attempts.failed_at > $4 returning failed",
    )
}
impl CountStmt {
    pub fn bind<
        'c,
        'a,
        's,
        C: GenericClient,
        T1: crate::BytesSql,
        T2: crate::ArraySql<Item = jiff::Timestamp>,
    >(
        &'s self,
        client: &'c C,
        key: &'a T1,
        now: &'a jiff::Timestamp,
        forgotten: &'a jiff::Timestamp,
        ahead: &'a jiff::Timestamp,
        open: &'a T2,
        steps: &'a i32,
    ) -> I32Query<'c, 'a, 's, C, i32, 6> {
        I32Query {
            client,
            params: [key, now, forgotten, ahead, open, steps],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it,
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql, T2: crate::ArraySql<Item = jiff::Timestamp>>
    crate::client::async_::Params<'c, 'a, 's, CountParams<T1, T2>, I32Query<'c, 'a, 's, C, i32, 6>, C>
    for CountStmt
{
    fn params(&'s self, client: &'c C, params: &'a CountParams<T1, T2>) -> I32Query<'c, 'a, 's, C, i32, 6> {
        self.bind(
            client,
            &params.key,
            &params.now,
            &params.forgotten,
            &params.ahead,
            &params.open,
            &params.steps,
        )
    }
}
pub struct FindStmt(&'static str);
pub fn find() -> FindStmt {
    FindStmt("select failed, failed_at from app.sign_in_attempts where key = $1")
}
impl FindStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        key: &'a T1,
    ) -> FindQuery<'c, 'a, 's, C, Find, 1> {
        FindQuery {
            client,
            params: [key],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<Find, tokio_postgres::Error> {
                Ok(Find { failed: row.try_get(0)?, failed_at: row.try_get(1)? })
            },
            mapper: |it| Find::from(it),
        }
    }
}
pub struct ForgetStmt(&'static str);
pub fn forget() -> ForgetStmt {
    ForgetStmt("delete from app.sign_in_attempts where key = $1")
}
impl ForgetStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        key: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[key]).await
    }
}
pub struct AcceptCodeStmt(&'static str);
pub fn accept_code() -> AcceptCodeStmt {
    AcceptCodeStmt(
        "insert into app.accepted_codes (key, accepted_at) values ($1, $2) on conflict on constraint accepted_codes_pkey do nothing",
    )
}
impl AcceptCodeStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        key: &'a T1,
        now: &'a jiff::Timestamp,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[key, now]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::BytesSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        AcceptCodeParams<T1>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for AcceptCodeStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a AcceptCodeParams<T1>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.key, &params.now))
    }
}
