//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::client::Client;
use crate::load::{self, Mode, Plan};
use crate::mixes::Mix;
use crate::mixes::choice::Choice;
use crate::proc::Watch;
use crate::report::{self, Outcome, Run};
use crate::scenarios::stage::Settings;
use crate::scenarios::{self, Scenario};
use crate::target::Target;
use crate::users;

/// Loads Tailtown as its users would, and reports the results.
#[derive(Parser)]
#[command(name = "bench", version, about, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Load a program that is already running.
    Run(RunOptions),
    /// Start the program with a temporary state folder, run the scenarios, stop it.
    All(AllOptions),
}

#[derive(Args)]
struct RunOptions {
    /// Address of the program.
    #[arg(long, default_value = "http://127.0.0.1:4004")]
    target: String,
    /// Confirm that a target on another machine is yours.
    #[arg(long)]
    target_is_mine: bool,
    /// Requests to send: `list`, `desk`, or `one:<path>`.
    #[arg(long, default_value = "list")]
    mix: Choice,
    /// Open loop: requests per second, which arrive at random times whether or not earlier ones are answered.
    #[arg(long, conflicts_with = "connections", value_parser = rate)]
    rate: Option<f64>,
    /// Closed loop: number of connections; each sends the next request as soon as it has an answer.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    connections: u16,
    /// How long to measure.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// How long to load before measuring.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(0..=600))]
    warmup: u64,
    /// Number of demo resorts to sign in at, beginning with resort1.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    tenants: u32,
    /// Domain after a resort's name in its host name.
    #[arg(long, default_value = "localhost")]
    base_domain: String,
    /// How unevenly requests are spread over resorts: 0 evenly, 1 by Zipf's law.
    #[arg(long, default_value_t = 1.0, value_parser = exponent)]
    zipf: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Process id of the program: adds its processor time and memory to the report.
    #[arg(long)]
    pid: Option<u32>,
    /// Process id of the postmaster: adds the processor time of PostgreSQL.
    #[arg(long, requires = "pid")]
    postgres_pid: Option<u32>,
    /// Also write the report to this file, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Args)]
struct AllOptions {
    /// The program to measure.
    #[arg(long)]
    program: PathBuf,
    /// Run only these scenarios, separated by commas.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Scenario>,
    /// How long each measurement takes.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Number of demo resorts to create.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    tenants: u32,
    /// Requests per second of the front desks' open loop.
    #[arg(long, default_value_t = 300.0, value_parser = rate)]
    desk_rate: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Use this state folder and keep it; otherwise a temporary one is created and removed.
    #[arg(long)]
    home: Option<PathBuf>,
    /// Also write the results to this file, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Compare with this file, which `--json` wrote earlier.
    #[arg(long)]
    baseline: Option<PathBuf>,
    /// Fail if a target is missed.
    #[arg(long)]
    check: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.1..=100_000.0).contains(rate));
    rate.ok_or_else(|| "must be a number from 0.1 to 100000".to_owned())
}

fn exponent(text: &str) -> Result<f64, String> {
    let exponent = text.parse().ok().filter(|exponent| (0.0..=5.0).contains(exponent));
    exponent.ok_or_else(|| "must be a number from 0 to 5".to_owned())
}

/// Runs the command until it is done or a signal arrives. Whatever it started is stopped in both cases.
///
/// # Errors
/// Text for the person at the terminal.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let work = async {
        match cli.command {
            Command::Run(options) => one_run(options).await,
            Command::All(options) => all(options).await,
        }
    };
    tokio::select! {
        done = work => done,
        _ = terminate.recv() => bail!("stopped"),
        _ = interrupt.recv() => bail!("stopped"),
    }
}

async fn one_run(options: RunOptions) -> anyhow::Result<ExitCode> {
    let target = Target::parse(&options.target, options.target_is_mine)?;
    let watch = options.pid.map(|program| Watch { program, postgres: options.postgres_pid });
    let client = Arc::new(Client::new(target.address));
    let users = if options.mix.needs_users() {
        users::sign_in(&client, options.tenants, &options.base_domain).await?
    } else {
        vec![users::nobody(&options.base_domain)?]
    };
    report::progress(&format!("signed in at {} resorts", users.len()));
    let mix: Arc<dyn Mix> = options.mix.prepare(&client, &users, options.zipf).await?;
    let plan = Plan {
        mode: options
            .rate
            .map_or(Mode::Closed { connections: options.connections }, |rate| Mode::Open { rate }),
        warmup: Duration::from_secs(options.warmup),
        span: Duration::from_secs(options.seconds),
        seed: options.seed,
    };
    let measured = load::measure(&client, &mix, &plan, watch.as_ref()).await?;
    let run = Run { scenario: "run", name: format!("{}, {}", options.mix, plan.mode), measured };
    let outcome = Outcome { runs: vec![run], figures: Vec::new() };
    report::show(&outcome, None, options.json.as_deref())?;
    Ok(ExitCode::SUCCESS)
}

async fn all(options: AllOptions) -> anyhow::Result<ExitCode> {
    let baseline = options.baseline.as_deref().map(report::read_baseline).transpose()?;
    let settings = Settings {
        program: options.program,
        home: options.home,
        tenants: options.tenants,
        span: Duration::from_secs(options.seconds),
        desk_rate: options.desk_rate,
        seed: options.seed,
    };
    let (outcome, ended) = scenarios::run(&settings, &options.only).await?;
    report::show(&outcome, baseline.as_ref(), options.json.as_deref())?;
    ended?;
    Ok(if options.check && outcome.missed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
