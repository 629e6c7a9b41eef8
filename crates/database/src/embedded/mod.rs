//! A private PostgreSQL in the state folder: reached over a unix socket only, run as an ordinary user, and found again
//! after the program was killed.

mod cluster;
mod holder;
pub(crate) mod install;
mod leftover;
mod log;
mod server;
mod watch;

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::statvfs::statvfs;
use sha2::{Digest, Sha256};
use tokio::process::Command;
use tokio::time::sleep;
use tokio_postgres::Config;

use install::{Installation, User};
pub use log::tail as log_tail;
use server::{Came, Server};
pub use watch::{Fault, Standing};

/// What to start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The state folder; the cluster is its `postgres` folder.
    pub home: PathBuf,
    pub durability: Durability,
    pub max_connections: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// What was committed survives a loss of power.
    Safe,
    /// Nothing survives a crash of the machine: for tests, which throw the cluster away.
    None,
}

/// Why there is no private PostgreSQL, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error(
        "no PostgreSQL 15 or newer was found: install it (on Debian and Ubuntu `apt-get install postgresql`), or set DATABASE_URL"
    )]
    NotInstalled,
    #[error(
        "{folder} holds a cluster of PostgreSQL {found}, and only {installed} is installed: install PostgreSQL {found}, \
         or choose another TAILTOWN_HOME"
    )]
    OtherMajor { folder: PathBuf, found: u32, installed: String },
    #[error(
        "the state folder {0} is used by another running tailtown: stop that one, or choose another TAILTOWN_HOME and PORT"
    )]
    InUse(PathBuf),
    #[error(
        "tailtown (process {pid}) runs, and its database does not answer: {fault}; try again in a moment, and see the program's log"
    )]
    Down { pid: u32, fault: String },
    #[error(
        "{folder} is not a whole cluster of PostgreSQL, {what}: put back what was removed; or move this folder away, run \
         `tailtown backup list` and `tailtown backup restore <name>`, which makes a new one from a backup"
    )]
    Damaged { folder: PathBuf, what: String },
    #[error(
        "the state folder {folder} cannot be used by {user}: {reason}; make it writable, or choose another TAILTOWN_HOME"
    )]
    NotWritable { folder: PathBuf, user: String, reason: String },
    #[error(
        "the disk that holds {0} is full: make room, then start again; nothing that was committed is lost"
    )]
    DiskFull(PathBuf),
    #[error("the private PostgreSQL did not {doing}: {reason}")]
    Failed { doing: &'static str, reason: String },
}

impl EmbeddedError {
    /// The same in a few words, without a path or PostgreSQL's own text: for whoever asks.
    fn in_short(&self) -> String {
        match self {
            Self::NotInstalled => "PostgreSQL is not installed any more".to_owned(),
            Self::OtherMajor { found, .. } => format!("PostgreSQL {found} is not installed any more"),
            Self::InUse(_) | Self::Down { .. } => "another program uses it".to_owned(),
            Self::Damaged { .. } => "its data folder is damaged".to_owned(),
            Self::NotWritable { .. } => "its folder cannot be used".to_owned(),
            Self::DiskFull(_) => "the disk is full".to_owned(),
            Self::Failed { doing, .. } => format!("it did not {doing}"),
        }
    }
}

/// How long a command waits for a server that the program beside it is just starting or stopping.
const BESIDE: Duration = Duration::from_secs(3);

type Result<T, E = EmbeddedError> = std::result::Result<T, E>;

/// A private PostgreSQL that answers.
#[derive(Debug)]
pub struct Embedded {
    home: PathBuf,
    server: Server,
    adopted: bool,
    standing: Standing,
    /// Held as long as the server is ours; the kernel lets go of it when the program dies, however it dies. `None` when it
    /// is another program's.
    lock: Option<File>,
}

/// Starts the private PostgreSQL, or takes over the one that an earlier, killed run of the program left behind; makes the
/// roles and the database if they are missing.
///
/// # Errors
/// Why not, in words for the person at the terminal.
pub async fn start(settings: &Settings) -> Result<Embedded> {
    let user = User::unprivileged()?;
    let home = &settings.home;
    let refused = |error: &std::io::Error| refusal(home, &user, error);
    fs::create_dir_all(home).map_err(|error| refused(&error))?;
    let home = &home.canonicalize().map_err(|error| refused(&error))?;
    let lock = holder::lock(home)
        .map_err(|error| error.map_or_else(|| EmbeddedError::InUse(home.clone()), |error| refused(&error)))?;
    holder::note(home, "the private database is being started");
    let (data, socket) = (home.join("postgres"), socket_folder(home));
    let installation = Installation::find(&data)?;
    for folder in [&data, &socket] {
        cluster::own_folder(folder, &user).map_err(|error| refused(&error))?;
    }
    user.must_reach(&data).await?;

    if !cluster::exists(&data)? {
        cluster::create(&installation, &user, &data).await?;
    }
    cluster::configure(&data, &socket, settings).map_err(|error| refused(&error))?;
    let standing = Standing::of(&data);
    let server = Server { installation, user, data, socket };
    let adopted = server.bring_up().await? == Came::Adopted;
    if adopted {
        tracing::info!("took over the private database that an earlier run left behind");
    }
    holder::note(home, "");
    Ok(Embedded { home: home.clone(), server, adopted, standing, lock: Some(lock) })
}

/// Starts the private PostgreSQL, or uses the one that a running program has started: for commands beside it.
///
/// # Errors
/// As [`start`]; when that program's server does not answer, what that program says of it.
pub async fn join(settings: &Settings) -> Result<Embedded> {
    let home = match start(settings).await {
        Err(EmbeddedError::InUse(home)) => home,
        other => return other,
    };
    let (data, socket, user) = (home.join("postgres"), socket_folder(&home), User::unprivileged()?);
    let (installation, standing) = (Installation::find(&data)?, Standing::of(&data));
    let server = Server { installation, user, data, socket };
    let start = Instant::now();
    loop {
        let holder = holder::read(&home);
        let is_up = holder.as_ref().is_none_or(|holder| holder.fault.is_empty());
        if is_up && server.runs() {
            return Ok(Embedded { home, server, adopted: false, standing, lock: None });
        }
        if start.elapsed() > BESIDE {
            let Some(holder) = holder else { return Err(EmbeddedError::InUse(home)) };
            let fault = if holder.fault.is_empty() { watch::ENDED.to_owned() } else { holder.fault };
            return Err(EmbeddedError::Down { pid: holder.pid, fault });
        }
        sleep(Duration::from_millis(100)).await;
    }
}

impl Embedded {
    /// How to connect as `user`; the socket's folder lets in nobody else on the machine.
    pub fn config(&self, user: &str, database: &str) -> Config {
        self.server.config(user, database)
    }

    /// The role that sees and may do everything: for backups, never for requests.
    pub fn superuser(&self) -> &str {
        &self.server.user.name
    }

    pub fn socket_folder(&self) -> &Path {
        &self.server.socket
    }

    /// Whether the server was already running when this program came.
    pub fn adopted(&self) -> bool {
        self.adopted
    }

    /// Whether it runs, as far as this program knows.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// What says that the server is this program's. Open at two programs it is held by both, until the last lets go of it.
    pub fn lock(&self) -> Option<&File> {
        self.lock.as_ref()
    }

    /// Takes a server that another program hands on with its lock.
    pub fn inherit(&mut self, lock: File) {
        self.lock = Some(lock);
    }

    /// Starts the server again whenever it has ended, or its installation was changed, until `stop`; an attempt that has begun is
    /// ended first. `None` when the server is another program's.
    pub fn watch(
        &self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        self.lock.as_ref()?;
        let watch = watch::Watch::new(self.server.clone(), self.home.clone(), self.standing.clone());
        Some(watch.run(stop))
    }

    /// Ends the server, if this program started it: open transactions are rolled back, everything committed is on disk.
    ///
    /// # Errors
    /// When it does not end in time; the next start recovers it.
    pub async fn stop(self) -> Result<()> {
        if self.lock.is_none() {
            return Ok(());
        }
        holder::note(&self.home, "the private database is being stopped");
        self.server.end().await
    }
}

/// Sockets have short names: where the home's path is too long, the folder is in `/tmp`, named after the home.
fn socket_folder(home: &Path) -> PathBuf {
    const LONGEST: usize = 107 - "/.s.PGSQL.5432.lock".len();
    let folder = home.join("socket");
    if folder.as_os_str().len() <= LONGEST {
        return folder;
    }
    let hash = Sha256::digest(home.as_os_str().as_encoded_bytes());
    let name: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Path::new("/tmp").join(format!("tailtown-{name}"))
}

fn refusal(home: &Path, user: &User, error: &std::io::Error) -> EmbeddedError {
    if error.kind() == ErrorKind::StorageFull {
        return EmbeddedError::DiskFull(home.to_owned());
    }
    EmbeddedError::NotWritable { folder: home.to_owned(), user: user.name.clone(), reason: error.to_string() }
}

/// A full disk has its own words, also when the server had no room left to say so; so has a damaged cluster.
fn failure(doing: &'static str, data: &Path, reason: &str) -> EmbeddedError {
    /// What PostgreSQL says of files that are missing or not what they were.
    const DAMAGE: [&str; 7] = [
        "could not locate a valid checkpoint record",
        "could not locate required checkpoint record",
        "incorrect checksum in control file",
        "is not a valid data directory",
        "requested timeline",
        "required WAL directory",
        "invalid checkpoint",
    ];
    if reason.contains("No space left on device") || is_full(data) {
        return EmbeddedError::DiskFull(data.to_owned());
    }
    let says_damage = |line: &&str| DAMAGE.iter().any(|damage| line.contains(damage));
    if let Some(line) = reason.lines().find(says_damage) {
        let said = line.split_once(":  ").map_or(line, |(_, message)| message);
        return EmbeddedError::Damaged { folder: data.to_owned(), what: format!("it says \"{said}\"") };
    }
    EmbeddedError::Failed { doing, reason: last_lines(reason) }
}

/// Whether PostgreSQL has no room for what it takes at a time for its log of changes.
fn is_full(data: &Path) -> bool {
    const SEGMENT: u128 = 16 * 1024 * 1024;
    statvfs(data)
        .is_ok_and(|disk| u128::from(disk.blocks_available()) * u128::from(disk.fragment_size()) < SEGMENT)
}

/// Runs a program to its end: whether it succeeded, and what it said.
async fn run(command: &mut Command) -> Result<(bool, String)> {
    const PATIENCE: Duration = Duration::from_secs(120);
    let failed = |reason: String| EmbeddedError::Failed { doing: "run its tools", reason };
    let output = tokio::time::timeout(PATIENCE, command.stdin(std::process::Stdio::null()).output()).await;
    let output = output.map_err(|_| failed("they took more than two minutes".into()))?;
    let output = output.map_err(|error| failed(error.to_string()))?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(8)..].join("\n  ")
}
