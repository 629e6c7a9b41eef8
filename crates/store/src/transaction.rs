//! One transaction on one connection: what it sends without waiting, what it counts, and whom it tells before it commits.

use std::any::Any;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use base::problem::{Problem, Result};
use base::tenant::Tenant;
use deadpool_postgres::Object;
use futures_util::FutureExt;
use queries::client::{Connection, GenericClient};
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};
use uuid::Uuid;

use crate::generations::PLATFORM;
use crate::meter::Meter;
use crate::notes::Notes;
use crate::tables::{self, Tables};
use crate::versions::Versions;

/// What a request asked of the database, and for whom.
#[derive(Debug, Default)]
pub struct Stats {
    tenant: OnceLock<Arc<Tenant>>,
    statements: AtomicU32,
    micros: AtomicU64,
    waited: AtomicU64,
}

impl Stats {
    /// The resort, once it is known.
    pub fn tenant(&self) -> Option<&Arc<Tenant>> {
        self.tenant.get()
    }

    pub fn is_for(&self, tenant: &Arc<Tenant>) {
        let _ = self.tenant.set(tenant.clone());
    }

    /// How many statements were sent; opening and closing a transaction is not counted.
    pub fn statements(&self) -> u32 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The time spent waiting for the database, from a statement until its whole answer.
    pub fn elapsed(&self) -> Duration {
        Duration::from_micros(self.micros.load(Ordering::Relaxed))
    }

    fn count(&self, took: Duration) {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The time spent waiting in line.
    pub fn waited(&self) -> Duration {
        Duration::from_micros(self.waited.load(Ordering::Relaxed))
    }

    pub async fn wait<T>(&self, turn: impl Future<Output = T>) -> T {
        let start = Instant::now();
        let result = turn.await;
        let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waited.fetch_add(micros, Ordering::Relaxed);
        result
    }
}

/// Something that is held for as long as a connection is used, such as a place in a queue.
pub type Held = Box<dyn Any + Send + Sync>;

/// A connection, and who wants to know what is done with it.
pub struct Leased {
    pub connection: Object,
    pub stats: Arc<Stats>,
    pub notes: Arc<Notes>,
    pub versions: Versions,
    pub place: Option<Held>,
    pub meter: Arc<Meter>,
}

/// A connection that is closed instead of given back when a statement on it was not answered.
struct Lent {
    connection: Option<Object>,
    unanswered: AtomicBool,
}

impl Lent {
    fn new(connection: Object) -> Self {
        Self { connection: Some(connection), unanswered: AtomicBool::new(false) }
    }
}

impl Deref for Lent {
    type Target = Object;

    fn deref(&self) -> &Object {
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("a connection is taken only when it is dropped"),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.unanswered.load(Ordering::SeqCst)
            && let Some(connection) = self.connection.take()
        {
            drop(Object::take(connection));
        }
    }
}

/// One transaction on one connection. Dropped before it is committed, it is rolled back; that is also what happens when a
/// client goes away in the middle of its request.
pub struct Tx {
    connection: Lent,
    /// Given back after the connection, or when it only waits.
    place: Mutex<Option<Held>>,
    stats: Arc<Stats>,
    pub notes: Arc<Notes>,
    versions: Versions,
    meter: Arc<Meter>,
    /// The tables that its statements change, as bits, and the tenants it was scoped to meanwhile.
    changes: AtomicU64,
    tenants: Mutex<Vec<Uuid>>,
    over: AtomicBool,
}

impl Tx {
    /// Sends `BEGIN` without waiting: a failure shows with the first statement, which then fails too. The request's id
    /// goes along as the session's name, so that a slow statement in PostgreSQL's log names its request.
    pub fn begin(leased: Leased, mode: &str, request_id: &str) -> Self {
        let begin = format!("BEGIN {mode}; SET LOCAL application_name = 'tailtown {request_id}'");
        let _sent = leased.connection.batch_execute(&begin).now_or_never();
        Self::new(leased, false)
    }

    fn new(leased: Leased, over: bool) -> Self {
        let Leased { connection, stats, notes, versions, meter, place } = leased;
        let (changes, tenants) = Default::default();
        let over = AtomicBool::new(over);
        let place = Mutex::new(place);
        let connection = Lent::new(connection);
        Self { connection, place, stats, notes, versions, meter, changes, tenants, over }
    }

    /// Alone in its own message, before any savepoint: so it reaches the shards of a cluster.
    pub fn enter(&self, tenant: Uuid) {
        let _sent =
            self.connection.batch_execute(&format!("SET LOCAL app.tenant_id = '{tenant}'")).now_or_never();
        if let Ok(mut tenants) = self.tenants.lock() {
            tenants.push(tenant);
        }
    }

    /// Commits, once those who hold copies of what changed have been told; see `versions.rs`.
    ///
    /// # Errors
    /// When the database could not commit; nothing was changed then, unless the answer says that nobody knows.
    pub async fn commit(&self) -> Result<()> {
        if self.over.load(Ordering::SeqCst) {
            return Ok(());
        }
        let changes = self.changes();
        let marks = if changes.is_empty() { None } else { self.versions.mark(&changes).await };
        if marks.is_none() && !changes.is_empty() {
            // That takes seconds, in which the database has nothing to do for it.
            drop(self.place.lock().unwrap_or_else(PoisonError::into_inner).take());
            self.versions.silence(self).await?;
        }
        self.over.store(true, Ordering::SeqCst);
        let committed = self.measure(self.connection.batch_execute("COMMIT")).await;
        match committed {
            Err(error) if error.code().is_none() => {
                // Whether it was committed nobody knows: the marks stay until it must be over.
                let detail = "the database did not answer, so it is not known whether this was saved: look before you repeat it, \
                              or repeat it with the same Idempotency-Key";
                Err(Problem::unavailable(detail, 1).caused_by(error))
            }
            committed => {
                if let Some(marks) = marks {
                    marks.settle().await;
                }
                Ok(committed?)
            }
        }
    }

    async fn measure<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let start = Instant::now();
        let result = self.bounded(work).await;
        let took = start.elapsed();
        self.stats.count(took);
        self.meter.statements.count(took);
        if let Err(error) = &result
            && error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION)
        {
            // Another statement of this transaction failed before this one, with the error that counts. Where both are waited
            // for together, that one is let go first: it is polled, whoever's turn it is, between these two.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        }
        result
    }

    /// Waits for an answer no longer than the server itself may take: one that hangs does not keep its own limits.
    async fn bounded<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        if let Ok(result) = timeout(self.meter.patience(), work).await {
            if result.as_ref().map_or_else(|error| error.code().is_some(), |_| true) {
                self.meter.answered();
            }
            return result;
        }
        self.connection.unanswered.store(true, Ordering::SeqCst);
        self.meter.unanswered();
        // As the blocking client of the same authors reports it; there is no public way to make one.
        Err(Error::__private_api_timeout())
    }

    /// The tables that this transaction changes.
    pub fn changed(&self) -> Tables {
        Tables::from_bits(self.changes.load(Ordering::SeqCst))
    }

    /// What this transaction changes, by group of tables.
    fn changes(&self) -> Vec<(Uuid, Tables)> {
        let changes = self.changed();
        let tenants = self.tenants.lock().map(|tenants| tenants.clone()).unwrap_or_default();
        let of_tenants = tenants.into_iter().map(|tenant| (tenant, changes.of_tenant()));
        let all = std::iter::once((PLATFORM, changes.of_platform())).chain(of_tenants);
        all.filter(|(_, tables)| !tables.is_empty()).collect()
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if !self.over.load(Ordering::SeqCst) && !self.connection.unanswered.load(Ordering::SeqCst) {
            let _sent = self.connection.batch_execute("ROLLBACK").now_or_never();
        }
    }
}

impl GenericClient for Tx {
    type Connection = Self;

    fn connection(&self) -> &Self {
        self
    }
}

impl Connection for Tx {
    async fn prepare(&self, query: &str) -> Result<Statement, Error> {
        self.versions.count_statement();
        let touch = tables::touch(query);
        self.notes.read(touch.reads);
        self.changes.fetch_or(touch.changes.bits(), Ordering::SeqCst);
        self.bounded(self.connection.prepare_cached(query)).await
    }

    async fn execute(&self, statement: &Statement, params: &[&(dyn ToSql + Sync)]) -> Result<u64, Error> {
        self.measure(self.connection.execute(statement, params)).await
    }

    async fn query_one(&self, statement: &Statement, params: &[&(dyn ToSql + Sync)]) -> Result<Row, Error> {
        self.measure(self.connection.query_one(statement, params)).await
    }

    async fn query_opt(
        &self,
        statement: &Statement,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, Error> {
        self.measure(self.connection.query_opt(statement, params)).await
    }

    async fn query(&self, statement: &Statement, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        self.measure(self.connection.query(statement, params)).await
    }
}

/// Lets what holds a transaction as its `tx` be used as the client that statements take.
#[macro_export]
macro_rules! client_through {
    ($holder:ty) => {
        $crate::client_through!($holder, []);
    };
    ($holder:ty, [$($generics:tt)*]) => {
        impl<$($generics)*> queries::client::GenericClient for $holder {
            type Connection = $crate::transaction::Tx;

            fn connection(&self) -> &$crate::transaction::Tx {
                &self.tx
            }
        }
    };
}

/// A single statement outside any transaction and tenant.
pub struct Unscoped {
    tx: Tx,
}

impl Unscoped {
    pub fn new(leased: Leased) -> Self {
        Self { tx: Tx::new(leased, true) }
    }
}

/// One resort's rows for a job of the program's own. Dropped before it is committed, it is rolled back.
pub struct JobScope {
    tx: Tx,
}

impl JobScope {
    pub fn begin(leased: Leased, tenant: Uuid, job: &str) -> Self {
        let tx = Tx::begin(leased, "READ WRITE", job);
        tx.enter(tenant);
        Self { tx }
    }

    /// # Errors
    /// When the database could not commit; nothing was changed then.
    pub async fn commit(&self) -> Result<()> {
        self.tx.commit().await
    }
}

client_through!(Unscoped);
client_through!(JobScope);
