//! What every request can reach: built once at start by the program, shared, never changed after.

use std::ops::Deref;
use std::sync::Arc;

use base::clock::Clock;
use base::problem::Result;
use observe::metrics::Metrics;
use store::keys::Keys;
use store::pool::Database;
use store::redis::Link;
use store::transaction::{Stats, Unscoped};
use store::versions::Versions;

use crate::cache::Cache;
use crate::fairness::{Flow, Line, Work};
use crate::password::Passwords;
use crate::rate_limit::Limits;
use crate::settings::Settings;

/// The state of the gateway; copies share it.
#[derive(Clone)]
pub struct Platform(Arc<Parts>);

pub struct Parts {
    pub settings: Settings,
    pub clock: Clock,
    pub database: Database,
    /// The queue in which requests wait for a connection.
    pub line: Line,
    pub versions: Versions,
    pub cache: Cache,
    pub limits: Limits,
    pub keys: Keys,
    /// What the nodes share; without it this is the only node.
    pub redis: Option<Link>,
    pub passwords: Passwords,
    pub metrics: Arc<Metrics>,
}

impl Platform {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// A connection outside any tenant for a request, when it is its turn.
    ///
    /// # Errors
    /// 503 when its turn does not come, or no connection is to be had.
    pub(crate) async fn unscoped_for(&self, flow: Flow, work: Work, stats: Arc<Stats>) -> Result<Unscoped> {
        let place = stats.wait(self.line.place(flow, work)).await?;
        self.database.unscoped_at(Box::new(place), stats).await
    }
}

impl Deref for Platform {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
