//! The lock of the state folder: one program holds it, and its file says which, and how its private PostgreSQL is.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// `None` when another program holds it.
pub(super) fn lock(home: &Path) -> Result<File, Option<std::io::Error>> {
    let file = File::options().create(true).truncate(false).write(true).open(path(home)).map_err(Some)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => None,
        TryLockError::Error(error) => Some(error),
    })?;
    Ok(file)
}

/// Who holds the lock.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) pid: u32,
    /// Why its PostgreSQL does not answer; empty when it does.
    pub(super) fault: String,
}

/// Says how the server is, for commands beside this program, which holds the lock. Written over what is there: that needs no
/// room on a full disk. The file is opened anew, as a copy of the locked descriptor would hold the lock on.
pub(super) fn note(home: &Path, fault: &str) {
    let text = format!("{}\n{}\n", std::process::id(), fault.replace('\n', " "));
    let written = File::options().write(true).open(path(home)).and_then(|file| {
        file.write_all_at(text.as_bytes(), 0)?;
        file.set_len(text.len() as u64)
    });
    if let Err(error) = written {
        tracing::warn!(%error, "commands beside this program will not know how the private database is");
    }
}

/// What the holder wrote last; `None` when that was a program which writes nothing.
pub(super) fn read(home: &Path) -> Option<Holder> {
    let text = fs::read_to_string(path(home)).ok()?;
    let (pid, fault) = text.split_once('\n')?;
    Some(Holder { pid: pid.parse().ok()?, fault: fault.trim().to_owned() })
}

fn path(home: &Path) -> PathBuf {
    home.join("lock")
}
