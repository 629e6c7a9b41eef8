//! A tenant erased for good, with a certificate of what went.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use database::connect::Server;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use tokio_postgres::Client;
use uuid::Uuid;

use super::rows;
use super::tenant_row::{TenantRow, by_id, by_subdomain};
use crate::backups::{Backups, Listed};
use crate::catalogue::{self, TENANTS, Table, connect};
use crate::files::explain;
use crate::manifest::{Program, check, sign};
use crate::store::write_whole;

/// What was erased and when; its last member, `sha256`, is the checksum of all bytes before that member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    pub statement: String,
    pub tenant_id: Uuid,
    pub subdomain: String,
    pub name: String,
    pub erased_at: Timestamp,
    pub database: String,
    pub program: Program,
    /// Rows that went, by table.
    pub rows: BTreeMap<String, u64>,
    /// Backups that still hold the tenant's rows until they are pruned.
    pub backups: Vec<String>,
}

/// An erasure that was looked into and not yet done.
pub struct Erasure {
    pub tenant: TenantRow,
    pub rows: u64,
    client: Client,
    tables: Vec<Table>,
    certificate: PathBuf,
}

fn pending(certificate: &Path) -> PathBuf {
    let mut path = certificate.as_os_str().to_owned();
    path.push(".pending");
    path.into()
}

impl Backups {
    /// Counts what an erasure would take. `Err` of nothing left to do is told apart: a certificate that a cut-off run
    /// left pending is completed when the tenant is gone.
    ///
    /// # Errors
    /// When there is no such tenant, or the certificate's file is there already.
    pub async fn plan_erasure(
        &self,
        server: &Server,
        subdomain: &str,
        certificate: &Path,
    ) -> anyhow::Result<Result<Erasure, Certificate>> {
        let client = connect(server, "tailtown tenant erase").await?;
        catalogue::must_see_everything(&client).await?;
        let tables = catalogue::tables(&client).await?;
        let Some(tenant) = by_subdomain(&client, subdomain).await? else {
            let done = complete(&client, &tables, subdomain, certificate).await?;
            return done
                .map(Err)
                .with_context(|| format!("there is no tenant {subdomain}: see `tailtown tenant list`"));
        };
        if certificate.exists() {
            bail!("{} is there already: choose another name for the certificate", certificate.display());
        }
        let mut rows = 0;
        for table in rows::of_tenants(&tables) {
            let count =
                format!("select count(*) from only {} where tenant_id = '{}'", table.quoted, tenant.id()?);
            rows += u64::try_from(client.query_one(&count, &[]).await?.get::<_, i64>(0))?;
        }
        Ok(Ok(Erasure { tenant, rows, client, tables, certificate: certificate.to_owned() }))
    }

    /// Erases the tenant in one transaction, and writes the certificate.
    ///
    /// # Errors
    /// Why not; then nothing was erased. The certificate is on disk before anything goes, so that a run cut off in between
    /// is completed by the same command.
    pub async fn erase(&self, erasure: Erasure) -> anyhow::Result<Certificate> {
        let Erasure { tenant, client, tables, certificate: path, .. } = erasure;
        let id = tenant.id()?;
        let holds = |listed: &Listed| match &listed.manifest {
            Ok(manifest) => manifest.tables.0.values().any(|table| table.tenants.contains_key(&id)),
            Err(_) => true,
        };
        let backups = self.list().await?.into_iter().filter(holds).map(|listed| listed.name).collect();
        let mut certificate = Certificate {
            statement: format!(
                "Every row of this tenant was erased from the database. Backups that still hold it are named here; each is \
                 removed when it is {} days old, unless it is kept for longer as the last of its kind.",
                self.settings.keep.days
            ),
            tenant_id: id,
            subdomain: tenant.subdomain().to_owned(),
            name: tenant.name().to_owned(),
            erased_at: self.clock.now(),
            database: client.query_one("select current_database()::text", &[]).await?.get(0),
            program: self.program.clone(),
            rows: BTreeMap::new(),
            backups,
        };
        let removed = rows::in_transaction(&client, async || {
            rows::hold(&client, &tables, id).await?;
            let mut removed = rows::remove(&client, &tables, id).await?;
            rows::nothing_in_between(&client, &tables, id).await?;
            client.execute("delete from app.tenants where id = $1", &[&id]).await?;
            removed.insert(TENANTS.to_owned(), 1);
            let mut certificate = certificate.clone();
            certificate.rows.clone_from(&removed);
            let written = sign(&certificate)?;
            write_whole(&pending(&path), &written).map_err(|error| explain(&error, "write", &path))?;
            let before = rows::shown(&tenant, removed.values().sum());
            rows::record(&client, certificate.erased_at, "tenant.erase", id, Some(&before), None).await?;
            rows::forget(&client, id).await?;
            Ok(removed)
        });
        certificate.rows = match removed.await {
            Ok(removed) => removed,
            Err(error) => {
                // Unless the answer to the commit was lost, nothing went and nothing is to be certified.
                if by_id(&client, id).await.is_ok_and(|tenant| tenant.is_some()) {
                    let _ = std::fs::remove_file(pending(&path));
                }
                return Err(error);
            }
        };
        std::fs::rename(pending(&path), &path).map_err(|error| explain(&error, "write", &path))?;
        sleep(rows::FORGOTTEN).await;
        Ok(certificate)
    }
}

/// Completes the certificate of an erasure that was cut off after its commit.
async fn complete(
    client: &Client,
    tables: &[Table],
    subdomain: &str,
    path: &Path,
) -> anyhow::Result<Option<Certificate>> {
    let written = std::fs::read(pending(path)).or_else(|_| std::fs::read(path));
    let Ok(bytes) = written else { return Ok(None) };
    let certificate: Certificate = serde_json::from_slice(check("the pending certificate", &bytes)?)?;
    ensure!(certificate.subdomain == subdomain, "{} is of {}", path.display(), certificate.subdomain);
    for table in rows::of_tenants(tables) {
        let left = format!(
            "select exists (select from only {} where tenant_id = '{}')",
            table.quoted, certificate.tenant_id
        );
        ensure!(
            !client.query_one(&left, &[]).await?.get::<_, bool>(0),
            "{} still has rows of it",
            table.name
        );
    }
    if pending(path).exists() {
        std::fs::rename(pending(path), path).map_err(|error| explain(&error, "write", path))?;
    }
    Ok(Some(certificate))
}
