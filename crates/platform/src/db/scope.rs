//! The doors to rows. A handler's signature says whose rows and who may call: `Read`, `Write<Manager>`, `Operator`.
//!
//! A scope costs no round trip: `BEGIN` and `SET LOCAL app.tenant_id` are sent, not awaited, and travel with the first
//! statement. A `Read` is read-only in the database too; a `Write` is committed when its handler succeeds.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock};

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use jiff::Timestamp;
use jiff::civil::Date;
use queries::client::Params;
use queries::queries::operator_actions;
use serde::Serialize;
use tracing::Instrument;
use uuid::Uuid;

use super::transaction::{Leased, Stats, Tx, client_through};
use crate::cache::{Notes, Tables};
use crate::config::OperatorSecondFactor;
use crate::fairness::{Flow, Work};
use crate::idempotency::{self, Outcome, Principal};
use crate::problem::{Problem, Result};
use crate::request_id::RequestId;
use crate::session::{Caller, Identity, Role, Token};
use crate::tenant::Tenant;
use crate::{Platform, clock, id, openapi};

/// One resort's rows, at one moment, for one caller.
pub struct Scope {
    tx: Tx,
    pub tenant: Arc<Tenant>,
    caller: Option<Caller>,
    may_write: bool,
    now: Timestamp,
}

client_through!(Scope);

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

    /// Makes the changes last before the handler answers: for a refusal that leaves a trace, such as a failed login. An
    /// idempotency key is given back: nothing is kept for a repeat.
    ///
    /// # Errors
    /// When the database could not commit; nothing was changed then.
    pub async fn commit(&self) -> Result<()> {
        self.tx.commit_early().await
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
    Tenant(Arc<Scope>),
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
        Open::Tenant(scope) => scope.tx.commit_with(response).await,
        Open::Platform(scope) => {
            scope.must_be_recorded()?;
            scope.tx.commit_with(response).await
        }
    }
}

/// Claims the request's idempotency key for `principal`.
///
/// # Errors
/// The answer kept from the first time the same request was made, or a refusal.
async fn claim(
    tx: &Tx,
    principal: Principal,
    now: Timestamp,
    parts: &Parts,
    platform: &Platform,
) -> Result<(), Response> {
    match idempotency::claim(tx, principal, now, &platform.keys, parts).await {
        Ok(Outcome::Unkeyed) => Ok(()),
        Ok(Outcome::First(claim)) => {
            tx.claimed(claim);
            Ok(())
        }
        Ok(Outcome::Repeat(response)) => Err(response),
        Err(problem) => Err(problem.into_response()),
    }
}

/// Refuses whoever may not pass.
pub(super) fn permitted<P: Permission>(parts: &Parts) -> Result<&Identity> {
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
    Ok(identity)
}

async fn enter<P: Permission>(parts: &Parts, platform: &Platform, may_write: bool) -> Result<Scope> {
    let identity = permitted::<P>(parts)?;
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
    let of_resort = || parts.extensions.get::<Identity>().map_or(Flow::PLATFORM, |who| Flow::of(&who.tenant));
    let flow = parts.extensions.get::<Flow>().copied().unwrap_or_else(of_resort);
    if !parts.method.is_safe() {
        stats.wait(platform.cache.until_writable()).await;
    }
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
        // Where anyone may come there are no keys, whether somebody is signed in or not.
        if let Some(caller) = scope.caller.filter(|_| P::LEAST.is_some()) {
            let principal = Principal::Staff { tenant_id: scope.tenant.id, staff_id: caller.staff_id };
            claim(&scope.tx, principal, scope.now, parts, platform).await?;
        }
        let scope = Arc::new(scope);
        leave(parts, Open::Tenant(scope.clone()));
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
    actor: Actor,
}

/// Who changes the platform's own tables.
enum Actor {
    /// A command on the server, by its name.
    Command(String),
    /// Whoever sends the request with this id; the operator, once it is known which one.
    Request(Arc<str>, OnceLock<Uuid>),
}

client_through!(PlatformScope);

impl PlatformScope {
    pub(super) fn begin(leased: Leased, name: &str, now: Timestamp) -> Self {
        Self { tx: Tx::begin(leased, "READ WRITE", name), now, actor: Actor::Command(name.to_owned()) }
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// From here on changes are recorded as made by `operator`, where a request makes them.
    pub fn act_for(&self, operator: Uuid) {
        if let Actor::Request(_, actor) = &self.actor {
            let _ = actor.set(operator);
        }
    }

    /// From here on the transaction also sees `tenant`'s rows, and only that tenant's.
    pub fn enter(&self, tenant: Uuid) {
        self.tx.enter(tenant);
    }

    /// Records a change, to be committed together with it. `action` begins with the kind of its subject, as in `tenant.suspend`;
    /// `before` and `after` are what the API shows of the subject, without secrets.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn record<T: Serialize>(
        &self,
        action: &str,
        subject_id: Uuid,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Result<()> {
        let (operator_id, command, request_id) = match &self.actor {
            Actor::Command(name) => (None, Some(name.as_str()), None),
            Actor::Request(id, operator) => (operator.get().copied(), None, Some(&**id)),
        };
        let text = |value: Option<&T>| value.map(serde_json::to_string).transpose();
        let (before, after) = (text(before)?, text(after)?);
        operator_actions::insert()
            .params(
                self,
                &operator_actions::InsertParams {
                    id: id::fresh(self.now),
                    at: self.now,
                    operator_id,
                    command: command.as_ref(),
                    request_id: request_id.as_ref(),
                    action: &action,
                    subject_id,
                    before: before.as_ref(),
                    after: after.as_ref(),
                },
            )
            .await?;
        Ok(())
    }

    /// Makes the changes last: at the end of a command, or before a refusal that leaves a trace. An idempotency key is given back:
    /// nothing is kept for a repeat.
    ///
    /// # Errors
    /// 500 when something other than sessions was changed and not [recorded](Self::record), or when the database could not commit;
    /// nothing was changed then.
    pub async fn commit(&self) -> Result<()> {
        self.must_be_recorded()?;
        self.tx.commit_early().await
    }

    fn must_be_recorded(&self) -> Result<()> {
        const UNRECORDED: Tables =
            Tables::named("operator_sessions").and(Tables::named("operator_idempotency_keys"));
        const RECORD: Tables = Tables::named("operator_actions");
        let changed = self.tx.changed();
        if changed.and(UNRECORDED) != UNRECORDED && !changed.meets(RECORD) {
            return Err(Problem::internal("a change of the platform's tables was not recorded"));
        }
        Ok(())
    }
}

async fn open_platform(parts: &Parts, platform: &Platform) -> Result<PlatformScope> {
    let now = platform.clock.now();
    let request_id = parts.extensions.get::<RequestId>().map_or_else(|| "".into(), |id| id.0.clone());
    let actor = Actor::Request(request_id, OnceLock::new());
    Ok(PlatformScope { tx: open(parts, platform, "READ WRITE").await?, now, actor })
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

client_through!(Operator);

impl FromRequestParts<Platform> for Operator {
    /// A refusal, or the answer kept from the first time the same request was made.
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Response> {
        let operator = Self::identify(parts, platform).await.map_err(IntoResponse::into_response)?;
        let (scope, principal) = (&operator.scope, Principal::Operator(operator.operator_id));
        claim(&scope.tx, principal, scope.now, parts, platform).await?;
        operator.leave(parts);
        Ok(operator)
    }
}

impl Operator {
    /// Finds who is asking, and refuses one without a second factor where it is required; nothing is committed for whoever
    /// calls only this.
    pub(super) async fn identify(parts: &Parts, platform: &Platform) -> Result<Self> {
        let (operator, has_second_factor) = Self::find(parts, platform).await?;
        if platform.config.operator_second_factor == OperatorSecondFactor::Required && !has_second_factor {
            return Err(Problem::second_factor_missing());
        }
        Ok(operator)
    }

    /// Finds who is asking, and whether a second factor was proven in the session.
    pub(super) async fn find(parts: &Parts, platform: &Platform) -> Result<(Self, bool)> {
        let (token, instead) =
            Token::shown(&platform.config, &parts.method, &parts.headers, &parts.extensions)?.read();
        let token = token.ok_or_else(|| Problem::unauthenticated(instead))?;
        let token_hash = token.hash();
        let scope = open_platform(parts, platform).await?;
        let session = queries::queries::sessions::identify_operator()
            .params(
                &scope,
                &queries::queries::sessions::IdentifyOperatorParams {
                    token_hash: token_hash.as_slice(),
                    now: scope.now(),
                },
            )
            .opt()
            .await?
            .ok_or_else(|| Problem::unauthenticated("your session has ended: sign in again"))?;
        let operator_id = session.id;
        tracing::Span::current().record("operator.id", tracing::field::display(operator_id));
        scope.act_for(operator_id);
        Ok((Operator { scope: Arc::new(scope), operator_id, token_hash }, session.second_factor))
    }

    /// Has what is changed here committed when the handler succeeds.
    pub(super) fn leave(&self, parts: &Parts) {
        leave(parts, Open::Platform(self.scope.clone()));
    }
}

impl OperationInput for Operator {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        openapi::requires(operation, "OPERATOR");
        openapi::refuses(operation, &[404, 409]);
        idempotency::document(ctx, operation);
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

client_through!(Lobby);

impl FromRequestParts<Platform> for Lobby {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        let lobby = Self::begin(parts, platform).await?;
        leave(parts, Open::Platform(lobby.scope.clone()));
        Ok(lobby)
    }
}

impl Lobby {
    /// Nothing is committed for whoever calls only this.
    pub(super) async fn begin(parts: &Parts, platform: &Platform) -> Result<Self> {
        Ok(Lobby { scope: Arc::new(open_platform(parts, platform).await?) })
    }
}

impl OperationInput for Lobby {}
