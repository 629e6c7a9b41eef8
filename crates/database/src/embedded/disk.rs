//! The room on the disk.

use std::path::Path;

use nix::sys::statvfs::statvfs;

/// Whether there is too little room for one more segment of PostgreSQL's write-ahead log.
pub(super) fn is_full(data: &Path) -> bool {
    const SEGMENT: u128 = 16 * 1024 * 1024;
    statvfs(data)
        .is_ok_and(|disk| u128::from(disk.blocks_available()) * u128::from(disk.fragment_size()) < SEGMENT)
}
