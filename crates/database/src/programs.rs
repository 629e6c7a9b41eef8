//! Finds and runs pg_dump and pg_restore.

use std::path::PathBuf;

use tokio::process::Command;
use tokio_postgres::config::Host;

use crate::connect::Server;
use crate::embedded::install::{folders, major};

/// `pg_dump` and `pg_restore` of one version.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
    pub major: u32,
}

/// The error when this machine lacks them, or has only older versions.
#[derive(Debug, thiserror::Error)]
#[error(
    "pg_dump and pg_restore of PostgreSQL {wanted} or newer are needed and this machine has {found}: install them (on Debian \
     and Ubuntu `apt-get install postgresql-client-{wanted}`)"
)]
pub struct NoPrograms {
    wanted: u32,
    found: String,
}

impl Programs {
    /// The oldest version that works with a server, or an archive, of version `wanted`. Not the newest, because newer versions
    /// write statements that an older server does not know.
    ///
    /// # Errors
    /// When there are none, or only older ones.
    pub fn find(wanted: u32) -> Result<Self, NoPrograms> {
        let mut found: Vec<Self> = Vec::new();
        for folder in folders() {
            if folder.join("pg_restore").is_file()
                && let Some(major) = major(&folder.join("pg_dump"))
            {
                found.push(Self { folder, major });
            }
        }
        // Of two folders with the same version, the first comes earlier in the search order.
        found.sort_by_key(|programs| programs.major);
        let names: Vec<_> = found.iter().map(|programs| programs.major.to_string()).collect();
        found.into_iter().find(|programs| programs.major >= wanted).ok_or_else(|| NoPrograms {
            wanted,
            found: if names.is_empty() { "none".to_owned() } else { format!("only {}", names.join(", ")) },
        })
    }

    /// One of the programs, with the address in its environment, because everyone on the machine can read a process's arguments.
    pub fn command(&self, name: &str, server: &Server, application: &str) -> Command {
        let mut command = Command::new(self.folder.join(name));
        for variable in ["PGSERVICE", "PGOPTIONS", "PGSSLROOTCERT", "PGHOSTADDR", "PGPASSFILE", "PGCLUSTER"] {
            command.env_remove(variable);
        }
        let host = server.get_hosts().first().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        });
        let port = server.get_ports().first().map_or_else(|| "5432".to_owned(), ToString::to_string);
        command.env("PGHOST", host.unwrap_or_default()).env("PGPORT", port);
        command.env("PGUSER", server.get_user().unwrap_or_default());
        command.env("PGDATABASE", server.get_dbname().or(server.get_user()).unwrap_or_default());
        command.envs(server.tls_environment());
        command.env("PGAPPNAME", application).env("PGCONNECT_TIMEOUT", "10");
        match server.get_password() {
            Some(password) => command.env("PGPASSWORD", String::from_utf8_lossy(password).as_ref()),
            None => command.env_remove("PGPASSWORD"),
        };
        command.env("LC_ALL", "C").kill_on_drop(true);
        command
    }
}
