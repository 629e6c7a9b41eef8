//! The table `app.migrations`: which steps are applied, in progress, or failed, and whether a program can serve that schema.

use std::fmt;

use anyhow::Context;
use jiff::Timestamp;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Row};

use super::migration::{Migration, checksum, newest};
use super::script::Script;
use crate::connect::Server;

/// The advisory lock that a deploying node holds; the number is arbitrary.
pub(super) const LOCK: i64 = 0x7461_696c;

/// A difference between the schema and the program, and the command that helps.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Mismatch {
    #[error("the schema is behind: {0} is not applied; run `tailtown migrate deploy`")]
    Behind(String),
    #[error(
        "the schema no longer supports this program: {name} serves only programs that know step {serves:04}; deploy a newer program"
    )]
    Outgrown { name: String, serves: i32 },
    #[error("{0} was edited after it was applied; restore the file, and make the change in a new migration")]
    Changed(String),
    #[error(
        "{0} was started by another version of the program and is not finished: finish it with that version"
    )]
    Unfinished(String),
    #[error("{later} is applied and {name} is not: give {name} the next free number")]
    OutOfOrder { name: String, later: String },
    #[error("the schema's history cannot be read: {0}")]
    Unreadable(String),
}

/// The state of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Applied {
        at: Timestamp,
    },
    Pending,
    /// A node is applying it.
    Running(Progress),
    /// The node that was applying it has ended.
    Interrupted(Progress),
    Failed {
        at: Timestamp,
        error: String,
        progress: Progress,
    },
    Changed,
    /// Applied by a newer program, and unknown to this one.
    Ahead {
        serves_us: bool,
    },
}

/// The progress of an unfinished step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub statements: i32,
    /// Rows that the next statement, a backfill, has changed.
    pub rows: i64,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applied { at } => write!(f, "applied {at:.0}"),
            Self::Pending => f.write_str("pending: run `tailtown migrate deploy`"),
            Self::Running(progress) => write!(f, "being applied now: {progress}"),
            Self::Interrupted(progress) => {
                write!(f, "interrupted: {progress}; `tailtown migrate deploy` continues from there")
            }
            Self::Failed { at, error, progress } => write!(
                f,
                "failed {at:.0}: {error}: {progress}; once its cause is gone `tailtown migrate deploy` continues from there, \
                 or end it with `tailtown migrate resolve`"
            ),
            Self::Changed => f.write_str("edited after it was applied"),
            Self::Ahead { serves_us: true } => {
                f.write_str("applied by a newer program; this one can serve it")
            }
            Self::Ahead { serves_us: false } => {
                f.write_str("applied by a newer program; this one cannot serve it")
            }
        }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.statements, self.rows) {
            (0, 0) => f.write_str("nothing of it is done"),
            (statements, 0) => write!(f, "its first {statements} statements are done"),
            (statements, rows) => {
                write!(f, "its first {statements} statements and {rows} rows of the next are done")
            }
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

/// A row of `app.migrations`.
pub(super) struct Record {
    pub(super) version: i32,
    pub(super) name: String,
    /// The checksum of the whole file if it is applied, otherwise of the statements that are done.
    pub(super) checksum: String,
    pub(super) applied_at: Option<Timestamp>,
    pub(super) serves: i32,
    failure: Option<(Timestamp, String)>,
    pub(super) progress: Progress,
}

impl Record {
    /// The oldest program, by the last step it knows, that can serve after this step, or after the part of it that is done.
    fn demands(&self) -> i32 {
        let untouched = self.applied_at.is_none() && self.progress == Progress::default();
        if untouched { 0 } else { self.serves }
    }
}

pub(super) async fn connect(owner: &Server) -> anyhow::Result<Client> {
    let mut server = owner.clone();
    server.application_name("tailtown migrate");
    Ok(server.connect().await?)
}

pub(super) async fn create(client: &Client) -> anyhow::Result<()> {
    const WHY: &str = "cannot prepare the schema `app`: the database needs the roles tailtown_owner (may create schemas) and tailtown_app";
    for statement in [
        "create schema if not exists app",
        "create table if not exists app.migrations (version integer not null, name text not null, checksum text not null, \
         statements_done integer not null, applied_at timestamptz, elapsed_ms bigint, \
         constraint migrations_pkey primary key (version))",
        "grant usage on schema app to tailtown_app",
        // In one message, so that a running program can read the history at any moment.
        "revoke all on app.migrations from tailtown_app; grant select on app.migrations to tailtown_app",
    ] {
        client.batch_execute(statement).await.context(WHY)?;
    }
    // Only if needed, because this takes a lock that blocks readers.
    let complete =
        "select from pg_attribute where attrelid = 'app.migrations'::regclass and attname = 'serves'";
    if client.query_opt(complete, &[]).await?.is_none() {
        let more = "alter table app.migrations add column serves integer not null default 0, add column failed_at timestamptz, \
                    add column error text, add column place text[], add column rows_done bigint not null default 0";
        client.batch_execute(more).await.context(WHY)?;
    }
    Ok(())
}

/// The recorded steps; none if the table does not exist.
pub(super) async fn read(client: &Client) -> Result<Vec<Record>, tokio_postgres::Error> {
    // Newer columns are read through JSON, because they are missing until the first deploy adds them.
    let rows = client
        .query(
            "select m.version, m.name, m.checksum, m.applied_at, m.statements_done, coalesce((j->>'serves')::int, 0), \
               (j->>'failed_at')::timestamptz, j->>'error', coalesce((j->>'rows_done')::bigint, 0) \
             from app.migrations m cross join lateral to_jsonb(m) j order by m.version",
            &[],
        )
        .await;
    match rows {
        Ok(rows) => Ok(rows.iter().map(record).collect()),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn record(row: &Row) -> Record {
    let failure: (Option<Timestamp>, Option<String>) = (row.get(6), row.get(7));
    Record {
        version: row.get(0),
        name: row.get(1),
        checksum: row.get(2),
        applied_at: row.get(3),
        serves: row.get(5),
        failure: failure.0.zip(failure.1),
        progress: Progress { statements: row.get(4), rows: row.get(8) },
    }
}

/// The state of each step, known to this program or recorded in the database.
///
/// # Errors
/// When the history cannot be read.
pub async fn status(owner: &Server, migrations: &[Migration]) -> anyhow::Result<Vec<Step>> {
    let client = connect(owner).await?;
    let history = read(&client).await?;
    let running = client
        .query_opt(
            "select from pg_locks where locktype = 'advisory' and granted and classid = 0 and objid::bigint = $1 \
             and database = (select oid from pg_database where datname = current_database())",
            &[&LOCK],
        )
        .await?
        .is_some();
    Ok(steps(&history, migrations, running))
}

pub(super) fn steps(history: &[Record], migrations: &[Migration], running: bool) -> Vec<Step> {
    let unfinished = |record: &Record| match &record.failure {
        Some((at, error)) if !running => {
            State::Failed { at: *at, error: error.clone(), progress: record.progress }
        }
        _ if running => State::Running(record.progress),
        _ => State::Interrupted(record.progress),
    };
    let ours = migrations.iter().map(|migration| {
        let state = match history.iter().find(|record| record.version == migration.version) {
            None => State::Pending,
            Some(record) => match record.applied_at {
                None => unfinished(record),
                Some(_) if record.checksum != migration.checksum() => State::Changed,
                Some(at) => State::Applied { at },
            },
        };
        Step { version: migration.version, name: migration.name.to_string(), state }
    });
    let theirs = history.iter().filter(|record| !knows(migrations, record.version)).map(|record| {
        let state = match record.applied_at {
            None => unfinished(record),
            Some(_) => State::Ahead { serves_us: record.serves <= newest(migrations) },
        };
        Step { version: record.version, name: record.name.clone(), state }
    });
    ours.chain(theirs).collect()
}

fn knows(migrations: &[Migration], version: i32) -> bool {
    migrations.iter().any(|migration| migration.version == version)
}

/// Checks that a program that knows `migrations` can serve: all of them are applied, and newer steps support this program. Needs
/// one query, as the program's own role.
///
/// # Errors
/// The reason why it cannot, and the command that helps.
pub async fn verify(client: &Client, migrations: &[Migration]) -> Result<(), Mismatch> {
    let history = match read(client).await {
        Ok(history) => history,
        // Before the first deploy, the program's role may not read the schema.
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => Vec::new(),
        Err(error) => return Err(Mismatch::Unreadable(error.to_string())),
    };
    must_serve(&history, migrations)?;
    for migration in migrations {
        match history.iter().find(|record| record.version == migration.version) {
            Some(record) if record.applied_at.is_some() => {
                if record.checksum != migration.checksum() {
                    return Err(Mismatch::Changed(migration.name.to_string()));
                }
            }
            _ => return Err(Mismatch::Behind(migration.name.to_string())),
        }
    }
    Ok(())
}

fn must_serve(history: &[Record], migrations: &[Migration]) -> Result<(), Mismatch> {
    let outgrown = history.iter().find(|record| record.demands() > newest(migrations));
    outgrown.map_or(Ok(()), |record| {
        Err(Mismatch::Outgrown { name: record.name.clone(), serves: record.demands() })
    })
}

/// The steps that are not applied yet.
///
/// # Errors
/// When this program cannot deploy to this schema.
pub(super) fn pending<'a>(
    history: &[Record],
    migrations: &'a [Migration],
) -> Result<Vec<&'a Migration>, Mismatch> {
    must_serve(history, migrations)?;
    let mut pending = Vec::new();
    for (step, migration) in steps(history, migrations, false).into_iter().zip(migrations) {
        match step.state {
            State::Applied { .. } => {}
            State::Changed => return Err(Mismatch::Changed(step.name)),
            _ => pending.push(migration),
        }
    }
    for record in history {
        if record.applied_at.is_none() && !knows(migrations, record.version) {
            return Err(Mismatch::Unfinished(record.name.clone()));
        }
        let (later, name) =
            (record.name.clone(), pending.first().map(|migration| migration.name.to_string()));
        if let Some(name) = name
            && record.applied_at.is_some()
            && pending.first().is_some_and(|first| first.version < record.version)
        {
            return Err(Mismatch::OutOfOrder { name, later });
        }
    }
    Ok(pending)
}

/// Records that a step has started, or continues.
pub(super) async fn begin(client: &Client, migration: &Migration, script: &Script<'_>) -> anyhow::Result<()> {
    client
        .execute(
            "insert into app.migrations (version, name, checksum, statements_done, serves) values ($1, $2, '', 0, $3) \
             on conflict (version) do update set name = excluded.name, serves = excluded.serves, failed_at = null, error = null",
            &[&migration.version, &migration.name.as_ref(), &script.serves],
        )
        .await?;
    Ok(())
}

/// Records the number of statements that are done; in the transaction of the statement itself, where there is one.
pub(super) async fn note_statements(
    client: &Client,
    migration: &Migration,
    script: &Script<'_>,
    done: usize,
) -> anyhow::Result<()> {
    client
        .execute(
            "update app.migrations set statements_done = $2, checksum = $3, place = null, rows_done = 0 where version = $1",
            &[&migration.version, &i32::try_from(done)?, &checksum_of_first(script, done)],
        )
        .await?;
    Ok(())
}

pub(super) async fn note_failure(client: &Client, migration: &Migration, error: &str) -> anyhow::Result<()> {
    let note = "update app.migrations set failed_at = clock_timestamp(), error = $2 where version = $1";
    client.execute(note, &[&migration.version, &error]).await?;
    Ok(())
}

pub(super) async fn finish(
    client: &Client,
    migration: &Migration,
    script: &Script<'_>,
    elapsed_ms: i64,
) -> anyhow::Result<()> {
    client
        .execute(
            "update app.migrations set checksum = $2, statements_done = $3, applied_at = clock_timestamp(), elapsed_ms = $4, \
             failed_at = null, error = null, place = null, rows_done = 0 where version = $1",
            &[&migration.version, &migration.checksum(), &i32::try_from(script.statements.len())?, &elapsed_ms],
        )
        .await?;
    Ok(())
}

/// The checksum of the statements that are done. A correction of later statements does not change it.
pub(super) fn checksum_of_first(script: &Script<'_>, done: usize) -> String {
    let done: Vec<_> = script.statements.iter().take(done).map(|statement| statement.text).collect();
    checksum(&done.join(";\n"))
}
