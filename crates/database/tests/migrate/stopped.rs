//! What stopped midway: it is noted where and why, the same deploy goes on from there, and a person can end it otherwise.

use database::migrate::{Migration, Mismatch, Progress, Resolution, State, resolve, verify};

use crate::ground::{Database, exists, until};
use crate::{index, names, pets, toys};

/// Three statements, each by itself, of which the second is this.
fn by_themselves(second: &str) -> Migration {
    let sql = format!(
        "-- transaction: none\ncreate table app.toys (name text);\n{second};\ninsert into app.toys values ('ball');"
    );
    Migration::new("0002_toys.sql", sql)
}

#[tokio::test]
async fn a_failing_file_leaves_nothing_of_itself_and_goes_on_once_mended() {
    let database = Database::empty().await;
    let broken = Migration::new(
        "0002_toys.sql",
        "-- Toys.\ncreate table app.toys (name text);\n\n-- A mistake.\ninsert into app.toys\nvalues (1, 2);",
    );
    let error = format!("{:#}", database.deploy(&[pets(), broken.clone()]).await.unwrap_err());
    assert!(error.contains("migrations/0002_toys.sql"), "{error}");
    assert!(error.contains("in the statement `insert into app.toys …`"), "{error}");
    assert!(error.contains("INSERT has more expressions than target columns"), "{error}");
    let owner = database.owner().await;
    assert!(exists(&owner, "app.pets").await);
    assert!(!exists(&owner, "app.toys").await);
    let states = database.states(&[pets(), broken]).await;
    let [State::Applied { .. }, State::Failed { error, progress, .. }] = &states[..] else {
        panic!("{states:?}")
    };
    assert!(error.contains("INSERT has more expressions than target columns"), "{error}");
    assert_eq!(*progress, Progress::default());

    assert_eq!(names(&database.deploy(&[pets(), toys()]).await.unwrap()), ["0002_toys"]);
    assert!(exists(&owner, "app.toys").await);
}

#[tokio::test]
async fn an_index_whose_building_failed_midway_is_built_once_its_cause_is_gone() {
    let database = Database::empty().await;
    let owner = database.owner().await;
    let migrations = [pets(), index()];
    database.deploy(&migrations[..1]).await.unwrap();
    owner.batch_execute("insert into app.pets values ('Rex')").await.unwrap();
    let error = format!("{:#}", database.deploy(&migrations).await.unwrap_err());
    assert!(error.contains("create unique index concurrently pets_name_idx"), "{error}");
    assert!(error.contains("could not create unique index"), "{error}");
    assert!(exists(&owner, "app.bowls").await, "what came before it is done");
    let program = database.program().await;
    assert_eq!(verify(&program, &migrations).await, Err(Mismatch::Behind("0002_index".into())));

    owner.batch_execute("delete from app.pets; insert into app.pets values ('Rex')").await.unwrap();
    assert_eq!(names(&database.deploy(&migrations).await.unwrap()), ["0002_index"]);
    let valid = "select indisvalid from pg_index where indexrelid = 'app.pets_name_idx'::regclass";
    assert!(owner.query_one(valid, &[]).await.unwrap().get::<_, bool>(0));
    assert_eq!(verify(&program, &migrations).await, Ok(()));
}

#[tokio::test]
async fn statements_by_themselves_stay_and_the_rest_goes_on_once_mended() {
    let database = Database::empty().await;
    let owner = database.owner().await;
    let broken = [pets(), by_themselves("insert into app.toys values (1 / 0)")];
    let error = format!("{:#}", database.deploy(&broken).await.unwrap_err());
    assert!(
        error.contains("division by zero") && error.contains("`tailtown migrate deploy` continues"),
        "{error}"
    );
    let stands = Progress { statements: 1, rows: 0 };
    assert!(
        matches!(&database.states(&broken).await[1], State::Failed { progress, .. } if *progress == stands)
    );

    let other = [
        pets(),
        Migration::new("0002_toys.sql", "-- transaction: none\ncreate table app.bowls (name text);"),
    ];
    let error = database.deploy(&other).await.unwrap_err().to_string();
    assert!(
        error.contains("the first 1 statements of migrations/0002_toys.sql were done from another text"),
        "{error}"
    );
    assert!(error.contains("`tailtown migrate resolve --rolled-back 2`"), "{error}");

    let mended = [pets(), by_themselves("insert into app.toys values ('rope')")];
    assert_eq!(names(&database.deploy(&mended).await.unwrap()), ["0002_toys"]);
    let toys: i64 = owner.query_one("select count(*) from app.toys", &[]).await.unwrap().get(0);
    assert_eq!(toys, 2);
    assert_eq!(verify(&database.program().await, &mended).await, Ok(()));
}

#[tokio::test]
async fn a_failed_step_is_resolved_by_hand_to_either_side() {
    let database = Database::empty().await;
    let (config, owner) = (database.config("tailtown_owner"), database.owner().await);
    let broken = [pets(), by_themselves("insert into app.toys values (1 / 0)")];
    database.deploy(&broken).await.unwrap_err();
    owner.batch_execute("drop table app.toys").await.unwrap();
    let resolved = async |version, resolution| resolve(&config, &broken, version, resolution).await;
    assert_eq!(resolved(2, Resolution::RolledBack).await.unwrap(), "0002_toys");
    assert_eq!(database.states(&broken).await[1], State::Pending);
    let again = resolved(2, Resolution::RolledBack).await.unwrap_err().to_string();
    assert!(again.contains("step 0002 was not begun"), "{again}");

    database.deploy(&broken).await.unwrap_err();
    assert!(exists(&owner, "app.toys").await, "it began anew");
    let unknown = resolve(&config, &broken[..1], 2, Resolution::Applied).await.unwrap_err().to_string();
    assert!(unknown.contains("this program does not know 0002_toys"), "{unknown}");
    assert_eq!(resolved(2, Resolution::Applied).await.unwrap(), "0002_toys");
    assert!(matches!(database.states(&broken).await[1], State::Applied { .. }));
    assert!(database.deploy(&broken).await.unwrap().is_empty());
    assert_eq!(verify(&database.program().await, &broken).await, Ok(()));
    for resolution in [Resolution::Applied, Resolution::RolledBack] {
        let applied = resolved(2, resolution).await.unwrap_err().to_string();
        assert!(applied.contains("0002_toys is applied: there is nothing to resolve"), "{applied}");
    }
}

#[tokio::test]
async fn nothing_is_resolved_under_a_deploy() {
    let database = Database::empty().await;
    let other = database.owner().await;
    // The number is the runner's own.
    other.query_one("select pg_advisory_lock(x'7461696c'::bigint)", &[]).await.unwrap();
    let config = database.config("tailtown_owner");
    let error = resolve(&config, &[pets()], 1, Resolution::Applied).await.unwrap_err().to_string();
    assert!(error.contains("a deploy is under way"), "{error}");
}

#[tokio::test]
async fn an_index_that_was_built_and_not_noted_is_not_built_again() {
    let database = Database::empty().await;
    let owner = database.owner().await;
    let migrations = [pets(), index()];
    database.deploy(&migrations[..1]).await.unwrap();
    // One that someone made by hand is not taken for it.
    owner.batch_execute("create index pets_name_idx on app.pets (name)").await.unwrap();
    let error = format!("{:#}", database.deploy(&migrations).await.unwrap_err());
    assert!(error.contains("already exists"), "{error}");
    // Having been begun, it is: it is what a deploy leaves that was killed before it could note it.
    assert_eq!(names(&database.deploy(&migrations).await.unwrap()), ["0002_index"]);
}

#[tokio::test]
async fn status_tells_a_deploy_under_way_from_one_that_was_interrupted() {
    let database = Database::empty().await;
    let (config, owner) = (database.config("tailtown_owner"), database.owner().await);
    let migrations = [pets(), by_themselves("alter table app.pets add column age int")];
    database.deploy(&migrations[..1]).await.unwrap();
    let reader = database.owner().await;
    reader.batch_execute("begin; select from app.pets").await.unwrap();
    let slow = migrations.clone();
    let deploying = tokio::spawn(async move { database::migrate::deploy(&config, &slow).await });
    let stands = Progress { statements: 1, rows: 0 };
    until("it is under way", async || database.states(&migrations).await[1] == State::Running(stands)).await;
    deploying.abort();
    until("it is gone", async || database.states(&migrations).await[1] == State::Interrupted(stands)).await;
    reader.batch_execute("commit").await.unwrap();
    assert_eq!(names(&database.deploy(&migrations).await.unwrap()), ["0002_toys"]);
    assert!(exists(&owner, "app.toys").await);
}

/// Nodes that keep answers are told of changed rows in the transaction that changes them: whoever kills the deploy in between
/// leaves neither, so nobody serves what was there before.
#[tokio::test]
async fn rows_change_in_the_transaction_that_says_so() {
    let database = Database::empty().await;
    let owner = database.owner().await;
    let before = Migration::new(
        "0001_pets.sql",
        "create table app.pets (name text primary key);\n\
         insert into app.pets values ('Rex');\n\
         create table app.asked (times integer not null);\n\
         insert into app.asked values (0);\n\
         create function app.invalidate(p_tenant_id uuid default null) returns bigint language sql as \
         'update app.asked set times = times + 1 returning times';",
    );
    let together = Migration::new("0002_loud.sql", "update app.pets set name = upper(name);");
    let alone =
        Migration::new("0003_soft.sql", "-- transaction: none\nupdate app.pets set name = lower(name);");
    let no_rows = Migration::new("0004_toys.sql", "create table app.toys (name text);");
    let migrations = [before, together, alone, no_rows];
    for (count, times) in [(2, 2), (3, 3), (4, 3)] {
        database.deploy(&migrations[..count]).await.unwrap();
        let row = "select p.xmin::text, a.xmin::text, a.times from app.pets p, app.asked a";
        let row = owner.query_one(row, &[]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), row.get::<_, String>(1), "after {count} steps");
        assert_eq!(row.get::<_, i32>(2), times, "after {count} steps");
    }
}

/// A backfill says so with every batch: one that is killed half-way has told of the rows that it changed.
#[tokio::test]
async fn every_batch_of_a_backfill_says_that_rows_changed() {
    let database = Database::empty().await;
    let owner = database.owner().await;
    let before = Migration::new(
        "0001_pets.sql",
        "create table app.pets (id integer primary key, name text not null);\n\
         insert into app.pets select id, 'Rex' from generate_series(1, 3) id;\n\
         create table app.asked (writer xid8 not null);\n\
         create function app.invalidate(p_tenant_id uuid default null) returns bigint language sql as \
         'insert into app.asked values (pg_current_xact_id()) returning 1::bigint';",
    );
    let backfill = Migration::new(
        "0002_loud.sql",
        "-- transaction: none\n\
         -- backfill: app.pets p, batch 1, pause 1ms\n\
         update app.pets p set name = upper(name) where :batch;",
    );
    database.deploy(&[before, backfill]).await.unwrap();
    let silent = "select count(*) from app.pets p where name <> 'REX' \
                  or not exists (select from app.asked a where a.writer::xid = p.xmin)";
    assert_eq!(owner.query_one(silent, &[]).await.unwrap().get::<_, i64>(0), 0);
}
