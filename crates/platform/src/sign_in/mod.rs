//! Proving a password, for the login and wherever it is asked for again.
//!
//! A login goes like this: the account is looked up and the connection given back; [`SignIn::prove`] waits for a place to hash at,
//! counts the attempt and checks the password; a second, short transaction sees that the account is still the same, and opens
//! the session. Nobody else's failures keep an account from its owner: they are counted by account and network, and those of a
//! device that signed in before by themselves. An account that does not exist gets the same answers in the same time.

mod attempts;
mod device;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use http::request::Parts;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::Stats;
use crate::fairness::{Flow, Work};
use crate::problem::{Problem, Result};
use crate::rate_limit::Peer;
use crate::session::Identity;
use crate::{Platform, openapi};
use attempts::{Asking, Attempt as Counted, FREE};
use device::Device;

pub use attempts::Attempt;
pub use device::DeviceCookie;

/// What is known of an account before its password is checked.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: Uuid,
    pub password_hash: String,
    pub is_active: bool,
}

impl Account {
    /// Whether the account, looked at again under a lock, is still the one whose password was right.
    #[must_use]
    pub fn is_still(&self, before: &Account) -> bool {
        self.is_active && self.id == before.id && self.password_hash == before.password_hash
    }
}

/// 401 for a login, the same whatever was wrong.
pub fn wrong() -> Problem {
    Problem::unauthenticated("the e-mail or the password is wrong")
}

/// Who tries a password, from where.
struct Visitor {
    asking: Asking,
    /// The resort, or nil for the operators.
    tenant: Uuid,
    /// `None` behind a proxy that names nobody.
    address: Option<IpAddr>,
    network: IpAddr,
}

impl Visitor {
    fn of(parts: &Parts, platform: &Platform) -> Self {
        let identity = parts.extensions.get::<Identity>();
        let asking = Asking {
            platform: platform.clone(),
            flow: identity.map_or(Flow::PLATFORM, |who| Flow::of(&who.tenant)),
            work: parts.extensions.get::<Work>().copied().unwrap_or_default().look_up(),
            stats: parts.extensions.get::<Arc<Stats>>().cloned().unwrap_or_default(),
        };
        let peer = parts.extensions.get::<Peer>().map_or(Ipv4Addr::UNSPECIFIED.into(), |Peer(peer)| *peer);
        let address = platform.config.trusted_proxies.client(peer, &parts.headers);
        Self {
            asking,
            tenant: identity.map_or(Uuid::nil(), |who| who.tenant.id),
            address,
            network: network(address.unwrap_or(peer).to_canonical()),
        }
    }

    /// # Errors
    /// 429 when too many attempts came from this address.
    async fn limit_address(&self) -> Result<()> {
        let platform = &self.asking.platform;
        match self.address {
            Some(address) => {
                platform.limits.sign_in_from(address, platform.config.sign_ins_per_address).await
            }
            None => Ok(()),
        }
    }

    /// The key of what is counted together.
    fn key(&self, parts: &[&[u8]]) -> Result<[u8; 32]> {
        let all = [&[self.tenant.as_bytes().as_slice()], parts].concat();
        self.asking.platform.keys.sign("sign-in", &all)
    }
}

/// An attempt to sign in. Those from one address are limited; a device that signed in before is not held up by that.
pub struct SignIn {
    visitor: Visitor,
    device: Option<Device>,
}

/// A password that was right. Forget the [attempt](Self::attempt) once everything else that the login asks for is right, too.
pub struct Proof {
    pub attempt: Attempt,
    pub device: DeviceCookie,
}

impl SignIn {
    /// Checks the password of the account with this e-mail, or does the same work where there is none.
    ///
    /// # Errors
    /// 401 when it is wrong, 429 after too many that were, 503 when no place to hash at comes free in time.
    pub async fn prove(self, email: &str, account: Option<&Account>, password: &str) -> Result<Proof> {
        let Self { visitor, device } = self;
        let platform = &visitor.asking.platform;
        let known = match (account, &device) {
            (Some(account), Some(device)) if device.knows(platform, account)? => Some((account, device)),
            _ => None,
        };
        let (key, place) = if let Some((account, device)) = known {
            let flow = Flow::one(account.id);
            let key = visitor.key(&[b"device", account.id.as_bytes(), &device.id])?;
            (key, platform.passwords.known(flow, visitor.asking.work).await?)
        } else {
            if device.is_some() {
                visitor.limit_address().await?;
            }
            let network = visitor.network.to_string();
            let flow = Flow::one(id_of(&network));
            let key = visitor.key(&[b"network", email.as_bytes(), network.as_bytes()])?;
            (key, platform.passwords.stranger(flow, visitor.asking.work).await?)
        };
        let attempt = Counted::count(&visitor.asking, key).await?;
        let active = account.filter(|account| account.is_active);
        let matches = place.verify(password, active.map(|account| account.password_hash.as_str())).await?;
        let account = active.filter(|_| matches).ok_or_else(wrong)?;
        let device = device.unwrap_or_else(Device::new).with(platform, visitor.tenant, account)?;
        Ok(Proof { attempt, device })
    }
}

impl FromRequestParts<Platform> for SignIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        let visitor = Visitor::of(parts, platform);
        let device = Device::shown(platform, visitor.tenant, &parts.headers)?;
        if device.is_none() {
            visitor.limit_address().await?;
        }
        Ok(Self { visitor, device })
    }
}

impl OperationInput for SignIn {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        openapi::refuses(operation, &[401, 429]);
    }
}

/// The current password, asked for again within a session.
pub struct CurrentPassword {
    visitor: Visitor,
}

/// What became of a guess at the current password.
pub enum Guess {
    Right(Attempt),
    Wrong,
    /// Wrong once too often for this session: the caller ends it.
    LastWrong,
}

impl CurrentPassword {
    /// Checks the password of the account that is signed in with this session.
    ///
    /// # Errors
    /// 429 when more guesses are under way than a session has, 503 when no place to hash at comes free in time.
    pub async fn guess(&self, account: &Account, session: &[u8; 32], password: &str) -> Result<Guess> {
        let Visitor { asking, .. } = &self.visitor;
        let key = self.visitor.key(&[b"session", account.id.as_bytes(), session])?;
        let place = asking.platform.passwords.known(Flow::one(account.id), asking.work).await?;
        let attempt = Counted::count(asking, key).await?;
        if place.verify(password, Some(&account.password_hash)).await? {
            return Ok(Guess::Right(attempt));
        }
        Ok(if attempt.failed < FREE { Guess::Wrong } else { Guess::LastWrong })
    }
}

/// 401 for a session that was ended by guesses.
pub fn ended_by_guesses() -> Problem {
    Problem::unauthenticated("too many wrong passwords: this session has ended, sign in again")
}

impl FromRequestParts<Platform> for CurrentPassword {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        Ok(Self { visitor: Visitor::of(parts, platform) })
    }
}

impl OperationInput for CurrentPassword {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        openapi::refuses(operation, &[429]);
    }
}

/// Who has an address of IPv6 often has 2⁸⁰ of them (RFC 6177): all of a /48 count as one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 80 << 80).into(),
    }
}

fn id_of(text: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::digest(text).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
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

    #[test]
    fn an_account_that_changed_meanwhile_is_not_the_one_that_was_proven() {
        let before = Account { id: Uuid::from_u128(1), password_hash: "a".into(), is_active: true };
        assert!(before.is_still(&before));
        assert!(!Account { is_active: false, ..before.clone() }.is_still(&before));
        assert!(!Account { password_hash: "b".into(), ..before.clone() }.is_still(&before));
    }
}
