//! `tailtown reload` and `tailtown status`: what they do to the program that serves, and what they say of it.

use std::time::{Duration, Instant};

use crate::config::Config;
use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::console::say;
use crate::pid_file::{Serving, look};

/// How often it is looked how the reload goes.
const LOOK: Duration = Duration::from_millis(50);

/// How much longer than the new program may take to get ready this waits for an end.
const SLACK: Duration = Duration::from_secs(20);

/// Has the program that serves start the one that is on the disk now, and waits until that one serves.
///
/// # Errors
/// When no program serves; when the new one does not: why, and that the old one still does.
pub(crate) fn reload(config: &Config) -> anyhow::Result<()> {
    let old = serving(config)?;
    if old.under_way {
        bail!("a reload is under way already: see how it ends with `tailtown status`");
    }
    let start = Instant::now();
    kill(Pid::from_raw(i32::try_from(old.pid)?), Signal::SIGUSR2)
        .with_context(|| format!("process {} cannot be signalled", old.pid))?;
    let new = loop {
        std::thread::sleep(LOOK);
        let Some(new) = look(config)? else {
            bail!("the program ended while it was reloaded: start it again")
        };
        if new.reloads > old.reloads && !new.under_way {
            break new;
        }
        if start.elapsed() > config.reload + SLACK {
            bail!(
                "nothing is known of the reload after {} s: see the program's log",
                start.elapsed().as_secs()
            );
        }
    };
    if let Some(failure) = &new.failure {
        bail!("the new program does not serve: {failure}\nthe old one still does: {}", line(&new));
    }
    say(&format!("reloaded in {:.1} s: {}", start.elapsed().as_secs_f64(), line(&new)));
    Ok(())
}

/// Says which program serves with these settings.
///
/// # Errors
/// When none does.
pub(crate) fn status(config: &Config) -> anyhow::Result<()> {
    let serving = serving(config)?;
    say(&format!("program  {}", serving.program.display()));
    say(&format!("process  {}", serving.pid));
    say(&format!("version  {} ({})", serving.version.version, serving.version.commit));
    say(&format!("address  {}", serving.address));
    let reload = match (&serving.failure, serving.under_way, serving.reloads) {
        (_, true, _) => "under way".to_owned(),
        (Some(failure), ..) => format!("failed: {failure}"),
        (None, false, 0) => "none yet".to_owned(),
        (None, false, _) => "succeeded".to_owned(),
    };
    say(&format!("reload   {reload}"));
    Ok(())
}

fn serving(config: &Config) -> anyhow::Result<Serving> {
    look(config)?.with_context(|| {
        format!("no program serves with TAILTOWN_HOME={} and PORT={}", config.home.display(), config.port)
    })
}

fn line(serving: &Serving) -> String {
    let version = &serving.version;
    format!("version {} ({}), process {}", version.version, version.commit, serving.pid)
}
