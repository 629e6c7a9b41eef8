//! The proof of a backup: it is restored beside the real database, and every row is counted and compared.

use std::time::Instant;

use database::connect::Server;
use database::programs::Programs;

use super::backups::Backups;
use super::catalogue::{self, connect};
use super::census::Census;
use super::dump::{self, Extent};
use super::manifest::{Damage, Manifest, millis};
use super::notes::{DAMAGED, Damaged, VERIFIED, Verified};
use super::scratch::Scratch;
use super::server::major;
use super::store::Store;
use super::work::Work;

impl Backups {
    /// Restores a backup into a scratch database on `server`, compares it, and notes the outcome beside it.
    ///
    /// # Errors
    /// What is wrong with the backup, or why it could not be restored; only the former is noted.
    pub async fn verify(
        &self,
        name: &str,
        from: Option<&str>,
        server: &Server,
    ) -> anyhow::Result<(Manifest, Verified)> {
        let start = Instant::now();
        let outcome = async {
            let (store, manifest) = self.find(name, from).await?;
            tracing::info!(name = manifest.name, store = store.shown(), "verifying");
            let scratch = self.restored_beside(store, &manifest, server, Extent::Everything).await?;
            let compared = compare(scratch.client(), &manifest).await;
            scratch.remove().await;
            compared.map(|()| manifest)
        };
        let outcome: anyhow::Result<Manifest> = outcome.await;
        match outcome {
            Ok(manifest) => {
                let verified = Verified {
                    verified_at: self.clock.now(),
                    elapsed_ms: millis(start.elapsed()),
                    rows: manifest.tables.rows(),
                    tables: manifest.tables.0.len(),
                };
                self.note(&manifest.name, VERIFIED, &verified).await?;
                self.take_out_note(&manifest.name, DAMAGED).await?;
                Ok((manifest, verified))
            }
            Err(error) => {
                if error.downcast_ref::<Damage>().is_some() {
                    self.mark_damaged(name, from, &error).await?;
                }
                Err(error.context(format!("{name} is not verified")))
            }
        }
    }

    /// The place where the damage was found gets the mark; a copy elsewhere may be whole.
    async fn mark_damaged(
        &self,
        name: &str,
        from: Option<&str>,
        error: &anyhow::Error,
    ) -> anyhow::Result<()> {
        let damaged = Damaged { found_at: self.clock.now(), reason: format!("{error:#}") };
        for store in self.stores.iter().filter(|store| from.is_none_or(|kind| store.kind() == kind)) {
            let name = if name == "latest" { store.names().await?.pop() } else { Some(name.to_owned()) };
            let Some(name) = name else { continue };
            if store.names().await?.contains(&name) {
                store.take_out(&name, VERIFIED).await?;
                return store.write(&name, DAMAGED, serde_json::to_vec_pretty(&damaged)?).await;
            }
        }
        Ok(())
    }

    /// The rows of a backup in a scratch database; the caller removes it.
    pub(super) async fn restored_beside(
        &self,
        store: &Store,
        manifest: &Manifest,
        server: &Server,
        extent: Extent,
    ) -> anyhow::Result<Scratch> {
        let client = connect(server, "tailtown verify").await?;
        catalogue::must_see_everything(&client).await?;
        let programs = Programs::find(manifest.dump_major.max(major(&client).await?))?;
        let work = Work::begin(&self.home)?;
        let archive = work.file("archive");
        dump::assemble(store, manifest, &self.settings, &archive).await?;
        let scratch = Scratch::create(server, &manifest.database).await?;
        tracing::info!(bytes = manifest.archive_bytes, "restoring into a scratch database");
        let restored =
            dump::restore(&programs, &scratch.server, archive, extent, self.settings.jobs, "tailtown verify");
        match restored.await {
            Ok(()) => Ok(scratch),
            Err(error) => {
                scratch.remove().await;
                Err(error)
            }
        }
    }
}

/// Counts and compares every row of a restored database.
///
/// # Errors
/// [`Damage::Rows`] with every table that differs.
pub(super) async fn compare(client: &tokio_postgres::Client, manifest: &Manifest) -> anyhow::Result<()> {
    let tables = catalogue::tables(client).await?;
    let census = Census::take(client, &tables).await?;
    let mut differences = manifest.tables.differences(&census);
    if differences.is_empty() {
        return Ok(());
    }
    if census.rows() == 0 {
        differences
            .insert(0, "the dump is empty: it was made by a role that does not see the rows".to_owned());
    }
    Err(Damage::Rows(differences).into())
}
