//! The scenarios, one per file. A new one needs a file, a variant of [`Scenario`] and a line in [`Scenario::play`].

mod cache;
mod cold_start;
mod desk;
mod faults;
mod flood;
mod limits;
mod list;
mod migrate;
mod overload;
mod reload;
mod restore;
mod scrape;
pub(crate) mod stage;

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use clap::ValueEnum;

use crate::client::Client;
use crate::program::Program;
use crate::report::{Outcome, progress};
use crate::users;
use stage::{BASE_DOMAIN, Settings, Stage, UNCACHED};

/// A scenario. They run in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// The cost of a page of customers with their pets.
    List,
    /// The time until a program that was stopped or killed is ready again.
    ColdStart,
    /// The latency that front desks see.
    Desk,
    /// The effect of the cache: work that it saves, and its cost for writes.
    Cache,
    /// The cost of the limiter for a request far from the limit.
    Limits,
    /// The effect of one resort that floods the program on the others.
    Flood,
    /// Twice the load that the machine can handle, from all resorts.
    Overload,
    /// The restore of one resort of 20,000 pets while the others work.
    Restore,
    /// A migration of a table with a million rows while front desks work.
    Migrate,
    /// Ten reloads, and a kill, while front desks work.
    Reload,
    /// PostgreSQL, the program and Redis killed or stopped under load: time to recovery, and lost writes.
    Faults,
    /// The size of the metrics, and the time to fetch them, with ten thousand resorts.
    Scrape,
}

impl Scenario {
    async fn play(self, stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
        match self {
            Self::List => list::play(stage).await,
            Self::ColdStart => cold_start::play(stage).await,
            Self::Desk => desk::play(stage).await,
            Self::Cache => cache::play(stage).await,
            Self::Limits => limits::play(stage).await,
            Self::Flood => flood::play(stage).await,
            Self::Overload => overload::play(stage).await,
            Self::Migrate => migrate::play(stage).await,
            Self::Restore => restore::play(stage).await,
            Self::Reload => reload::play(stage).await,
            Self::Faults => faults::play(stage).await,
            Self::Scrape => scrape::play(stage).await,
        }
    }
}

/// Runs the scenarios in `only`, or all if it is empty. Returns their results, and the error if one failed.
///
/// # Errors
/// When the program cannot be started. It is stopped in any case.
pub(crate) async fn run(
    settings: &Settings,
    only: &[Scenario],
) -> anyhow::Result<(Outcome, anyhow::Result<()>)> {
    // Declared before the program, so that it is removed after the program has stopped.
    let mut _temporary = None;
    let home = match &settings.home {
        Some(home) => home.clone(),
        None => {
            // PostgreSQL does not run as root but as another user, who needs access to the folder.
            let folder = tempfile::Builder::new()
                .prefix("tailtown-bench-")
                .permissions(std::fs::Permissions::from_mode(0o755))
                .tempdir()?;
            _temporary.insert(folder).path().to_owned()
        }
    };
    let mut program = Program::new(settings.program.clone(), home, settings.tenants)?;
    progress(&format!("starting the program with {} resorts", settings.tenants));
    let took = program.start("demo")?;
    progress(&format!("ready after {:.1} s; waiting until PostgreSQL has analyzed it", took.as_secs_f64()));
    if !program.settle()? {
        progress("autovacuum did not start: costs may change during the measurement");
    }
    // Measure a freshly started program, not the one that has just created the demo.
    program.stop()?;
    program.set(&[UNCACHED]);
    program.start("serve")?;
    let client = Arc::new(Client::new(program.address()));
    users::lift_limits(&client, BASE_DOMAIN).await?;
    let users = users::sign_in(&client, settings.tenants, BASE_DOMAIN).await?;
    progress(&format!("signed in at {} resorts", users.len()));
    let mut stage = Stage { settings, program, client, users };
    let mut outcome = Outcome::default();
    for scenario in Scenario::value_variants() {
        if only.is_empty() || only.contains(scenario) {
            progress(&format!("running {scenario:?}"));
            match scenario.play(&mut stage).await {
                Ok(played) => outcome.extend(played),
                // Keep the results of the earlier scenarios.
                Err(error) => return Ok((outcome, Err(error.context(format!("{scenario:?} failed"))))),
            }
        }
    }
    let stopped = stage.program.stop();
    Ok((outcome, stopped))
}
