//! Passwords: argon2id on a few places, so that a rush of logins leaves the rest alone; and the rule that locks an account.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::thread::available_parallelism;
use std::time::Duration;

use aide::OperationInput;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use axum::extract::FromRequestParts;
use garde::Validate;
use http::request::Parts;
use jiff::{Timestamp, ToSpan};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::Platform;
use crate::fairness::{Flow, Line, Place, Work};
use crate::problem::{Problem, Result};
use crate::session::Identity;

/// How long a login waits for a place.
const PATIENCE: Duration = Duration::from_secs(5);

/// Wrong passwords in a row that lock an account, and for how long.
const ATTEMPTS: i32 = 5;
const LOCKED_MINUTES: i64 = 15;

const SHORTEST_TO_LONGEST: RangeInclusive<usize> = 10..=128;

/// What no password hashes to, at the cost of one that does.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Where passwords are hashed and checked.
#[derive(Clone)]
pub struct Passwords {
    line: Line,
}

impl Passwords {
    /// Half of the processors may hash at once, which takes 19 MiB for each: the other half is for what takes less.
    #[expect(clippy::new_without_default, reason = "it looks at the machine")]
    pub fn new() -> Self {
        let places = available_parallelism().map_or(1, |cores| cores.get().div_ceil(2));
        let line = Line::fixed("passwords", u32::try_from(places).unwrap_or(1), PATIENCE);
        Self { line }
    }

    /// The line in which requests wait for a place.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// A place to hash at.
    ///
    /// # Errors
    /// 503 when none comes free in time.
    pub(crate) async fn place(&self, flow: Flow, work: Work) -> Result<Hasher> {
        Ok(Hasher { _place: self.line.place(flow, work).await? })
    }
}

/// A place to hash at. A handler names it before the door to its rows, so that those who wait for a place hold no
/// connection while they do.
pub struct Hasher {
    _place: Place,
}

impl Hasher {
    /// The argon2id hash of a password, as a PHC string with its own salt and cost.
    ///
    /// # Errors
    /// 500 when hashing fails.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        tokio::task::spawn_blocking(move || digest(password.as_bytes())).await?
    }

    /// Whether `password` is the one behind `hash`. Without a hash (no such account) the same work is done and the answer
    /// is no, so that the time taken tells nobody which accounts exist.
    ///
    /// # Errors
    /// 500 when the stored hash cannot be read.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let (exists, password) = (hash.is_some(), password.to_owned());
        let hash = hash.unwrap_or(NOBODY).to_owned();
        let matches = tokio::task::spawn_blocking(move || {
            let hash = PasswordHash::new(&hash).map_err(|error| Problem::internal(error.to_string()))?;
            Ok::<_, Problem>(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(matches.await?? && exists)
    }
}

impl FromRequestParts<Platform> for Hasher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        let flow = parts.extensions.get::<Identity>().map_or(Flow::PLATFORM, |who| Flow::of(&who.tenant));
        let work = parts.extensions.get::<Work>().copied().unwrap_or_default();
        platform.passwords.place(flow, work.look_up()).await
    }
}

impl OperationInput for Hasher {}

/// A password being chosen: 10 to 128 characters, of any kind. Never trimmed, never shown.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct NewPassword(String);

impl NewPassword {
    /// The text, for hashing.
    pub fn reveal(&self) -> &str {
        &self.0
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

/// Hashes at once, on the calling thread: for commands, which have no requests to keep waiting.
///
/// # Errors
/// 500 when hashing fails.
pub fn digest(password: &[u8]) -> Result<String> {
    let hash =
        Argon2::default().hash_password(password).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// How many wrong passwords an account has seen in a row, and until when it is locked for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    pub failed: i32,
    pub locked_until: Option<Timestamp>,
}

impl Attempts {
    /// # Errors
    /// 429 while the account is locked, whatever the password.
    pub fn must_be_open(&self, now: Timestamp) -> Result<()> {
        match self.locked_until {
            Some(until) if until > now => {
                let seconds = until.duration_since(now).as_secs() + 1;
                Err(Problem::locked(u32::try_from(seconds).unwrap_or(u32::MAX)))
            }
            _ => Ok(()),
        }
    }

    /// After one more attempt, right or wrong. A lock that has run out starts the count afresh.
    ///
    /// # Errors
    /// When the clock stands at the end of time.
    pub fn after(self, matches: bool, now: Timestamp) -> Result<Self> {
        if matches {
            return Ok(Self { failed: 0, locked_until: None });
        }
        let failed = if self.locked_until.is_some() { 1 } else { self.failed + 1 };
        let locked_until =
            if failed >= ATTEMPTS { Some(now.checked_add(LOCKED_MINUTES.minutes())?) } else { None };
        Ok(Self { failed, locked_until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_its_own_hash_only() {
        let hasher = Passwords::new().place(Flow::PLATFORM, Work::default()).await.unwrap();
        let hash = hasher.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(hasher.verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!hasher.verify("wrong horse", Some(&hash)).await.unwrap());
        assert!(!hasher.verify("correct horse", None).await.unwrap());
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

    #[test]
    fn the_fifth_wrong_password_locks_for_a_quarter_of_an_hour_and_a_right_one_forgets() {
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        let mut attempts = Attempts { failed: 0, locked_until: None };
        for _ in 0..4 {
            attempts = attempts.after(false, now).unwrap();
            assert!(attempts.must_be_open(now).is_ok());
        }
        assert_eq!(attempts.after(true, now).unwrap().failed, 0);
        attempts = attempts.after(false, now).unwrap();
        assert!(attempts.must_be_open(now).is_err());
        let later = now.checked_add(15.minutes()).unwrap();
        assert!(attempts.must_be_open(later).is_ok());
        assert_eq!(attempts.after(false, later).unwrap(), Attempts { failed: 1, locked_until: None });
    }
}
