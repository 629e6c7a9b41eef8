//! The server itself: brought up, taken over, and ended.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::sys::signal::kill;
use nix::unistd::Pid;
use tokio::time::sleep;
use tokio_postgres::{Client, Config, NoTls};

use super::install::{Installation, User};
use super::log::Mark;
use super::{EmbeddedError, Result, cluster, failure, leftover, refusal, run};

/// How long a server that an earlier run left behind may take to answer or to end.
const TAKE_OVER: Duration = Duration::from_secs(60);

/// How long a server may run without listening: between its lock file and its socket are milliseconds.
const DEAF: Duration = Duration::from_secs(3);

/// How long what a server said may be on its way to its log after it has ended.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// A server that may run in a data folder.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) installation: Installation,
    pub(super) user: User,
    pub(super) data: PathBuf,
    pub(super) socket: PathBuf,
}

/// How a server came to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// It ran already.
    Adopted,
    Started,
}

impl Server {
    /// How to connect as `user`; the socket's folder lets in nobody else on the machine.
    pub(super) fn config(&self, user: &str, database: &str) -> Config {
        let mut config = Config::new();
        config.host_path(&self.socket).user(user).dbname(database);
        config
    }

    /// Starts the server, or takes over one that runs already; makes the roles and the database if they are missing.
    ///
    /// # Errors
    /// Why it does not run.
    pub(super) async fn bring_up(&self) -> Result<Came> {
        if self.take_over().await? {
            return Ok(Came::Adopted);
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
        Ok(Came::Started)
    }

    /// Ends the server in order; one that does not run has ended.
    ///
    /// # Errors
    /// When it does not end in time.
    pub(super) async fn end(&self) -> Result<()> {
        let (ended, reason) = self.control("stop", &["-m", "fast", "-t", "60"]).await?;
        if ended || !self.runs() {
            return Ok(());
        }
        Err(EmbeddedError::Failed { doing: "stop", reason })
    }

    /// Whether the server's first process lives.
    pub(super) fn runs(&self) -> bool {
        self.pid().is_some_and(|pid| leftover::is_server(pid, &self.data))
    }

    /// Whether the running server is of the files that are installed now.
    pub(super) fn is_current(&self) -> bool {
        self.pid().is_none_or(|pid| self.installation.is_program_of(pid))
    }

    /// The process that the server's lock file names.
    fn pid(&self) -> Option<i32> {
        fs::read_to_string(self.data.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
    }

    /// Whether a server runs already, and answers. What an earlier run left behind may be on its way up, or on its way
    /// out and then to be started anew.
    async fn take_over(&self) -> Result<bool> {
        let start = Instant::now();
        while self.runs() {
            match self.create_database().await {
                Ok(()) => return Ok(true),
                Err(error) if start.elapsed() > TAKE_OVER => return Err(error),
                Err(_) if start.elapsed() > DEAF && self.nobody_listens() => break,
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
        // It is a stranger's, or one that has ended and that nobody asked after.
        if self.pid().is_some_and(|pid| kill(Pid::from_raw(pid), None).is_ok()) {
            self.disown_lock_file().map_err(|error| refusal(&self.data, &self.user, &error))?;
            // It names the same process, and the socket is of no other server.
            let _ = fs::remove_file(self.socket.join(".s.PGSQL.5432.lock"));
        }
        Ok(false)
    }

    fn nobody_listens(&self) -> bool {
        let listening = UnixStream::connect(self.socket.join(".s.PGSQL.5432"));
        listening
            .is_err_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused))
    }

    /// After the machine started anew, the process number in a stale lock file may be a stranger's, whom PostgreSQL would
    /// take for its own kind. Our own number it knows to be none; the rest of the file still tells it whether a server
    /// holds the cluster's memory.
    fn disown_lock_file(&self) -> std::io::Result<()> {
        let file = self.data.join("postmaster.pid");
        let text = fs::read_to_string(&file)?;
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        tracing::warn!("the private database's lock file names a process that is no database: starting anew");
        let ours = format!("{}\n{rest}", std::process::id());
        // Over what is there: a full disk must not leave an empty lock file.
        let mut file = File::options().write(true).open(&file)?;
        file.write_all(ours.as_bytes())?;
        file.set_len(ours.len() as u64)
    }

    async fn launch(&self) -> Result<()> {
        let (log, mark) = (self.data.join("start.log"), Mark::now(&self.data));
        // Only what this start says.
        let _ = fs::remove_file(&log);
        let log_text = log.display().to_string();
        let (started, mut reason) = self.control("start", &["-w", "-t", "60", "-s", "-l", &log_text]).await?;
        if started {
            return Ok(());
        }
        // What it said last is on its way through its log's own process.
        sleep(LAST_WORDS).await;
        reason.push_str(&fs::read_to_string(&log).unwrap_or_default());
        reason.push_str(&mark.since(&self.data));
        Err(failure("start", &self.data, &reason))
    }

    async fn control(&self, verb: &str, arguments: &[&str]) -> Result<(bool, String)> {
        let mut command = self.user.command(&self.installation.program("pg_ctl"));
        run(command.arg(verb).arg("-D").arg(&self.data).args(arguments)).await
    }

    /// The schema's owner and the program's own role, neither of which can pass row-level security; and the database.
    async fn create_database(&self) -> Result<()> {
        let result = async {
            let client = connect(&self.config(&self.user.name, "postgres")).await?;
            for role in ["tailtown_owner", "tailtown_app"] {
                if client.query_opt("select from pg_roles where rolname = $1", &[&role]).await?.is_none() {
                    client.batch_execute(&format!("create role {role} login")).await?;
                }
            }
            // Nothing is written where all is there: a full disk must not keep the server from serving reads.
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
            failure("take its roles", &self.data, &format!("{:#}", anyhow::Error::from(error)))
        })
    }
}

async fn connect(config: &Config) -> std::result::Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
