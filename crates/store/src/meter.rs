//! What all requests together ask of the database, and how long they wait for a connection to it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use base::histogram::{Counted, Histogram};

/// How long to wait for the answer to a statement while the server leaves others unanswered.
const SHORT_PATIENCE: Duration = Duration::from_secs(1);

/// How much longer than the server's own limit an answer may take to get here.
const ON_THE_WAY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Meter {
    /// The longest that the server lets a statement run.
    statement_timeout: Duration,
    /// A statement was not answered in time, and none has been since.
    is_silent: AtomicBool,
    pub statements: Histogram,
    pub waits: Histogram,
    pub timeouts: AtomicU64,
    pub failures: AtomicU64,
}

/// The counts of a node since its start, and the pool at this moment.
#[derive(Clone, Copy, Debug)]
pub struct Metered {
    /// From a statement until its whole answer.
    pub statements: Counted,
    /// Until a connection was to be had, a new one made if need be.
    pub waits: Counted,
    /// Requests that got no connection in time.
    pub timeouts: u64,
    /// Connections that could not be made.
    pub failures: u64,
    pub in_use: u64,
    pub idle: u64,
    pub waiting: u64,
    pub limit: u64,
}

impl Meter {
    pub fn new(statement_timeout: Duration) -> Self {
        Self {
            statement_timeout,
            is_silent: AtomicBool::new(false),
            statements: Histogram::default(),
            waits: Histogram::default(),
            timeouts: AtomicU64::new(0),
            failures: AtomicU64::new(0),
        }
    }

    /// How long to wait for an answer.
    pub fn patience(&self) -> Duration {
        match self.is_silent.load(Ordering::Relaxed) {
            true => SHORT_PATIENCE,
            false => self.statement_timeout + ON_THE_WAY,
        }
    }

    pub fn answered(&self) {
        if self.is_silent.load(Ordering::Relaxed) && self.is_silent.swap(false, Ordering::Relaxed) {
            tracing::info!("the database answers again");
        }
    }

    pub fn unanswered(&self) {
        if !self.is_silent.swap(true, Ordering::Relaxed) {
            tracing::error!("the database does not answer: its statements get a second each until it does");
        }
    }

    pub fn metered(&self, pool: deadpool_postgres::Status) -> Metered {
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
