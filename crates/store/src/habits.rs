//! What a program that takes over has to know before it serves.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many connections a program has, and the statements that it uses, by their digests: the other one may be of another
/// version, and have others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Habits {
    pub(crate) connections: usize,
    pub(crate) statements: Vec<u64>,
}

impl Habits {
    pub fn new<'a>(connections: usize, statements: impl IntoIterator<Item = &'a str>) -> Self {
        Self { connections, statements: statements.into_iter().map(digest).collect() }
    }
}

pub(crate) fn digest(sql: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = Sha256::digest(sql).into();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}
