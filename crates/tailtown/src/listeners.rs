//! Where the program listens: each listener has a name, and is handed on by the program before this one, given by systemd, or
//! bound.

use std::net::{SocketAddr, TcpListener};

use anyhow::{Context, bail};
use listenfd::ListenFd;
use platform::config::Config;
use tokio::net::TcpSocket;

/// A listener that this program needs.
pub(crate) struct Wanted {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    /// The setting that chooses another port.
    pub(crate) setting: &'static str,
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
    let http = Wanted { name: HTTP, address: (config.host, config.port).into(), setting: "PORT" };
    let address = (config.admin_host, config.admin_port).into();
    let admin = Wanted { name: ADMIN, address, setting: "ADMIN_PORT, 0 for none" };
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
    for Wanted { name, address, setting } in wanted {
        if open.iter().any(|listener| listener.name == *name) {
            continue;
        }
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(*address).with_context(|| taken(*address, setting))?;
    }
    Ok(())
}

fn taken(address: SocketAddr, setting: &str) -> String {
    format!("cannot listen on {address}: choose another {setting}, or end what listens there")
}

/// Finds each wanted listener among those that are open already, or binds it. Open ones that are not wanted are closed.
///
/// # Errors
/// When an address is taken.
pub(crate) async fn open(wanted: &[Wanted], mut open: Vec<Listener>) -> anyhow::Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    for Wanted { name, address, setting } in wanted {
        let fits = |listener: &Listener| {
            let is_there = || listener.socket.local_addr().is_ok_and(|there| there == *address);
            listener.name == *name && (listener.given || is_there())
        };
        if let Some(place) = open.iter().position(fits) {
            listeners.push(open.swap_remove(place));
            continue;
        }
        let socket =
            tokio::net::TcpListener::bind(address).await.with_context(|| taken(*address, setting))?;
        listeners.push(Listener { name: (*name).to_owned(), socket: socket.into_std()?, given: false });
    }
    Ok(listeners)
}
