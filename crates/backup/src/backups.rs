//! The backups of one installation: made, copied, listed and found.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use database::connect::Server;
use database::programs::Programs;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_postgres::Client;

use super::bucket::Bucket;
use super::catalogue::{self, connect};
use super::census::Census;
use super::dump;
use super::manifest::{self, Manifest, Program, millis};
use super::notes::{DAMAGED, Damaged, VERIFIED, Verified};
use super::seal::{Key, Keys};
use super::server::{WRITING, locale, major, roles, schema, take_lock};
use super::settings::{NEEDS_KEY, Settings, To};
use super::store::{Draft, Store};
use base::clock::Clock;

/// Backups of one installation: where they lie and how they are made.
#[derive(Clone, Debug)]
pub struct Backups {
    /// Written to in this order; read from the first that has what is sought.
    pub(super) stores: Vec<Store>,
    pub(super) settings: Settings,
    /// The state folder, where archives are put together.
    pub(super) home: PathBuf,
    pub(super) clock: Clock,
    pub(super) program: Program,
}

/// One line of `tailtown backup list`.
#[derive(Debug)]
pub struct Listed {
    pub name: String,
    /// Where it lies.
    pub places: Vec<&'static str>,
    pub manifest: anyhow::Result<Manifest>,
    pub verified: Option<Verified>,
    pub damaged: Option<Damaged>,
}

impl Backups {
    /// The backups that `settings` describe, of the installation whose state folder is `home`.
    ///
    /// # Errors
    /// When the settings do not make the address of a bucket.
    pub fn new(settings: Settings, home: PathBuf, clock: Clock, program: Program) -> anyhow::Result<Self> {
        let folder = settings.folder.clone().unwrap_or_else(|| home.join("backups"));
        let mut stores = Vec::new();
        if settings.to != To::S3 {
            stores.push(Store::Folder(folder));
        }
        if let Some(bucket) = settings.bucket.as_ref().filter(|_| settings.to != To::Folder) {
            stores.push(Store::Bucket(Bucket::new(bucket)?));
        }
        Ok(Self { stores, settings, home, clock, program })
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn stores(&self) -> &[Store] {
        &self.stores
    }

    /// Makes a backup of the database of `server`, and copies what the second store lacks to it.
    ///
    /// # Errors
    /// Why there is none, and what to do. Nothing half made is ever listed.
    pub async fn run(&self, server: &Server) -> anyhow::Result<Manifest> {
        self.must_be_sealed()?;
        let client = connect(server, "tailtown backup").await?;
        catalogue::must_see_everything(&client).await?;
        take_lock(&client, WRITING, "another backup of this database is being made or removed").await?;
        self.close_folder();
        self.sweep().await?;
        let manifest = self.write(&client, server).await?;
        self.mirror(&manifest.name).await?;
        Ok(manifest)
    }

    fn must_be_sealed(&self) -> anyhow::Result<()> {
        if self.settings.in_production && self.settings.keys.first().is_none() && !self.settings.allow_plain {
            bail!("{NEEDS_KEY}");
        }
        Ok(())
    }

    /// The folder in the state folder is the program's own: one that an earlier version made is closed to others, too. One that
    /// the settings name keeps its mode.
    fn close_folder(&self) {
        if let Some(Store::Folder(folder)) = self.stores.first()
            && self.settings.folder.is_none()
            && folder.exists()
            && let Err(error) = fs::set_permissions(folder, Permissions::from_mode(0o700))
        {
            tracing::warn!(%error, folder = %folder.display(), "the folder of backups cannot be closed to other users");
        }
    }

    pub(super) async fn sweep(&self) -> anyhow::Result<()> {
        for store in &self.stores {
            for name in store.sweep().await? {
                tracing::info!(name, store = store.kind(), "removed what a run that was cut off left behind");
            }
        }
        Ok(())
    }

    async fn write(&self, client: &Client, server: &Server) -> anyhow::Result<Manifest> {
        let store = self.stores.first().context("there is a place for backups")?;
        let name = self.fresh_name(store).await?;
        let draft = store.draft(&name).await?;
        tracing::info!(name, store = store.shown(), "backing up");
        match self.fill(client, server, &name, &draft).await {
            Ok(manifest) => {
                draft.publish(manifest.write(self.settings.keys.first())?).await?;
                Ok(manifest)
            }
            Err(error) => {
                draft.discard().await;
                Err(error)
            }
        }
    }

    /// A name tells the second; two backups do not share one.
    async fn fresh_name(&self, store: &Store) -> anyhow::Result<String> {
        for _ in 0..3 {
            let name = manifest::name(self.clock.now());
            if !store.has(&name).await? {
                return Ok(name);
            }
            sleep(Duration::from_secs(1)).await;
        }
        bail!("there is a backup of this second already: wait a moment, then try again");
    }

    async fn fill(
        &self,
        client: &Client,
        server: &Server,
        name: &str,
        draft: &Draft,
    ) -> anyhow::Result<Manifest> {
        let (start, created_at) = (Instant::now(), self.clock.now());
        client.batch_execute("begin isolation level repeatable read read only").await?;
        let snapshot: String = client.query_one("select pg_catalog.pg_export_snapshot()", &[]).await?.get(0);
        let server_major = major(client).await?;
        let programs = Programs::find(server_major)?;
        let tables = catalogue::tables(client).await?;
        let key = self.settings.keys.first().cloned();
        let sealed_with = key.as_ref().map(Key::id);
        let dumped = dump::dump(&programs, server, &snapshot, draft, key, self.settings.part_bytes);
        let (dumped, census) = tokio::try_join!(dumped, Census::take(client, &tables))?;
        let manifest = Manifest {
            format: Manifest::CURRENT,
            name: name.to_owned(),
            created_at,
            elapsed_ms: millis(start.elapsed()),
            program: self.program.clone(),
            schema: schema(client).await?,
            server_major,
            dump_major: programs.major,
            database: locale(client).await?,
            roles: roles(client).await?,
            sealed_with,
            archive_bytes: dumped.archive_bytes,
            parts: dumped.parts,
            tables: census,
        };
        client.batch_execute("commit").await?;
        Ok(manifest)
    }

    /// Copies to the second store what it lacks, the newest first.
    async fn mirror(&self, newest: &str) -> anyhow::Result<()> {
        let [first, second] = self.stores.as_slice() else { return Ok(()) };
        let there = second.names().await.with_context(|| format!("{newest} is made, but only here"))?;
        let mut missing = first.names().await?;
        missing.retain(|name| !there.contains(name));
        for name in missing.iter().rev() {
            if let Err(error) = copy(first, second, name, &self.settings).await {
                let said =
                    format!("{name} is whole in {}, but was not copied; the next run does it", first.shown());
                if name == newest {
                    return Err(error.context(said));
                }
                // An older one that cannot be copied does not make this run a failure.
                tracing::warn!(
                    error = format!("{error:#}"),
                    "{name} was not copied; the next run tries again"
                );
                continue;
            }
            tracing::info!(name, store = second.shown(), "copied");
        }
        Ok(())
    }

    /// Every backup, oldest first, wherever it lies.
    ///
    /// # Errors
    /// When a place cannot be read.
    pub async fn list(&self) -> anyhow::Result<Vec<Listed>> {
        let mut found: Vec<Listed> = Vec::new();
        for store in &self.stores {
            for name in store.names().await? {
                if let Some(known) = found.iter_mut().find(|listed| listed.name == name) {
                    known.places.push(store.kind());
                    continue;
                }
                found.push(Listed {
                    places: vec![store.kind()],
                    manifest: read_manifest(store, &name, &self.settings.keys).await,
                    verified: store.note(&name, VERIFIED).await?,
                    damaged: store.note(&name, DAMAGED).await?,
                    name,
                });
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// The place that has this backup, and what it says of itself. `latest` is the newest.
    ///
    /// # Errors
    /// When there is none, or its manifest is damaged.
    pub async fn find(&self, name: &str, from: Option<&str>) -> anyhow::Result<(&Store, Manifest)> {
        for store in self.stores.iter().filter(|store| from.is_none_or(|kind| store.kind() == kind)) {
            if name == "latest" {
                if let Some(name) = store.names().await?.pop() {
                    return Ok((store, read_manifest(store, &name, &self.settings.keys).await?));
                }
            } else if manifest::time_of(name).is_some() && store.has(name).await? {
                return Ok((store, read_manifest(store, name, &self.settings.keys).await?));
            }
        }
        let places = self.stores.iter().map(Store::shown).collect::<Vec<_>>().join(" nor ");
        bail!("there is no {name} in {places}: see `tailtown backup list`");
    }

    /// Writes the archive of a backup to a file, opened and compared: for `pg_restore` by hand.
    ///
    /// # Errors
    /// When it is damaged, or the file cannot be written.
    pub async fn extract(
        &self,
        name: &str,
        from: Option<&str>,
        to: &std::path::Path,
    ) -> anyhow::Result<Manifest> {
        let (store, manifest) = self.find(name, from).await?;
        dump::assemble(store, &manifest, &self.settings, to).await?;
        Ok(manifest)
    }

    /// Writes a small file into a backup wherever it lies.
    pub(super) async fn note(&self, name: &str, file: &str, note: &impl Serialize) -> anyhow::Result<()> {
        for store in &self.stores {
            if store.has(name).await? {
                store.write(name, file, serde_json::to_vec_pretty(note)?).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn take_out_note(&self, name: &str, file: &str) -> anyhow::Result<()> {
        for store in &self.stores {
            store.take_out(name, file).await?;
        }
        Ok(())
    }
}

async fn read_manifest(store: &Store, name: &str, keys: &Keys) -> anyhow::Result<Manifest> {
    let bytes = store.read(name, manifest::FILE).await?;
    Manifest::read(name, &bytes.with_context(|| format!("{name} has gone"))?, keys)
}

async fn copy(from: &Store, to: &Store, name: &str, settings: &Settings) -> anyhow::Result<()> {
    let bytes = from.read(name, manifest::FILE).await?.with_context(|| format!("{name} has gone"))?;
    let manifest = Manifest::read(name, &bytes, &settings.keys)?;
    settings.must_be_sealed(&manifest)?;
    let draft = to.draft(name).await?;
    for part in &manifest.parts {
        let mut reader = dump::open_part(from, name, part).await?;
        let (draft, file, runtime) = (draft.clone(), part.name.clone(), Handle::current());
        spawn_blocking(move || {
            let mut writer = draft.part(&file, &runtime)?;
            let mut buffer = vec![0; 256 * 1024];
            loop {
                match std::io::Read::read(&mut reader, &mut buffer)? {
                    0 => return writer.finish(),
                    read => writer.write(&buffer[..read])?,
                }
            }
        })
        .await??;
    }
    for note in [VERIFIED, DAMAGED] {
        if let Some(bytes) = from.read(name, note).await? {
            to.write(name, note, bytes.to_vec()).await?;
        }
    }
    draft.publish(bytes.to_vec()).await
}
