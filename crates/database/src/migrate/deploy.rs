//! Applies pending migrations. It announces what it will do, does not block requests while it waits for locks, records its
//! progress, and continues from there when it is run again.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::time::sleep;

use super::backfill;
use super::deployment::{
    Deployment, PROGRESS_INTERVAL, in_transaction, invalidate, lock_timeout, pause_if_locked,
};
use super::history::{self, LOCK, Record};
use super::migration::{Migration, PROGRAM, must_be_in_order};
use super::script::{Kind, Outside, Script, Statement};
use crate::connect::Server;

/// A step that this deploy has applied.
#[derive(Clone, Debug)]
pub struct Applied {
    pub name: String,
    pub elapsed: Duration,
}

/// The longest time to wait for another node that is deploying.
const OTHER_NODE: Duration = Duration::from_secs(600);

/// The number of times that connected programs are looked for. During a request, a connection has another `application_name`, so
/// one look may miss a program.
const LOOKS: u32 = 10;

/// Applies pending migrations, and logs the progress.
///
/// # Errors
/// As [`deploy_telling`].
pub async fn deploy(owner: &Server, migrations: &[Migration]) -> anyhow::Result<Vec<Applied>> {
    deploy_telling(owner, migrations, &|line| tracing::info!("{line}")).await
}

/// Applies pending migrations, and passes progress messages to `tell`. Each file is one transaction, unless it contains `--
/// transaction: none`; then its completed statements and batches are recorded, and the next deploy continues after them.
///
/// # Errors
/// When a file fails, which is recorded; when one was edited after it was applied; when a connected program does not support a
/// step; or when the schema no longer supports this program.
pub async fn deploy_telling(
    owner: &Server,
    migrations: &[Migration],
    tell: &(dyn Fn(&str) + Sync),
) -> anyhow::Result<Vec<Applied>> {
    must_be_in_order(migrations)?;
    let client = history::connect(owner).await?;
    let deployment = Deployment { client: &client, owner, tell };
    wait_for_turn(&deployment).await?;
    let result = deploy_alone(&deployment, migrations).await;
    // The lock ends with the connection.
    drop(client);
    result
}

async fn deploy_alone(deployment: &Deployment<'_>, migrations: &[Migration]) -> anyhow::Result<Vec<Applied>> {
    for setting in [
        "set citus.enable_unsafe_triggers = on",
        "set citus.enable_local_reference_table_foreign_keys = off",
        "set citus.multi_shard_modify_mode = 'sequential'",
        &lock_timeout(),
        "set statement_timeout = 0",
        "set client_min_messages = warning",
        // If this deploy is killed, the server notices within a second and releases its locks.
        "set client_connection_check_interval = '1s'",
        // Build an index on one processor, and leave the others to requests.
        "set max_parallel_maintenance_workers = 0",
    ] {
        deployment.client.batch_execute(setting).await?;
    }
    history::create(deployment.client).await?;
    let history = history::read(deployment.client).await?;
    let mut steps = Vec::new();
    for migration in history::pending(&history, migrations)? {
        let script = Script::read(&migration.sql).with_context(|| file(migration))?;
        let done = done(&history, migration, &script)?;
        announce(deployment, migration, &script, done);
        steps.push((migration, script, done));
    }
    let mut applied = Vec::new();
    for (migration, script, done) in steps {
        must_support_programs(deployment, migration, &script).await?;
        let start = Instant::now();
        history::begin(deployment.client, migration, &script).await?;
        if let Err(error) = apply(deployment, migration, &script, done, start).await {
            // If the connection was cut, this fails, too; the status then shows the step as interrupted.
            let _ = history::note_failure(deployment.client, migration, &format!("{error:#}")).await;
            return Err(error.context(what_remains(&script))).with_context(|| file(migration));
        }
        let elapsed = start.elapsed();
        (deployment.tell)(&format!("applied {} in {:.1} s", migration.name, elapsed.as_secs_f64()));
        applied.push(Applied { name: migration.name.to_string(), elapsed });
    }
    Ok(applied)
}

fn file(migration: &Migration) -> String {
    format!("migrations/{}.sql", migration.name)
}

fn what_remains(script: &Script<'_>) -> &'static str {
    if script.in_one_transaction {
        "nothing of it remains; once its cause is gone, `tailtown migrate deploy` starts it again"
    } else {
        "completed statements stay (see `tailtown migrate status`); once its cause is gone, `tailtown migrate deploy` continues \
         from there; or finish or undo it by hand and record that with `tailtown migrate resolve`"
    }
}

/// The number of statements of a step that are already done.
fn done(history: &[Record], migration: &Migration, script: &Script<'_>) -> anyhow::Result<usize> {
    let Some(record) = history.iter().find(|record| record.version == migration.version) else {
        return Ok(0);
    };
    let done = usize::try_from(record.progress.statements)?;
    let same = done <= script.statements.len()
        && (done == 0 || record.checksum == history::checksum_of_first(script, done));
    ensure!(
        same,
        "the first {done} statements of {} were done from another text: restore that text, or undo them by hand and run \
         `tailtown migrate resolve --rolled-back {}`",
        file(migration),
        migration.version
    );
    Ok(done)
}

fn announce(deployment: &Deployment<'_>, migration: &Migration, script: &Script<'_>, done: usize) {
    let (name, count) = (&migration.name, script.statements.len());
    if script.in_one_transaction {
        return (deployment.tell)(&format!("to be applied: {name}, {count} statements in one transaction"));
    }
    (deployment.tell)(&format!("to be applied: {name}, {count} statements, each by itself"));
    for (number, statement) in (1..).zip(&script.statements) {
        let so_far = if number <= done { "done already: " } else { "" };
        (deployment.tell)(&format!("  {number}/{count} {so_far}{}", statement.brief()));
    }
}

/// Waits until no other node is deploying. It asks repeatedly instead of waiting inside a statement: a waiting statement holds a
/// snapshot, for which the other node's `create index concurrently` would wait forever.
async fn wait_for_turn(deployment: &Deployment<'_>) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut told = false;
    loop {
        if deployment.client.query_one("select pg_try_advisory_lock($1)", &[&LOCK]).await?.get(0) {
            return Ok(());
        }
        ensure!(
            start.elapsed() < OTHER_NODE,
            "another node has been deploying migrations for ten minutes: check that node"
        );
        if !told {
            (deployment.tell)("another node is deploying migrations: waiting for it");
            told = true;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Refuses a step with `-- serves:` while a program that is older than that is connected.
async fn must_support_programs(
    deployment: &Deployment<'_>,
    migration: &Migration,
    script: &Script<'_>,
) -> anyhow::Result<()> {
    if script.serves == 0 {
        return Ok(());
    }
    for look in 0..LOOKS {
        if look > 0 {
            sleep(Duration::from_millis(100)).await;
        }
        let names =
            "select distinct application_name from pg_stat_activity where datname = current_database()";
        for row in deployment.client.query(names, &[]).await? {
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
    deployment: &Deployment<'_>,
    migration: &Migration,
    script: &Script<'_>,
    done: usize,
    start: Instant,
) -> anyhow::Result<()> {
    if script.in_one_transaction {
        let mut attempt = 1;
        while let Err(error) = apply_whole(deployment, migration, script, start).await {
            pause_if_locked(deployment, migration, attempt, error).await?;
            attempt += 1;
        }
        return Ok(());
    }
    for (number, statement) in (1..).zip(&script.statements).skip(done) {
        let count = script.statements.len();
        (deployment.tell)(&format!("{} {number}/{count}: {}", migration.name, statement.brief()));
        let done = apply_one(deployment, migration, script, statement, number).await;
        done.with_context(|| format!("in the statement {statement}"))?;
    }
    history::finish(deployment.client, migration, script, milliseconds(start)?).await
}

fn milliseconds(since: Instant) -> anyhow::Result<i64> {
    Ok(i64::try_from(since.elapsed().as_millis())?)
}

async fn apply_whole(
    deployment: &Deployment<'_>,
    migration: &Migration,
    script: &Script<'_>,
    start: Instant,
) -> anyhow::Result<()> {
    in_transaction(deployment.client, async || {
        for statement in &script.statements {
            let done = deployment.client.batch_execute(statement.text).await;
            done.with_context(|| format!("in the statement {statement}"))?;
        }
        // In the same transaction as the change, so that both happen or neither does.
        if script.statements.iter().any(changes_rows) {
            invalidate(deployment.client).await?;
        }
        history::finish(deployment.client, migration, script, milliseconds(start)?).await
    })
    .await
}

async fn apply_one(
    deployment: &Deployment<'_>,
    migration: &Migration,
    script: &Script<'_>,
    statement: &Statement<'_>,
    number: usize,
) -> anyhow::Result<()> {
    let mut attempt = 1;
    match &statement.kind {
        Kind::Plain => {
            while let Err(error) = apply_plain(deployment, migration, script, statement, number).await {
                pause_if_locked(deployment, migration, attempt, error).await?;
                attempt += 1;
            }
            return Ok(());
        }
        Kind::Outside(outside) => {
            while let Err(error) = apply_outside(deployment, migration, outside, statement.text).await {
                pause_if_locked(deployment, migration, attempt, error).await?;
                attempt += 1;
            }
        }
        Kind::Backfill(backfill) => backfill::run(deployment, migration, backfill, statement.text).await?,
    }
    history::note_statements(deployment.client, migration, script, number).await
}

async fn apply_plain(
    deployment: &Deployment<'_>,
    migration: &Migration,
    script: &Script<'_>,
    statement: &Statement<'_>,
    number: usize,
) -> anyhow::Result<()> {
    in_transaction(deployment.client, async || {
        deployment.client.batch_execute(statement.text).await?;
        if changes_rows(statement) {
            invalidate(deployment.client).await?;
        }
        history::note_statements(deployment.client, migration, script, number).await
    })
    .await
}

/// Runs a statement that cannot be in a transaction. An earlier deploy may have started it, or completed it without recording
/// that.
async fn apply_outside(
    deployment: &Deployment<'_>,
    migration: &Migration,
    outside: &Outside,
    statement: &str,
) -> anyhow::Result<()> {
    let begun = "select place is not null from app.migrations where version = $1";
    let begun: bool = deployment.client.query_one(begun, &[&migration.version]).await?.get(0);
    let is_valid = async |index: &str| {
        let found = "select i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid \
                     join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'app' and c.relname = $1";
        let found = deployment.client.query_opt(found, &[&index]).await?;
        anyhow::Ok(found.map(|row| row.get::<_, bool>(0)))
    };
    match outside {
        Outside::Builds(index) => match is_valid(index).await? {
            Some(true) if begun => return Ok(()),
            // An invalid index remains from a build that failed or was killed. Build it again.
            Some(false) => {
                (deployment.tell)(&format!("  dropping the incomplete index {index}, to build it again"));
                without_lock_timeout(deployment, &format!("drop index concurrently app.\"{index}\"")).await?;
            }
            _ => {}
        },
        Outside::Drops(index) if begun && is_valid(index).await?.is_none() => return Ok(()),
        Outside::Drops(_) | Outside::Other => {}
    }
    let mark = "update app.migrations set place = '{begun}' where version = $1";
    deployment.client.execute(mark, &[&migration.version]).await?;
    tokio::select! {
        done = without_lock_timeout(deployment, statement) => done,
        error = watch(deployment) => Err(error),
    }
}

/// Runs a statement without the limit on lock waits: it waits for old transactions, and no other statement queues behind it.
async fn without_lock_timeout(deployment: &Deployment<'_>, statement: &str) -> anyhow::Result<()> {
    deployment.client.batch_execute("set lock_timeout = 0").await?;
    let done = deployment.client.batch_execute(statement).await;
    deployment.client.batch_execute(&lock_timeout()).await?;
    Ok(done?)
}

/// Reports the progress of an index build, from a second connection. Ends only with an error.
async fn watch(deployment: &Deployment<'_>) -> anyhow::Error {
    let watch = async {
        sleep(PROGRESS_INTERVAL).await;
        let second = history::connect(deployment.owner).await?;
        let progress = "select phase, case when blocks_total > 0 then blocks_done * 100 / blocks_total end \
                        from pg_stat_progress_create_index where datname = current_database()";
        let mut told = String::new();
        loop {
            if let Some(row) = second.query_opt(progress, &[]).await? {
                let percent = row.get::<_, Option<i64>>(1).map(|percent| format!(", {percent} %"));
                let line = format!("  {}{}", row.get::<_, &str>(0), percent.unwrap_or_default());
                if line != told {
                    (deployment.tell)(&line);
                    told = line;
                }
            }
            sleep(PROGRESS_INTERVAL).await;
        }
    };
    let ended: anyhow::Result<std::convert::Infallible> = watch.await;
    match ended {
        Err(error) => error.context("cannot read the progress of the index build"),
        Ok(never) => match never {},
    }
}

/// Whether this statement may change rows on which cached answers depend. Functions and `do` blocks are assumed to.
fn changes_rows(statement: &Statement<'_>) -> bool {
    const WORDS: [&str; 10] =
        ["update", "delete", "insert", "merge", "with", "truncate", "copy", "do", "call", "select"];
    let text = statement.brief();
    let word = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    WORDS.iter().any(|changing| word.eq_ignore_ascii_case(changing))
}
