//! A state folder with a private server, and what tests do to it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use database::embedded::{self, Durability, Embedded, EmbeddedError, Settings};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// A state folder that takes its server with it.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
    pub(crate) settings: Settings,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self::under("home")
    }

    /// One at this path in a folder of its own.
    pub(crate) fn under(path: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("tailtown-embedded-").tempdir().unwrap();
        // Root's server runs as another user, who must be able to walk in.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).unwrap();
        let home = folder.path().join(path);
        Self { folder, settings: Settings { home, durability: Durability::None, max_connections: 10 } }
    }

    /// The same, but it keeps what it committed when it is killed.
    pub(crate) fn durable(mut self) -> Self {
        self.settings.durability = Durability::Safe;
        self
    }

    pub(crate) async fn start(&self) -> Embedded {
        embedded::start(&self.settings).await.unwrap()
    }

    pub(crate) async fn refusal(&self) -> EmbeddedError {
        embedded::start(&self.settings).await.unwrap_err()
    }

    pub(crate) fn cluster(&self) -> PathBuf {
        self.settings.home.join("postgres")
    }

    /// The server's lock file, and the process that it names.
    pub(crate) fn lock_file(&self) -> Option<(String, Pid)> {
        let text = fs::read_to_string(self.cluster().join("postmaster.pid")).ok()?;
        let pid = text.lines().next()?.parse().ok()?;
        Some((text, Pid::from_raw(pid)))
    }

    pub(crate) async fn kill_server(&self) {
        let (_, pid) = self.lock_file().unwrap();
        kill(pid, Signal::SIGKILL).unwrap();
        until("the server is gone", async || !is_alive(pid)).await;
    }

    pub(crate) fn end(&self) {
        // A start that was refused may have put our own number there.
        let server = self.lock_file().filter(|(_, pid)| pid.as_raw().cast_unsigned() != std::process::id());
        if let Some((_, pid)) = server {
            let _ = kill(pid, Signal::SIGKILL);
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.end();
    }
}

/// A process that has ended and waits for its parent to notice is not alive.
pub(crate) fn is_alive(pid: Pid) -> bool {
    let zombie = fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "));
    kill(pid, None).is_ok() && !zombie
}

pub(crate) async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < Duration::from_secs(20), "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) async fn connect(server: &Embedded, user: &str) -> Client {
    let (client, connection) = server.config(user, "tailtown").connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

pub(crate) async fn write(server: &Embedded, word: &str) {
    let client = connect(server, "tailtown_owner").await;
    let make = "create schema if not exists app; create table if not exists app.words (word text)";
    client.batch_execute(make).await.unwrap();
    client.execute("insert into app.words values ($1)", &[&word]).await.unwrap();
}

pub(crate) async fn words(server: &Embedded) -> Vec<String> {
    let client = connect(server, "tailtown_owner").await;
    let rows = client.query("select word from app.words order by 1", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}
