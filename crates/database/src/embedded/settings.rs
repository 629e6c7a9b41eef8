//! What the private PostgreSQL is started with.

use std::path::PathBuf;

/// Settings of the private PostgreSQL.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The state folder; the cluster is its `postgres` folder.
    pub home: PathBuf,
    pub durability: Durability,
    pub max_connections: u16,
}

/// Whether committed data survives a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Committed data survives a power failure.
    Safe,
    /// Data is lost when the machine crashes. Faster; for tests, which delete the cluster.
    None,
}
