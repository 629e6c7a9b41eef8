//! The schema's steps: forward only, one statement a message, safe to deploy from two nodes at once, and such that the
//! programs that run meanwhile go on serving.

mod backfill;
mod deploy;
mod folder;
mod history;
mod lint;
mod resolve;
mod script;

use std::borrow::Cow;

use sha2::{Digest, Sha256};

pub use deploy::{Applied, deploy, deploy_telling};
pub use folder::{add, read_folder};
pub use history::{Mismatch, Progress, State, Step, status, verify};
pub use lint::{Finding, lint};
pub use resolve::{Resolution, resolve};

/// One step of the schema: a file `0003_customers.sql`.
#[derive(Clone, Debug)]
pub struct Migration {
    pub version: i32,
    pub name: Cow<'static, str>,
    pub sql: Cow<'static, str>,
}

impl Migration {
    /// A step from its file's name, which begins with the version, and its text.
    ///
    /// # Panics
    /// When the file's name has no version: it is written in the source.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the names are in the source, and every test deploys them")]
    pub fn new(file: impl Into<Cow<'static, str>>, sql: impl Into<Cow<'static, str>>) -> Self {
        Self::named(file, sql).expect("a migration's name begins with its number")
    }

    fn named(file: impl Into<Cow<'static, str>>, sql: impl Into<Cow<'static, str>>) -> Option<Self> {
        let file = file.into();
        let name = file.strip_suffix(".sql").unwrap_or(&file).to_owned();
        let version = name.split('_').next().and_then(|version| version.parse().ok())?;
        Some(Self { version, name: name.into(), sql: sql.into() })
    }

    fn checksum(&self) -> String {
        checksum(&self.sql)
    }
}

fn checksum(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a program that knows these steps calls itself on its connections, so that a step it could not live with is not
/// applied under it.
#[must_use]
pub fn application_name(migrations: &[Migration]) -> String {
    format!("{PROGRAM}{:04}", newest(migrations))
}

const PROGRAM: &str = "tailtown/";

fn newest(migrations: &[Migration]) -> i32 {
    migrations.last().map_or(0, |migration| migration.version)
}

fn must_be_in_order(migrations: &[Migration]) -> anyhow::Result<()> {
    for (place, migration) in (1..).zip(migrations) {
        anyhow::ensure!(
            migration.version == place,
            "migrations/{}.sql should be number {place}",
            migration.name
        );
    }
    Ok(())
}
