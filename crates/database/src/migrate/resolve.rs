//! Ends a step that stopped midway and that an operator has completed or undone by hand.

use anyhow::{Context, bail, ensure};

use super::history::{self, LOCK};
use super::migration::Migration;
use super::script::Script;
use crate::connect::Server;

/// What the operator has done by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The step is complete.
    Applied,
    /// The step is undone.
    RolledBack,
}

/// Records an unfinished step as applied, or as not started. Returns its name.
///
/// # Errors
/// When the step is not unfinished, or a node is deploying.
pub async fn resolve(
    owner: &Server,
    migrations: &[Migration],
    version: i32,
    resolution: Resolution,
) -> anyhow::Result<String> {
    let client = history::connect(owner).await?;
    let alone = client.query_one("select pg_try_advisory_lock($1)", &[&LOCK]).await?;
    ensure!(alone.get::<_, bool>(0), "a deploy is under way: wait for its end, or stop it");
    history::create(&client).await?;
    let history = history::read(&client).await?;
    let Some(record) = history.iter().find(|record| record.version == version) else {
        bail!("step {version:04} was not begun: there is nothing to resolve");
    };
    ensure!(record.applied_at.is_none(), "{} is applied: there is nothing to resolve", record.name);
    match resolution {
        Resolution::RolledBack => {
            client.execute("delete from app.migrations where version = $1", &[&version]).await?;
        }
        Resolution::Applied => {
            let migration = migrations.iter().find(|migration| migration.version == version);
            let migration = migration.with_context(|| {
                format!("this program does not know {}: use the version that contains it", record.name)
            })?;
            let script =
                Script::read(&migration.sql).with_context(|| format!("migrations/{}.sql", migration.name))?;
            history::begin(&client, migration, &script).await?;
            history::finish(&client, migration, &script, 0).await?;
        }
    }
    Ok(record.name.clone())
}
