//! `tailtown-<port>.pid` in the state folder: which program serves, and how its last reload went. It is locked for as long as that
//! program lives, so that its number is never taken for a stranger's.

use std::fs::{File, TryLockError};
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::config::Config;
use crate::succession::Version;
use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

/// How long whoever only looks may hold the lock, and a program that was killed may leave it to one that it was starting.
const LOOKING: Duration = Duration::from_secs(2);

/// The program that serves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Serving {
    pub(crate) pid: u32,
    /// What a reload starts.
    pub(crate) program: PathBuf,
    pub(crate) address: String,
    #[serde(flatten)]
    pub(crate) version: Version,
    /// How often a reload was tried since the program was started, whichever process it was.
    pub(crate) reloads: u64,
    pub(crate) under_way: bool,
    /// Why the last reload failed, if it did.
    pub(crate) failure: Option<String>,
}

/// The file of this program, locked.
#[derive(Debug)]
pub(crate) struct PidFile(File);

fn path(config: &Config) -> PathBuf {
    config.home.join(format!("tailtown-{}.pid", config.port))
}

impl PidFile {
    /// Takes the file; `None` where the state folder cannot be written: then no reload finds this program.
    ///
    /// # Errors
    /// When another program holds it.
    pub(crate) async fn take(config: &Config) -> anyhow::Result<Option<Self>> {
        let path = path(config);
        let _ = std::fs::create_dir_all(&config.home);
        let file = match File::options().create(true).truncate(false).read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "`tailtown reload` will not find this program");
                return Ok(None);
            }
        };
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self(file))),
                Err(TryLockError::WouldBlock) if start.elapsed() < LOOKING => {
                    sleep(Duration::from_millis(10)).await;
                }
                Err(TryLockError::WouldBlock) => bail!(
                    "a program with this state folder and PORT={} runs already: stop that one, or choose another PORT",
                    config.port
                ),
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("{} cannot be locked", path.display()));
                }
            }
        }
    }

    /// The file as the program before this one hands it on: the lock comes with it.
    ///
    /// # Errors
    /// When these settings lead to another.
    pub(crate) fn inherit(file: File, config: &Config) -> anyhow::Result<Self> {
        let (ours, theirs) = (std::fs::metadata(path(config)), file.metadata()?);
        if !ours.is_ok_and(|ours| (ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino())) {
            bail!("PORT or TAILTOWN_HOME were changed: stop and start instead of reloading");
        }
        Ok(Self(file))
    }

    /// What it says now.
    pub(crate) fn read(&self) -> Option<Serving> {
        let mut text = String::new();
        let mut file = &self.0;
        std::io::Seek::rewind(&mut file).ok()?;
        file.read_to_string(&mut text).ok()?;
        parse(&text)
    }

    /// The first line is the number of the process, for those who know pid files; the second is everything.
    pub(crate) fn write(&self, serving: &Serving) {
        let text = serde_json::to_string(serving).map(|json| format!("{}\n{json}\n", serving.pid));
        let text = text.unwrap_or_default();
        // A reader who meets half of it reads again.
        let written =
            self.0.write_all_at(text.as_bytes(), 0).and_then(|()| self.0.set_len(text.len() as u64));
        if let Err(error) = written {
            tracing::warn!(%error, "the pid file cannot be written");
        }
    }

    /// Nobody serves any more.
    pub(crate) fn clear(&self) {
        let _ = self.0.set_len(0);
    }
}

impl AsFd for PidFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The program that serves with these settings, if one does.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn look(config: &Config) -> anyhow::Result<Option<Serving>> {
    let path = path(config);
    let start = Instant::now();
    loop {
        let text = match read_locked(&path) {
            Ok(Some(text)) => text,
            Ok(None) => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        };
        if let Some(serving) = parse(&text) {
            return Ok(Some(serving));
        }
        // It was just about to write it.
        if start.elapsed() > LOOKING {
            bail!("{} is held by a program that does not say what it is", path.display());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The text of a file that someone holds; `None` when nobody does.
fn read_locked(path: &Path) -> std::io::Result<Option<String>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            Ok(Some(text))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn parse(text: &str) -> Option<Serving> {
    serde_json::from_str(text.lines().nth(1)?).ok()
}
