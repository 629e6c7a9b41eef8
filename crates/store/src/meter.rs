//! What all requests together ask of the database, and how long they wait for a connection to it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base::figures::{gauge, gauges};
use base::histogram::{Counted, Histogram};
use deadpool_postgres::{Pool, Status};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

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
    /// Requests that got no connection in time.
    pub timeouts: Counter,
    /// Connections that could not be made.
    pub failures: Counter,
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
            timeouts: Counter::default(),
            failures: Counter::default(),
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

    pub fn metered(&self, pool: Status) -> Metered {
        Metered {
            statements: self.statements.counted(),
            waits: self.waits.counted(),
            timeouts: self.timeouts.get(),
            in_use: in_use(&pool),
            idle: pool.available as u64,
            waiting: pool.waiting as u64,
            limit: pool.max_size as u64,
        }
    }

    pub fn register(&self, registry: &mut Registry, pool: &Pool) {
        let about = "From a statement until its whole answer";
        registry.register("tailtown_db_statement_duration_seconds", about, self.statements.clone());
        registry.register(
            "tailtown_db_pool_wait_seconds",
            "Until a connection was to be had",
            self.waits.clone(),
        );
        let of = |read: fn(&Status) -> u64| {
            let pool = pool.clone();
            move || read(&pool.status())
        };
        let (taken, idle) = (of(in_use), of(|status| status.available as u64));
        let connections =
            move || [("in_use", taken()), ("idle", idle())].map(|(state, count)| ([("state", state)], count));
        registry.register("tailtown_db_pool_connections", "Connections to the database", gauges(connections));
        let about = "How many connections there may be";
        registry.register("tailtown_db_pool_limit", about, gauge(of(|status| status.max_size as u64)));
        let waiting = gauge(of(|status| status.waiting as u64));
        registry.register("tailtown_db_pool_waiting", "Who waits for a connection", waiting);
        let about = "Requests that got no connection in time";
        registry.register("tailtown_db_pool_timeouts", about, self.timeouts.clone());
        let about = "Connections that could not be made";
        registry.register("tailtown_db_connect_failures", about, self.failures.clone());
    }
}

fn in_use(pool: &Status) -> u64 {
    (pool.size - pool.available.min(pool.size)) as u64
}
