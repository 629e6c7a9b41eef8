//! Runs a command with a temporary PostgreSQL: `with-postgres cargo test`.

use std::process::{ExitCode, Stdio};

use anyhow::Context;
use database::embedded::{self, Durability};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let mut words = std::env::args_os().skip(1);
    let program = words.next().context("name the command to run, as in `with-postgres cargo test`")?;
    let folder = tempfile::Builder::new().prefix("tailtown-test-").tempdir()?;
    let home = folder.path().to_owned();
    // As root, the server runs as another user, who needs access to the folder.
    std::fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o711))?;
    let server =
        embedded::start(&embedded::Settings { home, durability: Durability::None, max_connections: 500 })
            .await?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut child = Command::new(program)
        .args(words)
        .env(testkit::SERVER, server.socket_folder())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let status = tokio::select! {
        status = child.wait() => Some(status?),
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
    };
    drop(child);
    server.stop().await?;
    let code = status.and_then(|status| u8::try_from(status.code()?).ok()).unwrap_or(130);
    Ok(ExitCode::from(code))
}
