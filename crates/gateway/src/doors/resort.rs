//! The doors to one resort's rows. A handler's signature says whose rows and who may call: `Read`, `Write<Manager>`.
//!
//! A scope costs no round trip: `BEGIN` and `SET LOCAL app.tenant_id` are sent, not awaited, and travel with the first
//! statement. A `Read` is read-only in the database too; a `Write` is committed when its handler succeeds.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use base::clock;
use base::problem::{Problem, Result};
use base::tenant::Tenant;
use http::request::Parts;
use jiff::Timestamp;
use jiff::civil::Date;
use store::client_through;

use super::request::{RequestTx, at_the_end, open};
use crate::describe;
use crate::idempotency::{self, Principal};
use crate::identity::{Caller, Identity, Role};
use crate::state::Platform;

/// One resort's rows, at one moment, for one caller.
pub struct Scope {
    tx: RequestTx,
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

    /// Today in the resort's time zone.
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
    tx.notes.least(Role::rank(P::LEAST));
    tx.enter(identity.tenant.id);
    Ok(Scope { tx, tenant: identity.tenant.clone(), caller: identity.caller, may_write, now })
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
            scope.tx.claim(principal, scope.now, parts, platform).await?;
        }
        let scope = Arc::new(scope);
        let open = scope.clone();
        at_the_end(parts, |response| async move { open.tx.commit_with(response).await });
        Ok(Write { scope, permission: PhantomData })
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
        describe::refuses(operation, &[409]);
        if P::LEAST.is_some() {
            idempotency::document(ctx, operation);
        }
    }
}

fn document<P: Permission>(operation: &mut Operation) {
    describe::refuses(operation, &[404]);
    match P::LEAST {
        Some(least) => describe::requires(operation, least.into()),
        None => describe::refuses(operation, &[403]),
    }
}

client_through!(Read<P>, [P: Permission]);
client_through!(Write<P>, [P: Permission]);
