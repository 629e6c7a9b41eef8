//! What all requests together ask of the database, and how long they wait for a connection to it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::metrics::histogram::{Counted, Histogram};

#[derive(Debug, Default)]
pub(crate) struct Meter {
    pub(super) statements: Histogram,
    pub(super) waits: Histogram,
    pub(super) timeouts: AtomicU64,
    pub(super) failures: AtomicU64,
}

/// The counts of a node since its start, and the pool at this moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metered {
    /// From a statement until its answer begins.
    pub(crate) statements: Counted,
    /// Until a connection was to be had, a new one made if need be.
    pub(crate) waits: Counted,
    /// Requests that got no connection in time.
    pub(crate) timeouts: u64,
    /// Connections that could not be made.
    pub(crate) failures: u64,
    pub(crate) in_use: u64,
    pub(crate) idle: u64,
    pub(crate) waiting: u64,
    pub(crate) limit: u64,
}

impl Meter {
    pub(super) fn metered(&self, pool: deadpool_postgres::Status) -> Metered {
        Metered {
            statements: self.statements.counted(),
            waits: self.waits.counted(),
            timeouts: self.timeouts.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
            in_use: (pool.size - pool.available.min(pool.size)) as u64,
            idle: pool.available as u64,
            waiting: pool.waiting as u64,
            limit: pool.max_size as u64,
        }
    }
}
