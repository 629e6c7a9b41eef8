//! How often may be signed in from one address, generously. What wrong passwords lead to is in `sign_in/`.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::sync::atomic::Ordering;

use http::HeaderMap;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Limits;
use crate::problem::{Problem, Result};

/// The other end of a connection, in the extensions of its requests.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// Those whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxies(Vec<IpAddr>);

impl FromStr for Proxies {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Ok(Self(parts.map(str::parse).collect::<Result<_, _>>()?))
    }
}

impl Proxies {
    /// Who is behind a request: the last address in line that is no proxy. `None` for a proxy that names nobody.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let trusted = |address: &IpAddr| self.0.contains(&address.to_canonical());
        if !trusted(&peer) {
            return Some(peer.to_canonical());
        }
        let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
        let named: Vec<IpAddr> =
            lines.flat_map(|line| line.split(',')).map_while(|part| part.trim().parse().ok()).collect();
        named.into_iter().rev().find(|address| !trusted(address)).map(|address| address.to_canonical())
    }
}

impl Limits {
    /// Counts an attempt to sign in from this address.
    ///
    /// # Errors
    /// 429 when it made too many in this window.
    pub(crate) async fn sign_in_from(&self, address: IpAddr, limit: u32) -> Result<()> {
        let subject = subject(&format!("sign-ins from {}", household(address)));
        match self.judge(subject, limit).await {
            Some(decision) if !decision.is_admitted => {
                self.0.desks.counts.sign_ins_refused.fetch_add(1, Ordering::Relaxed);
                Err(Problem::too_many_sign_ins(decision.reset_seconds))
            }
            _ => Ok(()),
        }
    }

    /// Notes an attempt that was told to wait, after wrong passwords before it.
    pub(crate) fn sign_in_delayed(&self) {
        self.0.desks.counts.sign_ins_slowed.fetch_add(1, Ordering::Relaxed);
    }
}

/// Who has one address of IPv6 has 2⁶⁴ of them (RFC 6177): they count as one.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

/// What is counted beside the resorts' requests has ids of its own.
fn subject(text: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::digest(text).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_household_and_its_neighbour_another() {
        let of = |address: &str| household(address.parse().unwrap()).to_string();
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
        assert_eq!(of("2001:db8:1:2::7"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::7"), of("2001:db8:1:3::7"));
    }

    #[test]
    fn a_forwarded_address_is_believed_from_a_proxy_only() {
        let proxies: Proxies = "127.0.0.1, 10.0.0.1".parse().unwrap();
        let client = |peer: &str, forwarded: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            proxies.client(peer.parse().unwrap(), &headers).map(|address| address.to_string())
        };
        let some = |address: &str| Some(address.to_owned());
        assert_eq!(client("203.0.113.7", "192.0.2.1"), some("203.0.113.7"));
        assert_eq!(client("127.0.0.1", "192.0.2.1"), some("192.0.2.1"));
        assert_eq!(client("::ffff:127.0.0.1", "192.0.2.9, 192.0.2.1, 10.0.0.1"), some("192.0.2.1"));
        assert_eq!(client("127.0.0.1", "10.0.0.1"), None);
        assert_eq!(client("127.0.0.1", "nonsense"), None);
        assert!("127.0.0.1, home".parse::<Proxies>().is_err());
        assert_eq!("".parse::<Proxies>().unwrap(), Proxies(Vec::new()));
    }
}
