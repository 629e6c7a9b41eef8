//! Ends the backends that a killed server left behind: while one is busy, no new server may use the data folder.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::sleep;

use super::EmbeddedError;

/// How long the backends may take to end by themselves after SIGQUIT, which a backend obeys at once.
const PATIENCE: Duration = Duration::from_secs(3);

/// Ends what still runs in the data folder. Call it only when no server answers there and the state folder's lock is held.
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
        if start.elapsed() > 2 * PATIENCE {
            let reason =
                format!("processes {left:?} still use {}: end them, then start again", data.display());
            return Err(EmbeddedError::Failed { doing: "end what a killed server left", reason });
        }
        if start.elapsed() > PATIENCE {
            signal = Signal::SIGKILL;
        }
        tracing::warn!(processes = ?left, %signal, "ending the backends that a killed private database left behind");
        for pid in left {
            let _ = kill(Pid::from_raw(pid), signal);
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// PostgreSQL's processes whose working directory is the data folder, as that of every backend is.
fn backends(data: &Path) -> Vec<i32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        let is_here = fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data);
        is_here && is_postgres(*pid)
    })
    .collect()
}

/// Whether the process is the server of this data folder. In a container even root may not see the working directory of another
/// user's process: then its name is enough.
pub(super) fn is_server(pid: i32, data: &Path) -> bool {
    let is_here = match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(folder) => folder == data,
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    };
    is_here && is_postgres(pid)
}

/// A process that has ended and whose parent has not noticed is none.
fn is_postgres(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.contains(" (postgres) ") && !stat.contains(") Z ")
}
