//! A tenant's archive, brought into this or another installation: all of it or nothing.

use std::io::{BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use database::connect::Server;
use futures_util::stream;
use serde_json::Value;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_postgres::Client;
use uuid::Uuid;

use super::archive::{self, ArchiveManifest, ArchivedTable};
use super::rows;
use super::tenant_row::{TenantRow, by_id, by_subdomain};
use crate::backups::Backups;
use crate::catalogue::{self, Table, connect};
use crate::census::of_tenant;
use crate::files::must_have_room;
use crate::manifest::Damage;
use crate::server::schema;
use crate::work::Work;
use base::id;

/// What was brought in.
#[derive(Debug)]
pub struct Imported {
    pub id: Uuid,
    pub subdomain: String,
    /// The tenant's own row as the archive has it: its tier and status, too.
    pub tenant: TenantRow,
    pub rows: u64,
    /// Whether it has an id of its own, because one with the archive's lives here already.
    pub as_copy: bool,
    /// Whether it was here already, row for row.
    pub was_here: bool,
}

impl Backups {
    /// Brings an archive in, under its own subdomain or another. Every checksum is compared before anything is touched.
    ///
    /// # Errors
    /// What is wrong with the file; or that the subdomain is taken, or the schema older than the archive's.
    pub async fn import_tenant(
        &self,
        server: &Server,
        from: &Path,
        subdomain: Option<&str>,
    ) -> anyhow::Result<Imported> {
        let client = connect(server, "tailtown tenant import").await?;
        catalogue::must_see_everything(&client).await?;
        let tables = catalogue::tables(&client).await?;
        let work = Work::begin(&self.home)?;
        let (from, known) = (from.to_owned(), tables.clone());
        let (manifest, copies, work) = spawn_blocking(move || {
            let accept = |manifest: &ArchiveManifest| accepted(manifest, &known, work.folder());
            let read = archive::read(&from, accept, |number| work.rows(number));
            read.map(|(manifest, copies)| (manifest, copies, work))
        })
        .await??;
        let subdomain = subdomain.unwrap_or(manifest.tenant.subdomain()).to_owned();
        ensure!(
            base::tenant::is_subdomain(&subdomain),
            "{subdomain:?} is not the first label of a host name"
        );
        let zone = manifest.tenant.timezone();
        ensure!(
            jiff::tz::TimeZone::get(zone).is_ok(),
            "the archive's time zone {zone:?} is not one: export it again"
        );
        let theirs = manifest.tenant.id()?;
        if let Some(here) = by_subdomain(&client, &subdomain).await? {
            // An import that was cut off after its commit is done.
            if here.id()? == theirs && is_here(&client, &tables, &manifest).await? {
                let rows = manifest.rows();
                let tenant = manifest.tenant;
                return Ok(Imported { id: theirs, subdomain, tenant, rows, as_copy: false, was_here: true });
            }
            bail!("there is a tenant {subdomain} already: choose another name with --as");
        }
        let as_copy = by_id(&client, theirs).await?.is_some();
        let tenant = if as_copy { id::fresh(self.clock.now()) } else { theirs };
        let mut row = manifest.tenant.clone();
        row.0.insert("id".to_owned(), Value::String(tenant.to_string()));
        row.0.insert("subdomain".to_owned(), Value::String(subdomain.clone()));
        let same_schema = schema(&client).await? == manifest.schema;
        let (client, manifest, work) = (&client, &manifest, &work);
        let import =
            Import { client, tables: &tables, manifest, work, row: &row, tenant, theirs, same_schema };
        let after = rows::shown(&row, manifest.rows());
        let put_in = async || {
            import.put_in(&copies).await?;
            rows::record(client, self.clock.now(), "tenant.import", tenant, None, Some(&after)).await?;
            rows::forget(client, tenant).await
        };
        rows::in_transaction(client, put_in).await?;
        client.batch_execute("analyze").await?;
        sleep(rows::FORGOTTEN).await;
        let (id, rows) = (tenant, manifest.rows());
        Ok(Imported { id, subdomain, tenant: row, rows, as_copy, was_here: false })
    }
}

/// Whether every row of the archive is here, and no other of the tenant's.
async fn is_here(client: &Client, tables: &[Table], manifest: &ArchiveManifest) -> anyhow::Result<bool> {
    let mut here = rows::census(client, tables, manifest.tenant.id()?).await?;
    here.retain(|name, _| rows::archived(tables).any(|table| table.name == *name));
    let archived = manifest.tables.iter().map(|table| (table.name.clone(), table.count));
    Ok(here == archived.collect())
}

/// A table of the archive, by the numbers of the database's own and of the archive's.
#[derive(Clone, Copy, Debug)]
struct Copied {
    table: usize,
    archived: usize,
}

/// Matches an archive's tables with the database's own, in whose order they are put in: nothing that the archive names is used
/// for anything before.
///
/// # Errors
/// When a table or column is not one that an export writes, or there is no room for the rows.
fn accepted(manifest: &ArchiveManifest, tables: &[Table], folder: &Path) -> anyhow::Result<Vec<Copied>> {
    let is_fit = |table: &Table, archived: &ArchivedTable| {
        let mut columns = archived.columns.clone();
        columns.sort();
        columns.dedup();
        archived.columns.first().is_some_and(|column| column == "tenant_id")
            && columns.len() == archived.columns.len()
            && columns.iter().all(|column| table.columns.contains(column))
    };
    let mut found: Vec<Copied> = Vec::new();
    for (number, archived) in manifest.tables.iter().enumerate() {
        let table = rows::archived(tables).find(|table| table.name == archived.name);
        let table = table.filter(|table| is_fit(table, archived));
        let place = table.and_then(|table| tables.iter().position(|other| other.name == table.name));
        let table = place.with_context(|| {
            format!(
                "the archive's table {:?} is not one that this program exports: it is of the schema {:?}; deploy the program that \
                 wrote it first",
                archived.name,
                manifest.schema.as_deref().unwrap_or("unknown")
            )
        })?;
        ensure!(
            found.iter().all(|copied| copied.table != table),
            "the archive has the table {} twice: export it again",
            archived.name
        );
        found.push(Copied { table, archived: number });
    }
    let bytes = manifest.tables.iter().try_fold(0u64, |sum, table| sum.checked_add(table.bytes));
    must_have_room(folder, bytes.unwrap_or(u64::MAX))?;
    found.sort_by_key(|copied| copied.table);
    Ok(found)
}

struct Import<'a> {
    client: &'a Client,
    tables: &'a [Table],
    manifest: &'a ArchiveManifest,
    work: &'a Work,
    row: &'a TenantRow,
    tenant: Uuid,
    theirs: Uuid,
    same_schema: bool,
}

impl Import<'_> {
    async fn put_in(&self, copies: &[Copied]) -> anyhow::Result<()> {
        rows::insert_tenant(self.client, self.tables, self.row).await?;
        for copied in copies {
            let (table, archived) = (&self.tables[copied.table], &self.manifest.tables[copied.archived]);
            let file = std::fs::File::open(self.work.rows(copied.archived))?;
            let (columns, rows) = (&archived.columns, pieces(BufReader::new(file)));
            let rows = rows::take_in(self.client, table, columns, rows, self.theirs, self.tenant).await?;
            let found = of_tenant(self.client, table, self.tenant).await?;
            // Under another id or another schema the rows' text is another, and their number is what can be compared.
            let same = if self.same_schema && self.tenant == self.theirs {
                found == archived.count
            } else {
                found.rows == archived.count.rows
            };
            if !same || rows != found.rows {
                return Err(Damage::Rows(vec![format!(
                    "{} has {} rows in place of {}, or other values",
                    table.name, found.rows, archived.count.rows
                )])
                .into());
            }
            tracing::info!(table = table.name, rows, "brought in");
        }
        Ok(())
    }
}

/// A file in pieces. Read where it stands: they are in the system's memory since their checksum was compared.
fn pieces(mut reader: impl Read) -> impl stream::Stream<Item = std::io::Result<Bytes>> {
    stream::iter(std::iter::from_fn(move || {
        let mut piece = vec![0; 64 * 1024];
        match reader.read(&mut piece) {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some(Ok(Bytes::from(piece)))
            }
            Err(error) => Some(Err(error)),
        }
    }))
}
