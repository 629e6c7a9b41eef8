//! What every test here stands on: a house with rows worth backing up, a role for backups, and a folder of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use backup::catalogue::{self, Table};
use backup::census::{Census, of_tenant};
use backup::manifest::{Manifest, Program};
use backup::{Backups, make_key};
use tailtown::config;
use tempfile::TempDir;
use testkit::{House, Resort, TestDatabase};
use tokio_postgres::Client;
use uuid::Uuid;

/// As the program tells an operator to make it: nothing more is needed.
pub(crate) const ROLE: &str = "tailtown_backup";

pub(crate) struct Ground {
    pub(crate) house: House,
    pub(crate) resorts: Vec<Resort>,
    pub(crate) home: TempDir,
    pub(crate) settings: BTreeMap<String, String>,
}

/// Three resorts, each with `rows` customers and a pet each.
pub(crate) async fn ground(rows: i32) -> Ground {
    let house = testkit::house().await;
    let admin = house.database.connect("postgres").await;
    make_role(&admin).await;
    let mut resorts = Vec::new();
    for number in 1..=3 {
        let resort = house.resort(&format!("resort{number}")).await;
        let customer = resort.add_customer().await;
        resort.add_pet(&customer).await;
        resort.add_kennel("One", 2).await;
        resort.add_boarding().await;
        fill(&admin, resort.id, rows).await;
        resorts.push(resort);
    }
    let home = tempfile::tempdir().unwrap();
    let key = make_key();
    let pairs = [
        ("TAILTOWN_HOME", home.path().display().to_string()),
        ("BACKUP_FOLDER", home.path().join("backups").display().to_string()),
        ("BACKUP_KEY", key),
        ("BACKUP_PART_MEGABYTES", "1".to_owned()),
        ("DATABASE_URL", house.database.url("tailtown_app")),
        ("OWNER_DATABASE_URL", house.database.url("tailtown_owner")),
        ("BACKUP_DATABASE_URL", house.database.url(ROLE)),
        ("LOG_LEVEL", "info".to_owned()),
    ];
    let settings = pairs.map(|(name, value)| (name.to_owned(), value)).into();
    Ground { house, resorts, home, settings }
}

pub(crate) async fn make_role(admin: &Client) {
    admin
        .batch_execute(&format!(
            "select pg_advisory_lock(2); \
             do $$ begin create role {ROLE} login bypassrls createdb; exception when duplicate_object or unique_violation then null; end $$; \
             grant pg_read_all_data, pg_write_all_data, tailtown_owner to {ROLE}; select pg_advisory_unlock(2)"
        ))
        .await
        .unwrap();
}

/// Rows by the thousand, past the API. Their text does not compress: an archive of them has several parts.
pub(crate) async fn fill(admin: &Client, tenant: Uuid, rows: i32) {
    let statements = format!(
        "insert into app.customers (tenant_id, id, first_name, last_name, notes, tags, created_at, updated_at) \
           select '{tenant}', gen_random_uuid(), 'Ada ' || n, E'O''Hara \"the\"\\n' || n, \
             case n % 3 when 0 then null when 1 then '' else (select string_agg(md5(random()::text || g || n), E'\\n,\"') from generate_series(1, 8) g) end, \
             array['a,b', '\"', 'ü'], now(), now() from generate_series(1, {rows}) n; \
         insert into app.pets (tenant_id, id, customer_id, name, species, sex, birth_on, created_at, updated_at) \
           select tenant_id, gen_random_uuid(), id, 'Rex', 'DOG', 'MALE', '2020-02-29', now(), now() \
           from app.customers where tenant_id = '{tenant}' and first_name like 'Ada _%'"
    );
    admin.batch_execute(&statements).await.unwrap();
}

/// The backups that the settings describe.
pub(crate) fn backups(settings: &BTreeMap<String, String>, house: &House) -> Backups {
    let (config, _) = config::read(settings, None).unwrap();
    let program = Program { version: "0.0.0".to_owned(), commit: "test".to_owned() };
    Backups::new(config.backup, config.home, house.clock.clone(), program).unwrap()
}

impl Ground {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn backups(&self) -> Backups {
        backups(&self.settings, &self.house)
    }

    pub(crate) fn server(&self) -> database::connect::Server {
        self.house.database.config(ROLE)
    }

    /// A backup; the clock moves on, so that the next has another name.
    pub(crate) async fn run(&self) -> Manifest {
        let manifest = self.backups().run(&self.server()).await.unwrap();
        self.house.advance(std::time::Duration::from_secs(60));
        manifest
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.home.path().join("backups")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The program itself, with these settings and nothing else.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tailtown"));
        command.env_clear().envs(&self.settings).args(words).current_dir(self.home.path());
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command
    }

    #[track_caller]
    pub(crate) fn say(&self, words: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.command(words).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(status.success(), "{words:?}: {said}");
        said
    }

    pub(crate) async fn admin(&self) -> Client {
        self.house.database.connect("postgres").await
    }

    /// What is in the folder of backups, and must not be.
    pub(crate) fn litter(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder()).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        names.filter(|name| name.starts_with('.')).collect()
    }
}

pub(crate) async fn census(database: &TestDatabase) -> Census {
    let client = catalogue::connect(&database.config("postgres"), "test").await.unwrap();
    let tables = catalogue::tables(&client).await.unwrap();
    without_caches(Census::take(&client, &tables).await.unwrap())
}

/// Nodes write down every moment that they are alive, and a restore makes them begin anew.
pub(crate) fn without_caches(mut census: Census) -> Census {
    census.0.retain(|table, _| !table.starts_with("app.cache_"));
    census
}

pub(crate) async fn tables(client: &Client) -> Vec<Table> {
    catalogue::tables(client).await.unwrap()
}

/// Each table's rows of a tenant, and where on disk they lie: not even rewritten in place.
pub(crate) async fn untouched(client: &Client, tenant: Uuid) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    for table in tables(client).await.iter().filter(|table| table.of_tenants) {
        let count = of_tenant(client, table, tenant).await.unwrap();
        let places = format!(
            "select coalesce(md5(string_agg(ctid::text || xmin::text, ',' order by ctid)), '') from {} where tenant_id = '{tenant}'",
            table.quoted
        );
        let places = client.query_one(&places, &[]).await.unwrap().get(0);
        found.insert(table.name.clone(), (format!("{}/{}", count.rows, count.checksum()), places));
    }
    found
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
