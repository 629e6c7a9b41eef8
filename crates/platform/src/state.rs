//! What every request can reach: built once at start, shared, never changed after.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use database::migrate::Migration;

use crate::backup;
use crate::cache::Cache;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Database;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::password::Passwords;
use crate::rate_limit::Limits;
use crate::redis::Link;

/// The platform's state; copies share it.
#[derive(Clone)]
pub struct Platform(Arc<Parts>);

pub struct Parts {
    pub config: Config,
    pub clock: Clock,
    pub database: Database,
    pub cache: Cache,
    pub limits: Limits,
    pub keys: Keys,
    /// What the nodes share; without it this is the only node.
    pub redis: Option<Link>,
    pub passwords: Passwords,
    pub metrics: Arc<Metrics>,
    /// The schema this program was built for.
    pub migrations: Vec<Migration>,
    /// The program's version and the commit it was built from.
    pub version: &'static str,
    pub commit: &'static str,
    pub started: Instant,
    /// The last backup that was proven, for `/health`.
    pub backup: backup::Standing,
    /// Set once the program was told to stop: it finishes what it has and takes nothing new.
    pub draining: Arc<AtomicBool>,
}

impl Platform {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Platform {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
