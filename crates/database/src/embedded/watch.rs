//! Starts the private PostgreSQL again when it has ended, and anew when its installation was changed under it.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::install::InstallationState;
use super::server::Server;
use super::{EmbeddedError, holder, is_full, log_tail};

/// How often it is looked whether the server runs.
const LOOK: Duration = Duration::from_millis(500);

/// The pause after a first attempt that failed; it doubles up to the longest.
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long the files of an installation must have stayed as they are before the server is started from them: an upgrade
/// replaces them one by one.
const SETTLED: Duration = Duration::from_secs(2);

pub(super) const ENDED: &str = "the private database has ended and is being started again";
const UPGRADED: &str = "the private database is being restarted after an upgrade of PostgreSQL";
const FULL: &str = "the disk is full: the database takes no changes until there is room";
const ENDED_FULL: &str = "the disk is full: the private database is started again when there is room";

/// Whether the private PostgreSQL runs, for everyone in the process who has to say so. Without a private one there is no fault.
#[derive(Clone, Debug, Default)]
pub struct Standing(Option<Arc<Known>>);

#[derive(Debug)]
struct Known {
    data: PathBuf,
    fault: Mutex<Option<Fault>>,
}

/// What keeps the private PostgreSQL from working.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In a few words without a path: for whoever asks.
    pub reason: String,
    /// The end of PostgreSQL's log, for operators only.
    pub log: String,
}

impl Standing {
    pub(super) fn of(data: &Path) -> Self {
        Self(Some(Arc::new(Known { data: data.to_owned(), fault: Mutex::default() })))
    }

    /// Why the server does not run, or takes no changes; `None` when nothing is known against it.
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

pub(super) struct Watch {
    server: Server,
    home: PathBuf,
    standing: Standing,
    /// The files that the server was started from; `None` when they are others than those installed, or not known.
    started_from: Option<InstallationState>,
    /// Files that are installed instead, and since when they are as they are.
    changed: Option<(InstallationState, Instant)>,
}

impl Watch {
    pub(super) fn new(server: Server, home: PathBuf, standing: Standing) -> Self {
        let started_from = if server.is_current() { server.installation.state() } else { None };
        Self { server, home, standing, started_from, changed: None }
    }

    pub(super) async fn run(mut self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        // The program before this one may have noted something else.
        self.tell(None);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => return,
                () = sleep(LOOK) => {}
            }
            if !self.server.runs() {
                let log = log_tail(&self.home);
                tracing::warn!(%log, "the private database has ended: starting it again");
                let reason = if is_full(&self.server.data) { ENDED_FULL } else { ENDED };
                self.tell(Some(Fault { reason: reason.to_owned(), log }));
            } else if self.is_upgraded() {
                tracing::warn!("PostgreSQL was upgraded under the private database: restarting it");
                self.tell(Some(Fault { reason: UPGRADED.to_owned(), log: String::new() }));
                if let Err(error) = self.server.end().await {
                    tracing::error!(%error, "the private database goes on with the files that it has");
                    (self.changed, self.started_from) = (None, self.server.installation.state());
                    self.tell(None);
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

    /// Tries until the server answers; whether it does, or it was told to stop first.
    async fn bring_back(&mut self, mut stop: impl Future<Output = ()> + Unpin) -> bool {
        let (start, mut pause, mut told) = (Instant::now(), PAUSE, String::new());
        for attempt in 1_u32.. {
            let installed = self.server.installation.state();
            match self.server.bring_up().await {
                Ok(_) => {
                    self.started_from = installed;
                    self.tell(None);
                    let elapsed_ms = start.elapsed().as_millis();
                    tracing::info!(attempt, elapsed_ms, "the private database answers again");
                    return true;
                }
                Err(error) => {
                    self.tell(Some(self.fault(&error)));
                    let text = error.to_string();
                    // The same again is told ever more rarely.
                    if text == told && !attempt.is_power_of_two() {
                        tracing::debug!(attempt, %error, "the private database cannot be started");
                    } else {
                        tracing::error!(attempt, %error, "the private database cannot be started: trying again");
                        told = text;
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

    /// Whether other files are installed than those that the server was started from, and stay.
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

    fn tell(&self, fault: Option<Fault>) {
        holder::note(&self.home, fault.as_ref().map_or("", |fault| &fault.reason));
        self.standing.set(fault);
    }
}
