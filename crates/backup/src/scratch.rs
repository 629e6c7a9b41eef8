//! A database beside the real one, for one restore, dropped after. What a killed run left is dropped by the next.

use std::time::Duration;

use anyhow::Context;
use database::connect::Server;
use sha2::{Digest, Sha256};
use tokio::time::sleep;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::catalogue::connect;
use super::hex::hex;
use super::manifest::Locale;

/// The session lock under which scratch databases come and go; the number means nothing.
const LOCK: i64 = 0x7363_7261;

/// The connection that marks a scratch database as in use.
const KEEPER: &str = "tailtown scratch";

pub(super) struct Scratch {
    pub(super) server: Server,
    name: String,
    admin: Client,
    keeper: Client,
}

impl Scratch {
    /// An empty database that folds and orders text as `locale` says.
    pub(super) async fn create(server: &Server, locale: &Locale) -> anyhow::Result<Self> {
        let admin = connect(server, "tailtown scratch admin").await?;
        let of = Sha256::digest(server.get_dbname().unwrap_or_default());
        let prefix = format!("scratch_{}_", hex(&of[..4]));
        admin.query_one("select pg_catalog.pg_advisory_lock($1)", &[&LOCK]).await?;
        sweep(&admin, &prefix).await?;
        let name = format!("{prefix}{:016x}", rand::random::<u64>());
        let quoted = |text: &str| text.replace('\'', "''");
        let create = format!(
            "create database {name} template template0 encoding '{}' lc_collate '{}' lc_ctype '{}'",
            quoted(&locale.encoding),
            quoted(&locale.collate),
            quoted(&locale.ctype)
        );
        admin.batch_execute(&create).await.context(
            "a scratch database cannot be made: the role of BACKUP_DATABASE_URL needs CREATEDB, and the server the locale of the backup",
        )?;
        let mut scratch = server.clone();
        scratch.dbname(&name);
        let keeper = connect(&scratch, KEEPER).await?;
        admin.query_one("select pg_catalog.pg_advisory_unlock($1)", &[&LOCK]).await?;
        Ok(Self { server: scratch, name, admin, keeper })
    }

    pub(super) fn client(&self) -> &Client {
        &self.keeper
    }

    /// Lets the schema's owner migrate it.
    pub(super) async fn open_to(&self, owner: &str) -> anyhow::Result<()> {
        let owner = owner.replace('"', "\"\"");
        self.admin.batch_execute(&format!("grant create on database {} to \"{owner}\"", self.name)).await?;
        Ok(())
    }

    pub(super) async fn remove(self) {
        let Self { name, admin, keeper, .. } = self;
        drop(keeper);
        if let Err(error) = drop_database(&admin, &name).await {
            tracing::warn!(%error, "the scratch database {name} could not be dropped; the next verify does it");
        }
    }
}

/// Drops the scratch databases that nobody keeps.
async fn sweep(admin: &Client, prefix: &str) -> anyhow::Result<()> {
    let left = "select datname::text from pg_catalog.pg_database d where starts_with(datname::text, $1) \
                and not exists (select from pg_catalog.pg_stat_activity a where a.datname = d.datname and a.application_name = $2)";
    for row in admin.query(left, &[&prefix, &KEEPER]).await? {
        let name: &str = row.get(0);
        drop_database(admin, name).await?;
        tracing::info!(name, "dropped a scratch database that a run that was cut off left behind");
    }
    Ok(())
}

/// Ends who is in it, and drops it. An autovacuum worker is the server's own, which `force` refuses to end for this role; a drop
/// without it does, once nobody else is there.
async fn drop_database(admin: &Client, name: &str) -> Result<(), tokio_postgres::Error> {
    let forced = admin.batch_execute(&format!("drop database if exists {name} with (force)")).await;
    match forced {
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            let end = "select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity \
                       where datname = $1 and backend_type = 'client backend'";
            admin.query(end, &[&name]).await?;
            admin.batch_execute(&format!("drop database if exists {name}")).await
        }
        ended => ended,
    }
}

/// Ends the sessions that a killed run's `pg_restore` still has in this database.
pub(super) async fn end_orphans(client: &Client, application: &str) -> anyhow::Result<()> {
    let end = "select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity \
               where datname = current_database() and application_name = $1 and pid <> pg_catalog.pg_backend_pid()";
    while !client.query(end, &[&application]).await?.is_empty() {
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
