//! The doors to the platform's own rows: for operators, for their login, and for commands.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use base::id;
use base::problem::{Problem, Result};
use http::request::Parts;
use jiff::Timestamp;
use queries::client::Params;
use queries::queries::operator_actions;
use serde::Serialize;
use store::client_through;
use store::pool::Database;
use store::tables::Tables;
use store::transaction::Tx;
use uuid::Uuid;

use super::request::{RequestTx, at_the_end, open};
use crate::describe;
use crate::idempotency::{self, Principal};
use crate::identity::Token;
use crate::request_id::RequestId;
use crate::settings::OperatorSecondFactor;
use crate::state::Platform;

/// The platform's own tables, outside any resort until one is entered.
pub struct PlatformScope {
    tx: RequestTx,
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
    /// A transaction on the platform's own tables for a command, which ends it with [`Self::commit`].
    ///
    /// # Errors
    /// 503 when no connection is to be had.
    pub async fn of_command(database: &Database, command: &str, now: Timestamp) -> Result<Self> {
        let leased = database.lease(Arc::default(), Arc::default(), None).await?;
        let tx = RequestTx::new(Tx::begin(leased, "READ WRITE", command));
        Ok(Self { tx, now, actor: Actor::Command(command.to_owned()) })
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

    fn commit_at_the_end(self: Arc<Self>, parts: &Parts) {
        at_the_end(parts, |response| async move {
            self.must_be_recorded()?;
            self.tx.commit_with(response).await
        });
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
        scope.tx.claim(principal, scope.now, parts, platform).await?;
        operator.leave(parts);
        Ok(operator)
    }
}

impl Operator {
    /// Finds who is asking, and refuses one without a second factor where it is required; nothing is committed for whoever
    /// calls only this.
    pub(super) async fn identify(parts: &Parts, platform: &Platform) -> Result<Self> {
        let (operator, has_second_factor) = Self::find(parts, platform).await?;
        if platform.settings.operator_second_factor == OperatorSecondFactor::Required && !has_second_factor {
            return Err(Problem::second_factor_missing());
        }
        Ok(operator)
    }

    /// Finds who is asking, and whether a second factor was proven in the session.
    pub(super) async fn find(parts: &Parts, platform: &Platform) -> Result<(Self, bool)> {
        let (token, instead) =
            Token::shown(&platform.settings, &parts.method, &parts.headers, &parts.extensions)?.read();
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
        self.scope.clone().commit_at_the_end(parts);
    }
}

impl OperationInput for Operator {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        describe::requires(operation, "OPERATOR");
        describe::refuses(operation, &[404, 409]);
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
        lobby.scope.clone().commit_at_the_end(parts);
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
