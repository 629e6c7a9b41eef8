//! The server process: starts it, takes it over, and stops it.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::sys::signal::kill;
use nix::unistd::Pid;
use tokio::time::sleep;
use tokio_postgres::{Client, Config, NoTls};

use super::error::{EmbeddedError, Result, failure, refusal};
use super::install::{Installation, User};
use super::log::Mark;
use super::run::run;
use super::{cluster, leftover};

/// The longest time that a server of an earlier run may take to answer or to end.
const TAKE_OVER: Duration = Duration::from_secs(60);

/// The longest time that a server may run without listening; a starting server listens within milliseconds.
const LISTENS_WITHIN: Duration = Duration::from_secs(3);

/// The time that messages of a server that has ended may take to reach its log.
const LOG_DELAY: Duration = Duration::from_millis(200);

/// The server of a data folder, running or not.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) installation: Installation,
    pub(super) user: User,
    pub(super) data: PathBuf,
    pub(super) socket: PathBuf,
}

/// Whether a server was started or already running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    AlreadyRunning,
    Started,
}

impl Server {
    /// The connection settings for `user`. Other users of the machine cannot enter the socket's folder.
    pub(super) fn config(&self, user: &str, database: &str) -> Config {
        let mut config = Config::new();
        config.host_path(&self.socket).user(user).dbname(database);
        config
    }

    /// Starts the server, or takes over one that is running. Creates the roles and the database if they are missing.
    ///
    /// # Errors
    /// The reason why it does not run.
    pub(super) async fn bring_up(&self) -> Result<Start> {
        if self.take_over().await? {
            return Ok(Start::AlreadyRunning);
        }
        if !cluster::exists(&self.data)? {
            let what = "it is empty".to_owned();
            return Err(EmbeddedError::Damaged { folder: self.data.clone(), what });
        }
        leftover::end(&self.data).await?;
        self.launch().await?;
        if let Err(error) = self.create_database().await {
            let _ = self.end().await;
            return Err(error);
        }
        Ok(Start::Started)
    }

    /// Stops the server in order. Does nothing if it does not run.
    ///
    /// # Errors
    /// When it does not stop in time.
    pub(super) async fn end(&self) -> Result<()> {
        let (ended, reason) = self.control("stop", &["-m", "fast", "-t", "60"]).await?;
        if ended || !self.runs() {
            return Ok(());
        }
        Err(EmbeddedError::Failed { doing: "stop", reason })
    }

    /// Whether the server's main process runs.
    pub(super) fn runs(&self) -> bool {
        self.pid().is_some_and(|pid| leftover::is_server(pid, &self.data))
    }

    /// Whether the running server was started from the files that are installed now.
    pub(super) fn is_current(&self) -> bool {
        self.pid().is_none_or(|pid| self.installation.is_program_of(pid))
    }

    /// The process number in the server's lock file.
    fn pid(&self) -> Option<i32> {
        fs::read_to_string(self.data.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
    }

    /// Whether a server is running and answers. Waits for a server of an earlier run that is starting, or stopping.
    async fn take_over(&self) -> Result<bool> {
        let start = Instant::now();
        while self.runs() {
            match self.create_database().await {
                Ok(()) => return Ok(true),
                Err(error) if start.elapsed() > TAKE_OVER => return Err(error),
                Err(_) if start.elapsed() > LISTENS_WITHIN && self.is_not_listening() => break,
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
        // The process in the lock file is another program, or has ended without its parent collecting it.
        if self.pid().is_some_and(|pid| kill(Pid::from_raw(pid), None).is_ok()) {
            self.disown_lock_file().map_err(|error| refusal(&self.data, &self.user.name, &error))?;
            // The lock file of the socket names the same process.
            let _ = fs::remove_file(self.socket.join(".s.PGSQL.5432.lock"));
        }
        Ok(false)
    }

    fn is_not_listening(&self) -> bool {
        let listening = UnixStream::connect(self.socket.join(".s.PGSQL.5432"));
        listening
            .is_err_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused))
    }

    /// Replaces the process number in a stale lock file by this program's. After a restart of the machine, the old number may
    /// belong to another program, which PostgreSQL would take for a running server. It ignores the numbers of the processes
    /// that started it, and this program is one of them. The rest of the file is kept: PostgreSQL checks with it whether the
    /// cluster's shared memory is in use.
    fn disown_lock_file(&self) -> std::io::Result<()> {
        let file = self.data.join("postmaster.pid");
        let text = fs::read_to_string(&file)?;
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        tracing::warn!(
            "the private database's lock file names a process that is not a database: starting the database"
        );
        let ours = format!("{}\n{rest}", std::process::id());
        // Written in place, because on a full disk a new file could end up empty.
        let mut file = File::options().write(true).open(&file)?;
        file.write_all(ours.as_bytes())?;
        file.set_len(ours.len() as u64)
    }

    async fn launch(&self) -> Result<()> {
        let (log, mark) = (self.data.join("start.log"), Mark::now(&self.data));
        // Keep only the messages of this start.
        let _ = fs::remove_file(&log);
        let log_text = log.display().to_string();
        let (started, mut reason) = self.control("start", &["-w", "-t", "60", "-s", "-l", &log_text]).await?;
        if started {
            return Ok(());
        }
        // Another process writes the log, so the last messages may arrive late.
        sleep(LOG_DELAY).await;
        reason.push_str(&fs::read_to_string(&log).unwrap_or_default());
        reason.push_str(&mark.since(&self.data));
        Err(failure("start", &self.data, &reason))
    }

    async fn control(&self, verb: &str, arguments: &[&str]) -> Result<(bool, String)> {
        let mut command = self.user.command(&self.installation.program("pg_ctl"));
        run(command.arg(verb).arg("-D").arg(&self.data).args(arguments)).await
    }

    /// Creates the roles of the schema's owner and of the program, neither of which can bypass row-level security, and the
    /// database.
    async fn create_database(&self) -> Result<()> {
        let result = async {
            let client = connect(&self.config(&self.user.name, "postgres")).await?;
            for role in ["tailtown_owner", "tailtown_app"] {
                if client.query_opt("select from pg_roles where rolname = $1", &[&role]).await?.is_none() {
                    client.batch_execute(&format!("create role {role} login")).await?;
                }
            }
            // Write nothing if everything exists, so that the server can serve reads on a full disk.
            let set = "select from pg_roles where rolname = 'tailtown_app' and 'citus.propagate_set_commands=local' = any(rolconfig)";
            if client.query_opt(set, &[]).await?.is_none() {
                let set = "alter role tailtown_app set citus.propagate_set_commands = 'local'";
                client.batch_execute(set).await?;
            }
            if client.query_opt("select from pg_database where datname = 'tailtown'", &[]).await?.is_none() {
                client.batch_execute("create database tailtown owner tailtown_owner").await?;
            }
            Ok::<_, tokio_postgres::Error>(())
        };
        result.await.map_err(|error| {
            failure("accept its roles", &self.data, &format!("{:#}", anyhow::Error::from(error)))
        })
    }
}

async fn connect(config: &Config) -> std::result::Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
