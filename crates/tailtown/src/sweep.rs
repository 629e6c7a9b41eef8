//! Deletes what is over, once an hour: sessions that ended, answers kept for repeated requests, failed sign-ins and used codes. They hold names
//! and addresses that nobody needs any more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base::problem::Result;
use gateway::idempotency::KEPT_HOURS;
use gateway::sign_in::FORGOTTEN;
use gateway::state::Platform;
use jiff::{Timestamp, ToSpan};
use observe::metrics::jobs::Job;
use queries::client::Params;
use queries::queries::sweep as sql;
use tokio::time::{MissedTickBehavior, interval_at, sleep};
use uuid::Uuid;

/// The first sweep comes soon after the start: a program that is started every day would never get to it.
const FIRST: Duration = Duration::from_secs(300);
const EVERY: Duration = Duration::from_secs(3600);

/// Sessions are kept for so long after they ended, in case the clock was ahead for a while.
const ENDED_HOURS: i64 = 24;

/// By how much the clock may differ from the time that passed.
const JUMP: Duration = Duration::from_secs(60);

/// Sweeps every hour, for as long as the program runs.
pub async fn keep(platform: Platform) {
    let mut ticks = interval_at(tokio::time::Instant::now() + FIRST, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = (platform.clock.now(), Instant::now());
    loop {
        ticks.tick().await;
        let now = (platform.clock.now(), Instant::now());
        if has_jumped(last, now) {
            tracing::warn!("the clock was set since the last sweep: nothing is deleted until it is steady");
        } else {
            let run = platform.metrics.jobs.begin(Job::Sweep);
            match sweep(&platform).await {
                Ok(rows) => {
                    run.done(platform.clock.now());
                    tracing::info!(rows, "deleted what is over");
                }
                Err(problem) => {
                    run.failed();
                    tracing::warn!(%problem, "what is over could not be deleted: it is tried again in an hour");
                }
            }
        }
        last = now;
    }
}

/// Whether the clock was set between two readings of it and of the time that passed.
fn has_jumped((before, start): (Timestamp, Instant), (now, end): (Timestamp, Instant)) -> bool {
    let passed = end.duration_since(start);
    match Duration::try_from(now.duration_since(before)) {
        Ok(shown) => shown.abs_diff(passed) > JUMP,
        Err(_) => true,
    }
}

/// Deletes what is over, in small batches with as much rest between them as work; how many rows.
///
/// # Errors
/// When the database does not answer; what was deleted until then is gone.
pub async fn sweep(platform: &Platform) -> Result<u64> {
    let now = platform.clock.now();
    let (ended, kept) = (now.checked_sub(ENDED_HOURS.hours())?, now.checked_sub(KEPT_HOURS.hours())?);
    let mut rows = of_platform(platform, ended, kept, now.checked_sub(FORGOTTEN)?).await?;
    let mut after = Uuid::nil();
    loop {
        let client = platform.database.unscoped(Arc::default()).await?;
        let tenants = sql::tenants().bind(&client, &after).all().await?;
        drop(client);
        let Some(last) = tenants.last() else { return Ok(rows) };
        after = *last;
        for tenant in tenants {
            rows += of_tenant(platform, tenant, ended, kept).await?;
        }
    }
}

async fn of_platform(
    platform: &Platform,
    ended: Timestamp,
    kept: Timestamp,
    forgotten: Timestamp,
) -> Result<u64> {
    let mut rows = 0;
    loop {
        let start = Instant::now();
        let client = platform.database.unscoped(Arc::default()).await?;
        let deleted = sql::operator_sessions().bind(&client, &ended).await?
            + sql::operator_idempotency_keys().bind(&client, &kept).await?
            + sql::sign_in_attempts().bind(&client, &forgotten).await?
            + sql::accepted_codes().bind(&client, &forgotten).await?;
        drop(client);
        rows += deleted;
        if deleted == 0 {
            return Ok(rows);
        }
        sleep(start.elapsed()).await;
    }
}

async fn of_tenant(platform: &Platform, tenant: Uuid, ended: Timestamp, kept: Timestamp) -> Result<u64> {
    let mut rows = 0;
    loop {
        let start = Instant::now();
        let scope = platform.database.job_scope(tenant, "sweep").await?;
        // A delete tells every cache of the resort's, so it is only sent where there is something to delete.
        let mut deleted = 0;
        if sql::find_staff_session()
            .params(&scope, &sql::FindStaffSessionParams { tenant_id: tenant, before: ended })
            .opt()
            .await?
            .is_some()
        {
            deleted += sql::staff_sessions()
                .params(&scope, &sql::StaffSessionsParams { tenant_id: tenant, before: ended })
                .await?;
        }
        if sql::find_idempotency_key()
            .params(&scope, &sql::FindIdempotencyKeyParams { tenant_id: tenant, before: kept })
            .opt()
            .await?
            .is_some()
        {
            deleted += sql::idempotency_keys()
                .params(&scope, &sql::IdempotencyKeysParams { tenant_id: tenant, before: kept })
                .await?;
        }
        if deleted > 0 {
            scope.commit().await?;
        }
        drop(scope);
        rows += deleted;
        sleep(start.elapsed()).await;
        if deleted == 0 {
            return Ok(rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_either_way_is_noticed() {
        let (wall, start) = ("2026-11-24T08:00:00Z".parse::<Timestamp>().unwrap(), Instant::now());
        let after = |minutes: u64, shown: i64| {
            (wall.checked_add(shown.minutes()).unwrap(), start + Duration::from_secs(60 * minutes))
        };
        assert!(!has_jumped((wall, start), after(60, 60)));
        assert!(!has_jumped((wall, start), after(60, 61)));
        assert!(has_jumped((wall, start), after(60, 62)));
        assert!(has_jumped((wall, start), after(60, 57)));
        assert!(has_jumped((wall, start), after(60, -600)));
        assert!(has_jumped((wall, start), after(60, 60 * 24 * 365)));
    }
}
