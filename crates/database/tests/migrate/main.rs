//! The migrations: applied once, whole or not at all, noted where they stop, and such that older programs go on serving.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should fail loudly")]

mod backfill;
mod ground;
mod stopped;
mod versions;

use database::migrate::{Applied, Migration, Mismatch, State, deploy, verify};
use tokio_postgres::error::SqlState;

use crate::ground::{Database, exists, until};

pub(crate) fn names(applied: &[Applied]) -> Vec<&str> {
    applied.iter().map(|step| step.name.as_str()).collect()
}

pub(crate) fn pets() -> Migration {
    Migration::new(
        "0001_pets.sql",
        "create table app.pets (name text);\ninsert into app.pets values ('Rex');",
    )
}

pub(crate) fn toys() -> Migration {
    Migration::new("0002_toys.sql", "create table app.toys (name text);")
}

/// Builds an index without stopping writers, which no transaction may do.
fn index() -> Migration {
    let sql = "-- transaction: none\ncreate table app.bowls (name text);\n\
               create unique index concurrently pets_name_idx on app.pets (name);";
    Migration::new("0002_index.sql", sql)
}

#[tokio::test]
async fn what_is_deployed_is_not_deployed_again() {
    let database = Database::empty().await;
    let migrations = [pets(), toys()];
    assert_eq!(database.states(&migrations).await, [State::Pending, State::Pending]);
    assert_eq!(names(&database.deploy(&migrations).await.unwrap()), ["0001_pets", "0002_toys"]);
    let before = database.states(&migrations).await;
    assert!(before.iter().all(|state| matches!(state, State::Applied { .. })), "{before:?}");

    assert!(database.deploy(&migrations).await.unwrap().is_empty());
    assert_eq!(database.states(&migrations).await, before);
}

#[tokio::test]
async fn of_two_nodes_that_deploy_at_once_each_step_is_done_by_one() {
    let database = Database::empty().await;
    let migrations = [pets(), index()];
    let (one, other) = tokio::join!(database.deploy(&migrations), database.deploy(&migrations));
    let mut applied = one.unwrap();
    applied.extend(other.unwrap());
    assert_eq!(names(&applied), ["0001_pets", "0002_index"]);
    let pets = database.owner().await.query("select from app.pets", &[]).await.unwrap();
    assert_eq!(pets.len(), 1);
}

#[tokio::test]
async fn a_node_waits_while_another_deploys() {
    let database = Database::empty().await;
    let other = database.owner().await;
    let config = database.config("tailtown_owner");
    // The number is the runner's own.
    other.query_one("select pg_advisory_lock(x'7461696c'::bigint)", &[]).await.unwrap();
    let waiting = tokio::spawn(async move { deploy(&config, &[pets()]).await });
    let asked = "select from pg_stat_activity where datname = current_database() and application_name = 'tailtown migrate' \
                 and query like '%pg_try_advisory_lock%'";
    until("it asked for its turn", async || !other.query(asked, &[]).await.unwrap().is_empty()).await;
    assert!(!exists(&other, "app.pets").await);
    drop(other);
    assert_eq!(waiting.await.unwrap().unwrap().len(), 1);
}

#[tokio::test]
async fn an_edited_file_stops_the_deploy_before_what_follows_it() {
    let database = Database::empty().await;
    database.deploy(&[pets()]).await.unwrap();
    let edited = [Migration::new("0001_pets.sql", format!("{} -- once more", pets().sql)), toys()];
    let error = database.deploy(&edited).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Mismatch::Changed("0001_pets".into())));
    assert_eq!(database.states(&edited).await, [State::Changed, State::Pending]);
    assert!(!exists(&database.owner().await, "app.toys").await);
}

#[tokio::test]
async fn a_gap_in_the_numbers_is_refused_before_anything_is_done() {
    let database = Database::empty().await;
    let gap = [pets(), Migration::new("0003_toys.sql", "create table app.toys ();")];
    let error = database.deploy(&gap).await.unwrap_err().to_string();
    assert_eq!(error, "migrations/0003_toys.sql should be number 2");
    assert!(!exists(&database.owner().await, "app.pets").await);
}

#[tokio::test]
async fn a_deploy_with_nothing_to_do_is_not_felt_by_the_running_program() {
    let database = Database::empty().await;
    let migrations = [pets()];
    database.deploy(&migrations).await.unwrap();
    let config = database.config("tailtown_owner");
    let deploys = tokio::spawn(async move {
        for _ in 0..20 {
            assert!(deploy(&config, &[pets()]).await.unwrap().is_empty());
        }
    });
    let program = database.program().await;
    while !deploys.is_finished() {
        assert_eq!(verify(&program, &migrations).await, Ok(()));
    }
    deploys.await.unwrap();
}

#[tokio::test]
async fn the_programs_role_cannot_rewrite_history() {
    let database = Database::empty().await;
    // Rights that a file gives on every table to come do not reach the history.
    let grants = "alter default privileges in schema app grant all on tables to tailtown_app;";
    database.deploy(&[Migration::new("0001_grants.sql", grants), toys()]).await.unwrap();
    let program = database.program().await;
    assert_eq!(program.query("select from app.migrations", &[]).await.unwrap().len(), 2);
    for statement in [
        "insert into app.migrations values (3, 'x', 'x', 0, now(), 0)",
        "update app.migrations set checksum = 'x'",
        "delete from app.migrations",
        "truncate app.migrations",
        "drop table app.migrations",
        "alter table app.migrations add column x int",
        "create table app.mine (id int)",
    ] {
        let error = program.batch_execute(statement).await.unwrap_err();
        assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{statement}: {error}");
    }
}

#[tokio::test]
async fn a_table_in_use_is_waited_for() {
    let database = Database::empty().await;
    database.deploy(&[pets()]).await.unwrap();
    let reader = database.owner().await;
    reader.batch_execute("begin; select from app.pets").await.unwrap();
    let change = Migration::new(
        "0002_age.sql",
        "create table app.ages (years int);\nalter table app.pets add column age int;",
    );
    let (config, migrations) = (database.config("tailtown_owner"), [pets(), change]);
    let deploying = tokio::spawn(async move { deploy(&config, &migrations).await });

    let watcher = database.owner().await;
    let blocked = async || {
        let blocked = "select xact_start::text from pg_stat_activity where datname = current_database() \
                       and application_name = 'tailtown migrate' and wait_event_type = 'Lock'";
        let row = watcher.query_opt(blocked, &[]).await.unwrap();
        row.map(|row| row.get::<_, String>(0))
    };
    until("it waits for the table", async || blocked().await.is_some()).await;
    let first = blocked().await;
    until("it lets others pass and tries again", async || {
        let again = blocked().await;
        again.is_some() && again != first
    })
    .await;
    reader.batch_execute("commit").await.unwrap();
    assert_eq!(names(&deploying.await.unwrap().unwrap()), ["0002_age"]);
}
