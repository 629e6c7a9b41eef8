//! The migrations: applied once, whole or not at all, and never unlike what the program was built for.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should fail loudly")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use database::embedded::{self, Durability, Embedded, Settings};
use database::migrate::{Applied, Migration, Mismatch, State, deploy, status, verify};
use nix::unistd::User;
use tempfile::TempDir;
use tokio::sync::Mutex;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

/// One server for all tests of this file, stopped by the last.
struct Server {
    embedded: Option<Embedded>,
    _folder: TempDir,
}

impl Server {
    async fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::const_new(Weak::new());
        let mut shared = SHARED.lock().await;
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let folder = tempfile::Builder::new().prefix("tailtown-migrate-").tempdir().unwrap();
        // Root's server runs as another user, who must be able to walk in.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).unwrap();
        let home = folder.path().to_owned();
        let settings = Settings { home, durability: Durability::None, max_connections: 50 };
        let embedded = Some(embedded::start(&settings).await.unwrap());
        let server = Arc::new(Self { embedded, _folder: folder });
        *shared = Arc::downgrade(&server);
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let embedded = self.embedded.take().unwrap();
        let stopped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(embedded.stop()).unwrap();
        });
        let _ = stopped.join();
    }
}

/// An empty database of its own.
struct Database {
    server: Arc<Server>,
    name: String,
}

impl Database {
    async fn empty() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let server = Server::shared().await;
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let embedded = server.embedded.as_ref().unwrap();
        let admin = connect(&admin(embedded)).await;
        admin.batch_execute(&format!("create database {name} owner tailtown_owner")).await.unwrap();
        Self { server, name }
    }

    fn config(&self, user: &str) -> Config {
        self.server.embedded.as_ref().unwrap().config(user, &self.name)
    }

    async fn owner(&self) -> Client {
        connect(&self.config("tailtown_owner")).await
    }

    async fn program(&self) -> Client {
        connect(&self.config("tailtown_app")).await
    }

    async fn deploy(&self, migrations: &[Migration]) -> anyhow::Result<Vec<Applied>> {
        deploy(&self.config("tailtown_owner"), migrations).await
    }

    async fn states(&self, migrations: &[Migration]) -> Vec<State> {
        let steps = status(&self.config("tailtown_owner"), migrations).await.unwrap();
        steps.into_iter().map(|step| step.state).collect()
    }
}

/// The cluster's superuser is named after whoever runs it.
fn admin(embedded: &Embedded) -> Config {
    let owner = fs::metadata(embedded.socket_folder()).unwrap();
    let user = User::from_uid(owner.uid().into()).unwrap();
    embedded.config(&user.unwrap().name, "postgres")
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < Duration::from_secs(20), "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn exists(client: &Client, relation: &str) -> bool {
    client.query_one("select to_regclass($1) is not null", &[&relation]).await.unwrap().get(0)
}

fn names(applied: &[Applied]) -> Vec<&str> {
    applied.iter().map(|step| step.name.as_str()).collect()
}

fn pets() -> Migration {
    Migration::new(
        "0001_pets.sql",
        "create table app.pets (name text);\ninsert into app.pets values ('Rex');",
    )
}

fn toys() -> Migration {
    Migration::new("0002_toys.sql", "create table app.toys (name text);")
}

/// Builds an index without stopping writers, which no transaction may do.
fn index() -> Migration {
    let sql = "-- no transaction\ncreate table app.bowls (name text);\n\
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
    assert!(matches!(database.states(&[pets(), broken]).await[..], [State::Applied { .. }, State::Pending]));

    assert_eq!(names(&database.deploy(&[pets(), toys()]).await.unwrap()), ["0002_toys"]);
    assert!(exists(&owner, "app.toys").await);
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
async fn an_older_program_does_not_deploy_to_a_newer_schema() {
    let database = Database::empty().await;
    database.deploy(&[pets(), toys()]).await.unwrap();
    let error = database.deploy(&[pets()]).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Mismatch::Ahead("0002_toys".into())));
    let states = database.states(&[pets()]).await;
    assert!(matches!(states[..], [State::Applied { .. }, State::Unknown]), "{states:?}");
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
async fn the_programs_role_sees_how_the_schema_differs() {
    let database = Database::empty().await;
    let program = database.program().await;
    let migrations = [pets(), toys()];
    let behind = |name: &str| Err(Mismatch::Behind(name.into()));
    assert_eq!(verify(&program, &migrations).await, behind("0001_pets"));
    database.owner().await.batch_execute("create schema app").await.unwrap();
    assert_eq!(verify(&program, &migrations).await, behind("0001_pets"));

    database.deploy(&migrations[..1]).await.unwrap();
    assert_eq!(verify(&program, &migrations).await, behind("0002_toys"));
    database.deploy(&migrations).await.unwrap();
    assert_eq!(verify(&program, &migrations).await, Ok(()));

    assert_eq!(verify(&program, &migrations[..1]).await, Err(Mismatch::Ahead("0002_toys".into())));
    let edited = [pets(), Migration::new("0002_toys.sql", "create table app.toys ();")];
    assert_eq!(verify(&program, &edited).await, Err(Mismatch::Changed("0002_toys".into())));
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
