//! Proving a password, for the login and wherever it is asked for again.
//!
//! A login goes like this: [`SignIn`] waits for a place to hash at, in a line that is fair by address; the account is looked up and
//! the connection given back; [`SignIn::prove`] counts the attempt and checks the password, [`Proof::pass`] the code of a second
//! factor; a second, short transaction sees that the account is still the same, and opens the session. Nobody else's failures keep an account from its owner: they are counted by
//! account and network, and those of a device that signed in before by themselves. An account that does not exist gets the same
//! answers in the same time.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use base::problem::{Problem, Result};
use http::request::Parts;

use super::account::Account;
use super::attempts::{Attempt, FREE};
use super::device::{Device, DeviceCookie};
use super::visitor::Visitor;
use crate::describe;
use crate::fairness::Flow;
use crate::password::HashingPlace;
use crate::rate_limit::subject;
use crate::state::Platform;

/// 401 for a login, the same whatever was wrong.
pub fn wrong() -> Problem {
    Problem::unauthenticated("the e-mail or the password is wrong")
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
    pub(super) attempt: Attempt,
    pub(super) device: DeviceCookie,
    pub(super) visitor: Visitor,
    /// Under which guesses at the code are counted.
    pub(super) code_key: [u8; 32],
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
            passwords.stranger(Flow::one(subject(&visitor.network.to_string())), work).await?
        };
        Ok(Self { visitor, device, place })
    }
}

impl OperationInput for SignIn {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        describe::refuses(operation, &[401, 429]);
    }
}

/// The current password, asked for again within a session.
pub struct CurrentPassword {
    pub(super) visitor: Visitor,
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
        describe::refuses(operation, &[429]);
    }
}
