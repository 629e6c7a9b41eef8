//! Where PostgreSQL is on this machine, and the ordinary user who runs it.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User as Account};
use tokio::process::Command;

use super::{EmbeddedError, Result, run};

/// The oldest major version that the schema is written for.
const OLDEST: u32 = 15;

/// A PostgreSQL on this machine.
#[derive(Clone, Debug)]
pub(super) struct Installation {
    programs: PathBuf,
    major: u32,
}

impl Installation {
    /// The one whose major version the cluster in `data` needs; for a new cluster the newest. Of several of one version it is
    /// always the same one.
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

    /// What is installed now; `None` while part of it is missing, as in the middle of an upgrade.
    pub(super) fn state(&self) -> Option<InstallationState> {
        /// Where packages and PostgreSQL's own build put libraries, beside the folder of the programs.
        const LIBRARIES: [&str; 4] = ["../lib", "../lib/postgresql", "../lib64/pgsql", "../lib64/postgresql"];
        let libraries = LIBRARIES.iter().map(|folder| self.programs.join(folder).join("plpgsql.so"));
        let library = libraries.into_iter().find_map(|library| FileId::of(&library))?;
        Some(InstallationState { server: FileId::of(&self.program("postgres"))?, library })
    }

    /// Whether the process runs the program that is installed now, and not one that an upgrade has replaced since. A process
    /// that may not be looked at counts as if it did.
    pub(super) fn is_program_of(&self, pid: i32) -> bool {
        let id = |path: &Path| std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
        let (running, installed) =
            (id(Path::new(&format!("/proc/{pid}/exe"))), id(&self.program("postgres")));
        running.is_none() || running == installed
    }
}

/// The files of an installation that a running server and its new backends share, told apart from others of the same names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InstallationState {
    server: FileId,
    library: FileId,
}

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

/// Every folder that may hold PostgreSQL's programs.
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
        // Debian keeps a `psql` in the path, but the server's own programs only beside each other.
        let complete = ["postgres", "initdb", "pg_ctl"].iter().all(|name| programs.join(name).is_file());
        if !complete || found.iter().any(|known| known.programs == programs) {
            continue;
        }
        // It says the same as the server, and is a tenth of its size.
        let major = major(&programs.join("pg_ctl"));
        found.extend(major.map(|major| Installation { programs, major }));
    }
    found
}

/// The major version a program of PostgreSQL's says it is of.
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

/// Who runs the server: whoever started the program, except that root becomes someone who can do less.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) name: String,
    /// The ids to become, when started as root.
    pub(super) drop_to: Option<(u32, u32)>,
}

impl User {
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
            unknown("PostgreSQL refuses root, and there is neither `postgres` nor `nobody`")
        })?;
        Ok(Self { name: account.name, drop_to: Some((account.uid.as_raw(), account.gid.as_raw())) })
    }

    /// `program`, as this user, in a folder that every user may be in.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir("/")
            .env_remove("PGDATA")
            .env_remove("PGHOST")
            .env_remove("PGPORT")
            .env_remove("PGUSER");
        // Away from the terminal's group: a Ctrl-C is for the program, which then stops the server in order.
        command.process_group(0);
        if let Some((uid, gid)) = self.drop_to {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Root may make a folder anywhere; the one who works in it must be able to walk there.
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
