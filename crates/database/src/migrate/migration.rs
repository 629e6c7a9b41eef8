//! One step of the schema, and lists of them.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

/// One step of the schema: a file `0003_customers.sql`.
#[derive(Clone, Debug)]
pub struct Migration {
    pub version: i32,
    pub name: Cow<'static, str>,
    pub sql: Cow<'static, str>,
}

impl Migration {
    /// A step from the name of its file, which begins with the version, and its text.
    ///
    /// # Panics
    /// When the name does not begin with a number.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the names are in the source, and every test deploys them")]
    pub fn new(file: impl Into<Cow<'static, str>>, sql: impl Into<Cow<'static, str>>) -> Self {
        Self::named(file, sql).expect("a migration's name begins with its number")
    }

    pub(super) fn named(
        file: impl Into<Cow<'static, str>>,
        sql: impl Into<Cow<'static, str>>,
    ) -> Option<Self> {
        let file = file.into();
        let name = file.strip_suffix(".sql").unwrap_or(&file).to_owned();
        let version = name.split('_').next().and_then(|version| version.parse().ok())?;
        Some(Self { version, name: name.into(), sql: sql.into() })
    }

    pub(super) fn checksum(&self) -> String {
        checksum(&self.sql)
    }
}

pub(super) fn checksum(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The `application_name` of a program that knows these steps. A deploy looks for it before it applies a step that such a program
/// does not support.
#[must_use]
pub fn application_name(migrations: &[Migration]) -> String {
    format!("{PROGRAM}{:04}", newest(migrations))
}

/// The beginning of the `application_name` of a program that serves.
pub(super) const PROGRAM: &str = "tailtown/";

pub(super) fn newest(migrations: &[Migration]) -> i32 {
    migrations.last().map_or(0, |migration| migration.version)
}

pub(super) fn must_be_in_order(migrations: &[Migration]) -> anyhow::Result<()> {
    for (place, migration) in (1..).zip(migrations) {
        anyhow::ensure!(
            migration.version == place,
            "migrations/{}.sql should be number {place}",
            migration.name
        );
    }
    Ok(())
}
