//! A reload: the new program is started beside this one, gets ready, is let in, and this one leaves. What fails on the way
//! leaves this one serving.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use crate::succession::{self, Candidate, Offer, Origin, Predecessor, Successor, Version};
use anyhow::{Context, anyhow, bail};
use observe::metrics::Past;
use store::habits::Habits;
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::listeners::Listener;
use crate::pid_file::PidFile;

const PID_FILE: &str = "pid file";
const POSTGRES: &str = "postgres";

/// How long a program that is ready may take to begin.
const ENTERS_WITHIN: Duration = Duration::from_secs(5);

const WENT_AWAY: &str = "it went away in the moment it was to serve; its log says why";

/// How this program was started, by whoever did it first.
pub(crate) fn origin() -> anyhow::Result<Origin> {
    let text =
        |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    // These are meant for one process.
    let is_for_all = |(name, _): &(String, String)| !name.starts_with("LISTEN_") && name != "WATCHDOG_PID";
    let environment = std::env::vars_os().filter_map(text).filter(is_for_all).collect();
    Ok(Origin { program: program()?, folder: std::env::current_dir()?, environment })
}

/// The file that it was started from, whatever is there now. An upgrade puts another file in its place, or leads a symbolic link
/// elsewhere.
fn program() -> anyhow::Result<PathBuf> {
    let running = std::env::current_exe().context("the program's own file is not known")?;
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let called = if called.components().count() > 1 {
        std::path::absolute(called).ok()
    } else {
        std::env::split_paths(&folders).map(|folder| folder.join(&called)).find(|path| path.is_file())
    };
    let is_running = |path: &PathBuf| path.canonicalize().is_ok_and(|path| path == running);
    Ok(called.filter(is_running).unwrap_or(running))
}

/// What there is one of, and is handed on.
pub(crate) struct Estate<'a> {
    pub(crate) origin: &'a Origin,
    pub(crate) listeners: &'a [Listener],
    pub(crate) pid_file: Option<&'a PidFile>,
    /// The lock of the private database.
    pub(crate) postgres: Option<&'a File>,
    pub(crate) habits: Habits,
}

/// A new program that is ready, and not let in yet. Dropped, it is killed.
pub(crate) struct Ready {
    child: Child,
    candidate: Candidate,
}

/// Starts the new program and waits until it is ready.
///
/// # Errors
/// Why it does not get ready within `limit`, in its own words where it had any.
pub(crate) async fn raise(estate: &Estate<'_>, limit: Duration) -> anyhow::Result<Ready> {
    let mut offer = Offer::new(estate.origin.clone(), estate.habits.clone());
    let mut descriptors = Vec::new();
    for listener in estate.listeners {
        offer.descriptors.push(listener.name.clone());
        offer.given.extend(listener.given.then(|| listener.name.clone()));
        descriptors.push(listener.socket.as_fd());
    }
    let locks = [(PID_FILE, estate.pid_file.map(AsFd::as_fd)), (POSTGRES, estate.postgres.map(AsFd::as_fd))];
    for (name, lock) in locks {
        if let Some(lock) = lock {
            offer.descriptors.push(name.to_owned());
            descriptors.push(lock);
        }
    }
    let (ours, tsuccessors) = succession::offer(&offer, &descriptors)?;
    let path = estate.origin.program.display();
    let mut child = Command::new(&estate.origin.program)
        .args(["serve", "--successor"])
        .current_dir(&estate.origin.folder)
        .env_clear()
        .envs(estate.origin.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::from(tsuccessors))
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{path} cannot be started"))?;
    let mut candidate = Candidate::new(ours)?;
    let told = async {
        tokio::select! {
            biased;
            told = candidate.ready() => told,
            _ = child.wait() => candidate.ready().await,
        }
    };
    let told = timeout(limit, told).await.map_err(|_| {
        anyhow!("it was not ready after {} s; RELOAD_SECONDS gives it longer", limit.as_secs())
    })?;
    match told? {
        Some(Version { version, commit }) => {
            tracing::info!(version, commit, "the new program is ready");
            Ok(Ready { child, candidate })
        }
        None => {
            let status = timeout(ENTERS_WITHIN, child.wait()).await.context("it closed its input")??;
            bail!("{path} ended with {status} before it was ready; its log says why")
        }
    }
}

/// A new program that is being let in.
pub(crate) struct Entering {
    child: Child,
    successor: Successor,
    entered: oneshot::Receiver<()>,
}

impl Ready {
    /// Lets it have what there is to hand on.
    pub(crate) fn entering(self, past: Past) -> Entering {
        let (successor, entered) = self.candidate.successor(past);
        Entering { child: self.child, successor, entered }
    }
}

impl Entering {
    pub(crate) fn successor(&self) -> Arc<Successor> {
        Arc::new(self.successor.clone())
    }

    /// Waits until it serves; its process. From then on it lives without this program.
    ///
    /// # Errors
    /// When it does not: it is killed.
    pub(crate) async fn entered(self) -> anyhow::Result<u32> {
        let pid = self.child.id().context(WENT_AWAY)?;
        match timeout(ENTERS_WITHIN, self.entered).await {
            Ok(Ok(())) => {
                // Dropped, it would be killed.
                std::mem::forget(self.child);
                Ok(pid)
            }
            Ok(Err(_)) => bail!(WENT_AWAY),
            Err(_) => bail!("it did not begin to serve within {} s", ENTERS_WITHIN.as_secs()),
        }
    }
}

/// What the program before this one hands on.
pub(crate) struct Inheritance {
    pub(crate) predecessor: Predecessor,
    pub(crate) origin: Origin,
    pub(crate) listeners: Vec<Listener>,
    pub(crate) pid_file: Option<File>,
    pub(crate) postgres: Option<File>,
    pub(crate) habits: Habits,
}

/// Takes what is handed on.
///
/// # Errors
/// When this program was not started by a reload.
pub(crate) fn inherit() -> anyhow::Result<Inheritance> {
    let (predecessor, offer, descriptors) = succession::accept()?;
    let Offer { origin, descriptors: names, given, habits, .. } = offer;
    let (listeners, pid_file, postgres) = Default::default();
    let mut inheritance = Inheritance { predecessor, origin, listeners, pid_file, postgres, habits };
    for (name, descriptor) in names.into_iter().zip(descriptors) {
        match name.as_str() {
            PID_FILE => inheritance.pid_file = Some(descriptor.into()),
            POSTGRES => inheritance.postgres = Some(descriptor.into()),
            _ => {
                let given = given.contains(&name);
                inheritance.listeners.push(Listener { name, socket: descriptor.into(), given });
            }
        }
    }
    Ok(inheritance)
}
