//! Backups by themselves, every day at the hour, for as long as the program runs; and the look at them for `/health`.

use std::time::Duration;

use backup::Backups;
use backup::schedule::{last_due, next_due, night};
use database::connect::Server;
use jiff::Timestamp;
use observe::metrics::backups::Last;
use observe::metrics::jobs::Job;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use crate::backup_command::backups;
use crate::program::Program;
use crate::start::Ground;

/// How long after a failure, or another node's turn, it is looked at again.
const AGAIN: Duration = Duration::from_secs(3600);

/// How often the backups are looked at for `/health`.
const LOOK: Duration = Duration::from_secs(300);

/// Backups by themselves, and what `/health` says of them, for as long as the answer lives.
pub(crate) fn keep_backups(program: &Program, ground: &Ground) -> JoinSet<()> {
    let mut background = JoinSet::new();
    let backups = match backups(&program.config) {
        Ok(backups) => backups,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "no backups are made");
            return background;
        }
    };
    if program.config.backup.scheduled {
        match ground.backup(&program.config) {
            Ok(server) => {
                background.spawn(keep(program.clone(), backups.clone(), server));
            }
            Err(error) => tracing::error!(error = format!("{error:#}"), "no backups are made"),
        }
    }
    background.spawn(keep_looking(program.clone(), backups));
    background
}

/// Keeps looking at the backups for `/health`, for as long as the program runs.
async fn keep_looking(program: Program, backups: Backups) {
    let mut looks = interval(LOOK);
    loop {
        looks.tick().await;
        look(&program, &backups).await;
    }
}

async fn look(program: &Program, backups: &Backups) {
    let run = program.metrics.jobs.begin(Job::BackupLook);
    match note_newest(program, backups).await {
        Ok(()) => run.done(program.clock.now()),
        Err(error) => {
            run.failed();
            tracing::warn!(error = format!("{error:#}"), "the backups cannot be looked at");
        }
    }
}

/// Notes the newest verified backup for `/health`.
///
/// # Errors
/// When a place cannot be read.
pub(crate) async fn note_newest(program: &Program, backups: &Backups) -> anyhow::Result<()> {
    let newest = backups.newest_proven().await?;
    program.about.backup.set(newest.map(|newest| Last {
        name: newest.name,
        created_at: newest.created_at,
        verified_at: newest.verified_at,
    }));
    Ok(())
}

/// Makes, verifies and prunes backups for as long as the program runs. What was due while no node ran is made up for.
async fn keep(program: Program, backups: Backups, server: Server) {
    let (at, zone) = (backups.settings().at, backups.settings().timezone.clone());
    loop {
        let due = last_due(at, &zone, program.clock.now());
        let run = program.metrics.jobs.begin(Job::Backup);
        let outcome = night(&backups, &server, due).await;
        match &outcome {
            Ok(true) => run.done(program.clock.now()),
            // It is another node's.
            Ok(false) => drop(run),
            Err(error) => {
                run.failed();
                tracing::error!(
                    error = format!("{error:#}"),
                    "the scheduled backup failed; it is tried again in an hour"
                );
            }
        }
        let wait = until(next_due(at, &zone, program.clock.now()), program.clock.now());
        let wait = if outcome.is_ok_and(|done| done) { wait } else { wait.min(AGAIN) };
        look(&program, &backups).await;
        sleep(wait).await;
    }
}

fn until(due: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(due.duration_since(now)).unwrap_or_default().max(Duration::from_secs(1))
}
