//! From settings to a platform: the database under it, and the checks before it serves.

use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use base::clock::Clock;
use base::problem::Problem;
use base::settings::Environment;
use database::connect::{ConnectError, Server};
use database::embedded::{self, Durability, Embedded};
use database::migrate::{self, Migration};
use gateway::cache::Cache;
use gateway::fairness::Line;
use gateway::password::Passwords;
use gateway::rate_limit::Limits;
use gateway::settings::LimitMode;
use gateway::state::Platform;
use observe::metrics::About;
use store::keys::Keys;
use store::pool::{Database, ServerTimeouts};
use store::redis::Link;
use store::settings::CacheMode;
use store::url::Address;
use store::versions::{Part, Versions};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app;
use crate::config::Config;
use crate::observed::Counting;
use crate::program::Program;

/// Connections the private server allows: two programs' worth, and room for a person with `psql`.
const EMBEDDED_CONNECTIONS: u16 = 60;

/// The database the program stands on: one that was given, or a private one.
pub enum Ground {
    Given(Box<Given>),
    Private(Box<Embedded>),
}

/// The database that the settings name.
pub struct Given {
    database: Address,
    owner: Option<Address>,
}

impl Ground {
    /// Finds the database that the settings name, or starts the private one.
    ///
    /// # Errors
    /// When production would run on a private database, or that cannot be started.
    pub async fn prepare(config: &Config) -> anyhow::Result<Self> {
        if let Some(given) = Self::given(config)? {
            return Ok(given);
        }
        Ok(Self::Private(Box::new(embedded::start(&private(config)).await?)))
    }

    /// The same for a command, which may find the private database started already by a program that serves.
    ///
    /// # Errors
    /// As [`Ground::prepare`].
    pub async fn join(config: &Config) -> anyhow::Result<Self> {
        if let Some(given) = Self::given(config)? {
            return Ok(given);
        }
        Ok(Self::Private(Box::new(embedded::join(&private(config)).await?)))
    }

    fn given(config: &Config) -> anyhow::Result<Option<Self>> {
        if let Some(database) = config.store.database.clone() {
            return Ok(Some(Self::Given(Box::new(Given {
                database,
                owner: config.store.owner_database.clone(),
            }))));
        }
        if config.environment == Environment::Production && !config.allow_embedded {
            bail!(
                "production needs a database: set DATABASE_URL, or ALLOW_EMBEDDED=true to use the private one"
            );
        }
        Ok(None)
    }

    /// The connection that owns the schema.
    ///
    /// # Errors
    /// When the database was given without one.
    pub fn owner(&self) -> anyhow::Result<Server> {
        match self {
            Self::Given(given) => given
                .owner
                .as_ref()
                .map(|owner| owner.server.clone())
                .context("set OWNER_DATABASE_URL: migrations run as the role that owns the schema"),
            Self::Private(server) => Ok(server.config("tailtown_owner", "tailtown").into()),
        }
    }

    /// The connection that sees every row, for backups and single tenants' data.
    ///
    /// # Errors
    /// When the database was given without one.
    pub fn backup(&self, config: &Config) -> anyhow::Result<Server> {
        match self {
            Self::Given(_) => config.backup.database.clone().context(backup::NEEDS_ROLE),
            Self::Private(server) => Ok(server.config(server.superuser(), "tailtown").into()),
        }
    }

    /// The platform on this ground. Connects to nothing yet.
    ///
    /// # Errors
    /// When the pool or the password room cannot be built.
    pub fn program(&self, config: Config, part: Part) -> anyhow::Result<Program> {
        let address = match self {
            Self::Given(given) => given.database.clone(),
            Self::Private(server) => Address {
                standing: server.standing().clone(),
                ..Address::new(server.config("tailtown_app", "tailtown").into())
            },
        };
        program(config, &address, part, Clock::system(), app::migrations())
    }

    /// Refuses a role that could pass row-level security, and a schema that is not the one this program needs.
    ///
    /// # Errors
    /// What is wrong, and which command helps.
    pub async fn check(&self, program: &Program) -> anyhow::Result<()> {
        let told = |problem: Problem| self.naming("DATABASE_URL", problem.into_error());
        if let Some(reason) = program.database.role_could_bypass().await.map_err(told)? {
            bail!(
                "refusing to serve: {reason}, so the database would not keep resorts apart; connect as tailtown_app, and undo in \
                 the schema what the message names"
            );
        }
        let schema = program.database.verify_schema(&program.migrations).await.map_err(told)?;
        schema.context("refusing to serve this database")?;
        program.keys.load(&program.database).await.map_err(told)
    }

    /// Says which setting has the address that could not be connected to.
    pub fn naming(&self, setting: &'static str, error: anyhow::Error) -> anyhow::Error {
        match self {
            Self::Given(_) if error.is::<ConnectError>() => error.context(setting),
            _ => error,
        }
    }

    /// What says that the private server is this program's.
    pub fn lock(&self) -> Option<&File> {
        match self {
            Self::Given(_) => None,
            Self::Private(server) => server.lock(),
        }
    }

    /// The private server is this program's from now on: the one before hands its lock on.
    pub fn inherit(&mut self, lock: File) {
        if let Self::Private(server) = self {
            server.inherit(lock);
        }
    }

    /// Starts a private server that is this program's again whenever it has ended, until `stop`.
    pub fn watch(&self, stop: CancellationToken) -> Option<JoinHandle<()>> {
        match self {
            Self::Given(_) => None,
            Self::Private(server) => server.watch(stop.cancelled_owned()).map(tokio::spawn),
        }
    }

    /// Ends a private server that is this program's.
    pub async fn leave(self) {
        if let Self::Private(server) = self
            && let Err(error) = server.stop().await
        {
            tracing::warn!(%error, "the private database did not stop cleanly; the next start recovers it");
        }
    }
}

fn private(config: &Config) -> embedded::Settings {
    embedded::Settings {
        home: config.home.clone(),
        durability: Durability::Safe,
        max_connections: EMBEDDED_CONNECTIONS,
    }
}

/// A platform on the database at this address, with this clock, that knows these migrations. Connects to nothing yet.
///
/// # Errors
/// When the pool or the password room cannot be built.
pub fn program(
    config: Config,
    address: &Address,
    part: Part,
    clock: Clock,
    migrations: Vec<Migration>,
) -> anyhow::Result<Program> {
    let redis = config.store.redis.as_ref().map(Link::new);
    let life = config.store.transaction_life();
    let versions = Versions::new(config.store.cache, life, &address.server, part, redis.clone());
    let cache = Cache::new(&config.gateway, versions.clone());
    let timeouts = ServerTimeouts {
        statement: config.store.statement_timeout,
        idle_in_transaction: config.store.idle_in_transaction_timeout,
    };
    let mut address = address.clone();
    if address.server.get_application_name().is_none() {
        address.server.application_name(migrate::application_name(&migrations));
    }
    let database = Database::new(&address, timeouts, versions.clone())?;
    let line = Line::adaptive("database", database.places(), database.pool_timeout());
    let nodes = versions.clone();
    let limits = Limits::new(&config.gateway, redis.clone(), clock.clone(), move || nodes.nodes());
    let passwords = Passwords::new();
    let about = About {
        version: env!("CARGO_PKG_VERSION"),
        commit: env!("BUILD_COMMIT"),
        started: Instant::now(),
        home: config.home.clone(),
        clock: clock.clone(),
        has_redis: redis.is_some(),
        has_cache: config.store.cache == CacheMode::On,
        has_limits: config.gateway.rate_limits == LimitMode::On,
        makes_backups: config.backup.scheduled,
        backup: Default::default(),
        draining: Default::default(),
    };
    let metrics = Counting::new(&database, &line, &cache, &limits, &passwords).metrics(about.clone());
    let settings = config.gateway.clone();
    let platform = Platform::new(gateway::state::Parts {
        settings,
        clock,
        database,
        line,
        versions,
        cache,
        limits,
        keys: Keys::default(),
        redis,
        passwords,
        metrics,
    });
    Ok(Program { config: Arc::new(config), platform, about, migrations: migrations.into() })
}
