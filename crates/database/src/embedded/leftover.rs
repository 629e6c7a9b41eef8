//! Ends backends that still run after their server was killed. While one is running, no new server can use the data folder.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::sleep;

use super::error::EmbeddedError;

/// The longest time that backends may take to end after SIGQUIT; then they get SIGKILL.
const QUITS_WITHIN: Duration = Duration::from_secs(3);

/// Ends all backends of the data folder. Call it only while holding the lock of the state folder, and when no server answers.
///
/// # Errors
/// When a process does not end.
pub(super) async fn end(data: &Path) -> Result<(), EmbeddedError> {
    let start = Instant::now();
    let mut signal = Signal::SIGQUIT;
    loop {
        let left = backends(data);
        if left.is_empty() {
            return Ok(());
        }
        if start.elapsed() > 2 * QUITS_WITHIN {
            let reason =
                format!("processes {left:?} still use {}: end them, then start again", data.display());
            return Err(EmbeddedError::Failed { doing: "end the backends of a killed server", reason });
        }
        if start.elapsed() > QUITS_WITHIN {
            signal = Signal::SIGKILL;
        }
        tracing::warn!(processes = ?left, %signal, "ending backends of a private database that was killed");
        for pid in left {
            let _ = kill(Pid::from_raw(pid), signal);
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// PostgreSQL's processes whose working directory is the data folder, which is true for every backend.
fn backends(data: &Path) -> Vec<i32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        let is_here = fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data);
        is_here && is_postgres(*pid)
    })
    .collect()
}

/// Whether the process is the server of this data folder. If the working directory cannot be read, which happens in containers
/// even to root, the name of the process decides.
pub(super) fn is_server(pid: i32, data: &Path) -> bool {
    let is_here = match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(folder) => folder == data,
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    };
    is_here && is_postgres(pid)
}

/// Whether the process is a running PostgreSQL; not one that has ended and that its parent has not collected yet.
fn is_postgres(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.contains(" (postgres) ") && !stat.contains(") Z ")
}
