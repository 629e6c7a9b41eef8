//! A whole backup, put into an empty database and compared. Cut off at any moment, the same command begins again.

use anyhow::{Context, bail};
use database::connect::Server;
use database::programs::Programs;
use tokio_postgres::Client;

use super::backups::Backups;
use super::catalogue::{self, connect};
use super::census::Census;
use super::dump::{self, Extent};
use super::manifest::{Locale, Manifest};
use super::scratch::end_orphans;
use super::server::{locale, major, take_lock};
use super::store::Store;
use super::verify::compare;
use super::work::Work;

/// A schema that says a restore has begun in this database and has not ended; its comment says of what.
const MARK: &str = "tailtown_restore_unfinished";

/// How the database's comment begins once it was restored; the backup's name follows.
const NOTE: &str = "restored from ";

const APPLICATION: &str = "tailtown restore";

/// The session lock of the one restore into a database; the number means nothing.
const LOCK: i64 = 0x7265_7374;

/// What a restore will do, checked as far as looking goes.
pub struct Plan<'a> {
    pub manifest: Manifest,
    pub database: String,
    pub found: Found,
    store: &'a Store,
    target: Server,
    client: Client,
    programs: Programs,
}

/// What a restore finds in its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Empty,
    /// A restore was cut off: what it left is removed first.
    Begun,
    /// The same restore ended, and every row is still as the backup has it: nothing is to be done.
    Restored,
}

impl Backups {
    /// Looks whether `name` can be restored into the database of `target`, and changes nothing.
    ///
    /// # Errors
    /// When the database is not empty, lacks a role, or folds text in another way; or when the backup is not there.
    pub async fn plan_restore(
        &self,
        name: &str,
        from: Option<&str>,
        target: &Server,
    ) -> anyhow::Result<Plan<'_>> {
        let (store, manifest) = self.find(name, from).await?;
        self.settings.must_be_sealed(&manifest)?;
        let client = connect(target, "tailtown restore plan").await?;
        catalogue::must_see_everything(&client).await?;
        take_lock(&client, LOCK, "another restore into this database is under way").await?;
        let server_major = major(&client).await?;
        if server_major < manifest.server_major {
            bail!(
                "the server is PostgreSQL {server_major} and the backup is of {}: use a server as new",
                manifest.server_major
            );
        }
        let programs = Programs::find(manifest.dump_major.max(server_major))?;
        must_have_roles(&client, &manifest.roles).await?;
        let database = target.get_dbname().unwrap_or_default().to_owned();
        must_fold_alike(&locale(&client).await?, &manifest.database, &database)?;
        let found = if mark(&client).await?.is_some() {
            Found::Begun
        } else if note(&client).await?.as_deref() == Some(&manifest.name)
            && is_whole(&client, &manifest).await?
        {
            Found::Restored
        } else {
            must_be_empty(&client, &database).await?;
            Found::Empty
        };
        Ok(Plan { manifest, database, found, store, target: target.clone(), client, programs })
    }

    /// Does what the plan says.
    ///
    /// # Errors
    /// What is wrong with the backup, found before anything is touched; why it could not be restored; or which tables
    /// came out otherwise. In the last two cases the same command begins again.
    pub async fn restore(&self, plan: Plan<'_>) -> anyhow::Result<Manifest> {
        let Plan { manifest, found, store, target, client, programs, .. } = plan;
        if found == Found::Restored {
            return Ok(manifest);
        }
        let work = Work::begin(&self.home)?;
        let archive = work.file("archive");
        dump::assemble(store, &manifest, &self.settings, &archive).await?;
        tracing::info!("every part is whole");
        end_orphans(&client, APPLICATION).await?;
        if mark(&client).await?.is_some() {
            clear(&client).await?;
        } else {
            client.batch_execute(&format!("create schema {MARK}")).await?;
        }
        let of = format!("comment on schema {MARK} is 'of {}; run the same restore again'", manifest.name);
        client.batch_execute(&of).await?;
        tracing::info!(bytes = manifest.archive_bytes, jobs = self.settings.jobs, "restoring");
        dump::restore(&programs, &target, archive, Extent::Everything, self.settings.jobs, APPLICATION)
            .await?;
        tracing::info!("comparing every row");
        compare(&client, &manifest).await?;
        leave_the_past(&client).await?;
        // Without statistics the first requests would be planned blindly.
        client.batch_execute("analyze").await?;
        leave_note(&client, &manifest).await;
        client.batch_execute(&format!("drop schema {MARK}")).await?;
        Ok(manifest)
    }
}

/// What caches kept of the time after the backup must not pass for what is true now: no floor of theirs comes again.
async fn leave_the_past(client: &Client) -> anyhow::Result<()> {
    if client.query_one("select to_regclass('app.cache_mode') is not null", &[]).await?.get(0) {
        let jump = "update app.cache_mode set mode = 'OFF', changed_at = clock_timestamp(), \
                    epoch = greatest(epoch + 1, extract(epoch from clock_timestamp())::bigint)";
        client.execute(jump, &[]).await?;
    }
    Ok(())
}

/// The backup that this database says it was restored from.
async fn note(client: &Client) -> anyhow::Result<Option<String>> {
    let comment = "select pg_catalog.shobj_description(oid, 'pg_database') from pg_catalog.pg_database \
                   where datname = pg_catalog.current_database()";
    let comment: Option<String> = client.query_one(comment, &[]).await?.get(0);
    Ok(comment.and_then(|comment| Some(comment.strip_prefix(NOTE)?.to_owned())))
}

/// A restore that is cut off between its last statement and its last word is known by this to have ended. Whose
/// database it is not may not comment on it, and must not fail for that.
async fn leave_note(client: &Client, manifest: &Manifest) {
    let noted = async {
        let comment = "select pg_catalog.format('comment on database %I is %L', pg_catalog.current_database(), $1::text)";
        let comment = client.query_one(comment, &[&format!("{NOTE}{}", manifest.name)]).await?;
        client.batch_execute(comment.get(0)).await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "the database's comment does not say what it was restored from");
    }
}

/// Whether every row is as the backup has it, but for what [`leave_the_past`] and nodes write about themselves.
async fn is_whole(client: &Client, manifest: &Manifest) -> anyhow::Result<bool> {
    let (mut then, mut now) =
        (manifest.tables.clone(), Census::take(client, &catalogue::tables(client).await?).await?);
    for census in [&mut then, &mut now] {
        census.0.retain(|table, _| !table.starts_with("app.cache_"));
    }
    Ok(then == now)
}

async fn must_have_roles(client: &Client, roles: &[String]) -> anyhow::Result<()> {
    let missing = client
        .query(
            "select name from unnest($1::text[]) as name where to_regrole(quote_ident(name)) is null",
            &[&roles],
        )
        .await?;
    if missing.is_empty() {
        return Ok(());
    }
    let make: Vec<_> =
        missing.iter().map(|row| format!("create role {} login", row.get::<_, &str>(0))).collect();
    bail!("the server lacks roles that the backup's rows belong to; make them with: {}", make.join("; "));
}

fn must_fold_alike(found: &Locale, wanted: &Locale, database: &str) -> anyhow::Result<()> {
    if found == wanted {
        return Ok(());
    }
    bail!(
        "the database {database} orders and folds text in another way than the backup's; make it with: create database \
         {database} owner tailtown_owner template template0 encoding '{}' lc_collate '{}' lc_ctype '{}'",
        wanted.encoding,
        wanted.collate,
        wanted.ctype
    );
}

async fn must_be_empty(client: &Client, database: &str) -> anyhow::Result<()> {
    let row = client
        .query_one(
            "select count(*), min(n.nspname || '.' || c.relname) from pg_catalog.pg_class c \
             join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
             where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_' \
               and not exists (select from pg_catalog.pg_depend d \
                 where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')",
            &[],
        )
        .await?;
    if row.get::<_, i64>(0) == 0 {
        return Ok(());
    }
    bail!(
        "the database {database} is not empty (it has {}), and a restore never overwrites: restore into a new one with \
         --into, then point DATABASE_URL there",
        row.get::<_, &str>(1)
    );
}

async fn mark(client: &Client) -> anyhow::Result<Option<()>> {
    let found = client.query_opt("select from pg_catalog.pg_namespace where nspname = $1", &[&MARK]).await?;
    Ok(found.map(|_| ()))
}

/// Removes what a restore that was cut off left in a database that was empty before it.
async fn clear(client: &Client) -> anyhow::Result<()> {
    tracing::info!("removing what the restore that was cut off left behind");
    let extensions = client
        .query("select format('%I', extname) from pg_catalog.pg_extension where extname <> 'plpgsql'", &[])
        .await?;
    for row in &extensions {
        client.batch_execute(&format!("drop extension if exists {} cascade", row.get::<_, &str>(0))).await?;
    }
    let schemas = client
        .query(
            "select format('%I', nspname) from pg_catalog.pg_namespace \
             where nspname not in ('pg_catalog', 'information_schema', 'public', $1) and nspname !~ '^pg_'",
            &[&MARK],
        )
        .await?;
    for row in &schemas {
        client.batch_execute(&format!("drop schema {} cascade", row.get::<_, &str>(0))).await?;
    }
    let tables = client
        .query(
            "select format('%I', c.relname) from pg_catalog.pg_class c \
             where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind in ('r', 'p')",
            &[],
        )
        .await?;
    for row in &tables {
        let name: &str = row.get(0);
        client.batch_execute(&format!("drop table public.{name} cascade")).await.context(name.to_owned())?;
    }
    Ok(())
}
