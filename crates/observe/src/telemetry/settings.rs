//! What the log and the reports depend on.

use std::path::PathBuf;
use std::time::Duration;

use base::settings::{Environment, Reader};
use sentry_types::Dsn;

#[derive(Clone, Debug)]
pub struct Settings {
    /// Lines of JSON; a server's go to its standard output then.
    pub production: bool,
    /// Which lines are logged, as in `RUST_LOG`.
    pub level: String,
    /// Where log files go besides, and how large they may become together.
    pub folder: Option<PathBuf>,
    pub max_bytes: u64,
    pub sentry: SentrySettings,
    /// Where traces go, as OTLP over HTTP.
    pub otlp_endpoint: Option<String>,
    /// The share of requests that is traced when whoever asks does not say.
    pub trace_sample_rate: f64,
}

/// What Sentry hears.
#[derive(Clone, Debug)]
pub struct SentrySettings {
    pub dsn: Option<Dsn>,
    pub environment: String,
    /// The share of slow requests that is reported, and from when on a request is slow.
    pub sample_rate: f64,
    pub slow: Duration,
}

impl Settings {
    pub fn read(reader: &mut Reader, environment: Environment) -> Self {
        Self {
            production: environment == Environment::Production,
            level: reader.checked(
                "LOG_LEVEL",
                "info",
                |text| tracing_subscriber::EnvFilter::try_new(text).is_ok(),
                "error, warn, info, debug or trace, also by module, as in info,gateway=debug",
                "how much to log",
            ),
            folder: reader.optional(
                "LOG_DIR",
                "a folder",
                "also log to combined.log and error.log in here, a file a day, for two weeks",
            ),
            max_bytes: reader.number(
                "LOG_MAX_MB",
                1024,
                1..=1_048_576,
                "how much all files in LOG_DIR may hold; the oldest are removed first",
            ) * 1_048_576,
            sentry: SentrySettings {
                dsn: reader.secret(
                    "SENTRY_DSN",
                    str::parse::<Dsn>,
                    "where errors and slow requests are reported; unset: nowhere",
                ),
                environment: reader.text(
                    "SENTRY_ENVIRONMENT",
                    match environment {
                        Environment::Development => "development",
                        Environment::Production => "production",
                    },
                    "the environment they are reported under",
                ),
                sample_rate: reader.number(
                    "SENTRY_TRACES_SAMPLE_RATE",
                    0.1,
                    0.0..=1.0,
                    "the share of slow requests that is reported",
                ),
                slow: Duration::from_millis(reader.number(
                    "SENTRY_SLOW_MS",
                    100,
                    0..=60_000,
                    "from when on a request is slow: the API's target",
                )),
            },
            otlp_endpoint: match reader.checked(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "",
                |text| text.is_empty() || text.parse::<http::Uri>().is_ok_and(|uri| uri.scheme().is_some()),
                "a collector's address, as in http://127.0.0.1:4318",
                "where traces go, by OTLP over HTTP; unset: nowhere",
            ) {
                text if text.is_empty() => None,
                text => Some(text),
            },
            trace_sample_rate: reader.number(
                "OTEL_TRACES_SAMPLER_ARG",
                0.1,
                0.0..=1.0,
                "the share of requests that is traced when whoever asks does not say",
            ),
        }
    }
}
