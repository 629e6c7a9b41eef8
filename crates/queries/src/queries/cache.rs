// This file was generated with `clorinde`. Do not modify.
#[derive(Debug)]
pub struct BeatParams<T1: crate::StringSql, T2: crate::StringSql> {
    pub id: uuid::Uuid,
    pub medium: T1,
    pub reaches: bool,
    pub stats: T2,
}
#[derive(Debug, Clone, PartialEq)]
pub struct CacheMode {
    pub mode: String,
    pub medium: Option<String>,
    pub epoch: i64,
    pub resets: i64,
    pub settled: bool,
    pub nodes: i64,
}
pub struct CacheModeBorrowed<'a> {
    pub mode: &'a str,
    pub medium: Option<&'a str>,
    pub epoch: i64,
    pub resets: i64,
    pub settled: bool,
    pub nodes: i64,
}
impl<'a> From<CacheModeBorrowed<'a>> for CacheMode {
    fn from(
        CacheModeBorrowed { mode, medium, epoch, resets, settled, nodes }: CacheModeBorrowed<'a>,
    ) -> Self {
        Self { mode: mode.into(), medium: medium.map(|v| v.into()), epoch, resets, settled, nodes }
    }
}
#[derive(Debug, Clone, PartialEq, Copy)]
pub struct CacheReset {
    pub number: i64,
    pub of_tenant: Option<uuid::Uuid>,
}
#[derive(Debug, Clone, PartialEq)]
pub struct Nodes {
    pub id: uuid::Uuid,
    pub medium: String,
    pub reaches: bool,
    pub stats: String,
    pub alive: bool,
}
pub struct NodesBorrowed<'a> {
    pub id: uuid::Uuid,
    pub medium: &'a str,
    pub reaches: bool,
    pub stats: &'a str,
    pub alive: bool,
}
impl<'a> From<NodesBorrowed<'a>> for Nodes {
    fn from(NodesBorrowed { id, medium, reaches, stats, alive }: NodesBorrowed<'a>) -> Self {
        Self { id, medium: medium.into(), reaches, stats: stats.into(), alive }
    }
}
use crate::client::async_::GenericClient;
pub struct CacheModeQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<CacheModeBorrowed, tokio_postgres::Error>,
    mapper: fn(CacheModeBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> CacheModeQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(CacheModeBorrowed) -> R) -> CacheModeQuery<'c, 'a, 's, C, R, N> {
        CacheModeQuery {
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
pub struct CacheResetQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<CacheReset, tokio_postgres::Error>,
    mapper: fn(CacheReset) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> CacheResetQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(CacheReset) -> R) -> CacheResetQuery<'c, 'a, 's, C, R, N> {
        CacheResetQuery {
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
pub struct NodesQuery<'c, 'a, 's, C: GenericClient, T, const N: usize> {
    client: &'c C,
    params: [&'a (dyn postgres_types::ToSql + Sync); N],
    query: &'static str,
    statement: std::marker::PhantomData<&'s ()>,
    extractor: fn(&tokio_postgres::Row) -> Result<NodesBorrowed, tokio_postgres::Error>,
    mapper: fn(NodesBorrowed) -> T,
}
impl<'c, 'a, 's, C, T: 'c, const N: usize> NodesQuery<'c, 'a, 's, C, T, N>
where
    C: GenericClient,
{
    pub fn map<R>(self, mapper: fn(NodesBorrowed) -> R) -> NodesQuery<'c, 'a, 's, C, R, N> {
        NodesQuery {
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
pub struct BeatStmt(&'static str);
pub fn beat() -> BeatStmt {
    BeatStmt(
        "insert into app.cache_nodes (id, medium, reaches, stats, seen_at) values ($1, $2, $3, $4, clock_timestamp()) on conflict (id) do update set medium = excluded.medium, reaches = excluded.reaches, stats = excluded.stats, seen_at = excluded.seen_at",
    )
}
impl BeatStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql, T2: crate::StringSql>(
        &'s self,
        client: &'c C,
        id: &'a uuid::Uuid,
        medium: &'a T1,
        reaches: &'a bool,
        stats: &'a T2,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[id, medium, reaches, stats]).await
    }
}
impl<'a, C: GenericClient + Send + Sync, T1: crate::StringSql, T2: crate::StringSql>
    crate::client::async_::Params<
        'a,
        'a,
        'a,
        BeatParams<T1, T2>,
        std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>,
        C,
    > for BeatStmt
{
    fn params(
        &'a self,
        client: &'a C,
        params: &'a BeatParams<T1, T2>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>> {
        Box::pin(self.bind(client, &params.id, &params.medium, &params.reaches, &params.stats))
    }
}
pub struct ModeStmt(&'static str);
pub fn mode() -> ModeStmt {
    ModeStmt(
        "select mode, medium, epoch, resets, changed_at <= clock_timestamp() - interval '2 seconds' as settled, (select count(*) from app.cache_nodes n where n.seen_at > clock_timestamp() - interval '3 seconds' and n.seen_at <= clock_timestamp()) as nodes from app.cache_mode",
    )
}
impl ModeStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
    ) -> CacheModeQuery<'c, 'a, 's, C, CacheMode, 0> {
        CacheModeQuery {
            client,
            params: [],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<CacheModeBorrowed, tokio_postgres::Error> {
                Ok(CacheModeBorrowed {
                    mode: row.try_get(0)?,
                    medium: row.try_get(1)?,
                    epoch: row.try_get(2)?,
                    resets: row.try_get(3)?,
                    settled: row.try_get(4)?,
                    nodes: row.try_get(5)?,
                })
            },
            mapper: |it| CacheMode::from(it),
        }
    }
}
pub struct ResetsSinceStmt(&'static str);
pub fn resets_since() -> ResetsSinceStmt {
    ResetsSinceStmt("select number, of_tenant from app.cache_resets where number > $1 order by number")
}
impl ResetsSinceStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        number: &'a i64,
    ) -> CacheResetQuery<'c, 'a, 's, C, CacheReset, 1> {
        CacheResetQuery {
            client,
            params: [number],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<CacheReset, tokio_postgres::Error> {
                Ok(CacheReset { number: row.try_get(0)?, of_tenant: row.try_get(1)? })
            },
            mapper: |it| CacheReset::from(it),
        }
    }
}
pub struct SwitchOffStmt(&'static str);
pub fn switch_off() -> SwitchOffStmt {
    SwitchOffStmt(
        "update app.cache_mode set mode = 'OFF', changed_at = clock_timestamp() where mode = 'ON' or changed_at > clock_timestamp()",
    )
}
impl SwitchOffStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[]).await
    }
}
pub struct SwitchOffAMediumWithoutNodesStmt(&'static str);
pub fn switch_off_a_medium_without_nodes() -> SwitchOffAMediumWithoutNodesStmt {
    SwitchOffAMediumWithoutNodesStmt(
        "update app.cache_mode m set mode = 'OFF', changed_at = clock_timestamp() where m.mode = 'ON' and m.medium <> $1 and not exists ( select from app.cache_nodes n where n.seen_at > clock_timestamp() - interval '3 seconds' and n.seen_at <= clock_timestamp() and n.medium = m.medium)",
    )
}
impl SwitchOffAMediumWithoutNodesStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        medium: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[medium]).await
    }
}
pub struct SwitchOnStmt(&'static str);
pub fn switch_on() -> SwitchOnStmt {
    SwitchOnStmt(
        "update app.cache_mode m set mode = 'ON', medium = $1, epoch = m.epoch + 1, changed_at = clock_timestamp() where m.mode = 'OFF' and m.changed_at <= clock_timestamp() - interval '2 seconds' and not exists ( select from app.cache_nodes n where n.seen_at > clock_timestamp() - interval '3 seconds' and n.seen_at <= clock_timestamp() and (n.medium <> $1 or not n.reaches)) and not exists ( select from pg_catalog.pg_stat_activity a where a.datname = current_database() and a.pid <> pg_backend_pid() and a.backend_xid is not null and a.xact_start < m.changed_at + interval '2 seconds')",
    )
}
impl SwitchOnStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        medium: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[medium]).await
    }
}
pub struct RelinquishStmt(&'static str);
pub fn relinquish() -> RelinquishStmt {
    RelinquishStmt(
        "update app.cache_mode set mode = 'OFF', changed_at = clock_timestamp() - interval '2 seconds' where mode = 'ON' and medium = $1",
    )
}
impl RelinquishStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient, T1: crate::StringSql>(
        &'s self,
        client: &'c C,
        medium: &'a T1,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[medium]).await
    }
}
pub struct HoldOffStmt(&'static str);
pub fn hold_off() -> HoldOffStmt {
    HoldOffStmt(
        "select changed_at <= clock_timestamp() - interval '2 seconds' as settled from app.cache_mode where mode = 'OFF' and changed_at <= clock_timestamp() for share",
    )
}
impl HoldOffStmt {
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
pub struct LeaveStmt(&'static str);
pub fn leave() -> LeaveStmt {
    LeaveStmt("delete from app.cache_nodes where id = $1 or seen_at < clock_timestamp() - interval '1 day'")
}
impl LeaveStmt {
    pub async fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        id: &'a uuid::Uuid,
    ) -> Result<u64, tokio_postgres::Error> {
        crate::client::execute(client, self.0, &[id]).await
    }
}
pub struct NodesStmt(&'static str);
pub fn nodes() -> NodesStmt {
    NodesStmt(
        "select id, medium, reaches, stats, seen_at between clock_timestamp() - interval '3 seconds' and clock_timestamp() as alive from app.cache_nodes order by id",
    )
}
impl NodesStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
    ) -> NodesQuery<'c, 'a, 's, C, Nodes, 0> {
        NodesQuery {
            client,
            params: [],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row: &tokio_postgres::Row| -> Result<NodesBorrowed, tokio_postgres::Error> {
                Ok(NodesBorrowed {
                    id: row.try_get(0)?,
                    medium: row.try_get(1)?,
                    reaches: row.try_get(2)?,
                    stats: row.try_get(3)?,
                    alive: row.try_get(4)?,
                })
            },
            mapper: |it| Nodes::from(it),
        }
    }
}
pub struct InvalidateStmt(&'static str);
pub fn invalidate() -> InvalidateStmt {
    InvalidateStmt("select app.invalidate($1) as number")
}
impl InvalidateStmt {
    pub fn bind<'c, 'a, 's, C: GenericClient>(
        &'s self,
        client: &'c C,
        tenant_id: &'a Option<uuid::Uuid>,
    ) -> I64Query<'c, 'a, 's, C, i64, 1> {
        I64Query {
            client,
            params: [tenant_id],
            query: self.0,
            statement: std::marker::PhantomData,
            extractor: |row| Ok(row.try_get(0)?),
            mapper: |it| it,
        }
    }
}
