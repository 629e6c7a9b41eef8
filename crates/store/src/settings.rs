//! The settings of the databases.

use std::time::Duration;

use base::settings::Reader;

use crate::redis::RedisUrl;
use crate::url::Address;

/// Where PostgreSQL and Redis are, and how long they may take.
#[derive(Clone, Debug)]
pub struct Settings {
    pub database: Option<Address>,
    pub owner_database: Option<Address>,
    pub redis: Option<RedisUrl>,
    pub statement_timeout: Duration,
    pub idle_in_transaction_timeout: Duration,
    pub cache: CacheMode,
}

/// Whether a node answers from a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheMode {
    On,
    Off,
}

impl Settings {
    pub fn read(reader: &mut Reader) -> Self {
        Self {
            database: reader.secret(
                "DATABASE_URL",
                Address::parse,
                "the database, as the program's role, with sslmode and sslrootcert as in libpq; unset: a private one in the state folder",
            ),
            owner_database: reader.secret(
                "OWNER_DATABASE_URL",
                Address::parse,
                "the same database as the role that owns the schema, for migrations",
            ),
            redis: reader.secret(
                "REDIS_URL",
                RedisUrl::parse,
                "what the nodes share, one server or a cluster's hosts; unset: kept in the process, for one node",
            ),
            statement_timeout: reader.seconds(
                "STATEMENT_TIMEOUT_SECONDS",
                10,
                1..=600,
                "the longest a statement may run",
            ),
            idle_in_transaction_timeout: reader.seconds(
                "IDLE_IN_TRANSACTION_TIMEOUT_SECONDS",
                15,
                5..=600,
                "the longest a transaction may sit idle",
            ),
            cache: reader.choice(
                "CACHE",
                "on",
                &[("on", CacheMode::On), ("off", CacheMode::Off)],
                "whether this node answers from a cache",
            ),
        }
    }

    /// How long a transaction lasts at most: the server ends it when it sits idle, or a statement of it runs, for so long.
    pub fn transaction_life(&self) -> Duration {
        self.statement_timeout + self.idle_in_transaction_timeout + Duration::from_secs(2)
    }
}
