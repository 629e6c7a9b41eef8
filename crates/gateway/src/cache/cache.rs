//! Answers, sessions and resorts, kept under what `store::versions` says of their tables: never stale.

use std::sync::Arc;

use base::figures::{counters, gauge};
use base::settings::Environment;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
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
    /// Answered from the process's memory, and from Redis.
    pub(super) process: Counter,
    pub(super) redis: Counter,
    pub(super) misses: Counter,
    pub(super) bypasses: Counter,
    pub(super) revalidated: Counter,
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
        let counts = &self.0.counts;
        let redis = counts.redis.get();
        Stats {
            hits: counts.process.get() + redis,
            redis,
            misses: counts.misses.get(),
            bypasses: counts.bypasses.get(),
            revalidated: counts.revalidated.get(),
            statements: self.0.versions.statements(),
            bytes: self.0.memory.bytes(),
            entries: self.0.memory.entries(),
            groups: self.0.versions.groups(),
        }
    }

    /// Adds what is counted here to what Prometheus is told.
    pub fn register(&self, registry: &mut Registry) {
        let Counts { process, redis, misses, bypasses, .. } = &self.0.counts;
        let answered =
            [("hit_process", process), ("hit_redis", redis), ("miss", misses), ("bypass", bypasses)]
                .map(|(result, count)| (result, count.clone()));
        let answered =
            counters(move || answered.clone().map(|(result, count)| ([("result", result)], count.get())));
        registry.register("tailtown_cache_requests", "GETs by where their answer came from", answered);
        let about = "Hits for which the client had the bytes already";
        registry.register("tailtown_cache_revalidated", about, self.0.counts.revalidated.clone());
        let cache = self.clone();
        let entries = gauge(move || cache.0.memory.entries());
        registry.register("tailtown_cache_entries", "Answers, sessions and resorts held", entries);
        let cache = self.clone();
        registry.register("tailtown_cache_bytes", "What they take", gauge(move || cache.0.memory.bytes()));
    }
}
