//! Everything of one tenant, as of one moment, into one file.

use std::path::Path;

use anyhow::{Context, bail};
use database::connect::Server;
use futures_util::TryStreamExt;
use tokio::io::AsyncWriteExt;
use tokio::task::spawn_blocking;

use super::archive::{self, ArchiveManifest, ArchivedTable};
use super::rows;
use super::tenant_row::by_subdomain;
use crate::backups::Backups;
use crate::catalogue::{self, connect};
use crate::census::of_tenant;
use crate::files::{self, explain};
use crate::server::schema;
use crate::work::Work;

impl Backups {
    /// Writes the archive of a tenant to a file that is not there yet.
    ///
    /// # Errors
    /// When there is no such tenant, or the file cannot be written.
    pub async fn export_tenant(
        &self,
        server: &Server,
        subdomain: &str,
        to: &Path,
    ) -> anyhow::Result<ArchiveManifest> {
        if to.exists() {
            bail!("{} is there already: choose another name", to.display());
        }
        let client = connect(server, "tailtown tenant export").await?;
        catalogue::must_see_everything(&client).await?;
        client.batch_execute("begin isolation level repeatable read").await?;
        let tenant = by_subdomain(&client, subdomain).await?;
        let tenant =
            tenant.with_context(|| format!("there is no tenant {subdomain}: see `tailtown tenant list`"))?;
        let id = tenant.id()?;
        let tables = catalogue::tables(&client).await?;
        let work = Work::begin(&self.home)?;
        let mut archived = Vec::new();
        for (number, table) in rows::archived(&tables).enumerate() {
            let path = work.rows(number);
            let refused = |error: std::io::Error| explain(&error, "write", &path);
            let mut file = tokio::fs::File::from_std(files::create(&path).map_err(refused)?);
            let stream = client.copy_out(&rows::copy_out(table, id)).await;
            let mut stream =
                std::pin::pin!(stream.with_context(|| format!("{} cannot be read", table.name))?);
            while let Some(bytes) = stream.try_next().await? {
                file.write_all(&bytes).await.map_err(refused)?;
            }
            file.flush().await.map_err(refused)?;
            drop(file);
            let (bytes, sha256) = archive::measure(&path).map_err(refused)?;
            let count = of_tenant(&client, table, id).await?;
            tracing::info!(table = table.name, rows = count.rows, "read");
            let columns = rows::copied(table);
            archived.push(ArchivedTable { name: table.name.clone(), columns, count, bytes, sha256 });
        }
        let manifest = ArchiveManifest {
            format: ArchiveManifest::CURRENT,
            tenant,
            created_at: self.clock.now(),
            program: self.program.clone(),
            schema: schema(&client).await?,
            tables: archived,
        };
        // On record before the file is there: an export that fails afterwards is on record, too, and none is missing.
        let after = rows::shown(&manifest.tenant, manifest.rows());
        rows::record(&client, self.clock.now(), "tenant.export", id, None, Some(&after)).await?;
        client.batch_execute("commit").await?;
        let to = to.to_owned();
        spawn_blocking(move || archive::write(&manifest, |number| work.rows(number), &to).map(|()| manifest))
            .await?
    }
}
