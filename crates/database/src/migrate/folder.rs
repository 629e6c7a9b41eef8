//! Migrations in a folder: reads them, and writes the file of a new one.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use super::migration::{Migration, must_be_in_order};

/// The text of a new file.
const TEMPLATE: &str = "\
-- What this does and why, in one sentence.
--
-- The previous version of the program serves while this is applied, so add now, and remove in a later migration. `tailtown migrate lint`
-- refuses what would break that version, and suggests what to do instead. Comments with a special meaning:
--
--   to run each statement by itself, which concurrent index builds and backfills need:
--     transaction: none
--   before a statement that fills a column, in which :batch stands for the condition on the rows of one batch:
--     backfill: app.pets, batch 1000, pause 100ms
--   if this removes something, so that only programs that know step {before} can still serve:
--     serves: {before}
--   before a statement that may do what a rule of the lint refuses:
--     lint: allow <rule>: <reason>
--
-- Write each after `-- `, at the beginning of a line.

";

/// The migrations in `folder`, in order.
///
/// # Errors
/// When the folder cannot be read, or a file has no number.
pub fn read_folder(folder: &Path) -> anyhow::Result<Vec<Migration>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut migrations = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "sql") {
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let sql = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let migration = Migration::named(name.to_owned(), sql);
        migrations.push(migration.with_context(|| {
            format!("{name}: a migration's name begins with its number, as in 0012_pet_sizes.sql")
        })?);
    }
    migrations.sort_by_key(|migration| migration.version);
    Ok(migrations)
}

impl Migration {
    /// The steps of this program, followed by newer ones in `folder`. The folder may also contain the known steps.
    ///
    /// # Errors
    /// When a known step differs, a number is missing or used twice, or the folder cannot be read.
    pub fn followed_by(known: Vec<Self>, folder: &Path) -> anyhow::Result<Vec<Self>> {
        let mut all = known;
        for migration in read_folder(folder)? {
            match all.iter().find(|known| known.version == migration.version) {
                Some(known) if known.name == migration.name && known.sql == migration.sql => {}
                Some(known) => bail!(
                    "{}.sql in {} is not the {}.sql that this program was built with",
                    migration.name,
                    folder.display(),
                    known.name
                ),
                None => all.push(migration),
            }
        }
        must_be_in_order(&all)?;
        Ok(all)
    }
}

/// Writes the file of a new migration into the folder `migrations` of a checkout.
///
/// # Errors
/// When `folder` is another folder, or the name is not valid.
pub fn add(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let is_ours = folder.join("0001_tenants.sql").exists();
    ensure!(
        is_ours,
        "a migration is written in the program's source: run this where its `migrations` folder is"
    );
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    ensure!(
        name.split('_').all(is_word) && name.starts_with(|c: char| c.is_ascii_lowercase()),
        "`{name}` is no name for a migration: use lower case and underscores, as in pet_sizes"
    );
    let before = read_folder(folder)?.last().map_or(0, |last| last.version);
    let path = folder.join(format!("{:04}_{name}.sql", before + 1));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
    file.write_all(TEMPLATE.replace("{before}", &format!("{before:04}")).as_bytes())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::script::Script;

    #[test]
    fn a_new_migration_takes_the_next_number() {
        let folder = tempfile::tempdir().unwrap();
        let error = add(folder.path(), "pet_sizes").unwrap_err().to_string();
        assert!(error.contains("in the program's source"), "{error}");
        fs::write(folder.path().join("0001_tenants.sql"), "select 1;").unwrap();
        fs::write(folder.path().join("0007_services.sql"), "select 1;").unwrap();
        for name in ["", "Pets", "pet sizes", "pet__sizes", "1st", "../pets"] {
            assert!(add(folder.path(), name).unwrap_err().to_string().contains("is no name"), "{name}");
        }
        let path = add(folder.path(), "pet_sizes").unwrap();
        assert!(path.ends_with("0008_pet_sizes.sql"));
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains("step 0007") && !text.contains('{'), "{text}");
        let script = Script::read(&text).unwrap();
        assert!(script.statements.is_empty() && script.serves == 0 && script.in_one_transaction);
    }

    #[test]
    fn a_folder_goes_on_where_the_program_ends() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, sql: &str| fs::write(folder.path().join(name), sql).unwrap();
        let known = || vec![Migration::new("0001_pets.sql", "select 1;")];
        let read = || Migration::followed_by(known(), folder.path());
        write("notes.txt", "");
        write("0002_toys.sql", "select 2;");
        assert_eq!(read().unwrap().len(), 2);
        write("0001_pets.sql", "select 1;");
        assert_eq!(read().unwrap()[1].name, "0002_toys");
        write("0004_bowls.sql", "select 4;");
        assert!(read().unwrap_err().to_string().contains("0004_bowls.sql should be number 3"));
        write("0001_pets.sql", "select 3;");
        assert!(read().unwrap_err().to_string().contains("0001_pets.sql in "));
        write("toys.sql", "select 2;");
        assert!(
            read().unwrap_err().to_string().contains("toys.sql: a migration's name begins with its number")
        );
    }
}
