//! Files and folders of backups and archives: only their owner can read them whatever the umask, and they end before the disk does.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use nix::fcntl::OFlag;
use nix::sys::statvfs::statvfs;

use super::manifest::Damage;

/// The most bytes of a file that is read into memory: the manifest of a backup of 10,000 tenants has a fifth of this.
pub(super) const LARGEST_NOTE: u64 = 256 * 1024 * 1024;

/// What is wrong with a place, and what to do about it.
pub(super) fn explain(error: &io::Error, doing: &str, place: &Path) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => anyhow::anyhow!(
            "the disk that holds {} is full: make room, then run the same command again",
            place.display()
        ),
        io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("cannot {doing} {}: {error}; run this as the user it belongs to", place.display())
        }
        _ => anyhow::anyhow!("cannot {doing} {}: {error}", place.display()),
    }
}

/// A new file that only its owner can read.
///
/// # Errors
/// When it is there already, or cannot be made.
pub(super) fn create(path: &Path) -> io::Result<File> {
    File::options().create_new(true).write(true).mode(0o600).open(path)
}

/// The same in place of what a run that was cut off left there.
pub(super) fn create_anew(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => create(path),
    }
}

/// A folder that only its owner can enter, and the folders above it; those that are there stay as they are.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).recursive(true).create(path)
}

/// Opens a file of a backup, with its length: a regular one, so no link leads out of the backup and no pipe blocks.
pub(super) fn open(path: &Path) -> io::Result<(u64, File)> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let file = File::options().read(true).custom_flags(flags.bits()).open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    Ok((about.len(), file))
}

/// Refuses a note of a backup that is larger than any that this program writes.
pub(super) fn must_be_small(name: &str, bytes: u64) -> Result<(), Damage> {
    if bytes <= LARGEST_NOTE {
        return Ok(());
    }
    let reason = format!("it has {bytes} bytes, more than the {LARGEST_NOTE} that it may have");
    Err(Damage::Unreadable { name: name.to_owned(), reason })
}

/// All of a small file.
pub(super) fn read_small(path: &Path) -> anyhow::Result<Vec<u8>> {
    let (length, file) = open(path)?;
    must_be_small(&path.display().to_string(), length)?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Refuses to begin what the disk of `folder` has no room for.
pub(super) fn must_have_room(folder: &Path, bytes: u64) -> anyhow::Result<()> {
    let disk = statvfs(folder)?;
    let free = disk.blocks_available().saturating_mul(disk.fragment_size());
    anyhow::ensure!(
        bytes <= free,
        "the disk that holds {} is full: make room for {bytes} bytes, of which {free} are free, then run the same command again",
        folder.display()
    );
    Ok(())
}
