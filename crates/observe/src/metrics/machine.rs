//! What the program takes of its machine, as Linux tells; elsewhere it is not told.

use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;
use nix::unistd::{SysconfVar, sysconf};
use prometheus_client::registry::Registry;

use base::figures::{counters, gauges};

const NO_LABELS: [(&str, &str); 0] = [];

/// What Prometheus is told of the process, and of the disk of `home`.
pub(super) fn register(registry: &mut Registry, home: PathBuf) {
    let memory = || resident_bytes().map(|bytes| (NO_LABELS, bytes));
    registry.register("process_resident_memory_bytes", "Memory in hand", gauges(memory));
    let processor = || cpu_seconds().map(|seconds| (NO_LABELS, seconds));
    registry.register("process_cpu_seconds", "Processor time", counters(processor));
    let files = || open_files().map(|files| (NO_LABELS, files));
    registry.register("process_open_fds", "Open files and connections", gauges(files));
    let room = move |of: fn((u64, u64)) -> u64| {
        let home = home.clone();
        gauges(move || disk(&home).map(|room| (NO_LABELS, of(room))))
    };
    let about = "Room left on the disk of the state folder";
    registry.register("tailtown_disk_free_bytes", about, room(|(free, _)| free));
    registry.register(
        "tailtown_disk_size_bytes",
        "Room on the disk of the state folder",
        room(|(_, all)| all),
    );
}

/// The memory that the process has in hand.
pub fn resident_bytes() -> Option<u64> {
    let pages: u64 = fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(pages * unit(SysconfVar::PAGE_SIZE)?)
}

/// The processor time it took since its start.
pub fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in parentheses, may hold anything.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) as f64 / unit(SysconfVar::CLK_TCK)? as f64)
}

pub fn open_files() -> Option<u64> {
    Some(fs::read_dir("/proc/self/fd").ok()?.count() as u64)
}

/// The room left to the program and the room there is, on the disk of `folder` or of the nearest that exists above it.
pub fn disk(folder: &Path) -> Option<(u64, u64)> {
    let stat = folder.ancestors().find_map(|folder| statvfs(folder).ok())?;
    let bytes = |blocks: u64| blocks * stat.fragment_size();
    Some((bytes(stat.blocks_available()), bytes(stat.blocks())))
}

fn unit(of: SysconfVar) -> Option<u64> {
    sysconf(of).ok()??.try_into().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {

    use super::*;

    #[test]
    fn linux_tells_what_the_program_takes() {
        assert!(resident_bytes().unwrap() > 1_000_000);
        assert!(cpu_seconds().unwrap() >= 0.0);
        assert!(open_files().unwrap() > 2);
        let (free, all) = disk(Path::new("/nowhere/at/all")).unwrap();
        assert!(free <= all && all > 0);
    }
}
