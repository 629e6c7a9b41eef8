//! How often may be signed in: from one address, generously, and at one resort before each attempt takes its time. That
//! an account is locked after a few wrong passwords is in `password.rs`.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::problem::{Problem, Result};
use crate::session::Identity;
use crate::{Platform, openapi};

/// What an attempt takes once a resort sees more of them than its staff makes, and how many are under way at a time.
const SLOWED: Duration = Duration::from_secs(2);
const AT_A_TIME: u32 = 4;

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
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
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

/// The attempts that are being slowed at this moment, by resort.
#[derive(Clone, Default)]
pub(super) struct Slowed(Arc<Mutex<HashMap<Uuid, u32>>>);

impl Slowed {
    /// `None` when enough of this resort's are under way.
    fn one_more(&self, resort: Uuid) -> Option<One<'_>> {
        let mut under_way = self.lock();
        let count = under_way.entry(resort).or_default();
        if *count >= AT_A_TIME {
            return None;
        }
        *count += 1;
        Some(One { slowed: self, resort })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct One<'a> {
    slowed: &'a Slowed,
    resort: Uuid,
}

impl Drop for One<'_> {
    fn drop(&mut self) {
        let mut under_way = self.slowed.lock();
        if let Some(count) = under_way.get_mut(&self.resort) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.resort);
            }
        }
    }
}

/// An attempt to sign in that may be made. A handler names it first.
pub struct SignIn;

impl FromRequestParts<Platform> for SignIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        let (limits, config) = (&platform.limits, &platform.config);
        let peer = parts.extensions.get::<Peer>().copied();
        if let Some(address) = peer.and_then(|Peer(peer)| config.trusted_proxies.client(peer, &parts.headers))
        {
            let subject = subject(&format!("sign-ins from {}", household(address)));
            let decision = limits.judge(subject, config.sign_ins_per_address).await;
            if let Some(decision) = decision.filter(|decision| !decision.is_admitted) {
                limits.0.desks.counts.sign_ins_refused.fetch_add(1, Ordering::Relaxed);
                return Err(Problem::too_many_sign_ins(decision.reset_seconds));
            }
        }
        let resort = parts.extensions.get::<Identity>().map_or(Uuid::nil(), |identity| identity.tenant.id);
        let subject = subject(&format!("sign-ins at {resort}"));
        let decision = limits.judge(subject, config.sign_ins_per_resort).await;
        if decision.is_some_and(|decision| !decision.is_admitted) {
            let counts = &limits.0.desks.counts;
            let Some(_one) = limits.0.slowed.one_more(resort) else {
                counts.sign_ins_refused.fetch_add(1, Ordering::Relaxed);
                return Err(Problem::too_many_sign_ins(2));
            };
            counts.sign_ins_slowed.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(SLOWED).await;
        }
        Ok(SignIn)
    }
}

impl OperationInput for SignIn {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        openapi::refuses(operation, &[429]);
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
