//! What is done for the metrics while the program runs: the counts are noted, and what resorts asked for is written down.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::history::SAMPLE;
use super::jobs::Job;
use super::{Metrics, rollup};
use base::problem::Result;
use store::pool::Database;
use store::redis::Link;

/// How long a part may take to answer before it counts as down.
const PATIENCE: Duration = Duration::from_secs(2);

/// And how long the last counts of ten thousand resorts may take to be written.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Notes the counts four times a minute, and writes down once a minute what the resorts asked for, until `stop`; then the rest.
pub async fn keep(metrics: Arc<Metrics>, database: Database, redis: Option<Link>, stop: CancellationToken) {
    let mut ticks = interval(SAMPLE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for tick in 0u64.. {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => {}
        }
        sample(&metrics, &database, redis.as_ref()).await;
        if tick % 4 == 3 {
            tell(&metrics, Job::Usage, rollup::write(&metrics, &database)).await;
        }
        if tick % 240 == 239 {
            tell(&metrics, Job::UsagePruning, rollup::prune(&database, metrics.about.clock.now())).await;
        }
    }
    let _ = timeout(LAST_WORDS, tell(&metrics, Job::Usage, rollup::write(&metrics, &database))).await;
}

async fn tell(metrics: &Metrics, job: Job, work: impl Future<Output = Result<()>>) {
    let run = metrics.jobs.begin(job);
    match work.await {
        Ok(()) => run.done(metrics.about.clock.now()),
        Err(problem) => {
            run.failed();
            tracing::warn!(job = <&str>::from(job), %problem, "what the resorts asked for: it is tried again");
        }
    }
}

/// Asks the parts whether they are there, and notes the counts for the hour that is kept.
pub async fn sample(metrics: &Metrics, database: &Database, redis: Option<&Link>) {
    let answers = matches!(timeout(PATIENCE, database.ping()).await, Ok(Ok(())));
    let up = &metrics.up;
    up.database.store(answers, Ordering::Relaxed);
    *up.trouble.lock().unwrap_or_else(PoisonError::into_inner) = database.trouble().await;
    up.redis.store(redis.is_none_or(Link::reaches), Ordering::Relaxed);
    metrics.history.note(metrics.snapshot());
}
