//! The address to load: on this machine, unless the user confirms that another machine is theirs.

use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, bail};

/// A program to load.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
}

impl Target {
    /// Reads an address such as `http://127.0.0.1:4004`.
    ///
    /// # Errors
    /// When it is not an address, or is on another machine and `is_mine` is false.
    pub(crate) fn parse(text: &str, is_mine: bool) -> anyhow::Result<Self> {
        if text.starts_with("https://") {
            bail!("{text}: https is not supported; give the address behind the proxy");
        }
        let place = text.strip_prefix("http://").unwrap_or(text).trim_end_matches('/');
        let place = if has_port(place) { place.to_owned() } else { format!("{place}:80") };
        let found = place.to_socket_addrs().with_context(|| format!("{text}: not an address"))?;
        let address = found.into_iter().next().with_context(|| format!("{text}: no such host"))?;
        if !address.ip().to_canonical().is_loopback() && !is_mine {
            bail!("{text} is not on this machine: if it is yours, confirm that with --target-is-mine");
        }
        Ok(Self { address })
    }
}

fn has_port(place: &str) -> bool {
    place.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) && !place.ends_with(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> String {
        Target::parse(text, false).unwrap().address.to_string()
    }

    #[test]
    fn this_machine_needs_no_word() {
        assert_eq!(address("http://127.0.0.1:4004"), "127.0.0.1:4004");
        assert_eq!(address("127.8.0.1:4004/"), "127.8.0.1:4004");
        assert_eq!(address("http://[::1]:4004"), "[::1]:4004");
        assert_eq!(address("http://[::1]"), "[::1]:80");
        assert_eq!(address("[::ffff:127.0.0.1]:80"), "[::ffff:127.0.0.1]:80");
    }

    #[test]
    fn another_machine_is_refused_unless_it_is_mine() {
        for text in ["http://192.0.2.7:4004", "0.0.0.0:4004", "[2001:db8::1]:80", "[::ffff:192.0.2.7]:80"] {
            let refusal = Target::parse(text, false).unwrap_err().to_string();
            assert!(refusal.contains("--target-is-mine"), "{refusal}");
            assert!(Target::parse(text, true).is_ok());
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert!(Target::parse("https://127.0.0.1", true).is_err());
        assert!(Target::parse("http://", true).is_err());
    }
}
