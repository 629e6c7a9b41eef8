//! A private PostgreSQL in the state folder: reached over a unix socket only, run as an ordinary user, and found again
//! after the program was killed.

pub(crate) mod install;
mod leftover;

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::statvfs::statvfs;
use sha2::{Digest, Sha256};
use tokio::process::Command;
use tokio::time::sleep;
use tokio_postgres::{Client, Config, NoTls};

use install::{Installation, User};

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

/// How long a server that an earlier run left behind may take to answer or to end.
const TAKE_OVER: Duration = Duration::from_secs(60);

/// How long a server may run without listening: between its lock file and its socket are milliseconds.
const DEAF: Duration = Duration::from_secs(3);

type Result<T, E = EmbeddedError> = std::result::Result<T, E>;

/// A private PostgreSQL that answers.
#[derive(Debug)]
pub struct Embedded {
    installation: Installation,
    user: User,
    data: PathBuf,
    socket: PathBuf,
    adopted: bool,
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
    let lock = lock(home)
        .map_err(|error| error.map_or_else(|| EmbeddedError::InUse(home.clone()), |error| refused(&error)))?;
    let (data, socket) = (home.join("postgres"), socket_folder(home));
    let installation = Installation::find(&data)?;
    for folder in [&data, &socket] {
        own_folder(folder, &user).map_err(|error| refused(&error))?;
    }
    user.must_reach(&data).await?;

    if !data.join("PG_VERSION").exists() {
        create_cluster(&installation, &user, &data).await?;
    }
    configure(&data, &socket, settings).map_err(|error| refused(&error))?;
    let mut server = Embedded { installation, user, data, socket, adopted: false, lock: Some(lock) };
    if server.take_over().await? {
        server.adopted = true;
        tracing::info!("took over the private database that an earlier run left behind");
        return Ok(server);
    }
    leftover::end(&server.data).await?;
    server.launch().await?;
    if let Err(error) = server.create_database().await {
        let _ = server.stop().await;
        return Err(error);
    }
    Ok(server)
}

/// Starts the private PostgreSQL, or uses the one that a running program has started: for commands beside it.
///
/// # Errors
/// As [`start`].
pub async fn join(settings: &Settings) -> Result<Embedded> {
    let home = match start(settings).await {
        Err(EmbeddedError::InUse(home)) => home,
        other => return other,
    };
    let (data, socket, user) = (home.join("postgres"), socket_folder(&home), User::unprivileged()?);
    let server =
        Embedded { installation: Installation::find(&data)?, user, data, socket, adopted: false, lock: None };
    // The other program may be starting or stopping it right now.
    if server.control("status", &[]).await?.0 { Ok(server) } else { Err(EmbeddedError::InUse(home)) }
}

impl Embedded {
    /// How to connect as `user`; the socket's folder lets in nobody else on the machine.
    pub fn config(&self, user: &str, database: &str) -> Config {
        let mut config = Config::new();
        config.host_path(&self.socket).user(user).dbname(database);
        config
    }

    /// The role that sees and may do everything: for backups, never for requests.
    pub fn superuser(&self) -> &str {
        &self.user.name
    }

    pub fn socket_folder(&self) -> &Path {
        &self.socket
    }

    /// Whether the server was already running when this program came.
    pub fn adopted(&self) -> bool {
        self.adopted
    }

    /// What says that the server is this program's. Open at two programs it is held by both, until the last lets go of it.
    pub fn lock(&self) -> Option<&File> {
        self.lock.as_ref()
    }

    /// Takes a server that another program hands on with its lock.
    pub fn inherit(&mut self, lock: File) {
        self.lock = Some(lock);
    }

    /// Ends the server, if this program started it: open transactions are rolled back, everything committed is on disk.
    ///
    /// # Errors
    /// When it does not end in time; the next start recovers it.
    pub async fn stop(self) -> Result<()> {
        if self.lock.is_none() {
            return Ok(());
        }
        match self.control("stop", &["-m", "fast", "-t", "60"]).await? {
            (true, _) => Ok(()),
            (false, reason) => Err(EmbeddedError::Failed { doing: "stop", reason }),
        }
    }

    /// Whether a server runs already, and answers. What an earlier run left behind may be on its way up, or on its way
    /// out and then to be started anew.
    async fn take_over(&self) -> Result<bool> {
        let start = Instant::now();
        while self.control("status", &[]).await?.0 {
            match self.create_database().await {
                Ok(()) => return Ok(true),
                Err(error) if start.elapsed() > TAKE_OVER => return Err(error),
                Err(_) if start.elapsed() > DEAF && self.nobody_listens() => {
                    self.disown_lock_file().map_err(|error| refusal(&self.data, &self.user, &error))?;
                    return Ok(false);
                }
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
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
        let log = self.data.join("start.log");
        // Only what this start says.
        let _ = fs::remove_file(&log);
        let log_text = log.display().to_string();
        let (started, mut reason) = self.control("start", &["-w", "-t", "60", "-s", "-l", &log_text]).await?;
        if started {
            return Ok(());
        }
        reason.push_str(&fs::read_to_string(&log).unwrap_or_default());
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
            client
                .batch_execute("alter role tailtown_app set citus.propagate_set_commands = 'local'")
                .await?;
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

/// `None` when another program holds the lock.
fn lock(home: &Path) -> std::result::Result<File, Option<std::io::Error>> {
    let file =
        File::options().create(true).truncate(false).write(true).open(home.join("lock")).map_err(Some)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => None,
        TryLockError::Error(error) => Some(error),
    })?;
    Ok(file)
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

fn own_folder(folder: &Path, user: &User) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    // In a folder that everyone can write to, only one that is ours will do.
    if fs::symlink_metadata(folder)?.is_symlink() {
        return Err(std::io::Error::other("it is a symbolic link"));
    }
    if let Some((uid, gid)) = user.drop_to {
        chown(folder, Some(uid), Some(gid))?;
    }
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

async fn create_cluster(installation: &Installation, user: &User, data: &Path) -> Result<()> {
    tracing::info!(folder = %data.display(), "making a private database cluster");
    // Made elsewhere and put in place when it is whole. An initdb whose program was killed may still be at work: this one
    // has a folder of its own.
    let home = data.parent().unwrap_or(data);
    let refused = |error: std::io::Error| refusal(home, user, &error);
    for entry in fs::read_dir(home).map_err(refused)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("cluster-") {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let making = home.join(format!("cluster-{}", std::process::id()));
    own_folder(&making, user).map_err(refused)?;
    let mut command = user.command(&installation.program("initdb"));
    // C.UTF-8: letters have their case, and the order does not change with the machine's libraries.
    command.args([
        "--username",
        &user.name,
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--auth=trust",
        "--data-checksums",
    ]);
    let (made, reason) = run(command.kill_on_drop(true).arg("-D").arg(&making)).await?;
    if made {
        return fs::rename(&making, data).map_err(refused);
    }
    let _ = fs::remove_dir_all(&making);
    Err(failure("make its cluster", data, &reason))
}

/// Writes the settings anew with each start, in a file of ours that the cluster's own includes. The log gets no row, no
/// parameter and no text of a failed statement: they hold names and addresses.
fn configure(data: &Path, socket: &Path, settings: &Settings) -> std::io::Result<()> {
    let safe = match settings.durability {
        Durability::Safe => "on",
        Durability::None => "off",
    };
    let text = format!(
        "listen_addresses = ''\nunix_socket_directories = '\"{socket}\"'\nunix_socket_permissions = 0700\n\
         max_connections = {connections}\nshared_buffers = 128MB\njit = off\n\
         fsync = {safe}\nsynchronous_commit = {safe}\nfull_page_writes = {safe}\n\
         logging_collector = on\nlog_directory = 'log'\nlog_filename = 'postgresql-%a.log'\nlog_rotation_age = 1d\n\
         log_truncate_on_rotation = on\nlog_line_prefix = '%m [%p] %a '\nlog_min_duration_statement = 500ms\n\
         log_file_mode = 0600\nlog_error_verbosity = terse\nlog_min_error_statement = panic\n\
         log_parameter_max_length = 0\nlog_parameter_max_length_on_error = 0\n",
        socket = socket.display().to_string().replace('\\', r"\\").replace('\'', "''").replace('"', "\"\""),
        connections = settings.max_connections,
    );
    let own = data.join("tailtown.conf");
    fs::write(&own, text)?;
    // The server may run as another user; nobody else gets into the folder.
    fs::set_permissions(&own, Permissions::from_mode(0o644))?;
    let main = data.join("postgresql.conf");
    let include = "include = 'tailtown.conf'";
    if !fs::read_to_string(&main)?.contains(include) {
        writeln!(File::options().append(true).open(&main)?, "\n{include}")?;
    }
    Ok(())
}

fn refusal(home: &Path, user: &User, error: &std::io::Error) -> EmbeddedError {
    if error.kind() == ErrorKind::StorageFull {
        return EmbeddedError::DiskFull(home.to_owned());
    }
    EmbeddedError::NotWritable { folder: home.to_owned(), user: user.name.clone(), reason: error.to_string() }
}

/// A full disk has its own words, also when the server had no room left to say so.
fn failure(doing: &'static str, data: &Path, reason: &str) -> EmbeddedError {
    /// What the server takes from the disk at a time for its log of changes.
    const SEGMENT: u128 = 16 * 1024 * 1024;
    let left =
        statvfs(data).ok().map(|disk| u128::from(disk.blocks_available()) * u128::from(disk.fragment_size()));
    if reason.contains("No space left on device") || left.is_some_and(|left| left < SEGMENT) {
        return EmbeddedError::DiskFull(data.to_owned());
    }
    EmbeddedError::Failed { doing, reason: last_lines(reason) }
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
