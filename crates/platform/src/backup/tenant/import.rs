//! A tenant's archive, brought into this or another installation: all of it or nothing.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_postgres::{Client, Config as Server};
use uuid::Uuid;

use super::archive::{self, ArchiveManifest, ArchivedTable};
use super::{TenantRow, by_id, by_subdomain, rows};
use crate::backup::catalogue::Table;
use crate::backup::census::of_tenant;
use crate::backup::manifest::Damage;
use crate::backup::work::Work;
use crate::backup::{Backups, catalogue, connect, schema};
use crate::id;

/// What was brought in.
#[derive(Debug)]
pub struct Imported {
    pub id: Uuid,
    pub subdomain: String,
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
        let work = Work::begin(&self.home)?;
        let from = from.to_owned();
        let (manifest, work) = spawn_blocking(move || {
            archive::read(&from, |table| work.file(table)).map(|manifest| (manifest, work))
        })
        .await??;
        let client = connect(server, "tailtown tenant import").await?;
        catalogue::must_see_everything(&client).await?;
        let subdomain = subdomain.unwrap_or(manifest.tenant.subdomain()).to_owned();
        ensure!(crate::tenant::is_subdomain(&subdomain), "{subdomain} is not the first label of a host name");
        let theirs = manifest.tenant.id()?;
        let tables = catalogue::tables(&client).await?;
        if let Some(here) = by_subdomain(&client, &subdomain).await? {
            // An import that was cut off after its commit is done.
            if here.id()? == theirs && is_here(&client, &tables, &manifest).await? {
                let rows = manifest.rows();
                return Ok(Imported { id: theirs, subdomain, rows, as_copy: false, was_here: true });
            }
            bail!("there is a tenant {subdomain} already: choose another name with --as");
        }
        let as_copy = by_id(&client, theirs).await?.is_some();
        let tenant = if as_copy { id::fresh(self.clock.now()) } else { theirs };
        let mut row = manifest.tenant.clone();
        row.0.insert("id".to_owned(), Value::String(tenant.to_string()));
        row.0.insert("subdomain".to_owned(), Value::String(subdomain.clone()));
        let same_schema = schema(&client).await? == manifest.schema;
        let copies = matched(&manifest, &tables)?;
        let import = Import { client: &client, tables: &tables, row: &row, tenant, theirs, same_schema };
        let file = |table: &str| work.file(table);
        rows::in_transaction(&client, async || import.put_in(&copies, &file).await).await?;
        client.batch_execute("analyze").await?;
        sleep(rows::FORGOTTEN).await;
        Ok(Imported { id: tenant, subdomain, rows: manifest.rows(), as_copy, was_here: false })
    }
}

/// Whether every row of the archive is here, and no other of the tenant's.
async fn is_here(client: &Client, tables: &[Table], manifest: &ArchiveManifest) -> anyhow::Result<bool> {
    let here = rows::census(client, tables, manifest.tenant.id()?).await?;
    let archived = manifest.tables.iter().map(|table| (table.name.clone(), table.count));
    Ok(here == archived.collect())
}

/// Each table of the archive beside the database's own, in the database's order.
fn matched<'a>(
    manifest: &'a ArchiveManifest,
    tables: &'a [Table],
) -> anyhow::Result<Vec<(&'a Table, &'a ArchivedTable)>> {
    let mut found = Vec::new();
    for archived in &manifest.tables {
        let place = tables.iter().position(|table| table.name == archived.name && table.of_tenants);
        let place = place.filter(|place| {
            archived.columns.iter().all(|column| tables[*place].columns.contains(column))
                && archived.columns.first().is_some_and(|column| column == "tenant_id")
        });
        let place = place.with_context(|| {
            format!(
                "the archive's {} is not in this schema: it is of {}; deploy the program it came with first",
                archived.name,
                manifest.schema.as_deref().unwrap_or("another schema")
            )
        })?;
        found.push((place, archived));
    }
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(place, archived)| (&tables[place], archived)).collect())
}

struct Import<'a> {
    client: &'a Client,
    tables: &'a [Table],
    row: &'a TenantRow,
    tenant: Uuid,
    theirs: Uuid,
    same_schema: bool,
}

impl Import<'_> {
    async fn put_in(
        &self,
        copies: &[(&Table, &ArchivedTable)],
        file: &impl Fn(&str) -> PathBuf,
    ) -> anyhow::Result<()> {
        rows::insert_tenant(self.client, self.tables, self.row).await?;
        for (table, archived) in copies {
            let file = std::fs::File::open(file(&table.name))?;
            let reader = Renamed::new(BufReader::new(file), self.theirs, self.tenant);
            let rows = rows::copy_in(self.client, table, &archived.columns, pieces(reader)).await?;
            let found = of_tenant(self.client, table, self.tenant).await?;
            // Under another id or another schema the rows' text is another, and their number is what can be compared.
            let same = if self.same_schema && self.tenant == self.theirs {
                found == archived.count
            } else {
                found.rows == archived.count.rows
            };
            if !same {
                return Err(Damage::Rows(vec![format!(
                    "{} has {} rows in place of {}, or other values",
                    table.name, found.rows, archived.count.rows
                )])
                .into());
            }
            tracing::info!(table = table.name, rows, "brought in");
        }
        rows::forget(self.client, self.tenant).await
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

/// CSV whose first column is a tenant's id, with another in its place.
struct Renamed<R> {
    reader: R,
    /// `None` when they are the same.
    ids: Option<([u8; 36], [u8; 36])>,
    quoted: bool,
    /// Bytes into the line's first column; `None` behind it and in the header.
    place: Option<usize>,
}

impl<R: Read> Renamed<R> {
    fn new(reader: R, from: Uuid, to: Uuid) -> Self {
        let text = |id: Uuid| {
            let mut text = [0; 36];
            id.hyphenated().encode_lower(&mut text);
            text
        };
        let ids = (from != to).then(|| (text(from), text(to)));
        Self { reader, ids, quoted: false, place: None }
    }
}

impl<R: Read> Read for Renamed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(bytes)?;
        let Some((from, to)) = self.ids else { return Ok(read) };
        for byte in &mut bytes[..read] {
            if let Some(place) = self.place {
                if *byte != from[place] {
                    return Err(std::io::Error::other("a row begins with another tenant's id"));
                }
                *byte = to[place];
                self.place = (place + 1 < from.len()).then_some(place + 1);
            } else if *byte == b'"' {
                self.quoted = !self.quoted;
            } else if *byte == b'\n' && !self.quoted {
                self.place = Some(0);
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_at_the_head_of_every_row_is_replaced_and_nowhere_else() {
        let (from, to) = (Uuid::from_u128(1), Uuid::from_u128(0xfeed));
        let csv =
            |id: Uuid| format!("tenant_id,notes\n{id},\"two\n{from},\"\"lines\"\"\"\n{id},{from}\n{id},\n");
        for size in [1, 7, 36, 4096] {
            let mut reader = Renamed::new(csv(from).as_bytes().to_vec().leak() as &[u8], from, to);
            let (mut out, mut piece) = (Vec::new(), vec![0; size]);
            loop {
                match reader.read(&mut piece).unwrap() {
                    0 => break,
                    read => out.extend_from_slice(&piece[..read]),
                }
            }
            assert_eq!(String::from_utf8(out).unwrap(), csv(to));
        }
        let mut foreign = Renamed::new(&b"tenant_id\nabc\n"[..], from, to);
        assert!(foreign.read_to_end(&mut Vec::new()).is_err());
    }
}
