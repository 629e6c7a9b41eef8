// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct IdentifyParams<T1: crate::StringSql, T2: crate::BytesSql> {
    pub subdomain: Option<T1>,
    pub id: Option<uuid::Uuid>,
    pub session_tenant_id: Option<uuid::Uuid>,
    pub token_hash: Option<T2>,
    pub now: jiff::Timestamp,
}
#[derive(Debug)]
pub struct IdentifyOperatorParams<T1: crate::BytesSql> {
    pub token_hash: T1,
    pub now: jiff::Timestamp,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    pub id: uuid::Uuid,
    pub subdomain: String,
    pub name: String,
    pub tier: String,
    pub status: String,
    pub timezone: String,
    pub currency: String,
    pub tax_rate_bps: i32,
    pub rate_limit: Option<i32>,
    pub session_tenant_id: Option<uuid::Uuid>,
    pub staff_id: Option<uuid::Uuid>,
    pub role: Option<String>,
    pub session_expires_at: Option<jiff::Timestamp>,
}
pub struct IdentityBorrowed<'a> {
    pub id: uuid::Uuid,
    pub subdomain: &'a str,
    pub name: &'a str,
    pub tier: &'a str,
    pub status: &'a str,
    pub timezone: &'a str,
    pub currency: &'a str,
    pub tax_rate_bps: i32,
    pub rate_limit: Option<i32>,
    pub session_tenant_id: Option<uuid::Uuid>,
    pub staff_id: Option<uuid::Uuid>,
    pub role: Option<&'a str>,
    pub session_expires_at: Option<jiff::Timestamp>,
}
impl<'a> From<IdentityBorrowed<'a>> for Identity {
    fn from(
        IdentityBorrowed {
            id,
            subdomain,
            name,
            tier,
            status,
            timezone,
            currency,
            tax_rate_bps,
            rate_limit,
            session_tenant_id,
            staff_id,
            role,
            session_expires_at,
        }: IdentityBorrowed<'a>,
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
            session_tenant_id,
            staff_id,
            role: role.map(|v| v.into()),
            session_expires_at,
        }
    }
}
#[derive(Debug, Clone, PartialEq, Copy)]
pub struct IdentifyOperator {
    pub id: uuid::Uuid,
    pub second_factor: bool,
}
use crate::client::async_::GenericClient;
pub struct IdentityQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<IdentityBorrowed, tokio_postgres::Error>,
    mapper: fn(IdentityBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> IdentityQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(IdentityBorrowed) -> R) -> IdentityQuery<'c, 'a, 's, C, R, N> {
        IdentityQuery {
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
pub struct IdentifyOperatorQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<IdentifyOperator, tokio_postgres::Error>,
    mapper: fn(IdentifyOperator) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> IdentifyOperatorQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(IdentifyOperator) -> R) -> IdentifyOperatorQuery<'c, 'a, 's, C, R, N> {
        IdentifyOperatorQuery {
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
pub struct IdentifyStmt(&'static str);
pub fn identify() -> IdentifyStmt {
    IdentifyStmt(
        "select id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, session_tenant_id, staff_id, role, session_expires_at from app.identify($1, $2, $3, $4, $5)",
    )
}
impl IdentifyStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::BytesSql>(
        &'s self,
        client: &'c C,
        subdomain: &'a Option<T1>,
        id: &'a Option<uuid::Uuid>,
        session_tenant_id: &'a Option<uuid::Uuid>,
        token_hash: &'a Option<T2>,
        now: &'a jiff::Timestamp,
    ) -> IdentityQuery<'c, 'a, 's, C, Identity, 5> {
        IdentityQuery {
            client,
            params: [subdomain, id, session_tenant_id, token_hash, now],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<IdentityBorrowed, tokio_postgres::Error> {
                Ok(IdentityBorrowed {
                    id: row.try_get(0)?,
                    subdomain: row.try_get(1)?,
                    name: row.try_get(2)?,
                    tier: row.try_get(3)?,
                    status: row.try_get(4)?,
                    timezone: row.try_get(5)?,
                    currency: row.try_get(6)?,
                    tax_rate_bps: row.try_get(7)?,
                    rate_limit: row.try_get(8)?,
                    session_tenant_id: row.try_get(9)?,
                    staff_id: row.try_get(10)?,
                    role: row.try_get(11)?,
                    session_expires_at: row.try_get(12)?,
                })
            },
            mapper: |it| Identity::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::BytesSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        IdentifyParams<T1, T2>,
        IdentityQuery<'c, 'a, 's, C, Identity, 5>,
        C,
    > for IdentifyStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a IdentifyParams<T1, T2>,
    ) -> IdentityQuery<'c, 'a, 's, C, Identity, 5> {
        self.bind(
            client,
            &params.subdomain,
            &params.id,
            &params.session_tenant_id,
            &params.token_hash,
            &params.now,
        )
    }
}
pub struct IdentifyOperatorStmt(&'static str);
pub fn identify_operator() -> IdentifyOperatorStmt {
    IdentifyOperatorStmt(
        "select o.id, s.second_factor from app.operator_sessions s join app.operators o on o.id = s.operator_id where s.token_hash = $1 and s.expires_at > $2 and o.is_active",
    )
}
impl IdentifyOperatorStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>(
        &'s self,
        client: &'c C,
        token_hash: &'a T1,
        now: &'a jiff::Timestamp,
    ) -> IdentifyOperatorQuery<'c, 'a, 's, C, IdentifyOperator, 2> {
        IdentifyOperatorQuery {
            client,
            params: [token_hash, now],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<IdentifyOperator, tokio_postgres::Error> {
                Ok(IdentifyOperator { id: row.try_get(0)?, second_factor: row.try_get(1)? })
            },
            mapper: |it| IdentifyOperator::from(it),
        }
    }
}
impl<'c, 'a, 's, C: GenericClient, T1: crate::BytesSql>
    crate::client::async_::Params<
        'c,
        'a,
        's,
        IdentifyOperatorParams<T1>,
        IdentifyOperatorQuery<'c, 'a, 's, C, IdentifyOperator, 2>,
        C,
    > for IdentifyOperatorStmt
{
    fn params(
        &'s self,
        client: &'c C,
        params: &'a IdentifyOperatorParams<T1>,
    ) -> IdentifyOperatorQuery<'c, 'a, 's, C, IdentifyOperator, 2> {
        self.bind(client, &params.token_hash, &params.now)
    }
}
