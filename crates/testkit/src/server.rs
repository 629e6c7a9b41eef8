//! A database per test, copied from a template that is migrated once.

use database::connect::Server;
use database::migrate;
use database::migrate::Migration;
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, Config};

/// The environment variable with the socket folder of the tests' PostgreSQL.
pub const SERVER: &str = "TESTKIT_SERVER";

/// A database that is deleted when this value is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    pub name: String,
}

impl TestDatabase {
    /// Creates an empty database.
    pub async fn empty() -> Self {
        let name = fresh_name();
        let admin = connect(&config("postgres", "postgres")).await;
        roles(&admin).await;
        admin.batch_execute(&format!("create database {name} owner tailtown_owner")).await.unwrap();
        Self { name }
    }

    /// Creates a database with the whole schema.
    pub async fn migrated() -> Self {
        let template = template().await;
        let name = fresh_name();
        let admin = connect(&config("postgres", "postgres")).await;
        admin
            .batch_execute(&format!("create database {name} owner tailtown_owner template {template}"))
            .await
            .unwrap();
        Self { name }
    }

    pub fn config(&self, user: &str) -> Server {
        config(user, &self.name)
    }

    /// A connection as `user`.
    pub async fn connect(&self, user: &str) -> Client {
        connect(&self.config(user)).await
    }

    /// The value for `DATABASE_URL`.
    pub fn url(&self, user: &str) -> String {
        format!("postgresql://{user}@/{}?host={}", self.name, socket().replace('/', "%2F"))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let name = self.name.clone();
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let admin = connect(&config("postgres", "postgres")).await;
                admin.batch_execute(&format!("drop database {name} with (force)")).await
            })
        });
        let _ = dropped.join();
    }
}

async fn template() -> String {
    let migrations = tailtown::app::migrations();
    let name = format!("template_{}", fingerprint(&migrations));
    let admin = connect(&config("postgres", "postgres")).await;
    // Only one test creates it, while the others wait.
    admin.batch_execute("select pg_advisory_lock(1)").await.unwrap();
    let made = admin
        .query_opt("select from pg_database where datname = $1 and datistemplate", &[&name])
        .await
        .unwrap();
    if made.is_none() {
        roles(&admin).await;
        admin.batch_execute(&format!("drop database if exists {name} with (force)")).await.unwrap();
        admin.batch_execute(&format!("create database {name} owner tailtown_owner")).await.unwrap();
        migrate::deploy(&config("tailtown_owner", &name), &migrations).await.unwrap();
        let idle = "select from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()";
        while !admin.query(idle, &[&name]).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        admin.batch_execute(&format!("alter database {name} with is_template true")).await.unwrap();
    }
    admin.batch_execute("select pg_advisory_unlock(1)").await.unwrap();
    name
}

fn fresh_name() -> String {
    format!("t_{:032x}", rand::random::<u128>())
}

async fn roles(admin: &Client) {
    for role in ["tailtown_owner", "tailtown_app"] {
        let make = format!(
            "do $$ begin create role {role} login; exception when duplicate_object or unique_violation then null; end $$"
        );
        admin.batch_execute(&make).await.unwrap();
    }
}

fn fingerprint(migrations: &[Migration]) -> String {
    let mut hash = Sha256::new();
    for migration in migrations {
        hash.update(migration.sql.as_bytes());
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn socket() -> String {
    #[expect(clippy::disallowed_methods, reason = "this is the only setting of the test tools")]
    std::env::var(SERVER)
        .expect("run the tests with `cargo run -p testkit --bin with-postgres -- cargo test`")
}

fn config(user: &str, database: &str) -> Server {
    let mut config = Config::new();
    config.host_path(socket()).user(user).dbname(database);
    config.into()
}

async fn connect(server: &Server) -> Client {
    server.connect().await.unwrap()
}
