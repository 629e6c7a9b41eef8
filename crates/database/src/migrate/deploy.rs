//! Applies what is pending: says what will be done, waits for no lock in anyone's way, notes how far it came, and goes on
//! from there.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::time::sleep;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::history::{self, LOCK, Record};
use super::script::{Kind, Outside, Script, Statement};
use super::{Migration, PROGRAM, backfill, must_be_in_order};
use crate::connect::Server;

/// A step that was just applied.
#[derive(Clone, Debug)]
pub struct Applied {
    pub name: String,
    pub elapsed: Duration,
}

/// How long a statement waits for a lock. Whoever wants the table meanwhile waits behind it, so it is short: then they
/// pass, and it is tried again.
const LOCK_TIMEOUT: &str = "200ms";
const TRIES: u32 = 60;
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// How long to wait for another node that is deploying.
const OTHER_NODE: Duration = Duration::from_secs(600);

/// How often programs that a step would end are looked for: in the midst of a request one goes by another name.
const LOOKS: u32 = 10;

/// How often to say how far a long statement came.
pub(super) const TELL: Duration = Duration::from_secs(2);

/// Where it is done, and who is told.
pub(super) struct Site<'a> {
    pub(super) client: &'a Client,
    owner: &'a Server,
    pub(super) tell: &'a (dyn Fn(&str) + Sync),
}

/// Applies what is pending, and logs it.
///
/// # Errors
/// As [`deploy_telling`].
pub async fn deploy(owner: &Server, migrations: &[Migration]) -> anyhow::Result<Vec<Applied>> {
    deploy_telling(owner, migrations, &|line| tracing::info!("{line}")).await
}

/// Applies what is pending, each file in a transaction unless it says `-- transaction: none`. Of one that does, the
/// statements and the batches that are done are remembered, so that the next deploy goes on after them.
///
/// # Errors
/// When a file fails, which is noted; was edited after it was applied; or would end a program that is connected. Also when
/// the schema has outgrown this program.
pub async fn deploy_telling(
    owner: &Server,
    migrations: &[Migration],
    tell: &(dyn Fn(&str) + Sync),
) -> anyhow::Result<Vec<Applied>> {
    must_be_in_order(migrations)?;
    let client = history::connect(owner).await?;
    let site = Site { client: &client, owner, tell };
    wait_for_turn(&site).await?;
    let result = deploy_alone(&site, migrations).await;
    // The lock ends with the connection.
    drop(client);
    result
}

async fn deploy_alone(site: &Site<'_>, migrations: &[Migration]) -> anyhow::Result<Vec<Applied>> {
    for setting in [
        "set citus.enable_unsafe_triggers = on",
        "set citus.enable_local_reference_table_foreign_keys = off",
        "set citus.multi_shard_modify_mode = 'sequential'",
        &lock_timeout(),
        "set statement_timeout = 0",
        "set client_min_messages = warning",
        // The server notices within a second that a deploy was killed, and lets go of its locks.
        "set client_connection_check_interval = '1s'",
        // One processor for an index, the others for those who wait for answers.
        "set max_parallel_maintenance_workers = 0",
    ] {
        site.client.batch_execute(setting).await?;
    }
    history::create(site.client).await?;
    let history = history::read(site.client).await?;
    let mut steps = Vec::new();
    for migration in history::pending(&history, migrations)? {
        let script = Script::read(&migration.sql).with_context(|| file(migration))?;
        let done = done(&history, migration, &script)?;
        announce(site, migration, &script, done);
        steps.push((migration, script, done));
    }
    let mut applied = Vec::new();
    for (migration, script, done) in steps {
        must_spare(site, migration, &script).await?;
        let start = Instant::now();
        history::begin(site.client, migration, &script).await?;
        if let Err(error) = apply(site, migration, &script, done, start).await {
            // Whoever ended the connection ended this note, too: then it says that it was interrupted.
            let _ = history::note_failure(site.client, migration, &format!("{error:#}")).await;
            return Err(error.context(what_remains(&script))).with_context(|| file(migration));
        }
        let elapsed = start.elapsed();
        (site.tell)(&format!("applied {} in {:.1} s", migration.name, elapsed.as_secs_f64()));
        applied.push(Applied { name: migration.name.to_string(), elapsed });
    }
    Ok(applied)
}

fn file(migration: &Migration) -> String {
    format!("migrations/{}.sql", migration.name)
}

fn what_remains(script: &Script<'_>) -> &'static str {
    if script.in_one_transaction {
        "nothing of it remains; once its cause is gone, `tailtown migrate deploy` begins it again"
    } else {
        "what it did before stays (see `tailtown migrate status`); once its cause is gone, `tailtown migrate deploy` goes on \
         from there; to end it otherwise, finish or undo it by hand and say so with `tailtown migrate resolve`"
    }
}

/// How many statements of a step are done already.
fn done(history: &[Record], migration: &Migration, script: &Script<'_>) -> anyhow::Result<usize> {
    let Some(record) = history.iter().find(|record| record.version == migration.version) else {
        return Ok(0);
    };
    let done = usize::try_from(record.progress.statements)?;
    let same = done <= script.statements.len()
        && (done == 0 || record.checksum == history::checksum_of_first(script, done));
    ensure!(
        same,
        "the first {done} statements of {} were done from another text: restore them, or undo them by hand and run \
         `tailtown migrate resolve --rolled-back {}`",
        file(migration),
        migration.version
    );
    Ok(done)
}

fn announce(site: &Site<'_>, migration: &Migration, script: &Script<'_>, done: usize) {
    let (name, count) = (&migration.name, script.statements.len());
    if script.in_one_transaction {
        return (site.tell)(&format!("to be applied: {name}, {count} statements in one transaction"));
    }
    (site.tell)(&format!("to be applied: {name}, {count} statements, each by itself"));
    for (number, statement) in (1..).zip(&script.statements) {
        let so_far = if number <= done { "done already: " } else { "" };
        (site.tell)(&format!("  {number}/{count} {so_far}{}", statement.brief()));
    }
}

/// Asks again and again instead of waiting inside a statement: a waiting statement holds a snapshot, and the other node's
/// `create index concurrently` would wait for that for ever.
async fn wait_for_turn(site: &Site<'_>) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut told = false;
    loop {
        if site.client.query_one("select pg_try_advisory_lock($1)", &[&LOCK]).await?.get(0) {
            return Ok(());
        }
        ensure!(
            start.elapsed() < OTHER_NODE,
            "another node has been deploying migrations for ten minutes: look there"
        );
        if !told {
            (site.tell)("another node is deploying migrations: waiting for it");
            told = true;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// A step that says whom it serves is not applied under a program that it does not.
async fn must_spare(site: &Site<'_>, migration: &Migration, script: &Script<'_>) -> anyhow::Result<()> {
    if script.serves == 0 {
        return Ok(());
    }
    for look in 0..LOOKS {
        if look > 0 {
            sleep(Duration::from_millis(100)).await;
        }
        let names =
            "select distinct application_name from pg_stat_activity where datname = current_database()";
        for row in site.client.query(names, &[]).await? {
            let program = row.get::<_, Option<&str>>(0).and_then(|name| name.strip_prefix(PROGRAM));
            let Some(knows) = program.and_then(|knows| knows.parse::<i32>().ok()) else { continue };
            if knows < script.serves {
                bail!(
                    "{} serves only programs that know step {:04}, and one that knows {knows:04} is connected: bring every node to a \
                     newer program, then deploy again",
                    file(migration),
                    script.serves
                );
            }
        }
    }
    Ok(())
}

async fn apply(
    site: &Site<'_>,
    migration: &Migration,
    script: &Script<'_>,
    done: usize,
    start: Instant,
) -> anyhow::Result<()> {
    if script.in_one_transaction {
        let mut attempt = 1;
        while let Err(error) = apply_whole(site, migration, script, start).await {
            let_pass(site, migration, attempt, error).await?;
            attempt += 1;
        }
        return Ok(());
    }
    for (number, statement) in (1..).zip(&script.statements).skip(done) {
        let count = script.statements.len();
        (site.tell)(&format!("{} {number}/{count}: {}", migration.name, statement.brief()));
        let done = apply_one(site, migration, script, statement, number).await;
        done.with_context(|| format!("in the statement {statement}"))?;
    }
    history::finish(site.client, migration, script, milliseconds(start)?).await
}

fn milliseconds(since: Instant) -> anyhow::Result<i64> {
    Ok(i64::try_from(since.elapsed().as_millis())?)
}

async fn apply_whole(
    site: &Site<'_>,
    migration: &Migration,
    script: &Script<'_>,
    start: Instant,
) -> anyhow::Result<()> {
    in_transaction(site.client, async || {
        for statement in &script.statements {
            let done = site.client.batch_execute(statement.text).await;
            done.with_context(|| format!("in the statement {statement}"))?;
        }
        // Together with the change: whoever is killed in between leaves neither.
        if script.statements.iter().any(changes_rows) {
            invalidate(site.client).await?;
        }
        history::finish(site.client, migration, script, milliseconds(start)?).await
    })
    .await
}

async fn apply_one(
    site: &Site<'_>,
    migration: &Migration,
    script: &Script<'_>,
    statement: &Statement<'_>,
    number: usize,
) -> anyhow::Result<()> {
    let mut attempt = 1;
    match &statement.kind {
        Kind::Plain => {
            while let Err(error) = apply_plain(site, migration, script, statement, number).await {
                let_pass(site, migration, attempt, error).await?;
                attempt += 1;
            }
            return Ok(());
        }
        Kind::Outside(outside) => {
            while let Err(error) = apply_outside(site, migration, outside, statement.text).await {
                let_pass(site, migration, attempt, error).await?;
                attempt += 1;
            }
        }
        Kind::Backfill(backfill) => backfill::run(site, migration, backfill, statement.text).await?,
    }
    history::note_statements(site.client, migration, script, number).await
}

async fn apply_plain(
    site: &Site<'_>,
    migration: &Migration,
    script: &Script<'_>,
    statement: &Statement<'_>,
    number: usize,
) -> anyhow::Result<()> {
    in_transaction(site.client, async || {
        site.client.batch_execute(statement.text).await?;
        if changes_rows(statement) {
            invalidate(site.client).await?;
        }
        history::note_statements(site.client, migration, script, number).await
    })
    .await
}

pub(super) async fn in_transaction(
    client: &Client,
    work: impl AsyncFnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    client.batch_execute("begin").await?;
    let result = async {
        work().await?;
        client.batch_execute("commit").await.map_err(anyhow::Error::from)
    };
    let result = result.await;
    if result.is_err() {
        client.batch_execute("rollback").await?;
    }
    result
}

/// Goes back to whoever is in the way of a lock, for a moment; any other error ends it.
pub(super) async fn let_pass(
    site: &Site<'_>,
    migration: &Migration,
    attempt: u32,
    error: anyhow::Error,
) -> anyhow::Result<()> {
    let state = error.downcast_ref::<tokio_postgres::Error>().and_then(tokio_postgres::Error::code);
    let in_the_way = matches!(state, Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::T_R_DEADLOCK_DETECTED));
    if !in_the_way {
        return Err(error);
    }
    if attempt == TRIES {
        return Err(error.context(
            "someone kept a lock all the time: look for old transactions in pg_stat_activity, end them, and deploy again",
        ));
    }
    tracing::warn!(migration = %migration.name, attempt, of = TRIES, "a lock is in the way: letting requests pass");
    if attempt == 1 {
        (site.tell)(&format!(
            "{}: a lock is in the way: letting requests pass, then trying again",
            migration.name
        ));
    }
    sleep((Duration::from_millis(100) * attempt).min(LONGEST_PAUSE)).await;
    Ok(())
}

fn lock_timeout() -> String {
    format!("set lock_timeout = '{LOCK_TIMEOUT}'")
}

/// A statement that may have been begun before, and done without its having been noted.
async fn apply_outside(
    site: &Site<'_>,
    migration: &Migration,
    outside: &Outside,
    statement: &str,
) -> anyhow::Result<()> {
    let begun = "select place is not null from app.migrations where version = $1";
    let begun: bool = site.client.query_one(begun, &[&migration.version]).await?.get(0);
    let is_valid = async |index: &str| {
        let found = "select i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid \
                     join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'app' and c.relname = $1";
        let found = site.client.query_opt(found, &[&index]).await?;
        anyhow::Ok(found.map(|row| row.get::<_, bool>(0)))
    };
    match outside {
        Outside::Builds(index) => match is_valid(index).await? {
            Some(true) if begun => return Ok(()),
            // What is left of a build that failed or was killed; it would be taken for the index.
            Some(false) => {
                (site.tell)(&format!("  dropping what is left of {index}, to build it again"));
                unhurried(site, &format!("drop index concurrently app.\"{index}\"")).await?;
            }
            _ => {}
        },
        Outside::Drops(index) if begun && is_valid(index).await?.is_none() => return Ok(()),
        Outside::Drops(_) | Outside::Other => {}
    }
    let mark = "update app.migrations set place = '{begun}' where version = $1";
    site.client.execute(mark, &[&migration.version]).await?;
    tokio::select! {
        done = unhurried(site, statement) => done,
        error = watch(site) => Err(error),
    }
}

/// Without the limit on waiting: such a statement waits for old transactions, and nobody waits behind it.
async fn unhurried(site: &Site<'_>, statement: &str) -> anyhow::Result<()> {
    site.client.batch_execute("set lock_timeout = 0").await?;
    let done = site.client.batch_execute(statement).await;
    site.client.batch_execute(&lock_timeout()).await?;
    Ok(done?)
}

/// Says how far an index is, from a connection beside, and ends only when it cannot.
async fn watch(site: &Site<'_>) -> anyhow::Error {
    let watch = async {
        sleep(TELL).await;
        let beside = history::connect(site.owner).await?;
        let progress = "select phase, case when blocks_total > 0 then blocks_done * 100 / blocks_total end \
                        from pg_stat_progress_create_index where datname = current_database()";
        let mut told = String::new();
        loop {
            if let Some(row) = beside.query_opt(progress, &[]).await? {
                let percent = row.get::<_, Option<i64>>(1).map(|percent| format!(", {percent} %"));
                let line = format!("  {}{}", row.get::<_, &str>(0), percent.unwrap_or_default());
                if line != told {
                    (site.tell)(&line);
                    told = line;
                }
            }
            sleep(TELL).await;
        }
    };
    let ended: anyhow::Result<std::convert::Infallible> = watch.await;
    match ended {
        Err(error) => error.context("cannot watch the index being built"),
        Ok(never) => match never {},
    }
}

/// Whether rows that the program keeps answers of may be others after this statement; of a function or a block it is assumed.
fn changes_rows(statement: &Statement<'_>) -> bool {
    const WORDS: [&str; 10] =
        ["update", "delete", "insert", "merge", "with", "truncate", "copy", "do", "call", "select"];
    let text = statement.brief();
    let word = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    WORDS.iter().any(|changing| word.eq_ignore_ascii_case(changing))
}

/// Rows that were changed past the program are in no node's cache two seconds after the transaction that this belongs to.
pub(super) async fn invalidate(client: &Client) -> anyhow::Result<()> {
    let there = "select to_regprocedure('app.invalidate(uuid)') is not null";
    if client.query_one(there, &[]).await?.get::<_, bool>(0) {
        client.execute("select app.invalidate()", &[]).await?;
    }
    Ok(())
}
