//! A private PostgreSQL in the state folder: reachable over a unix socket only, run as an ordinary user, and taken over by the
//! next program after this one was killed.

mod cluster;
mod disk;
mod error;
mod holder;
pub(crate) mod install;
mod leftover;
mod log;
mod run;
mod server;
mod settings;
mod watch;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tokio::time::sleep;
use tokio_postgres::Config;

pub use error::EmbeddedError;
use error::{Result, refusal};
use install::{Installation, User};
pub use log::tail as log_tail;
use server::{Server, Start};
pub use settings::{Durability, Settings};
pub use watch::{Fault, Standing};

/// The longest time that a command waits for a server that the serving program is starting or stopping.
const JOINS_WITHIN: Duration = Duration::from_secs(3);

/// A running private PostgreSQL.
#[derive(Debug)]
pub struct Embedded {
    home: PathBuf,
    server: Server,
    adopted: bool,
    standing: Standing,
    /// The lock of the state folder, held while the server belongs to this program. The kernel releases it when the program ends,
    /// however it ends. `None` when the server belongs to another program.
    lock: Option<File>,
}

/// Starts the private PostgreSQL, or takes over one that still runs after its program was killed. Creates the roles and the
/// database if they are missing.
///
/// # Errors
/// Text for the person at the terminal.
pub async fn start(settings: &Settings) -> Result<Embedded> {
    let user = User::unprivileged()?;
    let home = &settings.home;
    let refused = |error: &std::io::Error| refusal(home, &user.name, error);
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
    let adopted = server.bring_up().await? == Start::AlreadyRunning;
    if adopted {
        tracing::info!("took over the private database of an earlier run");
    }
    holder::note(home, "");
    Ok(Embedded { home: home.clone(), server, adopted, standing, lock: Some(lock) })
}

/// Starts the private PostgreSQL, or uses the one that a running program has started. For commands.
///
/// # Errors
/// As [`start`]; when that program's server does not answer, the reason that the program has written down.
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
        if start.elapsed() > JOINS_WITHIN {
            let Some(holder) = holder else { return Err(EmbeddedError::InUse(home)) };
            let fault = if holder.fault.is_empty() { watch::ENDED.to_owned() } else { holder.fault };
            return Err(EmbeddedError::Down { pid: holder.pid, fault });
        }
        sleep(Duration::from_millis(100)).await;
    }
}

impl Embedded {
    /// The connection settings for `user`. Other users of the machine cannot enter the socket's folder.
    pub fn config(&self, user: &str, database: &str) -> Config {
        self.server.config(user, database)
    }

    /// The superuser role: for backups, never for requests.
    pub fn superuser(&self) -> &str {
        &self.server.user.name
    }

    pub fn socket_folder(&self) -> &Path {
        &self.server.socket
    }

    /// Whether the server was already running when this program started.
    pub fn adopted(&self) -> bool {
        self.adopted
    }

    /// The state of the server, as far as this program knows.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The lock that makes the server this program's. If two programs have the same file open, both hold it until the last closes
    /// it.
    pub fn lock(&self) -> Option<&File> {
        self.lock.as_ref()
    }

    /// Takes over the server, with the lock that another program has passed on.
    pub fn inherit(&mut self, lock: File) {
        self.lock = Some(lock);
    }

    /// A task that starts the server again whenever it has ended or PostgreSQL was upgraded, until `stop` completes; an attempt
    /// in progress is finished first. `None` when the server belongs to another program.
    pub fn watch(
        &self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        self.lock.as_ref()?;
        let watch = watch::Watch::new(self.server.clone(), self.home.clone(), self.standing.clone());
        Some(watch.run(stop))
    }

    /// Stops the server, if it belongs to this program. Open transactions are rolled back; committed ones are on disk.
    ///
    /// # Errors
    /// When it does not stop in time; the next start recovers it.
    pub async fn stop(self) -> Result<()> {
        if self.lock.is_none() {
            return Ok(());
        }
        holder::note(&self.home, "the private database is being stopped");
        self.server.end().await
    }
}

/// The folder of the socket. The path of a socket is limited to 107 bytes; if the state folder's path is too long, the folder is
/// in `/tmp`, with a name derived from the state folder.
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
