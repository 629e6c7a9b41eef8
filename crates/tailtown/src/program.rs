//! The program's own state: what it was started with, and the gateway that every request passes.

use std::ops::Deref;
use std::sync::Arc;

use database::migrate::Migration;
use gateway::state::Platform;
use observe::metrics::About;

use crate::config::Config;

/// Built once at start; copies share it.
#[derive(Clone)]
pub struct Program {
    pub config: Arc<Config>,
    pub platform: Platform,
    /// Its version, when it was started, how its backups stand, and whether it is about to stop.
    pub about: About,
    /// The schema this program was built for.
    pub migrations: Arc<[Migration]>,
}

impl Deref for Program {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.platform
    }
}
