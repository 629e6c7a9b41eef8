//! The settings of what every request passes.

use std::time::Duration;

use base::settings::{Environment, Reader};

use crate::client_address::Proxies;

#[derive(Clone, Debug)]
pub struct Settings {
    pub environment: Environment,
    pub base_domain: String,
    /// The share of successful, quick reads that the log tells of.
    pub log_sample: f64,
    /// From when on a request is slow, and always logged.
    pub slow: Duration,
    pub write_timeout: Duration,
    /// 0: by the limit of open files.
    pub max_connections: usize,
    /// 0: by all of them.
    pub connections_per_address: usize,
    pub body_limit_bytes: usize,
    pub body_memory_bytes: usize,
    pub session: Duration,
    pub operator_second_factor: OperatorSecondFactor,
    pub cache_memory_bytes: u64,
    pub rate_limits: LimitMode,
    pub rate_limit_window_seconds: u32,
    pub requests_per_address: u32,
    pub sign_ins_per_address: u32,
    pub trusted_proxies: Proxies,
}

/// Whether operators must have a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorSecondFactor {
    Required,
    Optional,
}

/// Whether a resort's requests are limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitMode {
    On,
    Off,
}

impl Settings {
    /// Reads them; `slow` is when the reports call a request slow.
    pub fn read(reader: &mut Reader, environment: Environment, slow: Duration) -> Self {
        let settings = Self {
            environment,
            slow,
            write_timeout: reader.seconds(
                "WRITE_TIMEOUT_SECONDS",
                30,
                1..=3600,
                "how long a client may read nothing of its answer before its connection is closed",
            ),
            connections_per_address: reader.number(
                "CONNECTIONS_PER_ADDRESS",
                0,
                0..=1_000_000,
                "connections from one address at a time, TRUSTED_PROXIES excepted; 0 for a quarter of all, and at least 100",
            ),
            max_connections: reader.number(
                "MAX_CONNECTIONS",
                0,
                0..=1_000_000,
                "connections a listener has at a time; 0 for three quarters of the open files this process may have",
            ),
            body_limit_bytes: reader.number(
                "BODY_LIMIT_BYTES",
                1_048_576,
                1024..=104_857_600,
                "the largest request body; without a session, 16 KB",
            ),
            body_memory_bytes: reader.number(
                "BODY_MEMORY_MB",
                64,
                1..=65_536,
                "how much all request bodies together may hold in the process",
            ) * 1_048_576,
            session: reader.hours("SESSION_HOURS", 16, 1..=720, "how long a login lasts"),
            operator_second_factor: reader.choice(
                "OPERATOR_SECOND_FACTOR",
                match environment {
                    Environment::Development => "optional",
                    Environment::Production => "required",
                },
                &[("required", OperatorSecondFactor::Required), ("optional", OperatorSecondFactor::Optional)],
                "whether operators must have a second factor: one without can only set it up",
            ),
            cache_memory_bytes: reader.number(
                "CACHE_MEMORY_MB",
                64,
                1..=65_536,
                "how much the cache may hold in the process",
            ) * 1_048_576,
            rate_limits: reader.choice(
                "RATE_LIMITS",
                "on",
                &[("on", LimitMode::On), ("off", LimitMode::Off)],
                "whether a resort's requests are limited; production refuses off",
            ),
            rate_limit_window_seconds: reader.number(
                "RATE_LIMIT_WINDOW_SECONDS",
                900,
                1..=86_400,
                "the window of a resort's limit; the same on all nodes",
            ),
            requests_per_address: reader.number(
                "REQUESTS_PER_ADDRESS",
                3000,
                1..=1_000_000_000,
                "requests without a session from one address in a window; counted by each node",
            ),
            sign_ins_per_address: reader.number(
                "SIGN_INS_PER_ADDRESS",
                300,
                1..=1_000_000,
                "how often may be signed in from one address in a window; counted by each node",
            ),
            trusted_proxies: reader.value(
                "TRUSTED_PROXIES",
                "127.0.0.1,::1",
                "IP addresses and networks with commas between",
                "the proxies whose X-Forwarded-For is believed, as in 10.0.0.0/8; Forwarded is not read",
            ),
            base_domain: reader.value(
                "BASE_DOMAIN",
                "localhost",
                "a domain",
                "a resort's host is its subdomain before this",
            ),
            log_sample: reader.number(
                "LOG_SAMPLE",
                1.0,
                0.0..=1.0,
                "the share of successful reads that is logged; errors, writes and slow requests (SENTRY_SLOW_MS) always are",
            ),
        };
        if (environment, settings.rate_limits) == (Environment::Production, LimitMode::Off) {
            reader.refuse("RATE_LIMITS", "off", "on in production");
        }
        settings
    }

    /// The defaults of a development machine.
    #[cfg(test)]
    pub(crate) fn standard() -> Self {
        let environment = std::collections::BTreeMap::new();
        let mut reader = Reader::new(&environment, None);
        Self::read(&mut reader, Environment::Development, Duration::from_millis(100))
    }
}
