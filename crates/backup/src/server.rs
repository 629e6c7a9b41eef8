//! What a server says of itself and of the database that one is connected to; and the locks that it keeps.

use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::time::sleep;
use tokio_postgres::Client;

use super::manifest::Locale;

/// The session lock under which backups are written and removed; the number means nothing.
pub(super) const WRITING: i64 = 0x6261_636b;

/// How long a lock is waited for: a program that was killed holds its own until the server notices.
const PATIENCE: Duration = Duration::from_secs(8);

/// Takes a session lock, which ends with the connection.
pub(super) async fn take_lock(client: &Client, lock: i64, otherwise: &str) -> anyhow::Result<()> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if client.query_one("select pg_catalog.pg_try_advisory_lock($1)", &[&lock]).await?.get(0) {
            return Ok(());
        }
        sleep(Duration::from_millis(200)).await;
    }
    let holder = client
        .query_opt(
            "select a.pid, a.backend_start::text from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a using (pid) \
             where l.locktype = 'advisory' and l.granted and l.objid = $1::bigint::oid and l.classid = 0 limit 1",
            &[&lock],
        )
        .await?;
    let who = holder.map_or_else(String::new, |row| {
        // Since when, a role may not be let to know of others.
        let since = row.get::<_, Option<&str>>(1).map(|since| format!(" since {since}"));
        format!(" (by the database session {}{})", row.get::<_, i32>(0), since.unwrap_or_default())
    });
    bail!("{otherwise}{who}: wait for it, then try again");
}

pub(super) async fn major(client: &Client) -> anyhow::Result<u32> {
    let row = client.query_one("select current_setting('server_version_num')::integer / 10000", &[]).await?;
    Ok(u32::try_from(row.get::<_, i32>(0))?)
}

/// The last migration that was applied, if the schema is ours.
pub(super) async fn schema(client: &Client) -> anyhow::Result<Option<String>> {
    if client.query_one("select to_regclass('app.migrations') is null", &[]).await?.get(0) {
        return Ok(None);
    }
    let last = "select name from app.migrations where applied_at is not null order by version desc limit 1";
    Ok(client.query_opt(last, &[]).await?.map(|row| row.get(0)))
}

pub(super) async fn locale(client: &Client) -> anyhow::Result<Locale> {
    let row = client
        .query_one(
            "select pg_encoding_to_char(encoding)::text, datcollate::text, datctype::text from pg_catalog.pg_database \
             where datname = current_database()",
            &[],
        )
        .await?;
    Ok(Locale { encoding: row.get(0), collate: row.get(1), ctype: row.get(2) })
}

/// Everyone who owns a schema or table, or is granted something on one, except who connects.
pub(super) async fn roles(client: &Client) -> anyhow::Result<Vec<String>> {
    let rows = client
        .query(
            "with ours as (select oid, nspowner, nspacl from pg_catalog.pg_namespace \
               where nspname not in ('pg_catalog', 'information_schema', 'public') and nspname !~ '^pg_'), \
             involved as ( \
               select nspowner as role from ours union select (aclexplode(nspacl)).grantee from ours \
               union select c.relowner from pg_catalog.pg_class c join ours on ours.oid = c.relnamespace \
               union select (aclexplode(c.relacl)).grantee from pg_catalog.pg_class c join ours on ours.oid = c.relnamespace \
               union select unnest(p.polroles) from pg_catalog.pg_policy p) \
             select rolname::text from pg_catalog.pg_roles where oid in (select role from involved) \
               and rolname !~ '^pg_' and rolname <> current_user order by 1",
            &[],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
