//! From settings to a running program: the database under it, the checks before it serves, and its orderly end.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::{Context, bail};
use axum::Router;
use platform::backup::{self, Backups, schedule};
use platform::cache::{Cache, Part};
use platform::clock::Clock;
use platform::config::{Config, Environment};
use platform::db::embedded::{self, Durability, Embedded};
use platform::db::{Address, Database, ServerTimeouts};
use platform::metrics::{self, Metrics};
use platform::migrate::Migration;
use platform::password::Passwords;
use platform::rate_limit::Limits;
use platform::redis::Link;
use platform::{Parts, Platform, http, migrate};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app;

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
        if let Some(database) = config.database.clone() {
            return Ok(Some(Self::Given(Box::new(Given { database, owner: config.owner_database.clone() }))));
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
    pub fn owner(&self) -> anyhow::Result<tokio_postgres::Config> {
        match self {
            Self::Given(given) => given
                .owner
                .as_ref()
                .map(|owner| owner.config.clone())
                .context("set OWNER_DATABASE_URL: migrations run as the role that owns the schema"),
            Self::Private(server) => Ok(server.config("tailtown_owner", "tailtown")),
        }
    }

    /// The connection that sees every row, for backups and single tenants' data.
    ///
    /// # Errors
    /// When the database was given without one.
    pub fn backup(&self, config: &Config) -> anyhow::Result<tokio_postgres::Config> {
        match self {
            Self::Given(_) => config.backup.database.as_ref().map(|database| database.config.clone()).context(
                "set BACKUP_DATABASE_URL: backups need a role that sees every row (create role tailtown_backup login bypassrls \
                 createdb password '…'; grant pg_read_all_data, pg_write_all_data, tailtown_owner to tailtown_backup)",
            ),
            Self::Private(server) => Ok(server.config(server.superuser(), "tailtown")),
        }
    }

    /// The platform on this ground. Connects to nothing yet.
    ///
    /// # Errors
    /// When the pool or the password room cannot be built.
    pub fn platform(&self, config: Config, part: Part) -> anyhow::Result<Platform> {
        let address = match self {
            Self::Given(given) => given.database.clone(),
            Self::Private(server) => Address::new(server.config("tailtown_app", "tailtown")),
        };
        platform(config, &address, part, Clock::system(), app::migrations())
    }

    /// Refuses a role that could pass row-level security, and a schema that is not the one this program needs.
    ///
    /// # Errors
    /// What is wrong, and which command helps.
    pub async fn check(&self, platform: &Platform) -> anyhow::Result<()> {
        let bypass = platform.database.role_could_bypass().await;
        if let Some(reason) = bypass.map_err(|problem| anyhow::anyhow!("{problem}"))? {
            bail!(
                "refusing to serve: {reason}, so row-level security would not hold; use the role tailtown_app"
            );
        }
        let schema = platform.database.verify_schema(&platform.migrations).await;
        schema.map_err(|problem| anyhow::anyhow!("{problem}"))?.context("refusing to serve this database")
    }

    /// Ends a private server that this program started.
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
pub fn platform(
    config: Config,
    address: &Address,
    part: Part,
    clock: Clock,
    migrations: Vec<Migration>,
) -> anyhow::Result<Platform> {
    let redis = config.redis.as_ref().map(Link::new);
    let cache = Cache::new(&config, &address.config, part, redis.clone());
    let timeouts = ServerTimeouts {
        statement: config.statement_timeout,
        idle_in_transaction: config.idle_in_transaction_timeout,
    };
    let mut address = address.clone();
    if address.config.get_application_name().is_none() {
        address.config.application_name(migrate::application_name(&migrations));
    }
    let database = Database::new(&address, timeouts, cache.clone())?;
    let limits = Limits::new(&config, redis.clone(), clock.clone());
    Ok(Platform::new(Parts {
        config,
        clock,
        database,
        cache,
        limits,
        redis,
        passwords: Passwords::new().map_err(|problem| anyhow::anyhow!("{problem}"))?,
        metrics: Metrics::default(),
        migrations,
        version: env!("CARGO_PKG_VERSION"),
        commit: env!("TAILTOWN_COMMIT"),
        started: Instant::now(),
        backup: backup::Standing::default(),
        draining: AtomicBool::new(false),
    }))
}

/// A program that has everything it needs and listens.
pub struct Running {
    platform: Platform,
    ground: Ground,
    service: Router,
    listener: TcpListener,
    admin: Option<TcpListener>,
    signals: Signals,
}

impl Running {
    /// Prepares the ground, checks it, and binds the port last. A private database is migrated on the way: nobody else
    /// could do it.
    ///
    /// # Errors
    /// Why the program cannot serve; a private server is stopped again.
    pub async fn build(config: Config) -> anyhow::Result<Self> {
        let signals = Signals::listen()?;
        let ground = Ground::prepare(&config).await?;
        let built = async {
            if matches!(ground, Ground::Private(_)) {
                migrate::deploy(&ground.owner()?, &app::migrations()).await?;
            }
            let platform = ground.platform(config, Part::Node)?;
            ground.check(&platform).await?;
            let at = (platform.config.host, platform.config.port);
            let listener = TcpListener::bind(at).await.with_context(|| {
                format!("cannot listen on {}:{}: choose another PORT, or end what listens there", at.0, at.1)
            })?;
            let admin = metrics::listen(&platform.config).await?;
            Ok((platform, listener, admin))
        };
        match built.await {
            Ok((platform, listener, admin)) => {
                let (features, document) = app::routes();
                let service = http::service(&platform, features, &document);
                Ok(Self { platform, ground, service, listener, admin, signals })
            }
            Err(error) => {
                ground.leave().await;
                Err(error)
            }
        }
    }

    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Does `work` before serving; `None` when told to stop meanwhile.
    pub async fn unless_stopped<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.signals.next() => None,
        }
    }

    /// Leaves the ground without having served.
    pub async fn leave(self) {
        self.platform.database.close();
        self.ground.leave().await;
    }

    /// Serves until SIGTERM or SIGINT, finishes what is under way, and leaves the ground as it was found. A second
    /// signal ends the wait.
    ///
    /// # Errors
    /// None today; a stop is a success even when requests were cut off at the limit, which is logged.
    pub async fn until_stopped(self) -> anyhow::Result<()> {
        let Self { platform, ground, service, listener, admin, signals } = self;
        tracing::info!(
            address = %listener.local_addr()?, version = platform.version, commit = platform.commit, "listening"
        );
        let (mut first, mut second) = (signals, Signals::listen()?);
        let mut background = keep_backups(&platform, &ground);
        if let Some(admin) = admin {
            tracing::info!(address = %admin.local_addr()?, "the dashboard and metrics");
            background.spawn(metrics::serve(admin, platform.clone()));
        }
        let stop = async move {
            first.next().await;
            tracing::info!("stopping: finishing the requests under way");
        };
        let (cache, beating) = (platform.cache.clone(), CancellationToken::new());
        let still = beating.clone();
        let counting = tokio::spawn(metrics::keep(platform.clone(), beating.clone()));
        let heart = tokio::spawn(async move { cache.keep_beating(still).await });
        let drain = platform.config.drain;
        let impatient = async {
            second.next().await;
            second.next().await;
        };
        let finished = tokio::select! {
            finished = http::serve(listener, service, &platform, stop, drain) => finished,
            () = impatient => false,
        };
        if !finished {
            tracing::warn!("requests were still under way and were cut off");
        }
        drop(background);
        beating.cancel();
        let _ = heart.await;
        let _ = counting.await;
        platform.database.close();
        ground.leave().await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Backups by themselves, and what `/health` says of them, for as long as the answer lives.
fn keep_backups(platform: &Platform, ground: &Ground) -> JoinSet<()> {
    let mut background = JoinSet::new();
    let backups =
        match Backups::new(&platform.config, platform.clock.clone(), platform.version, platform.commit) {
            Ok(backups) => backups,
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "no backups are made");
                return background;
            }
        };
    if platform.config.backup.scheduled {
        match ground.backup(&platform.config) {
            Ok(server) => {
                background.spawn(schedule::keep(backups.clone(), server, platform.backup.clone()));
            }
            Err(error) => tracing::error!(error = format!("{error:#}"), "no backups are made"),
        }
    }
    background.spawn(platform.backup.clone().keep_looking(backups));
    background
}

/// What tells the program to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
