//! The pool of database connections.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use base::problem::{Problem, Result};
use database::connect::{ConnectError, Server};
use deadpool::managed::QueueMode;
use deadpool_postgres::{
    Connect, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType, Timeouts,
};
use futures_util::future::BoxFuture;
use prometheus_client::registry::Registry;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::habits::Habits;
use crate::meter::{Meter, Metered};
use crate::notes::Notes;
use crate::sign_in_check::SignInCheck;
use crate::transaction::{Held, JobScope, Leased, Stats, Unscoped};
use crate::url::Address;
use crate::versions::Versions;

/// The program's connections to PostgreSQL, as a role that cannot pass row-level security.
#[derive(Clone)]
pub struct Database {
    pub(crate) pool: Pool,
    pub(crate) address: Arc<Address>,
    pub(crate) versions: Versions,
    meter: Arc<Meter>,
    /// What was usual before this program.
    pub(crate) before: Arc<OnceLock<Habits>>,
    pub(crate) sign_ins: Arc<SignInCheck>,
}

/// Opens the pool's connections.
struct Opener(Server);

impl Connect for Opener {
    fn connect(&self, _: &tokio_postgres::Config) -> BoxFuture<'_, Opened> {
        Box::pin(self.0.open())
    }
}

type Opened = std::result::Result<(tokio_postgres::Client, JoinHandle<()>), tokio_postgres::Error>;

/// Connections that no request gets.
const RESERVE: usize = 2;

/// How long a statement may run, and how long a transaction may sit idle, before the server ends it.
#[derive(Clone, Copy, Debug)]
pub struct ServerTimeouts {
    pub statement: Duration,
    pub idle_in_transaction: Duration,
}

impl Database {
    /// A pool that connects when first asked.
    ///
    /// # Errors
    /// When the pool cannot be built.
    pub fn new(address: &Address, timeouts: ServerTimeouts, versions: Versions) -> anyhow::Result<Self> {
        let mut server = address.server.clone();
        server.connect_timeout(address.connect_timeout);
        // No search path: a statement names its schema, so nothing can slip a table of the same name in before it.
        // What a desk asks for is in memory, in the order of an index, and small: with the defaults the planner sorts all of
        // a tenant's rows to return twenty, and plans again what costs more to plan than to run.
        server.options(format!(
            "-c search_path= -c random_page_cost=1.1 -c plan_cache_mode=force_generic_plan -c jit=off -c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={} -c default_transaction_isolation=read\\ committed",
            timeouts.statement.as_millis(),
            timeouts.statement.as_millis() / 2,
            timeouts.idle_in_transaction.as_millis(),
        ));
        if server.get_application_name().is_none() {
            server.application_name("tailtown");
        }
        let sign_ins = Arc::new(SignInCheck::new(server.clone()));
        let manager = deadpool_postgres::Manager::from_connect(
            (*server).clone(),
            Opener(server),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let pool = Pool::builder(manager)
            .max_size(address.connection_limit)
            // Few servers that are warm rather than many that take turns.
            .queue_mode(QueueMode::Lifo)
            .timeouts(Timeouts {
                wait: Some(address.pool_timeout),
                create: Some(address.connect_timeout),
                recycle: None,
            })
            .runtime(Runtime::Tokio1)
            .build()?;
        let (meter, before) = (Arc::new(Meter::new(timeouts.statement)), Arc::default());
        let address = Arc::new(address.clone());
        Ok(Self { pool, address, versions, meter, before, sign_ins })
    }

    /// How many requests may hold a connection at a time: the rest is nobody's, so that whether all is well can be asked however
    /// long the queue is.
    pub fn places(&self) -> usize {
        let limit = self.address.connection_limit;
        limit - (limit / 4).min(RESERVE)
    }

    /// How long a request may wait for its turn.
    pub fn pool_timeout(&self) -> Duration {
        self.address.pool_timeout
    }

    /// # Errors
    /// 503 when no connection is to be had within the pool's timeout.
    pub async fn connection(&self) -> Result<Object> {
        let start = Instant::now();
        let connection = self.pool.get().await;
        self.meter.waits.count(start.elapsed());
        connection.map_err(|error| {
            if let PoolError::Timeout(TimeoutType::Wait) = error {
                self.meter.timeouts.inc();
                let seconds = u32::try_from(self.address.pool_timeout.as_secs()).unwrap_or(u32::MAX).max(1);
                return Problem::unavailable(
                    "every connection to the database is in use: try again in a moment",
                    seconds,
                );
            }
            self.meter.failures.inc();
            if let Some(fault) = self.fault() {
                return Problem::unavailable(fault.reason, 1).caused_by(error);
            }
            let Address { server, connect_timeout, .. } = &*self.address;
            match error {
                PoolError::Backend(error) => ConnectError::new(server, &error).into(),
                PoolError::Timeout(_) => ConnectError::timed_out(server, *connect_timeout).into(),
                error => Problem::unavailable("the database cannot be reached: try again in a moment", 1)
                    .caused_by(error),
            }
        })
    }

    /// A connection outside any tenant: it sees the platform's tables and, by row-level security, no tenant's.
    ///
    /// # Errors
    /// 503 when no connection is to be had within the pool's timeout.
    pub async fn unscoped(&self, stats: Arc<Stats>) -> Result<Unscoped> {
        Ok(Unscoped::new(self.lease(stats, Arc::default(), None).await?))
    }

    /// The same for a request whose turn it is: it holds its `place` for as long.
    ///
    /// # Errors
    /// 503 when no connection is to be had.
    pub async fn unscoped_at(&self, place: Held, stats: Arc<Stats>) -> Result<Unscoped> {
        Ok(Unscoped::new(self.lease(stats, Arc::default(), Some(place)).await?))
    }

    /// A connection for a transaction.
    ///
    /// # Errors
    /// 503 when no connection is to be had.
    pub async fn lease(&self, stats: Arc<Stats>, notes: Arc<Notes>, place: Option<Held>) -> Result<Leased> {
        let connection = self.connection().await?;
        Ok(Leased {
            connection,
            stats,
            notes,
            versions: self.versions.clone(),
            meter: self.meter.clone(),
            place,
        })
    }

    /// A transaction on one resort's rows for a job of the program's own, as a role that sees only them.
    ///
    /// # Errors
    /// 503 when no connection is to be had.
    pub async fn job_scope(&self, tenant: Uuid, job: &str) -> Result<JobScope> {
        Ok(JobScope::begin(self.lease(Arc::default(), Arc::default(), None).await?, tenant, job))
    }

    /// Whether the schema is the one the program was built for.
    ///
    /// # Errors
    /// 503 when the database cannot be reached.
    pub async fn verify_schema(
        &self,
        migrations: &[database::migrate::Migration],
    ) -> Result<Result<(), database::migrate::Mismatch>> {
        let connection = self.connection().await?;
        Ok(database::migrate::verify(&connection, migrations).await)
    }

    pub fn metered(&self) -> Metered {
        self.meter.metered(self.pool.status())
    }

    /// Adds what is counted here to what Prometheus is told.
    pub fn register(&self, registry: &mut Registry) {
        self.meter.register(registry, &self.pool);
    }

    /// # Errors
    /// 503 when the database does not answer.
    pub async fn ping(&self) -> Result<()> {
        self.connection().await?.simple_query("select 1").await?;
        Ok(())
    }

    /// Gives connections up until so many are left, one after the other: a process of the server that ends keeps a processor
    /// for a millisecond or more, and another program is at work.
    pub async fn shrink(&self, left: usize) {
        const APART: Duration = Duration::from_millis(60);
        for size in (left..self.pool.status().size).rev() {
            tokio::time::sleep(APART).await;
            self.pool.resize(size);
        }
        tokio::time::sleep(APART).await;
    }

    pub fn close(&self) {
        self.pool.close();
    }
}
