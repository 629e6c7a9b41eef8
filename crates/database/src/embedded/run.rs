//! Runs PostgreSQL's tools.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::error::{EmbeddedError, Result};

/// Runs a program to its end and returns whether it succeeded, and its output.
pub(super) async fn run(command: &mut Command) -> Result<(bool, String)> {
    const TIMEOUT: Duration = Duration::from_secs(120);
    let failed = |reason: String| EmbeddedError::Failed { doing: "run its tools", reason };
    let output = tokio::time::timeout(TIMEOUT, command.stdin(Stdio::null()).output()).await;
    let output = output.map_err(|_| failed("they took more than two minutes".into()))?;
    let output = output.map_err(|error| failed(error.to_string()))?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}
