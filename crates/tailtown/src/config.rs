//! The program's settings: each part reads its own, from the environment, then `tailtown.toml`, then a default.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use base::settings::{Environment, Reader, Refusal, Setting};
use base::systemd::Systemd;

/// The settings, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub environment: Environment,
    pub home: PathBuf,
    pub host: IpAddr,
    pub port: u16,
    pub admin_host: IpAddr,
    pub admin_port: u16,
    pub allow_embedded: bool,
    pub drain: Duration,
    pub reload: Duration,
    pub demo_tenants: u32,
    pub store: store::settings::Settings,
    pub telemetry: observe::telemetry::Settings,
    pub gateway: gateway::settings::Settings,
    pub backup: backup::Settings,
    /// No setting: what systemd passed along with them.
    pub systemd: Systemd,
}

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
    let telemetry = observe::telemetry::Settings::read(&mut reader, environment);
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
        allow_embedded: reader.choice(
            "ALLOW_EMBEDDED",
            "false",
            &[("false", false), ("true", true)],
            "let production use the embedded database",
        ),
        drain: reader.seconds("DRAIN_SECONDS", 20, 1..=600, "how long a stop waits for requests under way"),
        reload: reader.seconds(
            "RELOAD_SECONDS",
            60,
            1..=3600,
            "how long a new program may take to get ready in a reload",
        ),
        demo_tenants: reader.number("DEMO_TENANTS", 100, 1..=10_000, "how many resorts the demo makes"),
        store: store::settings::Settings::read(&mut reader),
        gateway: gateway::settings::Settings::read(&mut reader, environment, telemetry.sentry.slow),
        telemetry,
        backup: backup::Settings::read(&mut reader, environment == Environment::Production),
        systemd,
    };
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
    use base::settings::{Source, masked};

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
        assert_eq!((config.port, config.gateway.base_domain.as_str()), (5000, "example.com"));
        assert_eq!(
            with(&[], Some("log_sample = 0.25")).unwrap().0.gateway.log_sample.to_bits(),
            0.25_f64.to_bits()
        );
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
        assert_eq!(masked("info,gateway=debug"), "info,gateway=debug");
    }

    #[test]
    fn the_state_folder_follows_the_user() {
        let home = |pairs: &[(&str, &str)]| with(pairs, None).unwrap().0.home;
        assert_eq!(home(&[("HOME", "/home/kim")]), PathBuf::from("/home/kim/.local/state/tailtown"));
        assert_eq!(home(&[("HOME", "/root")]), PathBuf::from("/var/lib/tailtown"));
        assert_eq!(home(&[("HOME", "/home/kim"), ("TAILTOWN_HOME", "/x")]), PathBuf::from("/x"));
    }
}
