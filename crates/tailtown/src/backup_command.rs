//! `tailtown backup …`: for an operator alone at night. Every command says what it does, and what to do next.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use backup::manifest::{Manifest, Program};
use backup::restore::Found;
use backup::{self, Backups, Listed};
use base::clock::Clock;
use base::settings::Environment;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use store::url::Address;

use crate::config::Config;
use crate::console::say;
use crate::start::Ground;

#[derive(Subcommand)]
pub(crate) enum Backup {
    /// Make a backup of everything.
    Run {
        /// Restore it beside and compare every row, as the scheduled ones are.
        #[arg(long)]
        verify: bool,
    },
    /// List the backups, and which of them were proven.
    List,
    /// Restore a backup into a scratch database and compare every row.
    Verify {
        /// Which one, as in backup_20261125_020000.
        #[arg(default_value = "latest")]
        name: String,
        #[command(flatten)]
        from: From,
    },
    /// Restore a backup into an empty database.
    Restore {
        name: String,
        /// The address of the empty database, as a role that sees every row; without it the one in the settings.
        #[arg(long, value_name = "DATABASE URL")]
        into: Option<String>,
        #[command(flatten)]
        from: From,
        #[command(flatten)]
        sure: Sure,
    },
    /// Remove the backups that need not be kept, never the last proven one.
    Prune {
        /// Only say which.
        #[arg(long)]
        dry_run: bool,
    },
    /// Write a backup's archive, decrypted, to a file: for `pg_restore` by hand.
    Extract {
        name: String,
        #[arg(long)]
        to: PathBuf,
        #[command(flatten)]
        from: From,
    },
    /// Print a fresh key for BACKUP_KEY: an age identity.
    Key {
        /// Print the keys of BACKUP_KEY instead, as `age --decrypt --identity` takes them.
        #[arg(long)]
        present: bool,
    },
}

#[derive(Args)]
pub(crate) struct From {
    /// Read it from the folder or from s3; without this, from the first that has it.
    #[arg(long, value_parser = ["folder", "s3"])]
    from: Option<String>,
}

#[derive(Args)]
pub(crate) struct Sure {
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Sure {
    /// Asks the person at the terminal; without one, the answer must be on the command line.
    pub(crate) fn ask(&self, question: &str) -> anyhow::Result<()> {
        if self.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            bail!("nothing was changed: add --yes to do it");
        }
        let mut out = std::io::stdout().lock();
        write!(out, "{question} [y/N] ")?;
        out.flush()?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        if ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()) {
            return Ok(());
        }
        bail!("nothing was changed");
    }
}

/// The backups that the settings describe.
pub(crate) fn backups(config: &Config) -> anyhow::Result<Backups> {
    let (version, commit) = (env!("CARGO_PKG_VERSION").to_owned(), env!("BUILD_COMMIT").to_owned());
    let program = Program { version, commit };
    Backups::new(config.backup.clone(), config.home.clone(), Clock::system(), program)
}

pub(crate) async fn run(command: Backup, config: &Config) -> anyhow::Result<()> {
    let backups = backups(config)?;
    match command {
        Backup::Key { present: false } => {
            say(&backup::make_key());
            Ok(())
        }
        Backup::Key { present: true } => {
            let keys = &config.backup.keys;
            ensure!(keys.first().is_some(), "there is no BACKUP_KEY: make one with `tailtown backup key`");
            say(keys.identities().trim_end());
            Ok(())
        }
        Backup::List => list(&backups).await,
        Backup::Extract { name, to, from } => {
            let manifest = backups.extract(&name, from.from.as_deref(), &to).await?;
            let (name, bytes) = (manifest.name, size(manifest.archive_bytes));
            say(&format!("{name} is whole: {bytes} written to {}", to.display()));
            say(&format!("next: pg_restore --jobs=4 --dbname=… {}", to.display()));
            Ok(())
        }
        Backup::Restore { name, into: Some(into), from, sure } => {
            let target = Address::parse(&into).context("--into")?.server;
            restore(&backups, &name, &from, &target, &sure).await
        }
        command => {
            let ground = Ground::join(config).await?;
            let result = on_ground(command, config, &backups, &ground).await;
            let result = result.map_err(|error| ground.naming("BACKUP_DATABASE_URL", error));
            ground.leave().await;
            result
        }
    }
}

async fn on_ground(
    command: Backup,
    config: &Config,
    backups: &Backups,
    ground: &Ground,
) -> anyhow::Result<()> {
    let server = ground.backup(config)?;
    match command {
        Backup::Run { verify: proof } => {
            if config.environment == Environment::Production && config.backup.keys.first().is_none() {
                tracing::warn!("this backup is not encrypted: ALLOW_PLAIN_BACKUPS is set");
            }
            let manifest = backups.run(&server).await?;
            say(&format!("made {}", described(&manifest)));
            if proof {
                return verify(backups, &manifest.name, None, &server).await;
            }
            say(&format!("next: tailtown backup verify {}", manifest.name));
            Ok(())
        }
        Backup::Verify { name, from } => verify(backups, &name, from.from.as_deref(), &server).await,
        Backup::Restore { name, from, sure, .. } => restore(backups, &name, &from, &server, &sure).await,
        Backup::Prune { dry_run } => {
            let removed = backups.prune(&server, dry_run).await?;
            let verb = if dry_run { "would remove" } else { "removed" };
            for (name, place) in &removed {
                say(&format!("{verb} {name} from {place}"));
            }
            say(&format!("{verb} {}; see `tailtown backup list`", removed.len()));
            Ok(())
        }
        Backup::Key { .. } | Backup::List | Backup::Extract { .. } => Ok(()),
    }
}

async fn verify(
    backups: &Backups,
    name: &str,
    from: Option<&str>,
    server: &database::connect::Server,
) -> anyhow::Result<()> {
    let (manifest, verified) = backups.verify(name, from, server).await?;
    say(&format!(
        "{} is good: {} rows of {} tables were restored and compared in {}",
        manifest.name,
        verified.rows,
        verified.tables,
        seconds(verified.elapsed_ms)
    ));
    Ok(())
}

async fn restore(
    backups: &Backups,
    name: &str,
    from: &From,
    target: &database::connect::Server,
    sure: &Sure,
) -> anyhow::Result<()> {
    let plan = backups.plan_restore(name, from.from.as_deref(), target).await?;
    let database = plan.database.clone();
    if plan.found == Found::Restored {
        say(&format!("{database} is restored from {} already: every row was compared", plan.manifest.name));
    } else {
        say(&format!("will restore {}", described(&plan.manifest)));
        say(&format!("into the empty database {database}, after every part was compared with its checksum"));
        if plan.found == Found::Begun {
            say("an earlier restore into it was cut off: what it left is removed first");
        }
        sure.ask("restore?")?;
        let manifest = backups.restore(plan).await?;
        say(&format!("restored {}: every row was compared", manifest.name));
    }
    say(&format!(
        "next: if the settings do not name it yet, point DATABASE_URL, OWNER_DATABASE_URL and BACKUP_DATABASE_URL at the \
         database {database}; run `tailtown migrate deploy`, then `tailtown serve`"
    ));
    Ok(())
}

async fn list(backups: &Backups) -> anyhow::Result<()> {
    let listed = backups.list().await?;
    for Listed { name, places, manifest, verified, damaged } in &listed {
        let (places, mut line) = (places.join("+"), name.clone());
        match manifest {
            Ok(manifest) => {
                line = format!(
                    "{line}  {:>9}  {:>10} rows  {places:<9} {:<7}",
                    size(manifest.bytes()),
                    manifest.tables.rows(),
                    if manifest.sealed_with.is_some() { "sealed" } else { "plain" }
                );
            }
            Err(error) => line = format!("{line}  {places:<9} unreadable: {error:#}"),
        }
        let proof = match (damaged, verified) {
            (Some(damaged), _) => {
                format!("DAMAGED: {}", damaged.reason.lines().next().unwrap_or_default())
            }
            (None, Some(verified)) => format!("verified {}", minute(verified.verified_at)),
            (None, None) => "not verified".to_owned(),
        };
        say(&format!("{line} {proof}"));
    }
    let places = backups.stores().iter().map(backup::store::Store::shown).collect::<Vec<_>>().join(" and ");
    if listed.is_empty() {
        say(&format!("no backups in {places}; make one with `tailtown backup run --verify`"));
    }
    Ok(())
}

fn described(manifest: &Manifest) -> String {
    format!(
        "{} ({}, {} rows of {} tables, as of {}, schema {}, {})",
        manifest.name,
        size(manifest.bytes()),
        manifest.tables.rows(),
        manifest.tables.0.len(),
        minute(manifest.created_at),
        manifest.schema.as_deref().unwrap_or("unknown"),
        if manifest.sealed_with.is_some() { "encrypted" } else { "not encrypted" },
    )
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

pub(crate) fn seconds(millis: u64) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}

pub(crate) fn size(bytes: u64) -> String {
    let mut units = ["bytes", "KiB", "MiB", "GiB", "TiB"].into_iter();
    let (mut whole, mut tenth, mut unit) = (bytes, None, units.next());
    while whole >= 1024
        && let Some(larger) = units.next()
    {
        tenth = Some(whole % 1024 * 10 / 1024);
        whole /= 1024;
        unit = Some(larger);
    }
    let tenth = tenth.map_or_else(String::new, |tenth| format!(".{tenth}"));
    format!("{whole}{tenth} {}", unit.unwrap_or("bytes"))
}
