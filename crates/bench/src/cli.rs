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
use crate::mixes::{Choice, Mix};
use crate::proc::Watch;
use crate::report::{self, Outcome, Run};
use crate::scenarios::{self, Scenario};
use crate::target::Target;
use crate::users;

/// Loads Tailtown as its users would, and says how it did.
#[derive(Parser)]
#[command(name = "bench", version, about, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Load a program that is running already.
    Run(RunOptions),
    /// Start the program on a state folder of its own, run the scenarios, stop it.
    All(AllOptions),
}

#[derive(Args)]
struct RunOptions {
    /// Where the program listens.
    #[arg(long, default_value = "http://127.0.0.1:4004")]
    target: String,
    /// Allow a target that is not this machine.
    #[arg(long)]
    target_is_mine: bool,
    /// What to ask: `list`, `desk`, or `one:<path>`.
    #[arg(long, default_value = "list")]
    mix: Choice,
    /// Open loop: requests per second, which arrive by chance and wait for no answer.
    #[arg(long, conflicts_with = "connections", value_parser = rate)]
    rate: Option<f64>,
    /// Closed loop: connections that each ask again as soon as they are answered.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    connections: u16,
    /// How long to measure.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// How long to load before measuring.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(0..=600))]
    warmup: u64,
    /// How many demo resorts to sign in at: resort1 up to this one.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    tenants: u32,
    /// The domain that a resort's name stands before.
    #[arg(long, default_value = "localhost")]
    base_domain: String,
    /// How uneven the resorts are: 0 asks all alike, 1 follows Zipf's law.
    #[arg(long, default_value_t = 1.0, value_parser = exponent)]
    zipf: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The program's process: adds its processor time and memory to the report.
    #[arg(long)]
    pid: Option<u32>,
    /// The postmaster's process: adds the processor time of PostgreSQL.
    #[arg(long, requires = "pid")]
    postgres_pid: Option<u32>,
    /// Write the report to this file, too.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Args)]
struct AllOptions {
    /// The program to measure.
    #[arg(long)]
    program: PathBuf,
    /// Only these scenarios, with commas between.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Scenario>,
    /// How long each measurement takes.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// How many demo resorts to make.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    tenants: u32,
    /// Requests per second of the desk's open loop.
    #[arg(long, default_value_t = 300.0, value_parser = rate)]
    desk_rate: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Use this state folder and leave it in place; otherwise one is made in the temporary folder and removed.
    #[arg(long)]
    home: Option<PathBuf>,
    /// Write what was measured to this file, too.
    #[arg(long)]
    json: Option<PathBuf>,
    /// A file that `--json` wrote earlier: adds a comparison with it.
    #[arg(long)]
    baseline: Option<PathBuf>,
    /// Fail when a target is missed.
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

/// Does what the command line says, until done or told to stop; what was started is stopped on either way.
///
/// # Errors
/// What went wrong, in words for the person at the terminal.
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
    let settings = scenarios::Settings {
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
