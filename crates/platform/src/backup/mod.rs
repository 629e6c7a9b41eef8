//! Backups that count only once they were restored and compared; and single tenants, taken out and put back.
//!
//! A backup is `pg_dump`'s archive in parts, sealed if there is a key, with a [`manifest`] of what must be found once it
//! is restored, all of one snapshot. [`store`] knows where backups lie, [`dump`] how they are made and read, [`restore`]
//! and [`verify`] how they are put back, [`prune`] which are kept, [`schedule`] when all this happens by itself, and
//! [`tenant`] does it for one tenant at a time. Nothing here knows a table by name: the [`catalogue`] lists them.

pub mod catalogue;
pub mod census;
pub mod manifest;
pub mod prune;
pub mod restore;
pub mod schedule;
pub mod seal;
pub mod store;
pub mod tenant;
pub mod verify;

mod dump;
mod files;
mod part;
mod scratch;
mod settings;
mod work;

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

use crate::clock::Clock;
use crate::config::{Config, Environment};
use catalogue::connect;
use census::Census;
use manifest::{Locale, Manifest, Program};
use store::Store;
use verify::{Damaged, Verified};

pub use crate::metrics::backups::{Shown, Standing};
pub use seal::make_key;
pub use settings::{BucketSettings, Keep, NEEDS_ROLE, Settings, To};

/// The session lock under which backups are written and removed; the number means nothing.
const WRITING: i64 = 0x6261_636b;

/// Backups of one installation: where they lie and how they are made.
#[derive(Clone, Debug)]
pub struct Backups {
    /// Written to in this order; read from the first that has what is sought.
    stores: Vec<Store>,
    settings: Settings,
    /// The state folder, where archives are put together.
    home: PathBuf,
    production: bool,
    clock: Clock,
    program: Program,
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
    /// # Errors
    /// When the settings do not make the address of a bucket.
    pub fn new(config: &Config, clock: Clock, version: &str, commit: &str) -> anyhow::Result<Self> {
        let settings = config.backup.clone();
        let folder = settings.folder.clone().unwrap_or_else(|| config.home.join("backups"));
        let mut stores = Vec::new();
        if settings.to != To::S3 {
            stores.push(Store::Folder(folder));
        }
        if let Some(bucket) = settings.bucket.as_ref().filter(|_| settings.to != To::Folder) {
            stores.push(Store::bucket(bucket)?);
        }
        Ok(Self {
            stores,
            settings,
            home: config.home.clone(),
            production: config.environment == Environment::Production,
            clock,
            program: Program { version: version.to_owned(), commit: commit.to_owned() },
        })
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
        if self.production && self.settings.keys.first().is_none() && !self.settings.allow_plain {
            bail!("{}", settings::NEEDS_KEY);
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

    async fn sweep(&self) -> anyhow::Result<()> {
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
                draft.publish(manifest.write()?).await?;
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
        draft: &store::Draft,
    ) -> anyhow::Result<Manifest> {
        let (start, created_at) = (Instant::now(), self.clock.now());
        client.batch_execute("begin isolation level repeatable read read only").await?;
        let snapshot: String = client.query_one("select pg_catalog.pg_export_snapshot()", &[]).await?.get(0);
        let server_major = major(client).await?;
        let programs = Programs::find(server_major)?;
        let tables = catalogue::tables(client).await?;
        let key = self.settings.keys.first().cloned();
        let sealed_with = key.as_ref().map(seal::Key::id);
        let dumped = dump::dump(&programs, server, &snapshot, draft, name, key, self.settings.part_bytes);
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
                    manifest: read_manifest(store, &name).await,
                    verified: read_json(store, &name, verify::VERIFIED).await?,
                    damaged: read_json(store, &name, verify::DAMAGED).await?,
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
                    return Ok((store, read_manifest(store, &name).await?));
                }
            } else if manifest::time_of(name).is_some() && store.has(name).await? {
                return Ok((store, read_manifest(store, name).await?));
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
    async fn note(&self, name: &str, file: &str, note: &impl Serialize) -> anyhow::Result<()> {
        for store in &self.stores {
            if store.has(name).await? {
                store.write(name, file, serde_json::to_vec_pretty(note)?).await?;
            }
        }
        Ok(())
    }

    async fn take_out_note(&self, name: &str, file: &str) -> anyhow::Result<()> {
        for store in &self.stores {
            store.take_out(name, file).await?;
        }
        Ok(())
    }
}

async fn read_manifest(store: &Store, name: &str) -> anyhow::Result<Manifest> {
    let bytes = store.read(name, manifest::FILE).await?;
    Manifest::read(name, &bytes.with_context(|| format!("{name} has gone"))?)
}

async fn read_json<T: serde::de::DeserializeOwned>(
    store: &Store,
    name: &str,
    file: &str,
) -> anyhow::Result<Option<T>> {
    let bytes = store.read(name, file).await?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

async fn copy(from: &Store, to: &Store, name: &str, settings: &Settings) -> anyhow::Result<()> {
    let bytes = from.read(name, manifest::FILE).await?.with_context(|| format!("{name} has gone"))?;
    let manifest = Manifest::read(name, &bytes)?;
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
    for note in [verify::VERIFIED, verify::DAMAGED] {
        if let Some(bytes) = from.read(name, note).await? {
            to.write(name, note, bytes.to_vec()).await?;
        }
    }
    draft.publish(bytes.to_vec()).await
}

/// How long a lock is waited for: a program that was killed holds its own until the server notices.
const PATIENCE: Duration = Duration::from_secs(8);

/// Takes a session lock, which ends with the connection.
async fn take_lock(client: &Client, lock: i64, otherwise: &str) -> anyhow::Result<()> {
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

async fn major(client: &Client) -> anyhow::Result<u32> {
    let row = client.query_one("select current_setting('server_version_num')::integer / 10000", &[]).await?;
    Ok(u32::try_from(row.get::<_, i32>(0))?)
}

/// The last migration that was applied, if the schema is ours.
async fn schema(client: &Client) -> anyhow::Result<Option<String>> {
    if client.query_one("select to_regclass('app.migrations') is null", &[]).await?.get(0) {
        return Ok(None);
    }
    let last = "select name from app.migrations where applied_at is not null order by version desc limit 1";
    Ok(client.query_opt(last, &[]).await?.map(|row| row.get(0)))
}

async fn locale(client: &Client) -> anyhow::Result<Locale> {
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
async fn roles(client: &Client) -> anyhow::Result<Vec<String>> {
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

fn millis(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
