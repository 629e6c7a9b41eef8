//! Where the program listens: each listener has a name, and is handed on by the program before this one, given by systemd, or
//! bound.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use crate::config::Config;
use anyhow::{Context, bail};
use listenfd::ListenFd;
use tokio::net::TcpSocket;

/// A listener that this program needs.
pub(crate) struct Wanted {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    /// The settings that choose another address, and another port.
    pub(crate) host_setting: &'static str,
    pub(crate) port_setting: &'static str,
}

/// An open one.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) name: String,
    pub(crate) socket: TcpListener,
    /// Someone else chose its address, whatever the settings say.
    pub(crate) given: bool,
}

/// Where resorts are served, and where operators and their tools look at the program.
pub(crate) const HTTP: &str = "http";
pub(crate) const ADMIN: &str = "admin";

/// The listeners that the settings ask for.
pub(crate) fn wanted(config: &Config) -> Vec<Wanted> {
    let address = (config.host, config.port).into();
    let http = Wanted { name: HTTP, address, host_setting: "HOST", port_setting: "PORT" };
    let address = (config.admin_host, config.admin_port).into();
    let admin = Wanted { name: ADMIN, address, host_setting: "ADMIN_HOST", port_setting: "ADMIN_PORT" };
    [http].into_iter().chain((config.admin_port != 0).then_some(admin)).collect()
}

/// Those that systemd opened for this process: by the names in its socket units' `FileDescriptorName=`, and where a name says
/// nothing to us, in the order in which we want them.
///
/// # Errors
/// When one of them is not a TCP listener, or is one too many.
pub(crate) fn given(names: &[String], wanted: &[Wanted]) -> anyhow::Result<Vec<Listener>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut descriptors = ListenFd::from_env();
    let is_wanted = |name: &String| wanted.iter().any(|wanted| wanted.name == *name);
    let mut rest = wanted.iter().map(|wanted| wanted.name.to_owned()).filter(|name| !names.contains(name));
    let mut listeners = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let name = Some(name.clone()).filter(is_wanted).or_else(|| rest.next());
        let Some(name) = name else {
            bail!("systemd gives {} sockets, and this program listens on {}", names.len(), wanted.len())
        };
        let socket =
            descriptors.take_tcp_listener(place).ok().flatten().with_context(|| {
                format!("what systemd gives as {name} is no TCP listener: see ListenStream=")
            })?;
        socket.set_nonblocking(true)?;
        listeners.push(Listener { name, socket, given: true });
    }
    Ok(listeners)
}

/// Looks whether [`open`] will get the addresses: binds them for a moment, and takes no connection.
///
/// # Errors
/// When an address is taken.
pub(crate) fn must_be_free(wanted: &[Wanted], open: &[Listener]) -> anyhow::Result<()> {
    for wanted in wanted {
        if open.iter().any(|listener| listener.name == wanted.name) {
            continue;
        }
        let address = wanted.address;
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(address).map_err(|error| wanted.refusal(&error))?;
    }
    Ok(())
}

/// Finds each wanted listener among those that are open already, or binds it. Open ones that are not wanted are closed.
///
/// # Errors
/// When an address cannot be listened on: why, and what to set.
pub(crate) async fn open(wanted: &[Wanted], mut open: Vec<Listener>) -> anyhow::Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    for wanted in wanted {
        let Wanted { name, address, .. } = wanted;
        let fits = |listener: &Listener| {
            let is_there = || listener.socket.local_addr().is_ok_and(|there| there == *address);
            listener.name == *name && (listener.given || is_there())
        };
        if let Some(place) = open.iter().position(fits) {
            listeners.push(open.swap_remove(place));
            continue;
        }
        let socket = tokio::net::TcpListener::bind(address).await;
        let socket = socket.map_err(|error| wanted.refusal(&error))?;
        listeners.push(Listener { name: (*name).to_owned(), socket: socket.into_std()?, given: false });
    }
    Ok(listeners)
}

impl Wanted {
    /// Why this address cannot be listened on, and what to set.
    fn refusal(&self, error: &io::Error) -> anyhow::Error {
        let Self { address, host_setting, port_setting, .. } = self;
        let (host, port) = (address.ip(), address.port());
        let none = if self.name == ADMIN { ", 0 for none" } else { "" };
        let advice = match error.kind() {
            ErrorKind::AddrInUse => {
                format!(
                    "another program listens there: choose another {port_setting}{none}, or end that program"
                )
            }
            ErrorKind::AddrNotAvailable => format!(
                "{host_setting}={host} is not an address of this machine: set it to one of those that `ip address` shows, to \
                 127.0.0.1 for this machine alone, or to 0.0.0.0 for all"
            ),
            ErrorKind::PermissionDenied => format!(
                "{port_setting}={port}: ports below 1024 are for privileged programs: choose a higher {port_setting} behind a proxy, \
                 let systemd open the port (ops/systemd/tailtown.socket), or allow it with CAP_NET_BIND_SERVICE"
            ),
            _ => format!("correct {host_setting} or {port_setting}{none}"),
        };
        anyhow::anyhow!("cannot listen on {address}: {advice} ({error})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_not_to_listen_names_what_to_set() {
        let http = Wanted {
            name: HTTP,
            address: ([192, 0, 2, 1], 80).into(),
            host_setting: "HOST",
            port_setting: "PORT",
        };
        let said = |kind: ErrorKind| http.refusal(&kind.into()).to_string();
        let taken = said(ErrorKind::AddrInUse);
        assert!(taken.contains("another program listens there: choose another PORT"), "{taken}");
        let foreign = said(ErrorKind::AddrNotAvailable);
        assert!(foreign.contains("HOST=192.0.2.1 is not an address of this machine"), "{foreign}");
        let privileged = said(ErrorKind::PermissionDenied);
        assert!(privileged.contains("PORT=80: ports below 1024"), "{privileged}");
    }
}
