//! Answers, sessions and resorts, kept under what `store::versions` says of their tables: never stale.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base::settings::Environment;
use serde::{Deserialize, Serialize};
use store::versions::Versions;

use super::flights::Flights;
use super::memory::Memory;
use crate::settings::Settings;

/// The cache; copies share it.
#[derive(Clone)]
pub struct Cache(pub(super) Arc<Parts>);

pub(super) struct Parts {
    pub(super) versions: Versions,
    pub(super) memory: Memory,
    pub(super) flights: Flights,
    pub(super) counts: Counts,
    /// Say in a header where an answer came from.
    pub(super) describe: bool,
}

/// How often what happened, since the start.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) hits: AtomicU64,
    pub(super) redis: AtomicU64,
    pub(super) misses: AtomicU64,
    pub(super) bypasses: AtomicU64,
    pub(super) revalidated: AtomicU64,
}

/// The counts of a node, for people.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Stats {
    /// Answered from the process's memory or from Redis.
    pub hits: u64,
    /// Those of them that came from Redis.
    pub redis: u64,
    /// Answered by the database, and kept.
    pub misses: u64,
    /// Answered by the database because nothing may be kept or was changing.
    pub bypasses: u64,
    /// Hits for which the client had the bytes already.
    pub revalidated: u64,
    /// Statements sent to the database, cache or not.
    pub statements: u64,
    pub entries: u64,
    /// Groups of tables whose generations are kept in the process.
    #[serde(default)]
    pub groups: u64,
    pub bytes: u64,
}

impl Cache {
    /// A cache that keeps what `versions` lets it.
    pub fn new(settings: &Settings, versions: Versions) -> Self {
        let cache = Self(Arc::new(Parts {
            versions: versions.clone(),
            memory: Memory::new(settings.cache_memory_bytes),
            flights: Flights::default(),
            counts: Counts::default(),
            describe: settings.environment == Environment::Development,
        }));
        let told = Arc::downgrade(&cache.0);
        versions.tell(move || {
            let cache = told.upgrade().map(Self);
            cache.and_then(|cache| serde_json::to_string(&cache.stats()).ok()).unwrap_or_default()
        });
        cache
    }

    pub fn stats(&self) -> Stats {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &self.0.counts;
        Stats {
            hits: count(&counts.hits),
            redis: count(&counts.redis),
            misses: count(&counts.misses),
            bypasses: count(&counts.bypasses),
            revalidated: count(&counts.revalidated),
            statements: self.0.versions.statements(),
            bytes: self.0.memory.bytes(),
            entries: self.0.memory.entries(),
            groups: self.0.versions.groups(),
        }
    }
}
