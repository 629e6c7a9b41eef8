//! One tenant, put back from a backup of everything: what others wrote since stays as it is, byte for byte.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use database::connect::Server;
use database::migrate::{self, Migration};
use tokio::time::sleep;
use tokio_postgres::Client;
use uuid::Uuid;

use super::rows;
use super::tenant_row::{TenantRow, by_id, by_subdomain};
use crate::backups::Backups;
use crate::catalogue::{self, PASSING, Table, connect};
use crate::census::Count;
use crate::dump::Extent;
use crate::manifest::{Damage, Manifest};
use crate::scratch::Scratch;
use crate::server::schema;
use base::clock::Clock;

/// What a tenant's restore will change, table by table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub table: String,
    pub rows_now: u64,
    pub rows_then: u64,
    /// Whether not even a value differs.
    pub same: bool,
}

/// The tenant as it was, in a scratch database beside the one as it is; nothing is changed yet.
pub struct TenantPlan {
    pub backup: Manifest,
    pub tenant: TenantRow,
    /// Whether the tenant lives here now; otherwise it is added.
    pub is_here: bool,
    pub changes: Vec<Change>,
    id: Uuid,
    then: BTreeMap<String, Count>,
    tables: Vec<Table>,
    client: Client,
    scratch: Scratch,
    clock: Clock,
    /// As it lives here.
    live: Option<TenantRow>,
}

impl Backups {
    /// Restores a backup beside, finds the tenant in it, and compares it with the one that lives here. A backup of an
    /// older schema is migrated there, as `owner`.
    ///
    /// # Errors
    /// When the tenant is not in the backup, or its rows in there are damaged.
    pub async fn plan_tenant_restore(
        &self,
        server: &Server,
        owner: anyhow::Result<Server>,
        migrations: &[Migration],
        subdomain: &str,
        name: &str,
        from: Option<&str>,
    ) -> anyhow::Result<TenantPlan> {
        let (store, backup) = self.find(name, from).await?;
        let client = connect(server, "tailtown tenant restore").await?;
        let now = schema(&client).await?;
        let place = |schema: &Option<String>| {
            migrations.iter().position(|migration| Some(migration.name.as_ref()) == schema.as_deref())
        };
        let older = match (place(&backup.schema), place(&now)) {
            (Some(then), Some(now)) if then <= now => then < now,
            (then, now_at) => bail!(
                "{} is of the schema {} and the database of {}: {}",
                backup.name,
                backup.schema.as_deref().unwrap_or("of another program"),
                now.as_deref().unwrap_or("of another program"),
                match (then, now_at) {
                    (_, None) =>
                        "this program is older than the database; run the command of the one that serves it",
                    (None, _) => "this program is older than the backup; deploy the one that made it first",
                    _ => "run `tailtown migrate deploy` first",
                }
            ),
        };
        let extent = if older { Extent::Everything } else { Extent::RowsOnly };
        let scratch = self.restored_beside(store, &backup, server, extent).await?;
        let looked = async {
            let live = by_subdomain(&client, subdomain).await?;
            let then = match &live {
                Some(live) => by_id(scratch.client(), live.id()?).await?,
                None => by_subdomain(scratch.client(), subdomain).await?,
            };
            let tenant = then.with_context(|| format!("{} has no tenant {subdomain}", backup.name))?;
            let id = tenant.id()?;
            must_be_as_backed_up(scratch.client(), &backup, id).await?;
            if older {
                tracing::info!("the backup's schema is older: migrating the scratch database");
                let mut owner = owner?;
                owner.dbname(scratch.server.get_dbname().unwrap_or_default());
                scratch.open_to(owner.get_user().unwrap_or_default()).await?;
                migrate::deploy(&owner, migrations).await?;
            }
            let tenant = by_id(scratch.client(), id).await?.context("the tenant is there")?;
            let tables = catalogue::tables(&client).await?;
            let then =
                rows::census(scratch.client(), &catalogue::tables(scratch.client()).await?, id).await?;
            let now = rows::census(&client, &tables, id).await?;
            let changes = then.iter().map(|(table, then)| {
                let now = now.get(table).copied().unwrap_or_default();
                Change { table: table.clone(), rows_now: now.rows, rows_then: then.rows, same: now == *then }
            });
            Ok((tenant, live, changes.collect(), id, then, tables))
        };
        let looked: anyhow::Result<_> = looked.await;
        match looked {
            Ok((tenant, live, changes, id, then, tables)) => {
                let (is_here, clock) = (live.is_some(), self.clock.clone());
                Ok(TenantPlan {
                    backup,
                    tenant,
                    is_here,
                    changes,
                    id,
                    then,
                    tables,
                    client,
                    scratch,
                    clock,
                    live,
                })
            }
            Err(error) => {
                scratch.remove().await;
                Err(error)
            }
        }
    }
}

/// The tenant's share of what was restored, against its share of the manifest.
async fn must_be_as_backed_up(client: &Client, backup: &Manifest, tenant: Uuid) -> anyhow::Result<()> {
    let mut expected = backup.tables.of(tenant);
    expected.retain(|table, _| !PASSING.contains(&table.as_str()));
    let mut found = rows::census(client, &catalogue::tables(client).await?, tenant).await?;
    found.retain(|_, count| count.rows > 0);
    if expected == found {
        return Ok(());
    }
    let tables: Vec<_> = expected.keys().chain(found.keys()).collect();
    let wrong = tables.iter().filter(|table| expected.get(**table) != found.get(**table));
    let mut lines: Vec<_> = wrong.map(|table| format!("{table} has other rows of the tenant")).collect();
    lines.dedup();
    Err(Damage::Rows(lines).into())
}

impl TenantPlan {
    /// Replaces the tenant's rows by those of the backup, in one transaction; its people sign in again.
    ///
    /// # Errors
    /// Why not; then nothing was changed.
    pub async fn carry_out(self) -> anyhow::Result<()> {
        let Self { backup, tenant, is_here, changes, id, then, tables, client, scratch, clock, live } = self;
        let rows_now = changes.iter().map(|table| table.rows_now).sum();
        let before = live.map(|live| rows::shown(&live, rows_now));
        let mut after = rows::shown(&tenant, then.values().map(|count| count.rows).sum());
        // What is not put back.
        for kept in ["subdomain", "status", "tier"] {
            if let Some(before) = &before {
                after[kept] = before[kept].clone();
            }
        }
        after["restoredFrom"] = backup.name.into();
        let replaced = rows::in_transaction(&client, async || {
            rows::hold(&client, &tables, id).await?;
            rows::remove(&client, &tables, id).await?;
            if is_here {
                rows::update_tenant(&client, &tables, &tenant).await?;
            } else {
                rows::insert_tenant(&client, &tables, &tenant).await?;
            }
            for table in rows::lasting(&tables) {
                let stream = scratch.client().copy_out(&rows::copy_out(table, id)).await?;
                let put = rows::copy_in(&client, table, &rows::copied(table), stream).await?;
                tracing::info!(table = table.name, rows = put, "put back");
            }
            rows::nothing_in_between(&client, &tables, id).await?;
            let now = rows::census(&client, &tables, id).await?;
            if now != then {
                bail!("the rows that were put back are not those of the backup");
            }
            rows::record(&client, clock.now(), "tenant.restore", id, before.as_ref(), Some(&after)).await?;
            rows::forget(&client, id).await
        });
        let replaced = replaced.await;
        scratch.remove().await;
        sleep(rows::FORGOTTEN).await;
        replaced
    }

    /// Leaves everything as it is.
    pub async fn give_up(self) {
        self.scratch.remove().await;
    }
}
