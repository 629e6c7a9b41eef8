//! Settings: what is wrong is refused by name, and what is in effect is told without secrets.

use std::fs;

use crate::program::{Ended, Settings, run};
use crate::server::Home;

async fn serve(settings: Settings<'_>) -> String {
    serve_with(settings, "").await
}

/// What `serve` says with these settings and this `tailtown.toml`, having refused to.
async fn serve_with(settings: Settings<'_>, file: &str) -> String {
    let home = Home::new();
    fs::write(home.path().join("tailtown.toml"), file).unwrap();
    let ended: Ended = run(&home, &["serve"], settings).await;
    assert_eq!(ended.out, "");
    assert!(!home.path().join("postgres").exists(), "it began before it looked at its settings");
    ended.refused()
}

#[tokio::test]
async fn a_bad_value_is_refused_with_its_name_the_value_and_what_is_allowed() {
    let said = serve(&[("PORT", "80000"), ("TAILTOWN_ENV", "prod"), ("DRAIN_SECONDS", "soon")]).await;
    assert!(said.contains("PORT=80000: must be a whole number from 1 to 65535"), "{said}");
    assert!(said.contains("TAILTOWN_ENV=prod: must be development or production"), "{said}");
    assert!(said.contains("DRAIN_SECONDS=soon: must be a whole number from 1 to 600"), "{said}");
    let said = serve_with(&[], "port = 80000\nlog_level = \"info,=x=y\"\n").await;
    assert!(said.contains("PORT=80000: must be a whole number from 1 to 65535"), "{said}");
    assert!(said.contains("LOG_LEVEL=info,=x=y: must be error, warn, info, debug or trace"), "{said}");
}

#[tokio::test]
async fn an_unknown_name_is_refused_with_the_names_there_are() {
    let said = serve(&[("TAILTOWN_HOEM", "/nowhere")]).await;
    assert!(said.contains("TAILTOWN_HOEM: there is no such setting; there are TAILTOWN_ENV, "), "{said}");
    let said = serve_with(&[], "prot = 4004\n").await;
    assert!(said.contains("prot in tailtown.toml: there is no such setting; there are, in lower case, "));
    assert!(said.contains("DRAIN_SECONDS"), "{said}");
    let said = serve_with(&[], "port 4004\n").await;
    assert!(said.contains("tailtown.toml cannot be read: "), "{said}");
}

#[tokio::test]
async fn config_tells_every_setting_its_source_and_no_secret() {
    let home = Home::new();
    fs::write(home.path().join("tailtown.toml"), "base_domain = \"pets.example\"\nport = 5005\n").unwrap();
    let secrets = [
        ("DATABASE_URL", "postgresql://tailtown_app:hunter2@db.example/tailtown"),
        ("OWNER_DATABASE_URL", "postgresql://tailtown_owner:hunter3@db.example/tailtown"),
        ("PORT", "6006"),
    ];
    let said = run(&home, &["config"], &secrets).await.succeeded();
    let line = |name: &str| {
        let mut lines = said.lines().filter(|line| line.split_whitespace().next() == Some(name));
        lines.next().unwrap_or_else(|| panic!("{name} is not in {said}")).to_owned()
    };
    for (name, value, source) in [
        ("PORT", "6006", "environment"),
        ("BASE_DOMAIN", "pets.example", "tailtown.toml"),
        ("DRAIN_SECONDS", "20", "default"),
        ("TAILTOWN_HOME", &home.path().display().to_string(), "environment"),
    ] {
        let line = line(name);
        let words: Vec<_> = line.split_whitespace().collect();
        assert_eq!((words[1], words[2]), (value, source), "{line}");
        assert!(words.len() > 4, "it does not say what it is: {line}");
    }
    for name in ["DATABASE_URL", "OWNER_DATABASE_URL"] {
        assert!(line(name).contains("(set, not shown)") && line(name).contains("environment"), "{said}");
    }
    for secret in ["hunter2", "hunter3", "db.example"] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[tokio::test]
async fn a_refused_address_does_not_give_its_password_away() {
    for url in [
        "postgresql://tailtown_app:hunter2@db.example/tailtown?connection_limit=none",
        "postgresql://tailtown_app:hunter2@db.example/tailtown?sslmode=require",
        "postgres//tailtown_app:hunter2@db.example",
        "postgresql://tailtown_app:hunter2@db.example:port/tailtown",
        "postgresql://tailtown_app:hunter2@db.example/tailtown?password=hunter2&hunter2=1",
    ] {
        let said = serve(&[("DATABASE_URL", url)]).await;
        assert!(said.contains("DATABASE_URL: "), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[tokio::test]
async fn production_without_a_database_is_refused_and_says_what_to_do() {
    let said = serve(&[("TAILTOWN_ENV", "production")]).await;
    assert!(said.contains("production needs a database: set DATABASE_URL, or ALLOW_EMBEDDED=true"), "{said}");
}

#[tokio::test]
async fn production_refuses_a_schedule_of_which_no_backup_would_come() {
    let address = ("DATABASE_URL", "postgresql://tailtown_app:hunter2@127.0.0.1:1/tailtown");
    let role = ("BACKUP_DATABASE_URL", "postgresql://tailtown_backup:hunter2@127.0.0.1:1/tailtown");
    let key = "ab".repeat(32);
    let key = ("BACKUP_KEY", key.as_str());
    let production = ("TAILTOWN_ENV", "production");
    let needs_key = "BACKUP_SCHEDULE is on, and no backup could be made: production needs BACKUP_KEY: make one with `tailtown backup key`";
    let needs_role = "set BACKUP_DATABASE_URL: backups need a role that sees every row";
    let off = "or set BACKUP_SCHEDULE=off";
    for (settings, told) in [
        (&[production, address][..], &[needs_key, needs_role, off][..]),
        (&[production, address, role], &[needs_key, off]),
        (&[production, address, key], &[needs_role, off]),
        (&[production, ("ALLOW_EMBEDDED", "true")], &[needs_key, off]),
    ] {
        let said = serve(settings).await;
        for told in told {
            assert!(said.contains(told), "{said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
        let doctor = run(&Home::new(), &["doctor"], settings).await.out;
        assert!(doctor.contains("WRONG  settings: BACKUP_SCHEDULE is on"), "{doctor}");
    }
    // With what it needs, without a schedule, or told that they may be plain, it goes on to the database; and the key can be made.
    for settings in [
        &[production, address, role, key][..],
        &[production, address, ("BACKUP_SCHEDULE", "off")],
        &[production, address, role, ("ALLOW_PLAIN_BACKUPS", "true")],
        &[address, ("BACKUP_SCHEDULE", "on")],
    ] {
        let said = serve(settings).await;
        assert!(said.contains("cannot connect to PostgreSQL at 127.0.0.1:1"), "{said}");
    }
    run(&Home::new(), &["backup", "key"], &[production, address]).await.succeeded();
}
