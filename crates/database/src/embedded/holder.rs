//! The lock of the state folder. One program holds it, and writes its process number and the state of its private PostgreSQL into
//! the file.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// Takes the lock.
///
/// # Errors
/// `None` when another program holds it, otherwise why the file cannot be used.
pub(super) fn lock(home: &Path) -> Result<File, Option<std::io::Error>> {
    let file = File::options().create(true).truncate(false).write(true).open(path(home)).map_err(Some)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => None,
        TryLockError::Error(error) => Some(error),
    })?;
    Ok(file)
}

/// The program that holds the lock.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) pid: u32,
    /// Why its PostgreSQL does not answer; empty if it does.
    pub(super) fault: String,
}

/// Writes the state of the server, for commands that run beside this program. It overwrites the file in place, which works on a
/// full disk. It opens the file again, because a copy of the locked descriptor would keep the lock.
pub(super) fn note(home: &Path, fault: &str) {
    let text = format!("{}\n{}\n", std::process::id(), fault.replace('\n', " "));
    let written = File::options().write(true).open(path(home)).and_then(|file| {
        file.write_all_at(text.as_bytes(), 0)?;
        file.set_len(text.len() as u64)
    });
    if let Err(error) = written {
        tracing::warn!(%error, "the state of the private database could not be written for other commands");
    }
}

/// What the holder has written; `None` if it is an older program that writes nothing.
pub(super) fn read(home: &Path) -> Option<Holder> {
    let text = fs::read_to_string(path(home)).ok()?;
    let (pid, fault) = text.split_once('\n')?;
    Some(Holder { pid: pid.parse().ok()?, fault: fault.trim().to_owned() })
}

fn path(home: &Path) -> PathBuf {
    home.join("lock")
}
