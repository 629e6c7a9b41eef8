//! What the database says of itself, for `tailtown doctor`.

use base::problem::Result;
use jiff::Timestamp;

use crate::pool::Database;

/// The settings of the server that decide whether what it acknowledged lasts, and how it is doing.
#[derive(Clone, Debug)]
pub struct Checkup {
    /// As in 150020.
    pub version: i32,
    pub clock: Timestamp,
    /// Settings by name, as PostgreSQL shows them.
    pub fsync: String,
    pub full_page_writes: String,
    pub synchronous_commit: String,
    pub autovacuum: String,
    pub max_connections: i32,
    /// Of this database, those of other programs included.
    pub connections: i64,
    /// How long the oldest transaction of this role has been open.
    pub oldest_transaction_seconds: i64,
    /// How many of the 2³¹ transactions until a freeze are used, in per cent.
    pub age_percent: i32,
    pub is_standby: bool,
    /// How many connections this program may take.
    pub pool: usize,
}

impl Database {
    /// # Errors
    /// 503 when the database cannot be reached.
    pub async fn checkup(&self) -> Result<Checkup> {
        let connection = self.connection().await?;
        let row = connection
            .query_one(
                "select current_setting('server_version_num')::int4 as version, pg_catalog.clock_timestamp() as clock, \
                   current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes, \
                   current_setting('synchronous_commit') as synchronous_commit, current_setting('autovacuum') as autovacuum, \
                   current_setting('max_connections')::int4 as max_connections, \
                   (select count(*) from pg_catalog.pg_stat_activity where datname = current_database()) as connections, \
                   (select coalesce(extract(epoch from clock_timestamp() - min(xact_start)), 0)::int8 \
                      from pg_catalog.pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()) as oldest, \
                   (select (age(datfrozenxid)::int8 * 100 / 2147483648)::int4 from pg_catalog.pg_database \
                      where datname = current_database()) as age_percent, \
                   pg_catalog.pg_is_in_recovery() as is_standby",
                &[],
            )
            .await?;
        Ok(Checkup {
            version: row.get("version"),
            clock: row.get("clock"),
            fsync: row.get("fsync"),
            full_page_writes: row.get("full_page_writes"),
            synchronous_commit: row.get("synchronous_commit"),
            autovacuum: row.get("autovacuum"),
            max_connections: row.get("max_connections"),
            connections: row.get("connections"),
            oldest_transaction_seconds: row.get("oldest"),
            age_percent: row.get("age_percent"),
            is_standby: row.get("is_standby"),
            pool: self.pool.status().max_size,
        })
    }
}
