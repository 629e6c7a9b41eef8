//! What the program does by itself, beside answering: how often, how it went, and when it last went well.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use prometheus_client::registry::Registry;
use strum::{EnumCount, EnumIter, IntoEnumIterator, IntoStaticStr};

use base::figures::{counters, gauges};

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumCount, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Job {
    /// What the resorts asked for is written down, once a minute.
    Usage,
    /// What of it is too old is forgotten, once an hour.
    UsagePruning,
    /// What is over is deleted, once an hour: ended sessions, kept answers, failed sign-ins.
    Sweep,
    /// The night's backup is made, proven, and old ones are pruned.
    Backup,
    /// The backups are looked at for `/health`, every five minutes.
    BackupLook,
}

impl Job {
    /// From how many failures in a row on an operator ought to hear of it: one that comes every minute may fail while the
    /// database starts anew.
    pub(super) fn heard_from(self) -> u64 {
        if self == Self::Usage { 2 } else { 1 }
    }
}

/// What is known of a job since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Runs {
    pub(super) done: u64,
    pub(super) failed: u64,
    pub(super) failed_in_a_row: u64,
    pub(super) under_way: u64,
    /// Of all that ended.
    pub(super) took: Duration,
    pub(super) last_done_at: Option<Timestamp>,
}

/// Copies share what is known.
#[derive(Clone, Debug, Default)]
pub struct Jobs(Arc<Mutex<[Runs; Job::COUNT]>>);

impl Jobs {
    /// A run begins; it counts when it has ended, and one that is dropped counts for nothing.
    #[must_use]
    pub fn begin(&self, job: Job) -> Run<'_> {
        self.runs()[job as usize].under_way += 1;
        Run { jobs: self, job, start: Instant::now() }
    }

    /// All of them, in their order.
    pub(super) fn all(&self) -> impl Iterator<Item = (Job, Runs)> {
        Job::iter().zip(*self.runs())
    }

    /// By `task`: `job` is what Prometheus calls whatever it scrapes.
    pub(super) fn register(&self, registry: &mut Registry) {
        let by_task = |of: fn(Runs) -> Option<i64>| {
            let jobs = self.clone();
            gauges(move || {
                let told = jobs.all().filter_map(|(job, runs)| Some(([("task", job.into())], of(runs)?)));
                told.collect::<Vec<([(&str, &str); 1], i64)>>()
            })
        };
        let jobs = self.clone();
        let runs = counters(move || {
            let told = jobs.all().flat_map(|(job, runs)| {
                [("done", runs.done), ("failed", runs.failed)]
                    .map(|(outcome, count)| ([("task", job.into()), ("outcome", outcome)], count))
            });
            told.collect::<Vec<([(&str, &str); 2], u64)>>()
        });
        registry.register("tailtown_job_runs", "What the program did by itself, by how it went", runs);
        let jobs = self.clone();
        let took = counters(move || {
            let told = jobs.all().map(|(job, runs)| ([("task", job.into())], runs.took.as_secs_f64()));
            told.collect::<Vec<([(&str, &str); 1], f64)>>()
        });
        registry.register("tailtown_job_seconds", "What it took, in all", took);
        let about = "What of it is under way";
        registry.register("tailtown_job_under_way", about, by_task(|runs| signed(runs.under_way)));
        let about = "How often it failed since it last went well";
        registry.register(
            "tailtown_job_failures_in_a_row",
            about,
            by_task(|runs| signed(runs.failed_in_a_row)),
        );
        let last = by_task(|runs| runs.last_done_at.map(Timestamp::as_second));
        registry.register("tailtown_job_last_done_timestamp_seconds", "When it last went well", last);
    }

    fn runs(&self) -> MutexGuard<'_, [Runs; Job::COUNT]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn signed(count: u64) -> Option<i64> {
    count.try_into().ok()
}

/// A job under way.
#[derive(Debug)]
pub struct Run<'a> {
    jobs: &'a Jobs,
    job: Job,
    start: Instant,
}

impl Run<'_> {
    pub fn done(self, now: Timestamp) {
        let runs = &mut self.jobs.runs()[self.job as usize];
        runs.done += 1;
        runs.failed_in_a_row = 0;
        runs.took += self.start.elapsed();
        runs.last_done_at = Some(now);
    }

    pub fn failed(self) {
        let runs = &mut self.jobs.runs()[self.job as usize];
        runs.failed += 1;
        runs.failed_in_a_row += 1;
        runs.took += self.start.elapsed();
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.jobs.runs()[self.job as usize].under_way -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_well_ends_a_row_of_failures_and_what_is_cut_off_is_neither() {
        let (jobs, now) = (Jobs::default(), "2026-11-26T02:00:00Z".parse().unwrap());
        let of = |jobs: &Jobs| jobs.all().find(|(job, _)| *job == Job::Backup).unwrap().1;
        jobs.begin(Job::Backup).failed();
        jobs.begin(Job::Backup).failed();
        let cut_off = jobs.begin(Job::Backup);
        assert_eq!((of(&jobs).failed_in_a_row, of(&jobs).under_way), (2, 1));
        drop(cut_off);
        assert_eq!((of(&jobs).failed, of(&jobs).under_way, of(&jobs).last_done_at), (2, 0, None));
        jobs.begin(Job::Backup).done(now);
        let told = of(&jobs);
        assert_eq!((told.done, told.failed, told.failed_in_a_row, told.last_done_at), (1, 2, 0, Some(now)));
        assert!(jobs.all().all(|(job, runs)| job == Job::Backup || runs == Runs::default()));
    }
}
