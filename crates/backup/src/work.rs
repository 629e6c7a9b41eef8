//! A folder for an archive while it is put together or taken apart; what a killed run left of its own is removed by the
//! next.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::files::{self, explain};

/// A folder of its own in the state folder, removed with this value.
pub(super) struct Work {
    folder: PathBuf,
    /// Held as long as the folder is in use; the kernel lets go of it when the program dies, however it dies.
    _lock: File,
}

const LOCK: &str = "lock";

impl Work {
    pub(super) fn begin(home: &Path) -> anyhow::Result<Self> {
        let all = home.join("work");
        let refused = |error: std::io::Error| explain(&error, "write", &all);
        files::create_folder(&all).map_err(refused)?;
        sweep(&all);
        let folder = all.join(format!("{:016x}", rand::random::<u64>()));
        DirBuilder::new().mode(0o700).create(&folder).map_err(refused)?;
        let lock = files::create(&folder.join(LOCK)).map_err(refused)?;
        lock.lock().map_err(refused)?;
        Ok(Self { folder, _lock: lock })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn file(&self, name: &'static str) -> PathBuf {
        self.folder.join(name)
    }

    /// The file of the table of this number: what an archive calls its tables never becomes a path.
    pub(super) fn rows(&self, number: usize) -> PathBuf {
        self.folder.join(format!("rows-{number}.csv"))
    }
}

/// Removes folders whose lock nobody holds. One that is just being made has no lock yet and stays.
fn sweep(all: &Path) {
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        if let Ok(lock) = File::open(entry.path().join(LOCK))
            && lock.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
