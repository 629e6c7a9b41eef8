//! Logs: readable while developing, JSON in production; with `LOG_DIR` also `combined.log` and `error.log`, a file a day.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::Context;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::{FilterExt, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::config::{Config, Environment};

/// Days of log files that are kept.
const KEPT: usize = 14;

/// Keeps the writers of log files alive; dropped last, it writes what is still in hand.
#[must_use]
pub struct Telemetry {
    _writers: Vec<WorkerGuard>,
}

type Sink = Box<dyn Layer<Registry> + Send + Sync>;

/// Whose log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// A program that serves: in production its standard output is its log.
    Server,
    /// A command, whose standard output is its answer.
    Command,
}

/// Starts logging as `config` says.
///
/// # Errors
/// When `LOG_DIR` cannot be written, or logging was started before.
pub fn start(config: &Config, speaker: Speaker) -> anyhow::Result<Telemetry> {
    let mut writers = Vec::new();
    let mut sinks: Vec<Sink> = vec![match config.environment {
        Environment::Production if speaker == Speaker::Server => json(std::io::stdout).boxed(),
        Environment::Production => json(std::io::stderr).boxed(),
        Environment::Development => fmt::layer()
            .compact()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr)
            .boxed(),
    }];
    if let Some(folder) = &config.log_dir {
        let (combined, error) = (file(folder, "combined.log")?, file(folder, "error.log")?);
        sinks.push(json(combined.0).boxed());
        sinks.push(json(error.0).with_filter(LevelFilter::ERROR).boxed());
        writers.extend([combined.1, error.1]);
    }
    // Below this it logs the values of a statement: names, addresses, hashes.
    let discreet =
        Targets::new().with_default(LevelFilter::TRACE).with_target("tokio_postgres", LevelFilter::INFO);
    let filter = EnvFilter::try_new(&config.log_level)?.and(discreet);
    tracing_subscriber::registry().with(sinks.with_filter(filter)).try_init()?;
    Ok(Telemetry { _writers: writers })
}

fn json<W>(writer: W) -> impl Layer<Registry>
where
    W: for<'a> fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false).with_writer(writer)
}

fn file(folder: &Path, name: &str) -> anyhow::Result<(NonBlocking, WorkerGuard)> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("LOG_DIR {} cannot be made", folder.display()))?;
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(name)
        .latest_symlink(name)
        .max_log_files(KEPT)
        .build(folder)
        .with_context(|| format!("LOG_DIR {} cannot be written", folder.display()))?;
    Ok(tracing_appender::non_blocking(files))
}
