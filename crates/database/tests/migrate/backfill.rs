//! Backfills: every row once, whatever stops them, in transactions that hold few rows.

use std::sync::Mutex;

use database::migrate::{Migration, Progress, State, deploy_telling};

use crate::ground::{Database, until};
use crate::names;

/// 1,000 rows over ten tenants, with keys that must be quoted.
fn rows() -> Migration {
    let sql = "create table app.pets (tenant_id uuid not null, name text not null, seen integer not null default 0, of_batch bigint, \
               constraint pets_pkey primary key (tenant_id, name));\n\
               insert into app.pets (tenant_id, name) select ('00000000-0000-7000-8000-00000000000' || n % 10)::uuid, 'O''Rex ' || n \
               from generate_series(1, 1000) n;\n\
               create table app.asked (times integer not null);\n\
               insert into app.asked values (0);\n\
               create function app.invalidate(p_tenant_id uuid default null) returns bigint language sql as 'update app.asked set times = times + 1 returning times';";
    Migration::new("0001_pets.sql", sql)
}

fn backfill() -> Migration {
    let sql = "-- transaction: none\n\
               -- backfill: app.pets p, batch 150, pause 0ms\n\
               update app.pets p set seen = 1 / (case when name = 'O''Rex 645' and (select times from app.asked) < 0 then 0 else 1 end) + seen, \
               of_batch = pg_current_xact_id()::text::bigint where p.seen < 9 and :batch;";
    Migration::new("0002_seen.sql", sql)
}

#[tokio::test]
async fn every_row_is_done_once_though_it_fails_in_the_middle() {
    let database = Database::empty().await;
    let owner = database.owner().await;
    let migrations = [rows(), backfill()];
    database.deploy(&migrations[..1]).await.unwrap();
    owner.batch_execute("update app.asked set times = -5000").await.unwrap();
    let error = format!("{:#}", database.deploy(&migrations).await.unwrap_err());
    assert!(error.contains("division by zero"), "{error}");
    let [_, State::Failed { progress, .. }] = &database.states(&migrations).await[..] else {
        panic!("it failed")
    };
    let Progress { statements: 0, rows } = *progress else { panic!("{progress:?}") };
    let seen = "select count(*) filter (where seen = 1), count(*) filter (where seen > 1) from app.pets";
    let row = owner.query_one(seen, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (rows, 0), "what is noted is what is done");
    assert!(0 < rows && rows < 1000, "{rows}");

    let batches = "select count(distinct of_batch)::integer from app.pets";
    owner.batch_execute(&format!("update app.asked set times = ({batches})")).await.unwrap();
    let said = Mutex::new(Vec::new());
    let tell = |line: &str| said.lock().unwrap().push(line.to_owned());
    let applied = deploy_telling(&database.config("tailtown_owner"), &migrations, &tell).await.unwrap();
    assert_eq!(names(&applied), ["0002_seen"]);
    let row = owner.query_one(seen, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (1000, 0));
    let said = said.into_inner().unwrap();
    assert_eq!(said[0], "to be applied: 0002_seen, 1 statements, each by itself");
    assert!(said.iter().any(|line| line == "  1000 rows, done"), "{said:?}");
    assert!(said.last().unwrap().starts_with("applied 0002_seen in "), "{said:?}");

    let largest = "select max(rows) from (select count(*) as rows from app.pets group by of_batch) batch";
    let largest: i64 = owner.query_one(largest, &[]).await.unwrap().get(0);
    assert!(largest <= 150, "{largest}");
    let asked: i32 = owner.query_one("select times from app.asked", &[]).await.unwrap().get(0);
    let batches: i32 = owner.query_one(batches, &[]).await.unwrap().get(0);
    assert_eq!(asked, batches, "what nodes hold of it is forgotten with every batch");
}

#[tokio::test]
async fn a_row_that_is_held_is_waited_for_without_holding_others() {
    let database = Database::empty().await;
    let (holder, owner) = (database.owner().await, database.owner().await);
    let migrations = [rows(), backfill()];
    database.deploy(&migrations[..1]).await.unwrap();
    holder.batch_execute("begin; update app.pets set seen = 8 where name = 'O''Rex 999'").await.unwrap();
    let config = database.config("tailtown_owner");
    let deploying =
        tokio::spawn(async move { database::migrate::deploy(&config, &[rows(), backfill()]).await });
    let waits = "select from pg_stat_activity where datname = current_database() and application_name = 'tailtown migrate' \
                 and wait_event_type = 'Lock'";
    until("it waits", async || !owner.query(waits, &[]).await.unwrap().is_empty()).await;
    until("it lets go", async || owner.query(waits, &[]).await.unwrap().is_empty()).await;
    holder.batch_execute("commit").await.unwrap();
    assert_eq!(names(&deploying.await.unwrap().unwrap()), ["0002_seen"]);
    let seen: i64 =
        owner.query_one("select count(*) from app.pets where seen in (1, 9)", &[]).await.unwrap().get(0);
    assert_eq!(seen, 1000);
}

#[tokio::test]
async fn a_table_without_a_key_is_refused() {
    let database = Database::empty().await;
    let sql = "-- transaction: none\ncreate table app.toys (name text);\n-- backfill: app.toys\nupdate app.toys set name = '' where :batch;";
    let error = database.deploy(&[Migration::new("0001_toys.sql", sql)]).await.unwrap_err();
    assert!(
        format!("{error:#}").contains("a backfill goes by the primary key, and app.toys has none"),
        "{error:#}"
    );
}
