//! `tailtown doctor`: looks at everything the program stands on, and says of each finding what it means and what to do.

use std::path::Path;
use std::time::Duration;

use base::settings::Environment;
use database::embedded;
use gateway::settings::LimitMode;
use jiff::Timestamp;
use observe::metrics;
use observe::metrics::overview::{Finding, State};
use store::checkup::Checkup;
use store::settings::CacheMode;
use store::versions::{self, Part};
use tokio::time::{sleep, timeout};

use crate::backup_command::backups as backups_of;
use crate::backup_schedule::note_newest;
use crate::config::Config;
use crate::program::Program;
use crate::start::Ground;

/// How long Redis may take to be found.
const PATIENCE: Duration = Duration::from_secs(2);

/// From how many seconds on clocks differ too much: limits, sessions and time of day are told by them.
const APART: i64 = 2;
const FAR_APART: i64 = 30;

/// Everything that was looked at, in the order of the look.
pub(crate) async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = settings(config);
    findings.extend(disk("state folder", &config.home));
    if let Some(folder) = &config.telemetry.folder {
        findings.extend(disk("LOG_DIR", folder));
    }
    if config.store.database.is_none() && !config.home.join("postgres").exists() {
        findings.push(watch(
            "database: there is none yet",
            "The private one is made when the program first serves; or name one with DATABASE_URL.",
        ));
        return findings;
    }
    let ground = match Ground::join(config).await {
        Ok(ground) => ground,
        Err(error) => {
            let log = embedded::log_tail(&config.home);
            let advice = match log.is_empty() || config.store.database.is_some() {
                true => "Nothing works without it.".to_owned(),
                false => format!("Nothing works without it. The end of its log says:\n{log}")
                    .replace('\n', "\n       "),
            };
            findings.push(trouble(format!("database: {error:#}"), &advice));
            return findings;
        }
    };
    match ground.program(config.clone(), Part::Command) {
        Ok(program) => {
            database(&ground, &program, &mut findings).await;
            redis(&program, &mut findings).await;
            backups(&program, &mut findings).await;
        }
        Err(error) => findings.push(trouble(format!("settings: {error:#}"), "Set what it names.")),
    }
    ground.leave().await;
    findings
}

fn well(what: impl Into<String>) -> Finding {
    Finding { state: State::Well, what: what.into(), advice: String::new() }
}

fn watch(what: impl Into<String>, advice: &str) -> Finding {
    Finding { state: State::Watch, what: what.into(), advice: advice.into() }
}

fn trouble(what: impl Into<String>, advice: &str) -> Finding {
    Finding { state: State::Trouble, what: what.into(), advice: advice.into() }
}

fn settings(config: &Config) -> Vec<Finding> {
    let production = config.environment == Environment::Production;
    let mut findings = Vec::new();
    if !config.admin_host.is_loopback() {
        findings.push(watch(
            format!("settings: ADMIN_HOST={} is not the loopback", config.admin_host),
            "Whoever reaches it sees the resorts' names and figures: let a firewall keep others out.",
        ));
    }
    if config.admin_port == 0 {
        findings.push(watch(
            "settings: ADMIN_PORT=0",
            "There are no metrics and no dashboard: nobody will be told when something is wrong.",
        ));
    }
    if config.store.cache == CacheMode::Off {
        findings.push(watch("settings: CACHE=off", "Every answer costs the database its work."));
    }
    if config.gateway.rate_limits == LimitMode::Off {
        findings.push(watch("settings: RATE_LIMITS=off", "One resort can take everything from the others."));
    }
    if production && config.store.database.is_none() {
        findings.push(watch(
            "settings: production on the private database",
            "It lives and dies with this machine: see that backups go elsewhere (S3_BUCKET).",
        ));
    }
    if production && config.store.redis.is_none() {
        findings.push(watch(
            "settings: REDIS_URL is not set",
            "Right for one node. A second one would need it: the nodes would count limits apart, and cache nothing.",
        ));
    }
    if let Err(error) = config.backup.schedule_must_work(config.store.database.is_none()) {
        findings.push(trouble(format!("settings: {error}"), "The program refuses to start."));
    }
    if findings.is_empty() {
        findings.push(well("settings: nothing stands out"));
    }
    findings
}

fn disk(name: &str, folder: &Path) -> Option<Finding> {
    let (free, all) = metrics::machine::disk(folder)?;
    let percent = free * 100 / all.max(1);
    let what = format!("disk: {percent} % are left under the {name}, {}", folder.display());
    Some(match percent {
        0..3 if free < 20 << 30 => {
            trouble(what, "PostgreSQL stops taking writes when it is full: make room now.")
        }
        3..10 if free < 20 << 30 => watch(what, "Make room before it is full."),
        _ => well(what),
    })
}

async fn database(ground: &Ground, program: &Program, findings: &mut Vec<Finding>) {
    let before = program.clock.now();
    let checkup = match program.database.checkup().await {
        Ok(checkup) => checkup,
        Err(problem) => {
            let error = ground.naming("DATABASE_URL", problem.into_error());
            findings.push(trouble(format!("database: {error:#}"), "Requests get 503 until it is mended."));
            return;
        }
    };
    findings.push(clocks("the database", checkup.clock, before, program.clock.now()));
    match program.database.trouble().await {
        None => findings.push(well("database: people can sign in")),
        Some(reason) => findings.push(trouble(
            format!("database: {reason}"),
            "Sign-ins or changes get 503. After an upgrade of PostgreSQL, restart it; a private one is restarted by the program that \
             serves. On a full disk, make room.",
        )),
    }
    match program.database.role_could_bypass().await {
        Ok(None) => findings.push(well("isolation: the role, its rights and every policy keep resorts apart")),
        Ok(Some(reason)) => findings.push(trouble(
            format!("isolation: {reason}"),
            "The database would not keep resorts apart, so the program refuses to start: connect as tailtown_app, and undo in the \
             schema what is named.",
        )),
        Err(problem) => findings.push(trouble(format!("isolation: {problem}"), "It could not be looked at.")),
    }
    match program.database.verify_schema(&program.migrations).await {
        Ok(Ok(())) => findings.push(well("schema: it is the one this program needs")),
        Ok(Err(mismatch)) => {
            findings
                .push(trouble(format!("schema: {mismatch}"), "The program refuses to serve until they fit."));
        }
        Err(problem) => findings.push(trouble(format!("schema: {problem}"), "It could not be looked at.")),
    }
    server(&checkup, findings);
    if let Ok(client) = program.database.unscoped(std::sync::Arc::default()).await {
        for node in versions::nodes(&client).await.unwrap_or_default().iter().filter(|node| node.alive) {
            let what = format!("node: {} is alive, its cache in {}", node.id, node.medium);
            findings.push(match node.reaches {
                true => well(what),
                false => watch(
                    what + ", which it does not reach",
                    "No node caches until it does: see whether Redis runs, or end that node.",
                ),
            });
        }
    }
}

fn server(checkup: &Checkup, findings: &mut Vec<Finding>) {
    let known = findings.len();
    if checkup.version < 150_000 {
        let what = format!("database: PostgreSQL {}", checkup.version / 10_000);
        findings.push(trouble(what, "The program needs 15 or newer."));
    }
    if checkup.is_standby {
        findings.push(trouble(
            "database: it is a standby",
            "It takes no writes: name the primary in DATABASE_URL.",
        ));
    }
    for (name, value) in [("fsync", &checkup.fsync), ("full_page_writes", &checkup.full_page_writes)] {
        if value == "off" {
            let advice =
                "A crash of the machine can destroy the database: set it to on, and restart PostgreSQL.";
            findings.push(trouble(format!("database: {name} is off"), advice));
        }
    }
    if checkup.synchronous_commit == "off" {
        let advice = "A crash loses the last moments of what was acknowledged: set it to on.";
        findings.push(trouble("database: synchronous_commit is off", advice));
    }
    if checkup.autovacuum == "off" {
        let advice = "Tables grow and plans get worse with every change: set it to on.";
        findings.push(watch("database: autovacuum is off", advice));
    }
    let free = i64::from(checkup.max_connections) - checkup.connections;
    let what =
        format!("database: {} of {} connections are in use", checkup.connections, checkup.max_connections);
    if i64::try_from(checkup.pool).unwrap_or(i64::MAX) > free {
        let advice = format!(
            "A node takes up to {}: lower connection_limit in DATABASE_URL, or raise max_connections.",
            checkup.pool
        );
        findings.push(watch(what.clone(), &advice));
    }
    if checkup.oldest_transaction_seconds > 300 {
        let what = format!("database: a transaction is open for {} s", checkup.oldest_transaction_seconds);
        let advice = "It holds up vacuum, and perhaps others: find it in pg_stat_activity by its xact_start.";
        findings.push(watch(what, advice));
    }
    if checkup.age_percent > 50 {
        let what =
            format!("database: {} % of the transactions until a standstill are used", checkup.age_percent);
        findings.push(trouble(what, "Vacuum does not keep up: run VACUUM FREEZE, and see what holds it up."));
    }
    if findings.len() == known {
        findings.push(well(what));
    }
}

fn clocks(whose: &str, theirs: Timestamp, before: Timestamp, after: Timestamp) -> Finding {
    let apart = if theirs < before { before.duration_since(theirs) } else { theirs.duration_since(after) };
    let seconds = apart.as_secs().max(0);
    let what = format!("clock: this machine and {whose} are {seconds} s apart");
    let advice =
        "Sessions, limits and the time of day follow clocks: keep both with NTP (timedatectl shows it).";
    match seconds {
        ..APART => well(what),
        APART..FAR_APART => watch(what, advice),
        _ => trouble(what, advice),
    }
}

async fn redis(program: &Program, findings: &mut Vec<Finding>) {
    let Some(link) = &program.redis else { return };
    // It connects in the background.
    let reached = async {
        while !link.reaches() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let reached = timeout(PATIENCE, reached).await.is_ok();
    let before = program.clock.now();
    match link.clock().await {
        Ok(theirs) if reached => {
            findings.push(well("redis: it answers"));
            findings.push(clocks("Redis", theirs, before, program.clock.now()));
            if let Ok(evicted @ 1..) = link.evicted().await {
                findings.push(watch(
                    format!("redis: it threw {evicted} keys away for want of memory"),
                    "What was cached is read again, and a resort whose count is gone is counted from what each node then states that it \
                     admitted. Raise its maxmemory.",
                ));
            }
        }
        Ok(_) => findings.push(watch(
            "redis: some of its masters do not answer",
            "What lies there is not cached, and counted by each node apart. See CLUSTER INFO.",
        )),
        Err(error) => findings.push(watch(
            error.to_string(),
            "Everything works, slower, and each node limits by its share, until it is mended.",
        )),
    }
}

async fn backups(program: &Program, findings: &mut Vec<Finding>) {
    let scheduled = program.config.backup.scheduled;
    let looked = async {
        let backups = backups_of(&program.config)?;
        note_newest(program, &backups).await
    };
    if let Err(error) = looked.await {
        findings.push(watch(format!("backups: {error:#}"), "Their place must be there, and be readable."));
        return;
    }
    let shown = program.about.backup.shown(scheduled, program.clock.now());
    let what = match shown.age_seconds() {
        Some(seconds) => format!("backups: the last proven one is {} hours old", seconds / 3600),
        None => "backups: none was proven by restoring it".to_owned(),
    };
    let advice = "Run `tailtown backup run --verify`; the log says why the last night's failed.";
    findings.push(match (scheduled, shown.age_seconds()) {
        (true, _) if shown.is_stale() => trouble(what, advice),
        (false, None) => {
            watch(what, "They are not scheduled: set BACKUP_SCHEDULE, or run them by a timer (ops/systemd).")
        }
        _ => well(what),
    });
}

/// A line for each finding, what to do below it.
pub(crate) fn report(findings: &[Finding]) -> String {
    let mut lines = Vec::new();
    for Finding { state, what, advice } in findings {
        let word = match state {
            State::Well => "ok",
            State::Watch => "look",
            State::Trouble => "WRONG",
        };
        lines.push(format!("{word:<6} {what}"));
        if !advice.is_empty() {
            lines.push(format!("       {advice}"));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_compared_with_the_time_the_question_took_left_out() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let state = |theirs| clocks("x", at(theirs), at(100), at(110)).state;
        assert_eq!((state(99), state(105), state(111)), (State::Well, State::Well, State::Well));
        assert_eq!((state(97), state(113)), (State::Watch, State::Watch));
        assert_eq!((state(60), state(141)), (State::Trouble, State::Trouble));
    }
}
