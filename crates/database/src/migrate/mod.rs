//! The schema's steps: forward only, one statement a message, safe to deploy from two nodes at once.

mod split;

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Context;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::time::sleep;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

/// One step of the schema: a file `0003_customers.sql`.
#[derive(Clone, Debug)]
pub struct Migration {
    pub version: i32,
    pub name: Cow<'static, str>,
    pub sql: Cow<'static, str>,
}

impl Migration {
    /// A step from its file's name, which begins with the version, and its text.
    ///
    /// # Panics
    /// When the file's name has no version: it is written in the source.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the names are in the source, and every test deploys them")]
    pub fn new(file: impl Into<Cow<'static, str>>, sql: impl Into<Cow<'static, str>>) -> Self {
        let file = file.into();
        let name = file.strip_suffix(".sql").unwrap_or(&file).to_owned();
        let version = name.split('_').next().and_then(|version| version.parse().ok());
        Self {
            version: version.expect("a migration's name begins with its number"),
            name: name.into(),
            sql: sql.into(),
        }
    }

    fn checksum(&self) -> String {
        Sha256::digest(self.sql.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether its statements stand alone, as `create index concurrently` must.
    fn without_transaction(&self) -> bool {
        self.sql.starts_with("-- no transaction")
    }
}

/// A file of the workspace's `migrations/`, compiled in.
#[macro_export]
macro_rules! migration {
    ($file:literal) => {
        $crate::migrate::Migration::new(
            $file,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/", $file)),
        )
    };
}

/// How the database differs from what the program was built for, and which command helps.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Mismatch {
    #[error("the schema is behind: {0} is not applied; run `tailtown migrate deploy`")]
    Behind(String),
    #[error(
        "the schema is ahead: {0} is applied and this program does not know it; deploy the program it came with"
    )]
    Ahead(String),
    #[error("{0} was edited after it was applied; restore the file, and make the change in a new migration")]
    Changed(String),
    #[error("the schema's history cannot be read: {0}")]
    Unreadable(String),
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Applied { at: Timestamp },
    Pending,
    Changed,
    Unknown,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applied { at } => write!(f, "applied {at:.0}"),
            Self::Pending => f.write_str("pending: run `tailtown migrate deploy`"),
            Self::Changed => f.write_str("edited after it was applied"),
            Self::Unknown => f.write_str("applied by a newer program"),
        }
    }
}

/// One line of `tailtown migrate status`.
#[derive(Clone, Debug)]
pub struct Step {
    pub version: i32,
    pub name: String,
    pub state: State,
}

/// A step that was just applied.
#[derive(Clone, Debug)]
pub struct Applied {
    pub name: String,
    pub elapsed: Duration,
}

/// The session lock that one deploying node holds; the number means nothing.
const LOCK: i64 = 0x7461_696c;

/// How long one statement waits for a lock that requests hold, before it lets them pass and tries again.
const LOCK_TIMEOUT: &str = "2s";
const TRIES: u32 = 12;

/// How long to wait for another node that is deploying.
const OTHER_NODE: Duration = Duration::from_secs(600);

/// Applies what is pending, each file in a transaction unless it begins with `-- no transaction`. Of a file without
/// one, the statements that were done are remembered, so that the next deploy goes on after them.
///
/// # Errors
/// When a file fails, was edited after it was applied, or the database is ahead; nothing of a failed file remains.
pub async fn deploy(owner: &Config, migrations: &[Migration]) -> anyhow::Result<Vec<Applied>> {
    must_be_in_order(migrations)?;
    let client = connect(owner).await?;
    wait_for_turn(&client).await?;
    let result = deploy_alone(&client, migrations).await;
    // The lock ends with the connection.
    drop(client);
    result
}

async fn deploy_alone(client: &Client, migrations: &[Migration]) -> anyhow::Result<Vec<Applied>> {
    for setting in [
        "set citus.enable_unsafe_triggers = on",
        "set citus.enable_local_reference_table_foreign_keys = off",
        "set citus.multi_shard_modify_mode = 'sequential'",
        &format!("set lock_timeout = '{LOCK_TIMEOUT}'"),
        "set statement_timeout = 0",
        "set client_min_messages = warning",
    ] {
        client.batch_execute(setting).await?;
    }
    create_history(client).await?;
    let mut applied = Vec::new();
    for step in status_with(client, migrations).await? {
        match step.state {
            State::Applied { .. } => {}
            State::Changed => anyhow::bail!(Mismatch::Changed(step.name)),
            State::Unknown => anyhow::bail!(Mismatch::Ahead(step.name)),
            State::Pending => {
                let migration = migrations.iter().find(|migration| migration.version == step.version);
                let migration = migration.context("a pending step is one of ours")?;
                let start = Instant::now();
                apply(client, migration)
                    .await
                    .with_context(|| format!("migrations/{}.sql", migration.name))?;
                let elapsed = start.elapsed();
                tracing::info!(migration = %migration.name, elapsed_ms = elapsed.as_millis(), "migration applied");
                applied.push(Applied { name: step.name, elapsed });
            }
        }
    }
    Ok(applied)
}

fn must_be_in_order(migrations: &[Migration]) -> anyhow::Result<()> {
    for (place, migration) in (1..).zip(migrations) {
        anyhow::ensure!(
            migration.version == place,
            "migrations/{}.sql should be number {place}",
            migration.name
        );
    }
    Ok(())
}

async fn connect(owner: &Config) -> anyhow::Result<Client> {
    let mut config = owner.clone();
    config.application_name("tailtown migrate");
    let (client, connection) = config.connect(NoTls).await.context("cannot connect as the schema's owner")?;
    tokio::spawn(connection);
    Ok(client)
}

/// Asks again and again instead of waiting inside a statement: a waiting statement holds a snapshot, and the other node's
/// `create index concurrently` would wait for that for ever.
async fn wait_for_turn(client: &Client) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut told = false;
    loop {
        if client.query_one("select pg_try_advisory_lock($1)", &[&LOCK]).await?.get(0) {
            return Ok(());
        }
        anyhow::ensure!(
            start.elapsed() < OTHER_NODE,
            "another node has been deploying migrations for ten minutes: look there"
        );
        if !told {
            tracing::info!("another node is deploying migrations: waiting for it");
            told = true;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

async fn create_history(client: &Client) -> anyhow::Result<()> {
    for statement in [
        "create schema if not exists app",
        "create table if not exists app.migrations (version integer not null, name text not null, checksum text not null, \
         statements_done integer not null, applied_at timestamptz, elapsed_ms bigint, \
         constraint migrations_pkey primary key (version))",
        "grant usage on schema app to tailtown_app",
        // Together, so that a running program's look at the history never fails between the two.
        "revoke all on app.migrations from tailtown_app; grant select on app.migrations to tailtown_app",
    ] {
        client.batch_execute(statement).await.context(
            "cannot prepare the schema `app`: the database needs the roles tailtown_owner (may create schemas) and tailtown_app",
        )?;
    }
    Ok(())
}

async fn apply(client: &Client, migration: &Migration) -> anyhow::Result<()> {
    for attempt in 1.. {
        let result = if migration.without_transaction() {
            apply_bare(client, migration).await
        } else {
            apply_whole(client, migration).await
        };
        let Err(error) = result else { return Ok(()) };
        let state = error.downcast_ref::<tokio_postgres::Error>().and_then(tokio_postgres::Error::code);
        let in_the_way =
            matches!(state, Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::T_R_DEADLOCK_DETECTED));
        if !in_the_way || attempt == TRIES {
            return Err(error);
        }
        tracing::warn!(migration = %migration.name, attempt, "a lock is in the way: letting requests pass, then trying again");
        sleep(Duration::from_millis(100 * u64::from(attempt))).await;
    }
    Ok(())
}

async fn apply_whole(client: &Client, migration: &Migration) -> anyhow::Result<()> {
    client.batch_execute("begin").await?;
    let result = async {
        let start = Instant::now();
        let statements = split::statements(&migration.sql);
        for statement in &statements {
            client.batch_execute(statement).await.with_context(|| words(statement))?;
        }
        record(client, migration, statements.len(), Some(start.elapsed())).await?;
        client.batch_execute("commit").await.map_err(anyhow::Error::from)
    };
    let result = result.await;
    if result.is_err() {
        client.batch_execute("rollback").await?;
    }
    result
}

async fn apply_bare(client: &Client, migration: &Migration) -> anyhow::Result<()> {
    let start = Instant::now();
    // A concurrent index that failed midway is there, invalid, and would be taken for done.
    let invalid = client
        .query(
            "select format('%I.%I', n.nspname, c.relname) from pg_index i join pg_class c on c.oid = i.indexrelid \
             join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'app' and not i.indisvalid",
            &[],
        )
        .await?;
    for index in &invalid {
        client.batch_execute(&format!("drop index concurrently {}", index.get::<_, &str>(0))).await?;
    }
    let done = client
        .query_opt("select statements_done from app.migrations where version = $1", &[&migration.version])
        .await?;
    let done = done.map_or(0, |row| row.get::<_, i32>(0));
    let statements = split::statements(&migration.sql);
    for (number, statement) in (1..).zip(&statements).skip(usize::try_from(done)?) {
        client.batch_execute(statement).await.with_context(|| words(statement))?;
        record(client, migration, number, None).await?;
    }
    record(client, migration, statements.len(), Some(start.elapsed())).await
}

async fn record(
    client: &Client,
    migration: &Migration,
    done: usize,
    elapsed: Option<Duration>,
) -> anyhow::Result<()> {
    let elapsed = elapsed.map(|elapsed| i64::try_from(elapsed.as_millis())).transpose()?;
    client
        .execute(
            "insert into app.migrations (version, name, checksum, statements_done, applied_at, elapsed_ms) \
             values ($1, $2, $3, $4, case when $5::bigint is not null then clock_timestamp() end, $5) \
             on conflict (version) do update set checksum = excluded.checksum, statements_done = excluded.statements_done, \
             applied_at = excluded.applied_at, elapsed_ms = excluded.elapsed_ms",
            &[&migration.version, &migration.name.as_ref(), &migration.checksum(), &i32::try_from(done)?, &elapsed],
        )
        .await?;
    Ok(())
}

fn words(statement: &str) -> String {
    let line = statement.lines().find(|line| !line.trim_start().starts_with("--")).unwrap_or_default();
    format!("in the statement `{line} …`")
}

/// Where each step stands, ours and those only the database knows.
///
/// # Errors
/// When the history cannot be read.
pub async fn status(owner: &Config, migrations: &[Migration]) -> anyhow::Result<Vec<Step>> {
    let client = connect(owner).await?;
    status_with(&client, migrations).await
}

async fn status_with(client: &Client, migrations: &[Migration]) -> anyhow::Result<Vec<Step>> {
    let history = history(client).await?;
    let ours = migrations.iter().map(|migration| {
        let applied = history.iter().find(|applied| applied.version == migration.version);
        let state = match applied {
            None => State::Pending,
            Some(applied) if applied.checksum != migration.checksum() => State::Changed,
            Some(applied) => State::Applied { at: applied.at },
        };
        Step { version: migration.version, name: migration.name.to_string(), state }
    });
    let theirs =
        history.iter().filter(|applied| migrations.iter().all(|ours| ours.version != applied.version));
    let theirs = theirs.map(|applied| Step {
        version: applied.version,
        name: applied.name.clone(),
        state: State::Unknown,
    });
    Ok(ours.chain(theirs).collect())
}

struct Record {
    version: i32,
    name: String,
    checksum: String,
    at: Timestamp,
}

/// What is applied; without a history, nothing.
async fn history(client: &Client) -> Result<Vec<Record>, tokio_postgres::Error> {
    let rows = client
        .query(
            "select version, name, checksum, applied_at from app.migrations where applied_at is not null order by version",
            &[],
        )
        .await;
    match rows {
        Ok(rows) => Ok(rows
            .iter()
            .map(|row| Record { version: row.get(0), name: row.get(1), checksum: row.get(2), at: row.get(3) })
            .collect()),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Whether the schema is the one that `migrations` make: one query, for the program's own role.
///
/// # Errors
/// How it differs, and which command helps.
pub async fn verify(client: &Client, migrations: &[Migration]) -> Result<(), Mismatch> {
    let history = match history(client).await {
        Ok(history) => history,
        // Before the first deploy the program's role may not even look into the schema.
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => Vec::new(),
        Err(error) => return Err(Mismatch::Unreadable(error.to_string())),
    };
    for migration in migrations {
        match history.iter().find(|applied| applied.version == migration.version) {
            None => return Err(Mismatch::Behind(migration.name.to_string())),
            Some(applied) if applied.checksum != migration.checksum() => {
                return Err(Mismatch::Changed(migration.name.to_string()));
            }
            Some(_) => {}
        }
    }
    let unknown =
        history.iter().find(|applied| migrations.iter().all(|ours| ours.version != applied.version));
    unknown.map_or(Ok(()), |applied| Err(Mismatch::Ahead(applied.name.clone())))
}
