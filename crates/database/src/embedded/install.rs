//! PostgreSQL's installations on this machine, and the ordinary user who runs the server.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User as Account};
use tokio::process::Command;

use super::error::{EmbeddedError, Result};
use super::run::run;

/// The oldest major version that the schema is written for.
const OLDEST: u32 = 15;

/// An installation of PostgreSQL: the folder of its programs, and its major version.
#[derive(Clone, Debug)]
pub(super) struct Installation {
    programs: PathBuf,
    major: u32,
}

impl Installation {
    /// The installation with the major version of the cluster in `data`; for a new cluster the newest. Of several with the same
    /// version it is always the same one.
    pub(super) fn find(data: &Path) -> Result<Self> {
        let mut found = installed();
        found.retain(|installation| installation.major >= OLDEST);
        found.sort_by_key(|installation| installation.major);
        let newest = found.iter().min_by_key(|installation| Reverse(installation.major));
        let newest = newest.cloned().ok_or(EmbeddedError::NotInstalled)?;
        let cluster = std::fs::read_to_string(data.join("PG_VERSION")).ok();
        let Some(cluster) = cluster.and_then(|version| version.trim().parse::<u32>().ok()) else {
            return Ok(newest);
        };
        found.iter().find(|installation| installation.major == cluster).cloned().ok_or_else(|| {
            let installed: Vec<_> = found.iter().map(|installation| installation.major.to_string()).collect();
            EmbeddedError::OtherMajor {
                folder: data.to_owned(),
                found: cluster,
                installed: installed.join(" and "),
            }
        })
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// The files that are installed now; `None` while some are missing, as during an upgrade.
    pub(super) fn state(&self) -> Option<InstallationState> {
        /// The folders of libraries, relative to the programs, in packages and in PostgreSQL's own build.
        const LIBRARIES: [&str; 4] = ["../lib", "../lib/postgresql", "../lib64/pgsql", "../lib64/postgresql"];
        let libraries = LIBRARIES.iter().map(|folder| self.programs.join(folder).join("plpgsql.so"));
        let library = libraries.into_iter().find_map(|library| FileId::of(&library))?;
        Some(InstallationState { server: FileId::of(&self.program("postgres"))?, library })
    }

    /// Whether the process runs the program that is installed now, not one that an upgrade has replaced. `true` if the process
    /// cannot be inspected.
    pub(super) fn is_program_of(&self, pid: i32) -> bool {
        let id = |path: &Path| std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
        let (running, installed) =
            (id(Path::new(&format!("/proc/{pid}/exe"))), id(&self.program("postgres")));
        running.is_none() || running == installed
    }
}

/// The identity of files that a running server shares with its new backends. It changes when an upgrade replaces them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InstallationState {
    server: FileId,
    library: FileId,
}

/// The identity of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl FileId {
    fn of(path: &Path) -> Option<Self> {
        let file = std::fs::metadata(path).ok()?;
        let modified = (file.mtime(), file.mtime_nsec());
        Some(Self { device: file.dev(), inode: file.ino(), size: file.size(), modified })
    }
}

/// All folders that may contain PostgreSQL's programs.
pub(crate) fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    if let Some(folder) = output("pg_config", "--bindir") {
        folders.push(folder.into());
    }
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect::<Vec<_>>());
    for (parent, rest) in [
        ("/usr/lib/postgresql", "bin"),
        ("/usr", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
    ] {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        folders.extend(
            entries
                .filter(|entry| parent.ends_with("postgresql") || is_versioned(&entry.file_name()))
                .map(|entry| entry.path().join(rest)),
        );
    }
    folders
}

fn installed() -> Vec<Installation> {
    let mut found: Vec<Installation> = Vec::new();
    for programs in folders() {
        // Debian has `psql` in the PATH, but not the server's programs.
        let complete = ["postgres", "initdb", "pg_ctl"].iter().all(|name| programs.join(name).is_file());
        if !complete || found.iter().any(|known| known.programs == programs) {
            continue;
        }
        // pg_ctl reports the same version as the server and starts faster.
        let major = major(&programs.join("pg_ctl"));
        found.extend(major.map(|major| Installation { programs, major }));
    }
    found
}

/// The major version that a program of PostgreSQL reports.
pub(crate) fn major(program: &Path) -> Option<u32> {
    output(program, "--version")?.split_whitespace().nth(2)?.split('.').next()?.parse().ok()
}

fn is_versioned(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with("pgsql-") || name.starts_with("postgresql@"))
}

fn output(program: impl AsRef<OsStr>, argument: &str) -> Option<String> {
    let output = std::process::Command::new(program).arg(argument).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The user who runs the server: the one who started the program, or an unprivileged user if that was root.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) name: String,
    /// The user and group id to switch to, when started as root.
    pub(super) drop_to: Option<(u32, u32)>,
}

impl User {
    /// The current user, or `postgres` or `nobody` if that is root.
    pub(super) fn unprivileged() -> Result<Self> {
        let unknown = |reason: &str| EmbeddedError::Failed {
            doing: "find a user to run as",
            reason: reason.to_owned(),
        };
        if !Uid::effective().is_root() {
            let account = Account::from_uid(Uid::effective()).ok().flatten();
            let name = account.map_or_else(|| Uid::effective().to_string(), |account| account.name);
            return Ok(Self { name, drop_to: None });
        }
        let account = ["postgres", "nobody"].iter().find_map(|name| Account::from_name(name).ok().flatten());
        let account = account.ok_or_else(|| {
            unknown("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")
        })?;
        Ok(Self { name: account.name, drop_to: Some((account.uid.as_raw(), account.gid.as_raw())) })
    }

    /// A command that runs `program` as this user, in a folder that every user may enter.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir("/")
            .env_remove("PGDATA")
            .env_remove("PGHOST")
            .env_remove("PGPORT")
            .env_remove("PGUSER");
        // In a process group of its own, so that Ctrl-C reaches only the program, which then stops the server in order.
        command.process_group(0);
        if let Some((uid, gid)) = self.drop_to {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Checks that this user can reach and write to a folder. Root can create a folder anywhere, but this user may lack access to
    /// a parent.
    pub(super) async fn must_reach(&self, folder: &Path) -> Result<()> {
        let (reached, _) = run(self.command(Path::new("test")).arg("-w").arg(folder)).await?;
        if reached {
            return Ok(());
        }
        Err(EmbeddedError::NotWritable {
            folder: folder.to_owned(),
            user: self.name.clone(),
            reason: "a folder on the way to it is closed to that user".to_owned(),
        })
    }
}
