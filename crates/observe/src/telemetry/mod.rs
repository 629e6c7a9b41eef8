//! Logs: readable while developing, JSON in production; with `LOG_DIR` also in files (`files.rs`).
//! What Sentry and OpenTelemetry hear is read off the same lines (`reporter.rs`).

mod files;
mod otlp;
mod report;
mod reporter;
mod scrub;
mod sentry;
mod settings;
mod sink;

use std::io::IsTerminal;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use prometheus_client::registry::Registry as Metrics;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::{FilterExt, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use self::files::{COMBINED, ERRORS, LogFiles};
use self::otlp::Otlp;
use self::reporter::Reporter;
use self::sentry::Sentry;
pub use self::settings::{SentrySettings, Settings};
use self::sink::Counts;
use base::clock::Clock;
use base::figures::counters;

/// How long the end of the program waits for the last reports.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What became of the reports that left the house. Like the log itself it is the process's.
static SENT: LazyLock<[(&str, Arc<Counts>); 2]> =
    LazyLock::new(|| [("sentry", Arc::default()), ("otlp", Arc::default())]);

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

impl Telemetry {
    /// Waits a moment until what was reported is on its way.
    pub async fn finish(self) {
        for (_, counts) in &*SENT {
            counts.settle(LAST_WORDS).await;
        }
    }
}

/// Adds what is counted here to what Prometheus is told.
pub fn register(registry: &mut Metrics) {
    let by_sink = |of: fn(&Counts) -> u64| {
        counters(move || SENT.each_ref().map(|(sink, counts)| ([("sink", *sink)], of(counts))))
    };
    let sent = by_sink(|counts| counts.sent.get());
    registry.register("tailtown_reports_sent", "Reports that left the house", sent);
    let dropped = by_sink(|counts| counts.dropped.get());
    registry.register("tailtown_reports_dropped", "Reports that were not taken in time", dropped);
}

/// Starts logging as `settings` say; a server also reports to Sentry and OpenTelemetry where they are set. `release` names
/// this program. Must be called on the runtime.
///
/// # Errors
/// When `LOG_DIR` cannot be written, or logging was started before.
pub fn start(settings: &Settings, speaker: Speaker, release: &str) -> anyhow::Result<Telemetry> {
    let mut writers = Vec::new();
    let mut sinks: Vec<Sink> = vec![match settings.production {
        true if speaker == Speaker::Server => json(std::io::stdout).boxed(),
        true => json(std::io::stderr).boxed(),
        false => fmt::layer()
            .compact()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr)
            .boxed(),
    }];
    if let Some(folder) = &settings.folder {
        let file = |name| LogFiles::open(folder, name, settings.max_bytes, Clock::system()).map(non_blocking);
        let (combined, errors) = (file(COMBINED)?, file(ERRORS)?);
        sinks.push(json(combined.0).boxed());
        sinks.push(json(errors.0).with_filter(LevelFilter::ERROR).boxed());
        writers.extend([combined.1, errors.1]);
    }
    // Below this it logs the values of a statement: names, addresses, hashes.
    let discreet =
        Targets::new().with_default(LevelFilter::TRACE).with_target("tokio_postgres", LevelFilter::INFO);
    let filter = EnvFilter::try_new(&settings.level)?.and(discreet);
    let reporter = match speaker {
        Speaker::Server => reporter(settings, release)?,
        Speaker::Command => None,
    };
    let reporter = reporter.map(|reporter| reporter.with_filter(filter_fn(Reporter::wants)));
    tracing_subscriber::registry().with(sinks.with_filter(filter)).with(reporter).try_init()?;
    Ok(Telemetry { _writers: writers })
}

fn reporter(settings: &Settings, release: &str) -> anyhow::Result<Option<Reporter>> {
    let [(_, to_sentry), (_, to_otlp)] = &*SENT;
    let (sentry, share) = (&settings.sentry, settings.trace_sample_rate);
    let dsn = sentry.dsn.as_ref();
    let sentry = dsn.map(|dsn| Sentry::new(sentry, dsn, release, to_sentry.clone())).transpose()?;
    let otlp = settings.otlp_endpoint.as_ref();
    let otlp = otlp.map(|endpoint| Otlp::new(endpoint, share, release, to_otlp.clone())).transpose()?;
    let is_any = sentry.is_some() || otlp.is_some();
    Ok(is_any.then(|| Reporter { clock: Clock::system(), sentry, otlp }))
}

fn json<W>(writer: W) -> impl Layer<Registry>
where
    W: for<'a> fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false).with_writer(writer)
}
