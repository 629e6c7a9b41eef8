//! What the program counts of itself while it serves, and how it tells: to Prometheus (`text.rs`), to the dashboard and the
//! operators' console (`overview.rs`), on a listener of its own (`admin.rs`).
//!
//! A request costs a look at its route's place, a few atomic additions and one short lock of a sixteenth of the resorts.

mod admin;
mod gather;
pub(crate) mod histogram;
mod history;
pub mod jobs;
mod machine;
pub mod overview;
mod requests;
pub mod rollup;
mod text;
pub mod usage;
mod verdict;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::Platform;
use crate::db::Stats;
use crate::problem::Result;
use crate::redis::Link;
pub use admin::routes;
use history::{History, Minute};
use jobs::{Job, Jobs};
pub use machine::disk;
use requests::Requests;
use usage::{Figures, Slice, Usage};

/// How often the counts are noted for the hour that is kept.
pub const SAMPLE: Duration = Duration::from_secs(15);

/// How long a part may take to answer before it counts as down.
const PATIENCE: Duration = Duration::from_secs(2);

/// And how long the last counts of ten thousand resorts may take to be written.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The counts of a node.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Requests,
    in_flight: AtomicU64,
    usage: Usage,
    history: History,
    pub jobs: Jobs,
    parts: PartsUp,
}

/// Whether what the program stands on answered when it was last asked.
#[derive(Debug)]
struct PartsUp {
    database: AtomicBool,
    redis: AtomicBool,
    /// What keeps the database from its work.
    trouble: Mutex<Option<String>>,
}

impl PartsUp {
    fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Default for PartsUp {
    fn default() -> Self {
        Self { database: AtomicBool::new(true), redis: AtomicBool::new(true), trouble: Mutex::default() }
    }
}

/// What a program hands on to the one that follows it, so that the hour that is kept goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Past {
    /// The figures of the dashboard's lines.
    past: Vec<Minute>,
    /// Who asked most.
    most: Vec<Slice>,
}

/// The hour up to now.
pub fn past(platform: &Platform) -> Past {
    Past {
        past: platform.metrics.history.minutes(&gather::snapshot(platform)),
        most: platform.metrics.usage.slices(platform.clock.now()),
    }
}

impl Metrics {
    /// Goes on where the program before ended.
    pub(crate) fn follow(&self, past: Past) {
        self.history.follow(past.past);
        self.usage.follow(past.most);
    }
}

/// A request that was answered.
pub(crate) struct Answered<'a> {
    pub(crate) method: &'a Method,
    pub(crate) route: &'a str,
    pub(crate) status: StatusCode,
    pub(crate) took: Duration,
    pub(crate) stats: &'a Stats,
}

/// A request under way; one whose client goes away ends, too.
pub(crate) struct InFlight<'a>(&'a AtomicU64);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(&self.in_flight)
    }

    pub(crate) fn count(&self, now: Timestamp, answered: &Answered<'_>) {
        let Answered { method, route, status, took, stats } = *answered;
        self.requests.count(method, route, status.as_u16(), took);
        let Some(tenant) = stats.tenant() else { return };
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let figures = Figures {
            requests: 1,
            errors: status.is_server_error().into(),
            refused: (status == StatusCode::TOO_MANY_REQUESTS).into(),
            statements: stats.statements().into(),
            database_us: micros(stats.elapsed()),
            elapsed_us: micros(took),
        };
        self.usage.add(tenant, now, figures);
    }
}

/// Notes the counts four times a minute, and writes down once a minute what the resorts asked for, until `stop`; then the rest.
pub async fn keep(platform: Platform, stop: CancellationToken) {
    let mut ticks = interval(SAMPLE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for tick in 0u64.. {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => {}
        }
        sample(&platform).await;
        if tick % 4 == 3 {
            tell(&platform, Job::Usage, rollup::write(&platform)).await;
        }
        if tick % 240 == 239 {
            tell(&platform, Job::UsagePruning, rollup::prune(&platform)).await;
        }
    }
    let _ = timeout(LAST_WORDS, tell(&platform, Job::Usage, rollup::write(&platform))).await;
}

async fn tell(platform: &Platform, job: Job, work: impl Future<Output = Result<()>>) {
    let run = platform.metrics.jobs.begin(job);
    match work.await {
        Ok(()) => run.done(platform.clock.now()),
        Err(problem) => {
            run.failed();
            tracing::warn!(job = <&str>::from(job), %problem, "what the resorts asked for: it is tried again");
        }
    }
}

/// Asks the parts whether they are there, and notes the counts for the hour that is kept.
pub async fn sample(platform: &Platform) {
    let answers = matches!(timeout(PATIENCE, platform.database.ping()).await, Ok(Ok(())));
    let parts = &platform.metrics.parts;
    parts.database.store(answers, Ordering::Relaxed);
    *parts.trouble.lock().unwrap_or_else(PoisonError::into_inner) = platform.database.trouble().await;
    parts.redis.store(platform.redis.as_ref().is_none_or(Link::reaches), Ordering::Relaxed);
    platform.metrics.history.note(gather::snapshot(platform));
}
