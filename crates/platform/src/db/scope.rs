//! The doors to rows. A handler's signature says whose rows and who may call: `Read`, `Write<Manager>`, `Operator`.
//!
//! A scope costs no round trip: `BEGIN` and `SET LOCAL app.tenant_id` are sent, not awaited, and travel with the first
//! statement. A `Read` is read-only in the database too; a `Write` is committed when its handler succeeds.

use std::any::type_name;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use deadpool_postgres::Object;
use futures_util::FutureExt;
use http::request::Parts;
use jiff::Timestamp;
use jiff::civil::Date;
use queries::client::GenericClient;
use tokio_postgres::types::{BorrowToSql, ToSql};
use tokio_postgres::{Error, Row, RowStream, Statement, ToStatement};
use tracing::Instrument;
use uuid::Uuid;

use super::meter::Meter;
use crate::cache::{self, Cache, Notes, PLATFORM, Tables, Touch};
use crate::fairness::{Flow, Place, Work};
use crate::problem::{Problem, Result};
use crate::request_id::RequestId;
use crate::session::{Caller, Identity, Role, Token};
use crate::tenant::Tenant;
use crate::{Platform, clock, idempotency, openapi};

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
    pub(crate) fn tenant(&self) -> Option<&Arc<Tenant>> {
        self.tenant.get()
    }

    pub(crate) fn is_for(&self, tenant: &Arc<Tenant>) {
        let _ = self.tenant.set(tenant.clone());
    }

    /// How many statements were sent; opening and closing a transaction is not counted.
    pub fn statements(&self) -> u32 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The time spent waiting for the database, from a statement until its answer begins.
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

    pub(super) async fn wait<T>(&self, turn: impl Future<Output = T>) -> T {
        let start = Instant::now();
        let result = turn.await;
        let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waited.fetch_add(micros, Ordering::Relaxed);
        result
    }
}

/// A connection, and who wants to know what is done with it.
pub(super) struct Leased {
    pub(super) connection: Object,
    pub(super) stats: Arc<Stats>,
    pub(super) notes: Arc<Notes>,
    pub(super) cache: Cache,
    pub(super) place: Option<Place>,
    pub(super) meter: Arc<Meter>,
}

/// One transaction on one connection. Dropped before it is committed, it is rolled back; that is also what happens when a
/// client goes away in the middle of its request.
struct Tx {
    connection: Object,
    /// Given back after the connection, or when it only waits.
    place: Mutex<Option<Place>>,
    stats: Arc<Stats>,
    notes: Arc<Notes>,
    cache: Cache,
    meter: Arc<Meter>,
    /// The tables that its statements change, as bits, and the tenants it was scoped to meanwhile.
    changes: AtomicU64,
    tenants: Mutex<Vec<Uuid>>,
    over: AtomicBool,
}

impl Tx {
    /// Sends `BEGIN` without waiting: a failure shows with the first statement, which then fails too. The request's id
    /// goes along as the session's name, so that a slow statement in PostgreSQL's log names its request.
    fn begin(leased: Leased, mode: &str, request_id: &str) -> Self {
        let begin = format!("BEGIN {mode}; SET LOCAL application_name = 'tailtown {request_id}'");
        let _sent = leased.connection.batch_execute(&begin).now_or_never();
        Self::new(leased, false)
    }

    fn new(leased: Leased, over: bool) -> Self {
        let Leased { connection, stats, notes, cache, meter, place } = leased;
        let (changes, tenants) = Default::default();
        let over = AtomicBool::new(over);
        let place = Mutex::new(place);
        Self { connection, place, stats, notes, cache, meter, changes, tenants, over }
    }

    /// Alone in its own message, before any savepoint: so it reaches the shards of a cluster.
    fn enter(&self, tenant: Uuid) {
        let _sent =
            self.connection.batch_execute(&format!("SET LOCAL app.tenant_id = '{tenant}'")).now_or_never();
        if let Ok(mut tenants) = self.tenants.lock() {
            tenants.push(tenant);
        }
    }

    /// Commits, once those who hold copies of what changed have been told; see `cache`.
    async fn commit(&self) -> Result<()> {
        if self.over.load(Ordering::SeqCst) {
            return Ok(());
        }
        let changes = self.changes();
        let marks = if changes.is_empty() { None } else { self.cache.mark(&changes).await };
        if marks.is_none() && !changes.is_empty() {
            // That takes seconds, in which the database has nothing to do for it.
            drop(self.place.lock().unwrap_or_else(PoisonError::into_inner).take());
            self.cache.silence(self).await?;
        }
        self.over.store(true, Ordering::SeqCst);
        let committed = self.measure(self.connection.batch_execute("COMMIT")).await;
        let known = committed.as_ref().map_or_else(|error| error.code().is_some(), |()| true);
        match marks {
            Some(marks) if known => marks.settle().await,
            // Whether it was committed nobody knows: the marks stay until it must be over.
            _ => {}
        }
        Ok(committed?)
    }

    async fn measure<T>(&self, work: impl Future<Output = T>) -> T {
        let start = Instant::now();
        let result = work.await;
        let took = start.elapsed();
        self.stats.count(took);
        self.meter.statements.count(took);
        result
    }

    /// Counts a statement. What was prepared was noted then; a bare text might do anything.
    fn look_at<T: ?Sized>(&self) {
        self.cache.count_statement();
        if type_name::<T>() != type_name::<Statement>() {
            self.note(cache::touch(""));
        }
    }

    fn note(&self, touch: Touch) {
        self.notes.read(touch.reads);
        self.changes.fetch_or(touch.changes.bits(), Ordering::SeqCst);
    }

    /// What this transaction changes, by group of tables.
    fn changes(&self) -> Vec<(Uuid, Tables)> {
        let changes = Tables::from_bits(self.changes.load(Ordering::SeqCst));
        let tenants = self.tenants.lock().map(|tenants| tenants.clone()).unwrap_or_default();
        let of_tenants = tenants.into_iter().map(|tenant| (tenant, changes.of_tenant()));
        let all = std::iter::once((PLATFORM, changes.of_platform())).chain(of_tenants);
        all.filter(|(_, tables)| !tables.is_empty()).collect()
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if !self.over.load(Ordering::SeqCst) {
            let _sent = self.connection.batch_execute("ROLLBACK").now_or_never();
        }
    }
}

impl GenericClient for Tx {
    fn stmt_cache() -> bool {
        true
    }

    async fn prepare(&self, query: &str) -> Result<Statement, Error> {
        self.note(cache::touch(query));
        self.connection.prepare_cached(query).await
    }

    async fn execute<T>(&self, query: &T, params: &[&(dyn ToSql + Sync)]) -> Result<u64, Error>
    where
        T: ?Sized + ToStatement + Sync + Send,
    {
        self.look_at::<T>();
        self.measure(tokio_postgres::Client::execute(&self.connection, query, params)).await
    }

    async fn query_one<T>(&self, query: &T, params: &[&(dyn ToSql + Sync)]) -> Result<Row, Error>
    where
        T: ?Sized + ToStatement + Sync + Send,
    {
        self.look_at::<T>();
        self.measure(tokio_postgres::Client::query_one(&self.connection, query, params)).await
    }

    async fn query_opt<T>(&self, query: &T, params: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>, Error>
    where
        T: ?Sized + ToStatement + Sync + Send,
    {
        self.look_at::<T>();
        self.measure(tokio_postgres::Client::query_opt(&self.connection, query, params)).await
    }

    async fn query<T>(&self, query: &T, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error>
    where
        T: ?Sized + ToStatement + Sync + Send,
    {
        self.look_at::<T>();
        self.measure(tokio_postgres::Client::query(&self.connection, query, params)).await
    }

    async fn query_raw<T, I>(&self, query: &T, params: I) -> Result<RowStream, Error>
    where
        T: ?Sized + ToStatement + Sync + Send,
        I: IntoIterator + Sync + Send,
        I::IntoIter: ExactSizeIterator,
        I::Item: BorrowToSql,
    {
        self.look_at::<T>();
        self.measure(tokio_postgres::Client::query_raw(&self.connection, query, params)).await
    }
}

/// Lets a door be used as the client its statements take.
macro_rules! client_through {
    ($door:ty, [$($generics:tt)*]) => {
        impl<$($generics)*> GenericClient for $door {
            fn stmt_cache() -> bool {
                true
            }
            async fn prepare(&self, query: &str) -> Result<Statement, Error> {
                self.tx.prepare(query).await
            }
            async fn execute<T>(&self, query: &T, params: &[&(dyn ToSql + Sync)]) -> Result<u64, Error>
            where T: ?Sized + ToStatement + Sync + Send {
                self.tx.execute(query, params).await
            }
            async fn query_one<T>(&self, query: &T, params: &[&(dyn ToSql + Sync)]) -> Result<Row, Error>
            where T: ?Sized + ToStatement + Sync + Send {
                self.tx.query_one(query, params).await
            }
            async fn query_opt<T>(&self, query: &T, params: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>, Error>
            where T: ?Sized + ToStatement + Sync + Send {
                self.tx.query_opt(query, params).await
            }
            async fn query<T>(&self, query: &T, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error>
            where T: ?Sized + ToStatement + Sync + Send {
                self.tx.query(query, params).await
            }
            async fn query_raw<T, I>(&self, query: &T, params: I) -> Result<RowStream, Error>
            where
                T: ?Sized + ToStatement + Sync + Send,
                I: IntoIterator + Sync + Send,
                I::IntoIter: ExactSizeIterator,
                I::Item: BorrowToSql,
            {
                self.tx.query_raw(query, params).await
            }
        }
    };
}

/// A single statement outside any transaction and tenant.
pub struct Unscoped {
    tx: Tx,
}

impl Unscoped {
    pub(super) fn new(leased: Leased) -> Self {
        Self { tx: Tx::new(leased, true) }
    }
}

client_through!(Unscoped, []);

/// One resort's rows, at one moment, for one caller.
pub struct Scope {
    tx: Tx,
    pub tenant: Arc<Tenant>,
    caller: Option<Caller>,
    may_write: bool,
    now: Timestamp,
}

client_through!(Scope, []);

impl Scope {
    /// The member of staff who is asking.
    ///
    /// # Errors
    /// 401 where an operation is open to anyone and nobody signed in.
    pub fn caller(&self) -> Result<Caller> {
        self.tx.notes.caller();
        self.caller.ok_or_else(|| Problem::unauthenticated("sign in first"))
    }

    /// Whether rows may be changed, and hence locked.
    pub fn may_write(&self) -> bool {
        self.may_write
    }

    /// The moment this request is answered at. An answer that depends on it cannot be kept; one that depends on
    /// [`Self::today`] can, until midnight.
    pub fn now(&self) -> Timestamp {
        self.tx.notes.instant();
        self.now
    }

    /// The date on the resort's wall.
    pub fn today(&self) -> Date {
        self.tx.notes.day();
        clock::today(&self.tenant.timezone, self.now)
    }

    /// Makes the changes last before the handler answers: for a refusal that leaves a trace, such as a failed login.
    ///
    /// # Errors
    /// When the database could not commit; nothing was changed then.
    pub async fn commit(&self) -> Result<()> {
        self.tx.commit().await
    }
}

/// Who may pass a door.
pub trait Permission: Send + Sync + 'static {
    /// The least role; `None` lets in whoever comes.
    const LEAST: Option<Role>;
}

/// Whoever signed in at this resort.
pub struct Staff;
/// Managers and owners.
pub struct Manager;
/// Owners only.
pub struct Owner;
/// Whoever comes, signed in or not: for the login itself.
pub struct Anyone;

impl Permission for Staff {
    const LEAST: Option<Role> = Some(Role::Staff);
}
impl Permission for Manager {
    const LEAST: Option<Role> = Some(Role::Manager);
}
impl Permission for Owner {
    const LEAST: Option<Role> = Some(Role::Owner);
}
impl Permission for Anyone {
    const LEAST: Option<Role> = None;
}

/// One resort's rows to look at.
pub struct Read<P = Staff> {
    scope: Scope,
    permission: PhantomData<P>,
}

/// One resort's rows to change: all of it happens when the handler succeeds, nothing when it fails.
pub struct Write<P = Staff> {
    scope: Arc<Scope>,
    permission: PhantomData<P>,
}

impl<P> Deref for Read<P> {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}

impl<P> Deref for Write<P> {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}

/// Where a `Write` leaves its transaction for [`layer`] to end.
#[derive(Clone, Default)]
struct Slot(Arc<Mutex<Option<Open>>>);

enum Open {
    Tenant(Arc<Scope>, Option<idempotency::Claim>),
    Platform(Arc<PlatformScope>),
}

/// Ends the write a handler began: committed, together with the answer kept for a repeat, when the handler succeeded.
pub(crate) async fn layer(mut request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let slot = Slot::default();
    request.extensions_mut().insert(slot.clone());
    let response = next(request).await;
    let open = slot.0.lock().ok().and_then(|mut slot| slot.take());
    let Some(open) = open.filter(|_| response.status().is_success()) else { return response };
    // Its own task: a client that goes away now leaves a commit that is carried through, and no mark behind.
    let ended = tokio::spawn(end(open, response).in_current_span()).await;
    let ended = ended.unwrap_or_else(|error| Err(Problem::internal(error)));
    ended.unwrap_or_else(IntoResponse::into_response)
}

async fn end(open: Open, response: Response) -> Result<Response> {
    match open {
        Open::Tenant(scope, None) => scope.commit().await.map(|()| response),
        Open::Tenant(scope, Some(claim)) => {
            let response = idempotency::keep(&scope, &claim, response).await?;
            scope.commit().await.map(|()| response)
        }
        Open::Platform(scope) => scope.commit().await.map(|()| response),
    }
}

async fn enter<P: Permission>(parts: &Parts, platform: &Platform, may_write: bool) -> Result<Scope> {
    let extensions = &parts.extensions;
    let identity =
        extensions.get::<Identity>().ok_or_else(|| Problem::internal("a tenant's route without a tenant"))?;
    if let Some(least) = P::LEAST {
        let caller = identity.caller.ok_or_else(|| Problem::unauthenticated(identity.instead))?;
        if caller.role < least {
            let least: &'static str = least.into();
            return Err(Problem::forbidden(format!("this needs the role {least}: ask someone who has it")));
        }
    }
    let now = platform.clock.now();
    let tx = open(parts, platform, if may_write { "READ WRITE" } else { "READ ONLY" }).await?;
    tx.notes.least(P::LEAST);
    tx.enter(identity.tenant.id);
    Ok(Scope { tx, tenant: identity.tenant.clone(), caller: identity.caller, may_write, now })
}

async fn open(parts: &Parts, platform: &Platform, mode: &str) -> Result<Tx> {
    let stats = parts.extensions.get::<Arc<Stats>>().cloned().unwrap_or_default();
    let request_id = parts.extensions.get::<RequestId>().map_or("", |id| &id.0);
    let notes = parts.extensions.get::<Arc<Notes>>().cloned().unwrap_or_default();
    let work = parts.extensions.get::<Work>().copied().unwrap_or_default();
    let flow = parts.extensions.get::<Identity>().map_or(Flow::PLATFORM, |who| Flow::of(&who.tenant));
    let place = stats.wait(platform.database.line().place(flow, work)).await?;
    let leased = platform.database.lease(stats, notes, Some(place)).await?;
    Ok(Tx::begin(leased, mode, request_id))
}

impl<P: Permission> FromRequestParts<Platform> for Read<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        let scope = enter::<P>(parts, platform, false).await?;
        Ok(Read { scope, permission: PhantomData })
    }
}

impl<P: Permission> FromRequestParts<Platform> for Write<P> {
    /// A refusal, or the answer kept from the first time the same request was made.
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Response> {
        let scope = enter::<P>(parts, platform, true).await.map_err(IntoResponse::into_response)?;
        let claim = match idempotency::claim(&scope, parts).await.map_err(IntoResponse::into_response)? {
            idempotency::Outcome::Repeat(response) => return Err(response),
            idempotency::Outcome::First(claim) => Some(claim),
            idempotency::Outcome::Unkeyed => None,
        };
        let scope = Arc::new(scope);
        leave(parts, Open::Tenant(scope.clone(), claim));
        Ok(Write { scope, permission: PhantomData })
    }
}

fn leave(parts: &Parts, open: Open) {
    if let Some(mut slot) = parts.extensions.get::<Slot>().and_then(|slot| slot.0.lock().ok()) {
        *slot = Some(open);
    }
}

impl<P: Permission> OperationInput for Read<P> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        document::<P>(operation);
    }
}

impl<P: Permission> OperationInput for Write<P> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        document::<P>(operation);
        openapi::refuses(operation, &[409]);
        if P::LEAST.is_some() {
            idempotency::document(ctx, operation);
        }
    }
}

fn document<P: Permission>(operation: &mut Operation) {
    openapi::refuses(operation, &[404]);
    match P::LEAST {
        Some(least) => openapi::requires(operation, least.into()),
        None => openapi::refuses(operation, &[403]),
    }
}

client_through!(Read<P>, [P: Permission]);
client_through!(Write<P>, [P: Permission]);

/// The platform's own tables, outside any resort until one is entered.
pub struct PlatformScope {
    tx: Tx,
    now: Timestamp,
}

client_through!(PlatformScope, []);

impl PlatformScope {
    pub(super) fn begin(leased: Leased, name: &str, now: Timestamp) -> Self {
        Self { tx: Tx::begin(leased, "READ WRITE", name), now }
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// From here on the transaction also sees `tenant`'s rows, and only that tenant's.
    pub fn enter(&self, tenant: Uuid) {
        self.tx.enter(tenant);
    }

    /// Makes the changes last: at the end of a command, or before a refusal that leaves a trace, such as a failed login.
    ///
    /// # Errors
    /// When the database could not commit; nothing was changed then.
    pub async fn commit(&self) -> Result<()> {
        self.tx.commit().await
    }
}

async fn open_platform(parts: &Parts, platform: &Platform) -> Result<PlatformScope> {
    let now = platform.clock.now();
    Ok(PlatformScope { tx: open(parts, platform, "READ WRITE").await?, now })
}

/// The platform's own tables, for a signed-in operator. Committed when the handler succeeds.
pub struct Operator {
    scope: Arc<PlatformScope>,
    pub operator_id: Uuid,
    pub token_hash: [u8; 32],
}

impl Deref for Operator {
    type Target = PlatformScope;

    fn deref(&self) -> &PlatformScope {
        &self.scope
    }
}

client_through!(Operator, []);

impl FromRequestParts<Platform> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        let (token, instead) = Token::shown(&parts.method, &parts.headers)?.read();
        let token = token.ok_or_else(|| Problem::unauthenticated(instead))?;
        let token_hash = token.hash();
        let scope = open_platform(parts, platform).await?;
        let operator_id = queries::queries::sessions::identify_operator()
            .bind(&scope, &token_hash.as_slice(), &scope.now())
            .opt()
            .await?
            .ok_or_else(|| Problem::unauthenticated("your session has ended: sign in again"))?;
        tracing::Span::current().record("operator.id", tracing::field::display(operator_id));
        let scope = Arc::new(scope);
        leave(parts, Open::Platform(scope.clone()));
        Ok(Operator { scope, operator_id, token_hash })
    }
}

impl OperationInput for Operator {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        openapi::requires(operation, "OPERATOR");
        openapi::refuses(operation, &[404, 409]);
    }
}

/// The platform's own tables for whoever comes: the operators' login.
pub struct Lobby {
    scope: Arc<PlatformScope>,
}

impl Deref for Lobby {
    type Target = PlatformScope;

    fn deref(&self) -> &PlatformScope {
        &self.scope
    }
}

client_through!(Lobby, []);

impl FromRequestParts<Platform> for Lobby {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        let scope = Arc::new(open_platform(parts, platform).await?);
        leave(parts, Open::Platform(scope.clone()));
        Ok(Lobby { scope })
    }
}

impl OperationInput for Lobby {}
