//! What systemd passes to a program that it starts, and what it is told: sd_listen_fds(3) and sd_notify(3).

use std::collections::BTreeMap;
use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// What systemd passed.
#[derive(Clone, Debug, Default)]
pub struct Systemd {
    /// The names of the sockets that were opened for this very process; empty where a name is not known.
    pub listeners: Vec<String>,
    notify: Option<String>,
}

impl Systemd {
    pub fn read(environment: &BTreeMap<String, String>) -> Self {
        let get = |name: &str| environment.get(name).filter(|value| !value.is_empty());
        let is_for_us = get("LISTEN_PID").is_some_and(|pid| *pid == std::process::id().to_string());
        let count = get("LISTEN_FDS").and_then(|count| count.parse().ok()).filter(|_| is_for_us).unwrap_or(0);
        let names = get("LISTEN_FDNAMES").map(|names| names.split(':').map(str::to_owned).collect());
        let mut listeners: Vec<String> = names.unwrap_or_default();
        listeners.resize(count, String::new());
        Self { listeners, notify: get("NOTIFY_SOCKET").cloned() }
    }

    /// Tells systemd, where it listens: `READY=1`, say.
    pub fn tell(&self, state: &str) {
        let Some(name) = &self.notify else { return };
        let sent = address(name)
            .and_then(|address| UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address));
        if let Err(error) = sent {
            tracing::warn!(%error, "systemd cannot be told");
        }
    }

    /// Tells systemd that a reload begins, with the moment that it asks for.
    pub fn tell_reloading(&self) {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let micros = now.tv_sec * 1_000_000 + now.tv_nsec / 1000;
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }
}

fn address(name: &str) -> io::Result<SocketAddr> {
    #[cfg(target_os = "linux")]
    if let Some(name) = name.strip_prefix('@') {
        use std::os::linux::net::SocketAddrExt;
        return SocketAddr::from_abstract_name(name);
    }
    SocketAddr::from_pathname(name)
}
