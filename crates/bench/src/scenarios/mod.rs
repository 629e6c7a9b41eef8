//! What is measured, one scenario to a file. A new one is a file, a line in [`Scenario`] and a line in [`Scenario::play`].

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

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;

use crate::client::Client;
use crate::load::{self, Mode, Plan};
use crate::mixes::Mix;
use crate::program::Program;
use crate::record::Measured;
use crate::report::{Outcome, progress};
use crate::users::{self, User};

/// The domain that the program serves resorts under when nobody says otherwise.
const BASE_DOMAIN: &str = "localhost";

/// What the other scenarios measure with, so that they measure the database's work.
const UNCACHED: (&str, &str) = ("CACHE", "off");

/// With more than the highest limit to ask.
const UNLIMITED: (&str, &str) = ("RATE_LIMITS", "off");

/// Loaded and not counted: long enough to have connections made and statements prepared.
const WARMUP: Duration = Duration::from_secs(3);

/// In the order in which they are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// What a page of customers with their pets costs.
    List,
    /// How long until a program that was stopped, or killed, is ready again.
    ColdStart,
    /// Front desks at work, and how long they wait.
    Desk,
    /// The same with the cache on and off: what it spares, and what it costs a write.
    Cache,
    /// What the limiter costs far from the limit.
    Limits,
    /// One resort floods the program; what the others notice.
    Flood,
    /// All resorts ask twice what the machine can do.
    Overload,
    /// One resort of 20,000 pets put back from a backup while the others work.
    Restore,
    /// Front desks at work while a migration changes a table of a million rows.
    Migrate,
    /// Ten reloads under the desks' load, and a kill.
    Reload,
    /// PostgreSQL, the program and Redis killed or hung under load: how long until all is served again, and what is lost.
    Faults,
    /// How large the metrics of ten thousand resorts are, and how long they take.
    Scrape,
}

/// What is compared is measured so often, in turns, as a machine may be slower at one moment than at the next.
const ROUNDS: u64 = 3;

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

/// How to play.
pub(crate) struct Settings {
    pub(crate) program: PathBuf,
    pub(crate) home: Option<PathBuf>,
    pub(crate) tenants: u32,
    pub(crate) span: Duration,
    pub(crate) desk_rate: f64,
    pub(crate) seed: u64,
}

/// What a scenario finds: a program that serves and is ready, its resorts filled and analyzed, people signed in, limits lifted. It may
/// stop and start the program, and leaves it running.
struct Stage<'a> {
    settings: &'a Settings,
    program: Program,
    client: Arc<Client>,
    users: Vec<Arc<User>>,
}

impl Stage<'_> {
    /// Starts the program anew, with these settings.
    fn restart(&mut self, settings: &[(&str, &str)]) -> anyhow::Result<()> {
        self.program.stop()?;
        self.program.set(settings);
        self.program.start("serve").map(drop)
    }

    async fn measure(&self, mix: &Arc<dyn Mix>, mode: Mode) -> anyhow::Result<Measured> {
        let Settings { span, seed, .. } = *self.settings;
        let plan = Plan { mode, warmup: WARMUP.min(span), span, seed };
        load::measure(&self.client, mix, &plan, Some(&self.program.watch()?)).await
    }
}

/// What is in the middle of several measurements of the same.
fn median<T>(runs: &[T], of: impl Fn(&T) -> f64) -> f64 {
    let mut values: Vec<f64> = runs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}

/// Plays the scenarios of `only`, or all: what they found, and what ended them before the last.
///
/// # Errors
/// When the program cannot be started. It is stopped on every way.
pub(crate) async fn run(
    settings: &Settings,
    only: &[Scenario],
) -> anyhow::Result<(Outcome, anyhow::Result<()>)> {
    // Declared before the program, so that it is removed after the program has stopped.
    let mut _temporary = None;
    let home = match &settings.home {
        Some(home) => home.clone(),
        None => {
            // PostgreSQL refuses root and runs as another user, who must be able to walk in.
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
        progress("autovacuum did not come: costs may change while they are measured");
    }
    // What is measured is a program that serves, and not the one that has just made the demo.
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
            progress(&format!("playing {scenario:?}"));
            match scenario.play(&mut stage).await {
                Ok(played) => outcome.extend(played),
                // What the ones before it found is not lost with it.
                Err(error) => return Ok((outcome, Err(error.context(format!("{scenario:?} failed"))))),
            }
        }
    }
    let stopped = stage.program.stop();
    Ok((outcome, stopped))
}
