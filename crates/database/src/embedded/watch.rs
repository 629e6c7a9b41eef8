//! Starts the private PostgreSQL again when it has ended, and restarts it after PostgreSQL was upgraded.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::disk::is_full;
use super::error::EmbeddedError;
use super::holder;
use super::install::InstallationState;
use super::log::tail as log_tail;
use super::server::Server;

/// The interval between checks whether the server runs.
const INTERVAL: Duration = Duration::from_millis(500);

/// The pause after the first failed attempt. It doubles up to the longest.
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The time for which installed files must be unchanged before the server is started from them, because an upgrade replaces them
/// one by one.
const SETTLED: Duration = Duration::from_secs(2);

pub(super) const ENDED: &str = "the private database has ended and is being started again";
const UPGRADED: &str = "the private database is being restarted after an upgrade of PostgreSQL";
const FULL: &str = "the disk is full: the database takes no changes until there is room";
const ENDED_FULL: &str = "the disk is full: the private database is started again when there is room";

/// The state of the private PostgreSQL, shared by all parts of the program that report it. Without a private PostgreSQL it has no
/// fault.
#[derive(Clone, Debug, Default)]
pub struct Standing(Option<Arc<Known>>);

#[derive(Debug)]
struct Known {
    data: PathBuf,
    fault: Mutex<Option<Fault>>,
}

/// A problem of the private PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The reason in a few words without a path, for anyone.
    pub reason: String,
    /// The end of PostgreSQL's log, for operators only.
    pub log: String,
}

impl Standing {
    pub(super) fn of(data: &Path) -> Self {
        Self(Some(Arc::new(Known { data: data.to_owned(), fault: Mutex::default() })))
    }

    /// Why the server does not run, or accepts no writes; `None` if no problem is known.
    pub fn fault(&self) -> Option<Fault> {
        let known = self.0.as_ref()?;
        let fault = known.fault.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let full = || is_full(&known.data).then(|| Fault { reason: FULL.to_owned(), log: String::new() });
        fault.or_else(full)
    }

    fn set(&self, fault: Option<Fault>) {
        if let Some(known) = &self.0 {
            *known.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        }
    }
}

/// The task that watches the server.
pub(super) struct Watch {
    server: Server,
    home: PathBuf,
    standing: Standing,
    /// The files that the server was started from; `None` if they differ from the installed ones, or are unknown.
    started_from: Option<InstallationState>,
    /// Different files that are installed now, and since when they are unchanged.
    changed: Option<(InstallationState, Instant)>,
}

impl Watch {
    pub(super) fn new(server: Server, home: PathBuf, standing: Standing) -> Self {
        let started_from = if server.is_current() { server.installation.state() } else { None };
        Self { server, home, standing, started_from, changed: None }
    }

    pub(super) async fn run(mut self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        // The previous program may have written another state.
        self.report(None);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => return,
                () = sleep(INTERVAL) => {}
            }
            if !self.server.runs() {
                let log = log_tail(&self.home);
                tracing::warn!(%log, "the private database has ended: starting it again");
                let reason = if is_full(&self.server.data) { ENDED_FULL } else { ENDED };
                self.report(Some(Fault { reason: reason.to_owned(), log }));
            } else if self.is_upgraded() {
                tracing::warn!("PostgreSQL was upgraded: restarting the private database");
                self.report(Some(Fault { reason: UPGRADED.to_owned(), log: String::new() }));
                if let Err(error) = self.server.end().await {
                    tracing::error!(%error, "the private database could not be stopped for the restart and keeps running");
                    (self.changed, self.started_from) = (None, self.server.installation.state());
                    self.report(None);
                    continue;
                }
            } else {
                continue;
            }
            if !self.bring_back(&mut stop).await {
                return;
            }
        }
    }

    /// Tries until the server answers. `false` if `stop` completed first.
    async fn bring_back(&mut self, mut stop: impl Future<Output = ()> + Unpin) -> bool {
        let (start, mut pause, mut logged) = (Instant::now(), PAUSE, String::new());
        for attempt in 1_u32.. {
            let installed = self.server.installation.state();
            match self.server.bring_up().await {
                Ok(_) => {
                    self.started_from = installed;
                    self.report(None);
                    let elapsed_ms = start.elapsed().as_millis();
                    tracing::info!(attempt, elapsed_ms, "the private database answers again");
                    return true;
                }
                Err(error) => {
                    self.report(Some(self.fault(&error)));
                    let text = error.to_string();
                    // Log a repeated error less and less often.
                    if text == logged && !attempt.is_power_of_two() {
                        tracing::debug!(attempt, %error, "the private database cannot be started");
                    } else {
                        tracing::error!(attempt, %error, "the private database cannot be started: trying again");
                        logged = text;
                    }
                }
            }
            tokio::select! {
                biased;
                () = &mut stop => return false,
                () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
        false
    }

    /// Whether files other than those that the server was started from are installed, and have been unchanged for long enough.
    fn is_upgraded(&mut self) -> bool {
        let installed =
            self.server.installation.state().filter(|now| self.started_from.as_ref() != Some(now));
        match (installed, &self.changed) {
            (None, _) => self.changed = None,
            (Some(now), Some((known, since))) if now == *known => return since.elapsed() >= SETTLED,
            (Some(now), _) => self.changed = Some((now, Instant::now())),
        }
        false
    }

    fn fault(&self, error: &EmbeddedError) -> Fault {
        let reason = match error {
            EmbeddedError::DiskFull(_) => ENDED_FULL.to_owned(),
            error => format!(
                "the private database cannot be started ({}): the program keeps trying",
                error.in_short()
            ),
        };
        Fault { reason, log: log_tail(&self.home) }
    }

    fn report(&self, fault: Option<Fault>) {
        holder::note(&self.home, fault.as_ref().map_or("", |fault| &fault.reason));
        self.standing.set(fault);
    }
}
