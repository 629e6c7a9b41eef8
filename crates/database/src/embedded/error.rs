//! Why the private PostgreSQL does not run, and what to do.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::disk::is_full;

pub(super) type Result<T, E = EmbeddedError> = std::result::Result<T, E>;

/// The reason why there is no private PostgreSQL, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error(
        "no PostgreSQL 15 or newer was found: install it (on Debian and Ubuntu `apt-get install postgresql`), or set DATABASE_URL"
    )]
    NotInstalled,
    #[error(
        "{folder} holds a cluster of PostgreSQL {found}, and only {installed} is installed: install PostgreSQL {found}, \
         or choose another TAILTOWN_HOME"
    )]
    OtherMajor { folder: PathBuf, found: u32, installed: String },
    #[error(
        "the state folder {0} is used by another running tailtown: stop that one, or choose another TAILTOWN_HOME and PORT"
    )]
    InUse(PathBuf),
    #[error(
        "tailtown (process {pid}) runs, and its database does not answer: {fault}; try again in a moment, and see the program's log"
    )]
    Down { pid: u32, fault: String },
    #[error(
        "{folder} is not a complete PostgreSQL cluster, {what}: put the missing files back; or move this folder away, run \
         `tailtown backup list` and `tailtown backup restore <name>`, which creates a new one from a backup"
    )]
    Damaged { folder: PathBuf, what: String },
    #[error(
        "the state folder {folder} cannot be used by {user}: {reason}; make it writable, or choose another TAILTOWN_HOME"
    )]
    NotWritable { folder: PathBuf, user: String, reason: String },
    #[error("the disk that holds {0} is full: make room, then start again; no committed data is lost")]
    DiskFull(PathBuf),
    #[error("the private PostgreSQL did not {doing}: {reason}")]
    Failed { doing: &'static str, reason: String },
}

impl EmbeddedError {
    /// The reason in a few words, without a path or PostgreSQL's own text, so that anyone may read it.
    pub(super) fn in_short(&self) -> String {
        match self {
            Self::NotInstalled => "PostgreSQL is no longer installed".to_owned(),
            Self::OtherMajor { found, .. } => format!("PostgreSQL {found} is no longer installed"),
            Self::InUse(_) | Self::Down { .. } => "another program uses it".to_owned(),
            Self::Damaged { .. } => "its data folder is damaged".to_owned(),
            Self::NotWritable { .. } => "its folder cannot be used".to_owned(),
            Self::DiskFull(_) => "the disk is full".to_owned(),
            Self::Failed { doing, .. } => format!("it did not {doing}"),
        }
    }
}

/// The error for a file or folder under `home` that cannot be used.
pub(super) fn refusal(home: &Path, user: &str, error: &std::io::Error) -> EmbeddedError {
    if error.kind() == ErrorKind::StorageFull {
        return EmbeddedError::DiskFull(home.to_owned());
    }
    EmbeddedError::NotWritable { folder: home.to_owned(), user: user.to_owned(), reason: error.to_string() }
}

/// The error for a failure that PostgreSQL's tools report in `reason`. A full disk and a damaged cluster are recognized and have
/// errors of their own; a full disk also when the server could not write that it is full.
pub(super) fn failure(doing: &'static str, data: &Path, reason: &str) -> EmbeddedError {
    /// PostgreSQL's messages about missing or damaged files.
    const DAMAGE: [&str; 7] = [
        "could not locate a valid checkpoint record",
        "could not locate required checkpoint record",
        "incorrect checksum in control file",
        "is not a valid data directory",
        "requested timeline",
        "required WAL directory",
        "invalid checkpoint",
    ];
    if reason.contains("No space left on device") || is_full(data) {
        return EmbeddedError::DiskFull(data.to_owned());
    }
    let says_damage = |line: &&str| DAMAGE.iter().any(|damage| line.contains(damage));
    if let Some(line) = reason.lines().find(says_damage) {
        let said = line.split_once(":  ").map_or(line, |(_, message)| message);
        return EmbeddedError::Damaged { folder: data.to_owned(), what: format!("it says \"{said}\"") };
    }
    EmbeddedError::Failed { doing, reason: last_lines(reason) }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(8)..].join("\n  ")
}
