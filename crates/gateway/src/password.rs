//! Passwords: argon2id on a few places, so that a rush of logins leaves the rest alone; and which may be chosen.

mod guessable;

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::thread::available_parallelism;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use garde::Validate;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::fairness::{Flow, Line, Place, Work};
use base::problem::{Problem, Result};

/// How long a login waits for a place.
const PATIENCE: Duration = Duration::from_secs(10);

const SHORTEST_TO_LONGEST: RangeInclusive<usize> = 10..=128;

/// What no password hashes to, at the cost of one that does.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Where passwords are hashed and checked. Whoever is known (signed in, or on a device that signed in before) has places apart
/// from those of strangers: no number of addresses keeps them waiting.
#[derive(Clone)]
pub struct Passwords {
    strangers: Line,
    known: Line,
}

impl Passwords {
    /// Half of the processors may hash at once for each, which takes 19 MiB for each: the other half is for what takes less.
    #[expect(clippy::new_without_default, reason = "it looks at the machine")]
    pub fn new() -> Self {
        let places = available_parallelism().map_or(1, |cores| cores.get().div_ceil(2));
        let places = u32::try_from(places).unwrap_or(1);
        let line = |name| Line::fixed(name, places, PATIENCE);
        Self { strangers: line("passwords"), known: line("known-passwords") }
    }

    /// The lines in which requests wait for a place.
    pub fn lines(&self) -> [&Line; 2] {
        [&self.strangers, &self.known]
    }

    /// A place to hash at, for a stranger from an address: each address gets as much as any other.
    ///
    /// # Errors
    /// 503 when none comes free in time.
    pub(crate) async fn stranger(&self, address: Flow, work: Work) -> Result<HashingPlace> {
        Ok(HashingPlace { _place: self.strangers.place(address, work).await? })
    }

    /// The same for an account that is known.
    ///
    /// # Errors
    /// 503 when none comes free in time.
    pub(crate) async fn known(&self, account: Flow, work: Work) -> Result<HashingPlace> {
        Ok(HashingPlace { _place: self.known.place(account, work).await? })
    }
}

/// A place to hash at. Nobody holds a connection while waiting for one, or while hashing.
pub(crate) struct HashingPlace {
    _place: Place,
}

impl HashingPlace {
    pub(crate) async fn hash(self, password: Chosen) -> Result<String> {
        let work = move || {
            let _place = self;
            password.digest()
        };
        tokio::task::spawn_blocking(work).await?
    }

    /// Whether `password` is the one behind `hash`. Without a hash (no such account) the same work is done and the answer
    /// is no, so that the time taken tells nobody which accounts exist.
    ///
    /// # Errors
    /// 500 when the stored hash cannot be read.
    pub(crate) async fn verify(self, password: &str, hash: Option<&str>) -> Result<bool> {
        let (exists, password) = (hash.is_some(), password.to_owned());
        let hash = hash.unwrap_or(NOBODY).to_owned();
        let matches = tokio::task::spawn_blocking(move || {
            // Held until the work is done, even when nobody waits for it any more.
            let _place = self;
            let hash = PasswordHash::new(&hash).map_err(|error| Problem::internal(error.to_string()))?;
            Ok::<_, Problem>(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(matches.await?? && exists)
    }
}

/// A password being chosen: 10 to 128 characters, of any kind, but not one that is guessed first. Never trimmed, never shown.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct NewPassword(String);

impl NewPassword {
    /// The text, for the one who is to know it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The password for an account of which `names` are known to everybody: its e-mail, and the names of its resort. `field` is where
    /// the request has it.
    ///
    /// # Errors
    /// 422 when it is made of them, or one of the common passwords.
    pub fn chosen(self, field: &str, names: &[&str]) -> Result<Chosen> {
        match guessable::objection(&self.0, names) {
            Some(objection) => Err(Problem::invalid(field, objection)),
            None => Ok(Chosen(self.0)),
        }
    }
}

/// A password that may be an account's: the only kind that is hashed for a request.
pub struct Chosen(String);

impl Chosen {
    /// Its hash, made on the calling thread: for commands, which have no requests to keep waiting.
    ///
    /// # Errors
    /// 500 when hashing fails.
    pub fn digest(&self) -> Result<String> {
        digest(self.0.as_bytes())
    }
}

impl From<String> for NewPassword {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

impl Validate for NewPassword {
    type Context = ();

    fn validate_into(
        &self,
        (): &(),
        path: &mut dyn FnMut() -> garde::error::Path,
        report: &mut garde::Report,
    ) {
        if !SHORTEST_TO_LONGEST.contains(&self.0.chars().count()) {
            report.append(
                path(),
                garde::Error::new("must be 10 to 128 characters: a few words make a good one"),
            );
        }
    }
}

impl JsonSchema for NewPassword {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "NewPassword".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let (min, max) = (SHORTEST_TO_LONGEST.start(), SHORTEST_TO_LONGEST.end());
        json_schema!({ "type": "string", "format": "password", "minLength": min, "maxLength": max })
    }
}

/// Hashes whatever it is given: for the demo and tests, whose passwords are known to everybody.
///
/// # Errors
/// 500 when hashing fails.
pub fn digest(password: &[u8]) -> Result<String> {
    let hash =
        Argon2::default().hash_password(password).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_its_own_hash_only() {
        let passwords = Passwords::new();
        let place = async || passwords.known(Flow::PLATFORM, Work::default()).await.unwrap();
        let chosen = NewPassword::from("correct horse".to_owned()).chosen("password", &[]).unwrap();
        let hash = place().await.hash(chosen).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(place().await.verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!place().await.verify("wrong horse", Some(&hash)).await.unwrap());
        assert!(!place().await.verify("correct horse", None).await.unwrap());
    }

    #[test]
    fn nobody_costs_as_much_as_somebody() {
        let (nobody, somebody) = (PasswordHash::new(NOBODY).unwrap(), digest(b"correct horse").unwrap());
        let somebody = PasswordHash::new(&somebody).unwrap();
        assert_eq!((nobody.algorithm, nobody.version), (somebody.algorithm, somebody.version));
        assert_eq!(nobody.params, somebody.params);
        let lengths =
            |hash: &PasswordHash| (hash.salt.map(|salt| salt.len()), hash.hash.map(|hash| hash.len()));
        assert_eq!(lengths(&nobody), lengths(&somebody));
    }
}
