//! Proving a password, for the login and wherever it is asked for again.
//!
//! A login goes like this: [`SignIn`] waits for a place to hash at, in a line that is fair by address; the account is looked up and
//! the connection given back; [`SignIn::prove`] counts the attempt and checks the password, [`Proof::pass`] the code of a second
//! factor; a second, short transaction sees that the account is still the same, and opens the session. Nobody else's failures keep an account from its owner: they are counted by
//! account and network, and those of a device that signed in before by themselves. An account that does not exist gets the same
//! answers in the same time.

mod attempts;
mod code;
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

use crate::client_address::ClientAddress;
use crate::db::Stats;
use crate::fairness::{Flow, Work};
use crate::password::HashingPlace;
use crate::problem::{Problem, Result};
use crate::second_factor::Factor;
use crate::session::Identity;
use crate::{Platform, openapi};
use attempts::{Asking, FREE};
use device::Device;

pub use attempts::Attempt;
pub(crate) use attempts::FORGOTTEN;
pub use code::{CodeGuess, Passed, invalid_code, wrong_code};
pub use device::DeviceCookie;

/// What is known of an account before its password is checked.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: Uuid,
    pub password_hash: String,
    pub is_active: bool,
    pub factor: Option<Factor>,
}

impl Account {
    /// Whether the account, looked at again under a lock, is still the one whose password was right.
    #[must_use]
    pub fn is_still(&self, before: &Account) -> bool {
        let secret = |account: &Self| account.factor.as_ref().map(|factor| factor.sealed_secret.clone());
        self.is_active
            && self.id == before.id
            && self.password_hash == before.password_hash
            && secret(self) == secret(before)
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
    address: IpAddr,
    network: IpAddr,
}

impl Visitor {
    fn of(parts: &Parts, platform: &Platform) -> Self {
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
    fn limit_address(&self) -> Result<()> {
        let platform = &self.asking.platform;
        platform.limits.sign_in_from(self.address, platform.config.sign_ins_per_address)
    }

    /// The key of guesses within a session.
    fn session_key(&self, account: &Account, session: &[u8; 32]) -> Result<[u8; 32]> {
        self.key(&[b"session", account.id.as_bytes(), session])
    }

    /// The key of what is counted together.
    fn key(&self, parts: &[&[u8]]) -> Result<[u8; 32]> {
        let all = [&[self.tenant.as_bytes().as_slice()], parts].concat();
        self.asking.platform.keys.sign("sign-in", &all)
    }
}

/// An attempt to sign in, at a place to hash at. Those from one address are limited and wait for each other; a device that signed
/// in before is not held up by that. A handler names it before the doors to its rows, so that whoever waits in line for a place does
/// not yet ask the database, and its questions there are no part of the resort's own.
pub struct SignIn {
    visitor: Visitor,
    device: Option<Device>,
    place: HashingPlace,
}

/// A password that was right: what else the login asks for is checked by [`Self::pass`].
pub struct Proof {
    attempt: Attempt,
    device: DeviceCookie,
    visitor: Visitor,
    /// Under which guesses at the code are counted.
    code_key: [u8; 32],
}

impl SignIn {
    /// Checks the password of the account with this e-mail, or does the same work where there is none.
    ///
    /// # Errors
    /// 401 when it is wrong, 429 after too many that were.
    pub async fn prove(self, email: &str, account: Option<&Account>, password: &str) -> Result<Proof> {
        let Self { visitor, device, place } = self;
        let platform = &visitor.asking.platform;
        let known = match (account, &device) {
            (Some(account), Some(device)) if device.knows(platform, account)? => Some((account, device)),
            _ => None,
        };
        let key = if let Some((account, device)) = known {
            visitor.key(&[b"device", account.id.as_bytes(), &device.id])?
        } else {
            if device.is_some() {
                visitor.limit_address()?;
            }
            let network = visitor.network.to_string();
            visitor.key(&[b"network", email.as_bytes(), network.as_bytes()])?
        };
        let attempt = Attempt::count(&visitor.asking, key).await?;
        let active = account.filter(|account| account.is_active);
        let matches = place.verify(password, active.map(|account| account.password_hash.as_str())).await?;
        let account = active.filter(|_| matches).ok_or_else(wrong)?;
        let code_key = match known {
            Some((_, device)) => visitor.key(&[b"code on a device", account.id.as_bytes(), &device.id])?,
            None => visitor.code_key(account)?,
        };
        let device = device.unwrap_or_else(Device::new).with(platform, visitor.tenant, account)?;
        Ok(Proof { attempt, device, visitor, code_key })
    }
}

impl FromRequestParts<Platform> for SignIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        parts.extensions.insert(Flow::SIGN_INS);
        let visitor = Visitor::of(parts, platform);
        let device = Device::shown(platform, visitor.tenant, &parts.headers)?;
        let (passwords, work) = (&platform.passwords, visitor.asking.work);
        let place = if let Some(device) = &device {
            passwords.known(Flow::one(device.last()), work).await?
        } else {
            visitor.limit_address()?;
            passwords.stranger(Flow::one(id_of(&visitor.network.to_string())), work).await?
        };
        Ok(Self { visitor, device, place })
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
        let key = self.visitor.session_key(account, session)?;
        let place = asking.platform.passwords.known(Flow::one(account.id), asking.work).await?;
        let attempt = Attempt::count(asking, key).await?;
        if place.verify(password, Some(&account.password_hash)).await? {
            return Ok(Guess::Right(attempt));
        }
        Ok(if attempt.failed < FREE { Guess::Wrong } else { Guess::LastWrong })
    }
}

/// 401 for a session that was ended by guesses.
pub fn ended_by_guesses() -> Problem {
    Problem::unauthenticated("too many wrong passwords or codes: this session has ended, sign in again")
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
        let id = Uuid::from_u128(1);
        let before = Account { id, password_hash: "a".into(), is_active: true, factor: None };
        assert!(before.is_still(&before));
        assert!(!Account { is_active: false, ..before.clone() }.is_still(&before));
        assert!(!Account { password_hash: "b".into(), ..before.clone() }.is_still(&before));
        let factor = |secret: &str| Some(Factor { sealed_secret: secret.into(), recovery_codes: Vec::new() });
        let secured = Account { factor: factor("a"), ..before.clone() };
        assert!(!secured.is_still(&before) && !before.is_still(&secured) && secured.is_still(&secured));
        assert!(!Account { factor: factor("b"), ..before.clone() }.is_still(&secured));
    }
}
