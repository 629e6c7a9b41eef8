//! What the parts of the platform count, brought together: for Prometheus in a registry that each of them fills, for the overview
//! in plain figures.

use std::sync::Arc;

use gateway::cache::Cache;
use gateway::fairness::{self, Line};
use gateway::password::Passwords;
use gateway::rate_limit::Limits;
use observe::metrics::{About, Metrics, gather};
use observe::telemetry;
use prometheus_client::registry::Registry;
use store::pool::Database;

/// The parts that count something.
pub(crate) struct Counting {
    pub(crate) database: Database,
    pub(crate) cache: Cache,
    pub(crate) limits: Limits,
    pub(crate) lines: [Line; 3],
}

impl Counting {
    pub(crate) fn new(
        database: &Database,
        line: &Line,
        cache: &Cache,
        limits: &Limits,
        passwords: &Passwords,
    ) -> Self {
        let [strangers, known] = passwords.lines();
        let lines = [line, strangers, known].map(Clone::clone);
        Self { database: database.clone(), cache: cache.clone(), limits: limits.clone(), lines }
    }

    /// All metrics of the program.
    pub(crate) fn metrics(self, about: About) -> Arc<Metrics> {
        let mut registry = Registry::default();
        self.database.register(&mut registry);
        fairness::register(&mut registry, &self.lines);
        self.cache.register(&mut registry);
        self.limits.register(&mut registry);
        telemetry::register(&mut registry);
        Arc::new(Metrics::new(about, registry, move || self.figures()))
    }

    fn figures(&self) -> gather::Parts {
        let (database, cache, limits) = (self.database.metered(), self.cache.stats(), self.limits.stats());
        gather::Parts {
            database: gather::Database {
                statements: database.statements,
                waits: database.waits,
                timeouts: database.timeouts,
                in_use: database.in_use,
                idle: database.idle,
                waiting: database.waiting,
                limit: database.limit,
            },
            cache: gather::Cache {
                hits: cache.hits,
                hits_redis: cache.redis,
                misses: cache.misses,
                bypasses: cache.bypasses,
                entries: cache.entries,
                bytes: cache.bytes,
            },
            limits: gather::Limits {
                admitted: limits.admitted,
                refused: limits.refused,
                alone: limits.alone,
                nodes: limits.nodes,
                sign_ins_refused: limits.sign_ins_refused,
                sign_ins_slowed: limits.sign_ins_slowed,
            },
            lines: self.lines.iter().map(line).collect(),
            fault: self.database.fault().map(|fault| (fault.reason, fault.log)),
        }
    }
}

fn line(line: &Line) -> gather::Line {
    let stats = line.stats();
    let class = |one: &fairness::ClassStats| gather::Class {
        name: one.class.into(),
        waiting: one.waiting,
        admitted: one.admitted,
        shed: one.shed,
    };
    gather::Line {
        name: line.name(),
        places: stats.limit,
        taken: stats.in_use,
        classes: stats.classes.iter().map(class).collect(),
    }
}
