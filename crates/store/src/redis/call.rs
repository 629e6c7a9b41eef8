//! What is asked of Redis, who answered, and what can go wrong.

use std::fmt;
use std::time::Duration;

/// How long a request waits for Redis at most.
pub const PATIENCE: Duration = Duration::from_millis(250);

/// A Redis process with its memory: a restart or a failover makes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RunId(pub(super) u128);

impl RunId {
    /// A process by its number, for tests.
    pub const fn test(number: u128) -> Self {
        Self(number)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Redis did not do what it was asked, or did not say so in time: it may have, all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("redis: {0}")]
pub struct Unreachable(pub(super) String);

impl Unreachable {
    pub fn of(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

/// A Lua script, sent by its hash once the server knows it.
#[derive(Debug)]
pub struct Script {
    pub(super) code: &'static str,
    pub(super) hash: String,
}

impl Script {
    pub fn new(code: &'static str) -> Self {
        Self { code, hash: ::redis::Script::new(code).get_hash().to_owned() }
    }
}
