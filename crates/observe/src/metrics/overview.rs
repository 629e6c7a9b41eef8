//! How the program is, for people: what is wrong and what to do about it first, then the figures and an hour of them.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::backups::Shown;
use super::gather::{self, Class, Line};
use super::history::Minute;
use super::jobs::{Job, Runs};
use super::usage::{Asked, NAMED};
use super::{Metrics, machine};

/// How one node is at this moment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    pub at: Timestamp,
    pub verdict: Verdict,
    /// What is promised, with the value of the last minute.
    pub targets: Vec<Target>,
    pub parts: Vec<Part>,
    pub program: Program,
    pub traffic: Traffic,
    pub database: Database,
    pub queue: Vec<Queue>,
    pub cache: Cache,
    pub limiter: Limiter,
    /// What the program does by itself.
    pub jobs: Vec<JobRuns>,
    pub backup: Shown,
    /// Those who asked most in the past hour, most first.
    pub tenants: Vec<TenantHour>,
    /// The past hour, four points a minute, oldest first; each tells of the minute before it.
    pub history: Vec<Point>,
}

/// The worst of what was found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    pub state: State,
    /// Worst first.
    pub findings: Vec<Finding>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(rename = "OverviewState")]
pub enum State {
    Well,
    /// Worth a look in the morning.
    Watch,
    /// Worth getting up for.
    Trouble,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub state: State,
    pub what: String,
    /// What to do about it.
    pub advice: String,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    pub name: &'static str,
    pub title: &'static str,
    pub unit: &'static str,
    /// Whether the value should lie below the bound, or above it.
    pub below: bool,
    pub bound: f64,
    /// `null` while there was nothing to measure.
    pub value: Option<f64>,
    pub is_met: Option<bool>,
}

/// Something the program stands on.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PartState")]
pub struct Part {
    pub name: &'static str,
    /// up, down or off.
    pub state: &'static str,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Program {
    pub version: &'static str,
    pub commit: &'static str,
    pub uptime_seconds: u64,
    pub is_draining: bool,
    pub memory_bytes: Option<u64>,
    pub disk_free_bytes: Option<u64>,
    pub disk_bytes: Option<u64>,
}

/// Of the API's requests in the last minute.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Traffic {
    pub requests_per_second: f64,
    pub errors: u64,
    pub refused: u64,
    pub in_flight: u64,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Database {
    pub statements_per_second: f64,
    pub connections_in_use: u64,
    pub connections_idle: u64,
    pub connections_limit: u64,
    pub waiting: u64,
    pub wait_p95_ms: Option<f64>,
    /// Requests of the last minute that got no connection in time.
    pub timeouts: u64,
    /// What keeps it from its work; `null` when nothing does.
    pub trouble: Option<String>,
    /// The end of a private PostgreSQL's log while that is what does not run.
    pub log: Option<String>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CacheOverview")]
pub struct Cache {
    pub mode: &'static str,
    /// In the last minute: answered from the process, from Redis, by the database and kept, by the database alone.
    pub hits_process: u64,
    pub hits_redis: u64,
    pub misses: u64,
    pub bypasses: u64,
    pub entries: u64,
    pub bytes: u64,
}

/// A line in which requests wait for their turn.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    pub line: &'static str,
    pub places: u32,
    pub taken: u32,
    pub classes: Vec<QueueClass>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueClass {
    pub class: &'static str,
    pub waiting: u64,
    /// Since the start: those that got a place, and those that were refused one.
    pub admitted: u64,
    pub shed: u64,
}

/// Since the start.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Limiter {
    pub mode: &'static str,
    pub admitted: u64,
    pub refused: u64,
    /// Decided without Redis although there is one.
    pub alone: u64,
    pub nodes: u32,
    /// Attempts to sign in that were too many for their address, or at their resort.
    pub sign_ins_refused: u64,
    pub sign_ins_slowed: u64,
}

/// Since the start.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobRuns {
    pub job: &'static str,
    pub done: u64,
    pub failed: u64,
    /// Since it last went well.
    pub failed_in_a_row: u64,
    /// Whether that is more than is to be expected now and then.
    pub is_failing: bool,
    pub is_under_way: bool,
    pub last_done_at: Option<Timestamp>,
    /// What a run takes on average, once one has ended.
    pub average_ms: Option<f64>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantHour {
    pub subdomain: String,
    pub requests: u64,
    pub errors: u64,
    pub refused: u64,
    pub database_ms: u64,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    pub at: Timestamp,
    pub requests_per_second: f64,
    pub errors_per_second: f64,
    pub refused_per_second: f64,
    pub api_p50_ms: Option<f64>,
    pub api_p95_ms: Option<f64>,
    pub database_p95_ms: Option<f64>,
    pub errors_percent: Option<f64>,
    pub cache_hits_percent: Option<f64>,
    pub connections_in_use: u64,
    pub wait_p95_ms: Option<f64>,
    pub in_flight: u64,
    pub waiting: u64,
    pub shed_per_second: f64,
}

/// How this node is, not yet judged, and its last minute.
pub(super) fn figures(metrics: &Metrics) -> (Overview, Minute) {
    let now = metrics.snapshot();
    let minutes = metrics.history.minutes(&now);
    let last = minutes.last().copied().unwrap_or_default();
    let about = &metrics.about;
    let gather::Parts { database, cache, limits, lines, fault } = now.parts;
    let (trouble, log) = fault.map_or_else(
        || (metrics.up.trouble(), None),
        |(reason, log)| (Some(reason), Some(log).filter(|log| !log.is_empty())),
    );
    let on = |is_on: bool| if is_on { "on" } else { "off" };
    let overview = Overview {
        at: now.at,
        verdict: Verdict { state: State::Well, findings: Vec::new() },
        targets: targets(&last),
        parts: parts(metrics),
        program: program(metrics),
        traffic: Traffic {
            requests_per_second: rounded(last.per_second(last.api.took.total())),
            errors: last.api.errors,
            refused: last.api.refused,
            in_flight: now.in_flight,
        },
        database: Database {
            statements_per_second: rounded(last.per_second(last.statements.total())),
            connections_in_use: database.in_use,
            connections_idle: database.idle,
            connections_limit: database.limit,
            waiting: database.waiting,
            wait_p95_ms: last.waits.quantile_ms(0.95).map(rounded),
            timeouts: last.pool_timeouts,
            trouble,
            log,
        },
        queue: lines.into_iter().map(Queue::of).collect(),
        cache: Cache {
            mode: on(about.has_cache),
            hits_process: last.hits - last.hits_redis,
            hits_redis: last.hits_redis,
            misses: last.misses,
            bypasses: last.bypasses,
            entries: cache.entries,
            bytes: cache.bytes,
        },
        limiter: Limiter {
            mode: on(about.has_limits),
            admitted: limits.admitted,
            refused: limits.refused,
            alone: limits.alone,
            nodes: limits.nodes,
            sign_ins_refused: limits.sign_ins_refused,
            sign_ins_slowed: limits.sign_ins_slowed,
        },
        jobs: metrics.jobs.all().map(JobRuns::of).collect(),
        backup: about.backup.shown(about.makes_backups, now.at),
        tenants: metrics.usage.top(now.at, NAMED).into_iter().map(TenantHour::of).collect(),
        history: minutes.iter().map(Point::of).collect(),
    };
    (overview, last)
}

fn program(metrics: &Metrics) -> Program {
    let about = &metrics.about;
    let disk = machine::disk(&about.home);
    Program {
        version: about.version,
        commit: about.commit,
        uptime_seconds: about.started.elapsed().as_secs(),
        is_draining: about.draining.load(Ordering::SeqCst),
        memory_bytes: machine::resident_bytes(),
        disk_free_bytes: disk.map(|(free, _)| free),
        disk_bytes: disk.map(|(_, all)| all),
    }
}

/// The plan's four.
fn targets(last: &Minute) -> Vec<Target> {
    let target = |name, title, unit, below, bound: f64, value: Option<f64>| Target {
        name,
        title,
        unit,
        below,
        bound,
        value: value.map(rounded),
        is_met: value.map(|value| if below { value < bound } else { value > bound }),
    };
    vec![
        target("apiP95", "API p95", "ms", true, 100.0, last.api.took.quantile_ms(0.95)),
        target("databaseP95", "Database p95", "ms", true, 20.0, last.statements.quantile_ms(0.95)),
        target("cacheHits", "Cache hits", "%", false, 80.0, last.hits_percent()),
        target("errors", "Errors", "%", true, 0.1, last.errors_percent()),
    ]
}

fn parts(metrics: &Metrics) -> Vec<Part> {
    let up = |is_up: &AtomicBool| if is_up.load(Ordering::Relaxed) { "up" } else { "down" };
    let redis = if metrics.about.has_redis { up(&metrics.up.redis) } else { "off" };
    vec![Part { name: "database", state: up(&metrics.up.database) }, Part { name: "redis", state: redis }]
}

impl TenantHour {
    fn of(Asked { subdomain, figures, .. }: Asked) -> Self {
        Self {
            subdomain,
            requests: figures.requests,
            errors: figures.errors,
            refused: figures.refused,
            database_ms: figures.database_us / 1000,
        }
    }
}

impl JobRuns {
    fn of((job, runs): (Job, Runs)) -> Self {
        let ended = runs.done + runs.failed;
        Self {
            job: job.into(),
            done: runs.done,
            failed: runs.failed,
            failed_in_a_row: runs.failed_in_a_row,
            is_failing: runs.failed_in_a_row >= job.heard_from(),
            is_under_way: runs.under_way > 0,
            last_done_at: runs.last_done_at,
            average_ms: (ended > 0).then(|| rounded(runs.took.as_secs_f64() * 1e3 / ended as f64)),
        }
    }
}

impl Queue {
    fn of(line: Line) -> Self {
        let class =
            |Class { name, waiting, admitted, shed }| QueueClass { class: name, waiting, admitted, shed };
        Self {
            line: line.name,
            places: line.places,
            taken: line.taken,
            classes: line.classes.into_iter().map(class).collect(),
        }
    }
}

impl Point {
    fn of(minute: &Minute) -> Self {
        Self {
            at: minute.at,
            requests_per_second: rounded(minute.per_second(minute.api.took.total())),
            errors_per_second: rounded(minute.per_second(minute.api.errors)),
            refused_per_second: rounded(minute.per_second(minute.api.refused)),
            api_p50_ms: minute.api.took.quantile_ms(0.5).map(rounded),
            api_p95_ms: minute.api.took.quantile_ms(0.95).map(rounded),
            database_p95_ms: minute.statements.quantile_ms(0.95).map(rounded),
            errors_percent: minute.errors_percent().map(rounded),
            cache_hits_percent: minute.hits_percent().map(rounded),
            connections_in_use: minute.pool_in_use,
            wait_p95_ms: minute.waits.quantile_ms(0.95).map(rounded),
            in_flight: minute.in_flight,
            waiting: minute.waiting,
            shed_per_second: rounded(minute.per_second(minute.shed)),
        }
    }
}

/// To three decimals: more would be believed.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
