//! What is wrong, in words that say what to do: the first thing an operator reads at night.

use super::Metrics;
use super::history::Minute;
use super::overview::{self, Finding, Overview, State, Target, Verdict};

/// Of how few requests in a minute nothing can be said.
const FEW: u64 = 20;

/// Of a large disk a small share is still much.
const ENOUGH_BYTES: u64 = 20 << 30;

/// How long a cache may take to fill after a start.
const WARM_SECONDS: u64 = 900;

/// From how many per cent of errors on somebody should get up.
const MANY_ERRORS: f64 = 5.0;

/// How this node is.
pub fn overview(metrics: &Metrics) -> Overview {
    let (mut overview, last) = overview::figures(metrics);
    overview.verdict = of(&overview, &last);
    overview
}

fn of(overview: &Overview, last: &Minute) -> Verdict {
    let mut findings = parts(overview);
    findings.extend(overview.targets.iter().filter_map(|target| missed(target, overview, last)));
    findings.extend(pool(overview));
    findings.extend(queue(last));
    findings.extend(limiter(overview, last));
    findings.extend(sign_ins(last));
    findings.extend(disk(overview));
    findings.extend(backup(overview));
    findings.extend(jobs(overview));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.state));
    Verdict { state: findings.first().map_or(State::Well, |worst| worst.state), findings }
}

fn finding(state: State, what: impl Into<String>, advice: &str) -> Finding {
    Finding { state, what: what.into(), advice: advice.to_owned() }
}

fn parts(overview: &Overview) -> Vec<Finding> {
    let down = |name: &str| overview.parts.iter().any(|part| part.name == name && part.state == "down");
    let mut findings = Vec::new();
    if let Some(trouble) = &overview.database.trouble {
        findings.push(finding(
            State::Trouble,
            format!("Database: {trouble}"),
            "Changes, or all requests, get 503; nothing acknowledged is lost. The program goes on by itself when the cause is \
             gone. `tailtown doctor` says more.",
        ));
    } else if down("database") {
        findings.push(finding(
            State::Trouble,
            "The database does not answer",
            "Requests get 503 and nothing acknowledged is lost. See whether PostgreSQL runs and takes connections; \
             the program goes on by itself when it does. `tailtown doctor` says more.",
        ));
    }
    if down("redis") {
        findings.push(finding(
            State::Watch,
            "Redis does not answer",
            "Everything works, slower: answers come from the database, and each node limits by its share. See whether \
             Redis runs; the program goes on by itself when it does.",
        ));
    }
    if overview.program.is_draining {
        findings.push(finding(
            State::Watch,
            "This node is stopping",
            "It finishes what is under way and takes nothing new.",
        ));
    }
    findings
}

fn missed(target: &Target, overview: &Overview, last: &Minute) -> Option<Finding> {
    let value = target.value?;
    if target.is_met != Some(false) {
        return None;
    }
    let requests = last.api.took.total();
    let is_warm = overview.cache.mode == "on" && overview.program.uptime_seconds > WARM_SECONDS;
    let what = format!("{} is {value} {} and should be ", target.title, target.unit);
    let what =
        what + if target.below { "below " } else { "above " } + &format!("{} {}", target.bound, target.unit);
    match target.name {
        "errors" => {
            let many = value >= MANY_ERRORS && requests >= FEW;
            let what =
                format!("{} of {requests} requests failed in the last minute ({value} %)", last.api.errors);
            let advice =
                "The log names each with its request id: look for level ERROR in error.log or the journal.";
            Some(finding(if many { State::Trouble } else { State::Watch }, what, advice))
        }
        "apiP95" if requests >= FEW => {
            let slow =
                overview.targets.iter().any(|one| one.name == "databaseP95" && one.is_met == Some(false));
            let advice = if slow {
                "The database is slow, too: look there first."
            } else {
                "The database is fast: look at the load, the queue and the machine's processors."
            };
            Some(finding(State::Watch, what, advice))
        }
        "databaseP95" if last.statements.total() >= FEW => Some(finding(
            State::Watch,
            what,
            "See what PostgreSQL does at this moment (pg_stat_activity names the request of each statement), and its disk.",
        )),
        "cacheHits" if is_warm && last.hits + last.misses + last.bypasses >= FEW => Some(finding(
            State::Watch,
            what,
            "After many writes it recovers by itself; if it stays low, CACHE_MEMORY_MB may be too small.",
        )),
        _ => None,
    }
}

fn pool(overview: &Overview) -> Option<Finding> {
    let database = &overview.database;
    if database.timeouts > 0 {
        let what = format!("{} requests got no database connection in the last minute", database.timeouts);
        let advice =
            "All of `connection_limit` in DATABASE_URL are in use: see what holds them in pg_stat_activity.";
        return Some(finding(State::Trouble, what, advice));
    }
    let full = database.connections_in_use >= database.connections_limit && database.waiting > 0;
    full.then(|| {
        let what = format!("All {} database connections are in use", database.connections_limit);
        finding(State::Watch, what, "Requests wait for each other: see what is slow in pg_stat_activity.")
    })
}

fn queue(last: &Minute) -> Option<Finding> {
    (last.shed > 0).then(|| {
        let what = format!("{} requests were refused a place in line in the last minute", last.shed);
        let advice = "There is more work than the database or the processors can do: see which resort asks for it below, and \
                      what is slow.";
        finding(State::Trouble, what, advice)
    })
}

fn limiter(overview: &Overview, last: &Minute) -> Option<Finding> {
    let is_down = overview.parts.iter().any(|part| part.name == "redis" && part.state == "down");
    (last.limiter_alone > 0 && !is_down).then(|| {
        let what = "Limits were decided without Redis in the last minute";
        finding(
            State::Watch,
            what,
            "Redis was slow or gone for a moment; resorts may get less than their tier.",
        )
    })
}

fn sign_ins(last: &Minute) -> Option<Finding> {
    (last.sign_ins_held_up > 0).then(|| {
        let what = format!("{} attempts to sign in were held up in the last minute", last.sign_ins_held_up);
        let advice = "Somebody may be trying passwords. Each further wrong one has to wait longer, and nobody else waits; the proxy's log says \
                      from where. If it is your own people behind one address, SIGN_INS_PER_ADDRESS is too low.";
        finding(State::Watch, what, advice)
    })
}

fn disk(overview: &Overview) -> Option<Finding> {
    let (free, all) = overview.program.disk_free_bytes.zip(overview.program.disk_bytes)?;
    let percent = free * 100 / all.max(1);
    let state = match percent {
        _ if free >= ENOUGH_BYTES => return None,
        0..3 => State::Trouble,
        3..10 => State::Watch,
        _ => return None,
    };
    let what = format!("The disk of the state folder is nearly full: {percent} % are left");
    Some(finding(state, what, "Make room, or PostgreSQL stops taking writes."))
}

fn jobs(overview: &Overview) -> impl Iterator<Item = Finding> {
    overview.jobs.iter().filter(|one| one.is_failing).map(|one| {
        let often = match one.failed_in_a_row {
            1 => "the last time".to_owned(),
            times => format!("{times} times in a row"),
        };
        let what = format!("The job {} failed {often}", one.job.replace('_', " "));
        finding(State::Watch, what, "The log says why; it is tried again by itself.")
    })
}

fn backup(overview: &Overview) -> Option<Finding> {
    overview.backup.stale.then(|| {
        let what = match &overview.backup.last_verified {
            Some(last) => format!("The last proven backup is {} hours old", last.age_seconds / 3600),
            None => "There is no proven backup".to_owned(),
        };
        finding(
            State::Watch,
            what,
            "Run `tailtown backup run --verify`; the log says why the last night's failed.",
        )
    })
}
