//! What the log and the reports depend on.

use std::path::PathBuf;
use std::time::Duration;

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
