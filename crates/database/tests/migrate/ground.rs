//! One server, and a database for each test.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use database::connect::Server as Address;
use database::embedded::{self, Durability, Embedded, Settings};
use database::migrate::{Applied, Migration, State, deploy, status};
use nix::unistd::User;
use tempfile::TempDir;
use tokio::sync::Mutex;
use tokio_postgres::Client;

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
pub(crate) struct Database {
    server: Arc<Server>,
    name: String,
}

impl Database {
    pub(crate) async fn empty() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let server = Server::shared().await;
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let embedded = server.embedded.as_ref().unwrap();
        let admin = connect(&admin(embedded)).await;
        admin.batch_execute(&format!("create database {name} owner tailtown_owner")).await.unwrap();
        Self { server, name }
    }

    pub(crate) fn config(&self, user: &str) -> Address {
        self.server.embedded.as_ref().unwrap().config(user, &self.name).into()
    }

    pub(crate) async fn owner(&self) -> Client {
        connect(&self.config("tailtown_owner")).await
    }

    pub(crate) async fn program(&self) -> Client {
        connect(&self.config("tailtown_app")).await
    }

    pub(crate) async fn deploy(&self, migrations: &[Migration]) -> anyhow::Result<Vec<Applied>> {
        deploy(&self.config("tailtown_owner"), migrations).await
    }

    pub(crate) async fn states(&self, migrations: &[Migration]) -> Vec<State> {
        let steps = status(&self.config("tailtown_owner"), migrations).await.unwrap();
        steps.into_iter().map(|step| step.state).collect()
    }
}

/// The cluster's superuser is named after whoever runs it.
fn admin(embedded: &Embedded) -> Address {
    let owner = fs::metadata(embedded.socket_folder()).unwrap();
    let user = User::from_uid(owner.uid().into()).unwrap();
    embedded.config(&user.unwrap().name, "postgres").into()
}

pub(crate) async fn connect(server: &Address) -> Client {
    server.connect().await.unwrap()
}

pub(crate) async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < Duration::from_secs(20), "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) async fn exists(client: &Client, relation: &str) -> bool {
    client.query_one("select to_regclass($1) is not null", &[&relation]).await.unwrap().get(0)
}
