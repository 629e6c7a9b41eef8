//! State folders, and a PostgreSQL that is not the program's own.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use database::embedded::{self, Durability};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

use crate::program::{PATIENCE, Settings, eventually, run};

/// A state folder of its own. When it goes, so does the PostgreSQL in it, whoever started that.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("tailtown-").tempdir().unwrap();
        // Started by root, the server runs as another user, who must be able to walk in.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Where the program is installed in it: a link to the one that is tested, until a test puts something else there.
    pub(crate) fn installed(&self) -> PathBuf {
        let path = self.path().join("tailtown");
        if !path.exists() {
            std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_tailtown"), &path).unwrap();
        }
        path
    }

    /// Puts a shell script in its place, as an upgrade does: at once.
    pub(crate) fn install(&self, script: &str) {
        let new = self.path().join("tailtown.new");
        fs::write(&new, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&new, Permissions::from_mode(0o755)).unwrap();
        fs::rename(&new, self.path().join("tailtown")).unwrap();
    }

    /// The process that serves this port, by its pid file; `None` when nobody holds that.
    pub(crate) fn serving(&self, port: u16) -> Option<Pid> {
        holder(&self.path().join(format!("tailtown-{port}.pid")))
    }

    /// The PostgreSQL in it, if one runs.
    pub(crate) fn postmaster(&self) -> Option<Pid> {
        let file = fs::read_to_string(self.path().join("postgres/postmaster.pid")).ok()?;
        let pid = Pid::from_raw(file.lines().next()?.trim().parse().ok()?);
        is_running(pid).then_some(pid)
    }
}

fn holder(pid_file: &Path) -> Option<Pid> {
    let file = File::open(pid_file).ok()?;
    file.try_lock_shared().is_err().then_some(())?;
    Some(Pid::from_raw(fs::read_to_string(pid_file).ok()?.lines().next()?.parse().ok()?))
}

impl Drop for Home {
    fn drop(&mut self) {
        // One that a reload started is nobody's child.
        for entry in fs::read_dir(self.path()).unwrap().flatten() {
            let is_pid_file = entry.path().extension().is_some_and(|extension| extension == "pid");
            if let Some(pid) = is_pid_file.then(|| holder(&entry.path())).flatten() {
                let _ = kill(pid, Signal::SIGKILL);
            }
        }
        let deadline = Instant::now() + PATIENCE;
        let mut signal = Signal::SIGQUIT;
        while let Some(pid) = self.postmaster() {
            let _ = kill(pid, signal);
            if Instant::now() > deadline {
                signal = Signal::SIGKILL;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether a process runs; one that ended and that nobody asked after does not.
pub(crate) fn is_running(pid: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let ended = status.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'));
    kill(pid, None).is_ok() && !ended
}

/// A server and all its processes.
fn family(postmaster: Pid) -> Vec<Pid> {
    let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"));
    let children = children.unwrap_or_default();
    let family = children.split_whitespace().filter_map(|pid| pid.parse().ok()).map(Pid::from_raw);
    family.chain([postmaster]).collect()
}

/// Processes that stand still until this is dropped.
pub(crate) struct Stopped(Vec<Pid>);

impl Drop for Stopped {
    fn drop(&mut self) {
        for process in &self.0 {
            let _ = kill(*process, Signal::SIGCONT);
        }
    }
}

/// A PostgreSQL beside the program, as in production.
pub(crate) struct Server {
    home: Home,
    pub(crate) socket: PathBuf,
    durability: Durability,
    /// A database with the schema, from which others are copied.
    template: OnceCell<String>,
}

impl Server {
    /// One that a test may break.
    pub(crate) async fn start() -> Self {
        Self::lasting(Durability::Safe).await
    }

    async fn lasting(durability: Durability) -> Self {
        let home = Home::new();
        let socket = launch(&home, durability).await.unwrap();
        Self { home, socket, durability, template: OnceCell::new() }
    }

    /// One for all tests that leave it alone; it goes with the last of them.
    pub(crate) async fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::const_new(Weak::new());
        let mut shared = SHARED.lock().await;
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::lasting(Durability::None).await);
        *shared = Arc::downgrade(&server);
        server
    }

    /// An empty database of the schema's owner.
    pub(crate) async fn database(&self) -> String {
        self.copy_of("template1").await
    }

    /// The same with the schema in it, deployed as an operator does.
    pub(crate) async fn migrated(&self) -> String {
        let template = self.template.get_or_init(async || {
            let name = self.database().await;
            let (url, owner) = (self.url("tailtown_app", &name), self.url("tailtown_owner", &name));
            let settings: Settings<'_> = &[("DATABASE_URL", &url), ("OWNER_DATABASE_URL", &owner)];
            run(&Home::new(), &["migrate", "deploy"], settings).await.succeeded();
            name
        });
        self.copy_of(template.await).await
    }

    async fn copy_of(&self, template: &str) -> String {
        let name = format!("t_{}", uuid::Uuid::from_u128(rand::random()).simple());
        let admin = self.admin("postgres").await;
        let copy = format!("create database {name} owner tailtown_owner template {template}");
        // It can be copied once whoever made it has let go of it.
        eventually("the template is in use", async || match admin.batch_execute(&copy).await {
            Ok(()) => true,
            Err(error) if error.code() == Some(&SqlState::OBJECT_IN_USE) => false,
            Err(error) => panic!("{error:?}"),
        })
        .await;
        name
    }

    /// An address for `DATABASE_URL`.
    /// The folder of its socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    pub(crate) fn url(&self, user: &str, database: &str) -> String {
        let socket = self.socket.display().to_string().replace('/', "%2F");
        format!("postgresql://{user}@/{database}?host={socket}")
    }

    /// Puts lines before those of its pg_hba.conf.
    pub(crate) async fn admit(&self, lines: &str) {
        let path = self.home.path().join("postgres/pg_hba.conf");
        let rest = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{lines}{rest}")).unwrap();
        let admin = self.admin("postgres").await;
        let loaded = async || -> std::time::SystemTime {
            let fresh = self.admin("postgres").await;
            fresh.query_one("select pg_conf_load_time()", &[]).await.unwrap().get(0)
        };
        let before = loaded().await;
        admin.query_one("select pg_reload_conf()", &[]).await.unwrap();
        eventually("its settings are not read anew", async || loaded().await > before).await;
    }

    /// Lets it listen on an address of this machine that nobody else has, at the usual port, and returns that.
    pub(crate) async fn listen(&self) -> String {
        let address = format!(
            "127.{}.{}.{}",
            rand::random_range(1..255),
            rand::random_range(1..255),
            rand::random_range(1..255)
        );
        let admin = self.admin("postgres").await;
        admin.batch_execute(&format!("alter system set listen_addresses = '{address}'")).await.unwrap();
        self.kill(Signal::SIGINT).await;
        self.start_again().await;
        address
    }

    /// Switches TLS on, with this certificate and key, and returns when it is so.
    pub(crate) async fn serve_tls(&self, certificate: &[u8], key: &[u8]) {
        let data = self.home.path().join("postgres");
        let owner = fs::metadata(&data).unwrap();
        let owner = (owner.uid(), owner.gid());
        for (name, content) in [("server.crt", certificate), ("server.key", key)] {
            let path = data.join(name);
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            std::os::unix::fs::chown(&path, Some(owner.0), Some(owner.1)).unwrap();
        }
        self.admin("postgres").await.batch_execute("alter system set ssl = on").await.unwrap();
        self.admit("").await;
    }

    /// A connection as the superuser.
    pub(crate) async fn admin(&self, database: &str) -> Client {
        let mut config = Config::new();
        config.host_path(&self.socket).user(self.superuser()).dbname(database);
        let (client, connection) = config.connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    pub(crate) fn superuser(&self) -> String {
        let data = self.home.path().join("postgres");
        let owner = fs::metadata(data).unwrap().uid();
        nix::unistd::User::from_uid(owner.into()).unwrap().unwrap().name
    }

    /// Ends the whole server at once, and waits until nothing of it is left.
    pub(crate) async fn kill(&self, signal: Signal) {
        let postmaster = self.home.postmaster().unwrap();
        let family = family(postmaster);
        kill(postmaster, signal).unwrap();
        eventually("the server runs", async || !family.iter().any(|pid| is_running(*pid))).await;
    }

    /// Stops the whole server where it stands, until what is returned is dropped.
    pub(crate) fn stop(&self) -> Stopped {
        let postmaster = self.home.postmaster().unwrap();
        kill(postmaster, Signal::SIGSTOP).unwrap();
        // It starts no more processes now.
        let family = family(postmaster);
        for process in &family {
            kill(*process, Signal::SIGSTOP).unwrap();
        }
        Stopped(family)
    }

    /// Starts it again where it was.
    pub(crate) async fn start_again(&self) {
        let socket = launch(&self.home, self.durability).await.unwrap();
        assert_eq!(socket, self.socket);
    }
}

/// Starts a server and lets go of it: what holds the folder's lock must not be in the way of the next start.
async fn launch(home: &Home, durability: Durability) -> Result<PathBuf, embedded::EmbeddedError> {
    let settings = embedded::Settings { home: home.path().into(), durability, max_connections: 100 };
    Ok(embedded::start(&settings).await?.socket_folder().to_owned())
}
