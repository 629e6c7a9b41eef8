//! `tailtown migrate …`: for an operator alone at night. Every command says what it does, and what to do next.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::config::Config;
use anyhow::bail;
use clap::{Args, Subcommand};
use database::migrate::{self, Finding, Migration, Resolution, State};

use crate::app;
use crate::start::Ground;

/// Where a checkout of the source has them.
const CHECKOUT: &str = "migrations";

#[derive(Subcommand)]
pub(crate) enum Migrate {
    /// Write the file of a new migration, in a checkout of the source.
    New {
        /// What it is about, as in pet_sizes.
        name: String,
    },
    /// Refuse what would lock or break the version that runs: in a checkout its migrations, elsewhere the program's own.
    Lint(From),
    /// Apply what is pending, while programs serve; safe to repeat, and to run on two nodes at once.
    Deploy(From),
    /// Say what is applied, under way, failed and pending.
    Status(From),
    /// End a migration that stopped midway, once you have brought the schema to one side of it by hand.
    Resolve {
        #[command(flatten)]
        how: How,
        #[command(flatten)]
        from: From,
    },
}

#[derive(Args)]
pub(crate) struct From {
    /// Also the migrations in this folder that follow the program's own: those of a version to come, which this one can
    /// apply ahead of it.
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct How {
    /// All of it is done: take it for applied.
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    applied: Option<i32>,
    /// Nothing of it is left: take it for not begun.
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    rolled_back: Option<i32>,
}

/// The number of a step, or its whole name.
fn number(text: &str) -> Result<i32, String> {
    let number = text.split('_').next().and_then(|number| number.parse().ok());
    number.ok_or_else(|| "must be the number of a migration, as in 0012".to_owned())
}

/// Does what the command line says.
///
/// # Errors
/// What went wrong, and what to do.
pub(crate) async fn run(command: Migrate, config: &Config) -> anyhow::Result<()> {
    match command {
        Migrate::New { name } => new(&name),
        Migrate::Lint(from) => lint(&from),
        Migrate::Deploy(from) => {
            let migrations = from.migrations()?;
            from.must_be_harmless(&migrations)?;
            with_owner(config, async |owner| deploy(owner, &migrations, &from).await).await
        }
        Migrate::Status(from) => {
            let migrations = from.migrations()?;
            with_owner(config, async |owner| status(owner, &migrations).await).await
        }
        Migrate::Resolve { how, from } => {
            let migrations = from.migrations()?;
            with_owner(config, async |owner| resolve(owner, &migrations, &how).await).await
        }
    }
}

async fn with_owner(
    config: &Config,
    work: impl AsyncFnOnce(&database::connect::Server) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let ground = Ground::join(config).await?;
    let result = async { work(&ground.owner()?).await }.await;
    let result = result.map_err(|error| ground.naming("OWNER_DATABASE_URL", error));
    ground.leave().await;
    result
}

impl From {
    fn migrations(&self) -> anyhow::Result<Vec<Migration>> {
        match &self.from {
            Some(folder) => Migration::followed_by(app::migrations(), folder),
            None => Ok(app::migrations()),
        }
    }

    /// What was compiled in was looked at when the program was built; what a folder adds was not.
    fn must_be_harmless(&self, migrations: &[Migration]) -> anyhow::Result<()> {
        if self.from.is_some() {
            must_be_clean(&migrate::lint(migrations))?;
        }
        Ok(())
    }
}

fn new(name: &str) -> anyhow::Result<()> {
    let path = migrate::add(Path::new(CHECKOUT), name)?;
    say(&format!("wrote {}", path.display()))?;
    say("next:")?;
    say("  1. write its statements: the comments in it say what they can be")?;
    say("  2. tailtown migrate lint")?;
    say("  3. cargo run -p generate, which looks at the new schema, and bin/test")
}

fn lint(from: &From) -> anyhow::Result<()> {
    let here = Path::new(CHECKOUT);
    let (migrations, of) = match &from.from {
        Some(folder) => (from.migrations()?, format!("the program's and those in {}", folder.display())),
        None if here.join("0001_tenants.sql").exists() => {
            (migrate::read_folder(here)?, "migrations/".to_owned())
        }
        None => (app::migrations(), "the program's".to_owned()),
    };
    must_be_clean(&migrate::lint(&migrations))?;
    say(&format!("{} migrations ({of}): nothing to refuse", migrations.len()))
}

fn must_be_clean(findings: &[Finding]) -> anyhow::Result<()> {
    for finding in findings {
        say(&finding.to_string())?;
    }
    if findings.is_empty() {
        return Ok(());
    }
    bail!(
        "{} refused: change it as it says, or say above the statement why it may: `-- lint: allow <rule>: <why>`",
        findings.len()
    )
}

async fn deploy(
    owner: &database::connect::Server,
    migrations: &[Migration],
    from: &From,
) -> anyhow::Result<()> {
    let tell = |line: &str| {
        // A terminal that is gone ends no deploy.
        let _ = say(line);
    };
    let applied = migrate::deploy_telling(owner, migrations, &tell).await?;
    let steps = migrate::status(owner, migrations).await?;
    let ahead = steps.iter().filter(|step| matches!(step.state, State::Ahead { .. }));
    for step in ahead {
        say(&format!("{} was applied by a newer program; this one can serve it", step.name))?;
    }
    say(&format!("{} applied; the schema is current", applied.len()))?;
    if applied.is_empty() {
        return Ok(());
    }
    say(match from.from {
        Some(_) => {
            "next: start the version that these came with, node by node; the one that runs goes on serving"
        }
        None => "next: start this version, node by node; the one that runs goes on serving",
    })
}

async fn status(owner: &database::connect::Server, migrations: &[Migration]) -> anyhow::Result<()> {
    let mut current = true;
    for step in migrate::status(owner, migrations).await? {
        current &= matches!(step.state, State::Applied { .. } | State::Ahead { serves_us: true });
        say(&format!("{:04} {:<20} {}", step.version, step.name, step.state))?;
    }
    if current { Ok(()) } else { bail!("the schema is not the one this program needs") }
}

async fn resolve(
    owner: &database::connect::Server,
    migrations: &[Migration],
    how: &How,
) -> anyhow::Result<()> {
    let (version, resolution, what) = match (how.applied, how.rolled_back) {
        (Some(version), _) => (version, Resolution::Applied, "applied"),
        (None, Some(version)) => (version, Resolution::RolledBack, "not begun"),
        (None, None) => bail!("say --applied or --rolled-back"),
    };
    let name = migrate::resolve(owner, migrations, version, resolution).await?;
    say(&format!("{name} counts as {what}"))?;
    say("next: `tailtown migrate deploy`, which applies what is pending")
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
