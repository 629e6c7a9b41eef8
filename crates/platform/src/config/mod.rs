//! Every setting, in one typed place: from the environment, then `tailtown.toml`, then a default.

mod reader;

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use sentry_types::Dsn;

use crate::backup;
use crate::client_address::Proxies;
use crate::db::Address;
use crate::redis::RedisUrl;
use crate::systemd::Systemd;

pub(crate) use reader::Reader;

/// The settings, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub environment: Environment,
    pub home: PathBuf,
    pub host: IpAddr,
    pub port: u16,
    pub admin_host: IpAddr,
    pub admin_port: u16,
    pub base_domain: String,
    pub log_level: String,
    pub log_dir: Option<PathBuf>,
    pub log_max_bytes: u64,
    /// The share of successful, quick reads that the log tells of.
    pub log_sample: f64,
    pub database: Option<Address>,
    pub owner_database: Option<Address>,
    pub redis: Option<RedisUrl>,
    pub allow_embedded: bool,
    pub write_timeout: Duration,
    /// 0: by the limit of open files.
    pub max_connections: usize,
    /// 0: by all of them.
    pub connections_per_address: usize,
    pub body_limit_bytes: usize,
    pub body_memory_bytes: usize,
    pub session: Duration,
    pub operator_second_factor: OperatorSecondFactor,
    pub drain: Duration,
    pub reload: Duration,
    pub statement_timeout: Duration,
    pub idle_in_transaction_timeout: Duration,
    pub cache: CacheMode,
    pub cache_memory_bytes: u64,
    pub rate_limits: LimitMode,
    pub rate_limit_window_seconds: u32,
    pub sentry: SentrySettings,
    /// Where traces go, as OTLP over HTTP.
    pub otlp_endpoint: Option<String>,
    pub trace_sample_rate: f64,
    pub requests_per_address: u32,
    pub sign_ins_per_address: u32,
    pub trusted_proxies: Proxies,
    pub demo_tenants: u32,
    pub backup: backup::Settings,
    /// No setting: what systemd passed along with them.
    pub systemd: Systemd,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    Development,
    Production,
}

/// Whether a node answers from a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheMode {
    On,
    Off,
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

/// One line of `tailtown config`.
#[derive(Clone, Debug)]
pub struct Setting {
    pub name: &'static str,
    /// As in effect; a secret is never shown.
    pub value: String,
    pub source: Source,
    pub about: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    File,
    Environment,
}

impl Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Source::Default => "default",
            Source::File => "tailtown.toml",
            Source::Environment => "environment",
        })
    }
}

/// Everything that is wrong with the settings, at once.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal(pub Vec<String>);

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings are refused:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl std::error::Error for Refusal {}

/// Reads the settings from `environment` and the text of a `tailtown.toml`, whose keys are the same names in lower case.
///
/// # Errors
/// Every unknown key and bad value, each with its name, the value, and what is allowed.
pub fn read(
    environment: &BTreeMap<String, String>,
    file: Option<&str>,
) -> Result<(Config, Vec<Setting>), Refusal> {
    let mut reader = Reader::new(environment, file);
    let (home, systemd) = (default_home(environment), Systemd::read(environment));
    let environment = reader.choice(
        "TAILTOWN_ENV",
        "development",
        &[("development", Environment::Development), ("production", Environment::Production)],
        "production refuses the embedded parts and logs JSON",
    );
    let config = Config {
        environment,
        home: reader.value(
            "TAILTOWN_HOME",
            &home,
            "a folder",
            "the state folder: the embedded database lives here",
        ),
        host: reader.value("HOST", "127.0.0.1", ADDRESS, "the address to listen on"),
        port: reader.number("PORT", 4004, 1..=65_535, "the port to listen on"),
        admin_host: reader.value(
            "ADMIN_HOST",
            "127.0.0.1",
            ADDRESS,
            "the address of metrics and the dashboard; whoever reaches it sees them",
        ),
        admin_port: reader.number("ADMIN_PORT", 4005, 0..=65_535, "their port; 0 for none"),
        base_domain: reader.value(
            "BASE_DOMAIN",
            "localhost",
            "a domain",
            "a resort's host is its subdomain before this",
        ),
        log_level: reader.checked(
            "LOG_LEVEL",
            "info",
            |text| tracing_subscriber::EnvFilter::try_new(text).is_ok(),
            "error, warn, info, debug or trace, also by module, as in info,platform=debug",
            "how much to log",
        ),
        log_dir: reader.optional(
            "LOG_DIR",
            "a folder",
            "also log to combined.log and error.log in here, a file a day, for two weeks",
        ),
        log_max_bytes: reader.number(
            "LOG_MAX_MB",
            1024,
            1..=1_048_576,
            "how much all files in LOG_DIR may hold; the oldest are removed first",
        ) * 1_048_576,
        log_sample: reader.number(
            "LOG_SAMPLE",
            1.0,
            0.0..=1.0,
            "the share of successful reads that is logged; errors, writes and slow requests (SENTRY_SLOW_MS) always are",
        ),
        database: reader.secret(
            "DATABASE_URL",
            Address::parse,
            "the database, as the program's role, with sslmode and sslrootcert as in libpq; unset: a private one in the state folder",
        ),
        owner_database: reader.secret(
            "OWNER_DATABASE_URL",
            Address::parse,
            "the same database as the role that owns the schema, for migrations",
        ),
        redis: reader.secret(
            "REDIS_URL",
            RedisUrl::parse,
            "what the nodes share, one server or a cluster's hosts; unset: kept in the process, for one node",
        ),
        allow_embedded: reader.choice(
            "ALLOW_EMBEDDED",
            "false",
            &[("false", false), ("true", true)],
            "let production use the embedded database",
        ),
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
        drain: reader.seconds("DRAIN_SECONDS", 20, 1..=600, "how long a stop waits for requests under way"),
        reload: reader.seconds(
            "RELOAD_SECONDS",
            60,
            1..=3600,
            "how long a new program may take to get ready in a reload",
        ),
        statement_timeout: reader.seconds(
            "STATEMENT_TIMEOUT_SECONDS",
            10,
            1..=600,
            "the longest a statement may run",
        ),
        idle_in_transaction_timeout: reader.seconds(
            "IDLE_IN_TRANSACTION_TIMEOUT_SECONDS",
            15,
            5..=600,
            "the longest a transaction may sit idle",
        ),
        cache: reader.choice(
            "CACHE",
            "on",
            &[("on", CacheMode::On), ("off", CacheMode::Off)],
            "whether this node answers from a cache",
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
        demo_tenants: reader.number("DEMO_TENANTS", 100, 1..=10_000, "how many resorts the demo makes"),
        backup: backup::Settings::read(&mut reader, environment == Environment::Production),
        systemd,
    };
    if (config.environment, config.rate_limits) == (Environment::Production, LimitMode::Off) {
        reader.refuse("RATE_LIMITS", "off", "on in production");
    }
    let overlap = |one: IpAddr, other: IpAddr| one == other || one.is_unspecified() || other.is_unspecified();
    if config.port == config.admin_port && overlap(config.host, config.admin_host) {
        reader.wrong(format!("ADMIN_PORT={0} is PORT, too: choose another, or 0 for none", config.port));
    }
    let settings = reader.finish()?;
    Ok((config, settings))
}

/// What HOST and ADMIN_HOST may be.
const ADDRESS: &str = "an IP address of this machine: 127.0.0.1 or ::1 for this machine alone, 0.0.0.0 or :: for all its networks";

/// Root's state belongs to the machine, a user's to the user.
fn default_home(environment: &BTreeMap<String, String>) -> String {
    let set = |name: &str| environment.get(name).filter(|value| !value.is_empty());
    if let Some(folder) = set("XDG_STATE_HOME") {
        return format!("{folder}/tailtown");
    }
    match set("HOME") {
        Some(home) if home != "/root" => format!("{home}/.local/state/tailtown"),
        _ => "/var/lib/tailtown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::reader::masked;
    use super::*;

    fn with(pairs: &[(&str, &str)], file: Option<&str>) -> Result<(Config, Vec<Setting>), Refusal> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        read(&pairs.collect(), file)
    }

    fn refusal(pairs: &[(&str, &str)], file: Option<&str>) -> String {
        with(pairs, file).unwrap_err().to_string()
    }

    #[test]
    fn the_environment_beats_the_file_and_the_file_the_default() {
        let (config, settings) =
            with(&[("PORT", "5000")], Some("port = 6000\nbase_domain = \"example.com\"")).unwrap();
        assert_eq!((config.port, config.base_domain.as_str()), (5000, "example.com"));
        assert_eq!(with(&[], Some("log_sample = 0.25")).unwrap().0.log_sample.to_bits(), 0.25_f64.to_bits());
        let source =
            |name| settings.iter().find(|setting| setting.name == name).map(|setting| setting.source);
        assert_eq!(source("PORT"), Some(Source::Environment));
        assert_eq!(source("BASE_DOMAIN"), Some(Source::File));
        assert_eq!(source("DRAIN_SECONDS"), Some(Source::Default));
    }

    #[test]
    fn a_bad_value_is_refused_with_its_name_and_what_is_allowed() {
        let text = refusal(&[("PORT", "0"), ("TAILTOWN_ENV", "prod"), ("LOG_LEVEL", "info,=x=y")], None);
        assert!(text.contains("PORT=0: must be a whole number from 1 to 65535"), "{text}");
        assert!(text.contains("TAILTOWN_ENV=prod: must be development or production"), "{text}");
        assert!(text.contains("LOG_LEVEL=info,=x=y"), "{text}");
    }

    #[test]
    fn two_listeners_need_two_ports_unless_they_have_two_addresses() {
        let said = refusal(&[("PORT", "4005")], None);
        assert!(said.contains("ADMIN_PORT=4005 is PORT, too: choose another, or 0 for none"), "{said}");
        assert!(with(&[("PORT", "4005"), ("HOST", "0.0.0.0")], None).is_err());
        assert!(with(&[("PORT", "4005"), ("HOST", "192.0.2.1")], None).is_ok());
        assert!(with(&[("PORT", "4005"), ("ADMIN_PORT", "0")], None).is_ok());
        let said = refusal(&[("HOST", "localhost")], None);
        assert!(said.contains("HOST=localhost: must be an IP address of this machine: 127.0.0.1"), "{said}");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(
            refusal(&[], Some("prot = 4004")).contains("prot in tailtown.toml: there is no such setting")
        );
        assert!(refusal(&[("TAILTOWN_HOEM", "/x")], None).contains("TAILTOWN_HOEM"));
        assert!(refusal(&[], Some("port = [1]")).contains("port in tailtown.toml must be a text"));
        assert!(refusal(&[], Some("port = ")).contains("tailtown.toml cannot be read"));
    }

    #[test]
    fn a_password_is_never_shown() {
        let secrets = [("DATABASE_URL", "postgresql://u:hunter2@h/db"), ("REDIS_URL", "redis://:hunter2@h")];
        let (_, settings) = with(&secrets, None).unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert!(
            !refusal(&[("DATABASE_URL", "postgresql://u:hunter2@h/db?connection_limit=x")], None)
                .contains("hunter2")
        );
        assert!(!refusal(&[("REDIS_URL", "redis://:hunter2@h:port")], None).contains("hunter2"));
    }

    #[test]
    fn no_setting_that_holds_an_address_shows_what_opens_it() {
        let (_, settings) = with(&[], None).unwrap();
        let addresses = [
            "https://marigold:hunter2@example.com/v1?key=hunter2#hunter2",
            "postgresql://marigold:hunter2/hunter2?hunter2@example.com/db?password=hunter2",
            "redis://:hunter2@example.com",
        ];
        for setting in settings {
            for address in addresses {
                let pairs = [
                    (setting.name, address),
                    ("S3_BUCKET", "b"),
                    ("S3_ACCESS_KEY_ID", "k"),
                    ("S3_SECRET_ACCESS_KEY", "s"),
                ];
                let said = match with(&pairs[..if setting.name.starts_with("S3_") { 1 } else { 4 }], None) {
                    Ok((_, settings)) => format!("{settings:?}"),
                    Err(refusal) => refusal.to_string(),
                };
                assert!(!said.contains("hunter2") && !said.contains("marigold"), "{}: {said}", setting.name);
            }
        }
        assert_eq!(masked("http://127.0.0.1:4318/v1"), "http://127.0.0.1:4318/v1");
        assert_eq!(masked("https://a:b@s3.example.com/x?y=z"), "https://***@s3.example.com/x?***");
        assert_eq!(masked("info,platform=debug"), "info,platform=debug");
    }

    #[test]
    fn the_state_folder_follows_the_user() {
        let home = |pairs: &[(&str, &str)]| with(pairs, None).unwrap().0.home;
        assert_eq!(home(&[("HOME", "/home/kim")]), PathBuf::from("/home/kim/.local/state/tailtown"));
        assert_eq!(home(&[("HOME", "/root")]), PathBuf::from("/var/lib/tailtown"));
        assert_eq!(home(&[("HOME", "/home/kim"), ("TAILTOWN_HOME", "/x")]), PathBuf::from("/x"));
    }
}
