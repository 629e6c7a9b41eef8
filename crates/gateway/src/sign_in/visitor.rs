//! Who tries a password, from where, and what is counted for them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use base::problem::Result;
use http::request::Parts;
use store::transaction::Stats;
use uuid::Uuid;

use super::account::Account;
use super::attempts::Asking;
use crate::client_address::ClientAddress;
use crate::fairness::{Flow, Work};
use crate::identity::Identity;
use crate::state::Platform;

/// Who tries a password, from where.
pub(super) struct Visitor {
    pub(super) asking: Asking,
    /// The resort, or nil for the operators.
    pub(super) tenant: Uuid,
    address: IpAddr,
    pub(super) network: IpAddr,
}

impl Visitor {
    pub(super) fn of(parts: &Parts, platform: &Platform) -> Self {
        let identity = parts.extensions.get::<Identity>();
        let of_resort = || identity.map_or(Flow::PLATFORM, |who| Flow::of(&who.tenant));
        let asking = Asking {
            platform: platform.clone(),
            flow: parts.extensions.get::<Flow>().copied().unwrap_or_else(of_resort),
            work: parts.extensions.get::<Work>().copied().unwrap_or_default().look_up(),
            stats: parts.extensions.get::<Arc<Stats>>().cloned().unwrap_or_default(),
        };
        let address = parts.extensions.get::<ClientAddress>();
        let address = address.map_or(Ipv4Addr::UNSPECIFIED.into(), |ClientAddress(address)| *address);
        Self {
            asking,
            tenant: identity.map_or(Uuid::nil(), |who| who.tenant.id),
            address,
            network: network(address),
        }
    }

    /// # Errors
    /// 429 when too many attempts came from this address.
    pub(super) fn limit_address(&self) -> Result<()> {
        let platform = &self.asking.platform;
        platform.limits.sign_in_from(self.address, platform.settings.sign_ins_per_address)
    }

    /// The key of guesses within a session.
    pub(super) fn session_key(&self, account: &Account, session: &[u8; 32]) -> Result<[u8; 32]> {
        self.key(&[b"session", account.id.as_bytes(), session])
    }

    /// The key of guesses at an account's codes, from wherever: only those who know its password can make any, so counting by
    /// account lets no stranger keep anybody out, and many addresses do not help whoever guesses.
    pub(super) fn code_key(&self, account: &Account) -> Result<[u8; 32]> {
        self.key(&[b"code", account.id.as_bytes()])
    }

    /// The key of what is counted together.
    pub(super) fn key(&self, parts: &[&[u8]]) -> Result<[u8; 32]> {
        let all = [&[self.tenant.as_bytes().as_slice()], parts].concat();
        self.asking.platform.keys.sign("sign-in", &all)
    }
}

/// Who has an address of IPv6 often has 2⁸⁰ of them (RFC 6177): all of a /48 count as one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 80 << 80).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv4_and_a_48_of_ipv6_count_as_one() {
        let of = |address: &str| network(address.parse().unwrap()).to_string();
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
        assert_eq!(of("2001:db8:1:2::7"), of("2001:db8:1:ffff::1"));
        assert_ne!(of("2001:db8:1:2::7"), of("2001:db8:2:2::7"));
    }
}
