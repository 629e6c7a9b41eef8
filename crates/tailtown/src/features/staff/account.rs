//! The account behind a login: looked up, locked, and proven again within a session.

use std::sync::Arc;

use axum::response::Response;
use base::problem::{Problem, Result};
use base::tenant::Tenant;
use gateway::doors::{Later, Read, Scope, Write};
use gateway::identity::Caller;
use gateway::second_factor::{Accepted, Factor, Holder};
use gateway::sign_in::{self, Account, Attempt, CodeGuess, CurrentPassword, Guess};
use queries::client::Params;
use queries::queries::staff as sql;
use uuid::Uuid;

/// The caller's own account, as it was before the password was checked.
pub(super) struct Own {
    pub(super) tenant: Arc<Tenant>,
    pub(super) caller: Caller,
    pub(super) email: String,
    pub(super) account: Account,
}

impl Own {
    pub(super) async fn look_up(rows: &Later<Read>) -> Result<Self> {
        let read = rows.glance().await?;
        let (tenant, caller) = (read.tenant.clone(), read.caller()?);
        let (email, account) = sql::find_account_by_id()
            .params(&read, &sql::FindAccountByIdParams { tenant_id: tenant.id, id: caller.staff_id })
            .map(|row| (row.email.to_owned(), account(row)))
            .one()
            .await?;
        Ok(Self { tenant, caller, email, account })
    }

    pub(super) fn holder(&self) -> Holder {
        Holder { tenant: self.tenant.id, account: self.account.id }
    }

    /// Checks the current password. The last wrong one ends the session.
    ///
    /// # Errors
    /// 422 when it is wrong, 401 when the session has ended, 429.
    pub(super) async fn prove(
        &self,
        current: &CurrentPassword,
        changes: &Later<Write>,
        password: &str,
    ) -> Result<Attempt, Response> {
        match current.guess(&self.account, &self.caller.token_hash, password).await? {
            Guess::Right(attempt) => Ok(attempt),
            Guess::Wrong => Err(Problem::invalid("currentPassword", "is not your password").into()),
            Guess::LastWrong => Err(self.end_session(&*changes.open().await?).await?.into()),
        }
    }

    /// The same for a code.
    ///
    /// # Errors
    /// 422 when it is wrong, 401 when the session has ended.
    pub(super) async fn accepted(
        &self,
        guess: CodeGuess,
        changes: &Later<Write>,
    ) -> Result<Accepted, Response> {
        match guess {
            CodeGuess::Right(accepted) => Ok(accepted),
            CodeGuess::Wrong => Err(sign_in::invalid_code().into()),
            CodeGuess::LastWrong => Err(self.end_session(&*changes.open().await?).await?.into()),
        }
    }

    /// Ends the session, though the request is refused.
    async fn end_session(&self, scope: &Scope) -> Result<Problem> {
        sql::delete_session()
            .params(
                scope,
                &sql::DeleteSessionParams {
                    tenant_id: self.tenant.id,
                    token_hash: self.caller.token_hash.as_slice(),
                },
            )
            .await?;
        scope.commit().await?;
        Ok(sign_in::ended_by_guesses())
    }

    /// Locks the account.
    ///
    /// # Errors
    /// 409 when it is not the one that was proven any more.
    pub(super) async fn lock(&self, scope: &Scope) -> Result<()> {
        let current = lock(scope, &self.account.id).await?;
        if !current.is_some_and(|current| current.is_still(&self.account)) {
            return Err(Problem::conflict("your account was changed meanwhile: sign in again"));
        }
        Ok(())
    }

    pub(super) async fn delete_other_sessions(&self, scope: &Scope) -> Result<()> {
        let (tenant, session) = (&self.tenant.id, self.caller.token_hash.as_slice());
        sql::delete_other_sessions()
            .params(
                scope,
                &sql::DeleteOtherSessionsParams {
                    tenant_id: *tenant,
                    staff_id: self.account.id,
                    token_hash: &session,
                },
            )
            .await?;
        Ok(())
    }
}

/// The account with this id, locked; `None` when there is none.
pub(super) async fn lock(scope: &Scope, id: &Uuid) -> Result<Option<Account>> {
    let tenant_id = scope.tenant.id;
    sql::lock_account().params(scope, &sql::LockAccountParams { tenant_id, id: *id }).opt().await?;
    Ok(sql::find_account_by_id()
        .params(scope, &sql::FindAccountByIdParams { tenant_id, id: *id })
        .map(account)
        .opt()
        .await?)
}

/// Deletes a recovery code that was accepted for the locked account, so that it is used once.
///
/// # Errors
/// 401 when another request used it first.
pub(super) async fn use_up(scope: &Scope, id: &Uuid, code: Option<Accepted>) -> Result<()> {
    if let Some(Accepted::Recovery(hash)) = code
        && sql::use_recovery_code()
            .params(
                scope,
                &sql::UseRecoveryCodeParams {
                    code: hash.as_slice(),
                    tenant_id: scope.tenant.id,
                    staff_id: *id,
                },
            )
            .await?
            == 0
    {
        return Err(sign_in::wrong_code());
    }
    Ok(())
}

pub(super) fn account(row: sql::AccountBorrowed<'_>) -> Account {
    Account {
        id: row.id,
        password_hash: row.password_hash.into(),
        is_active: row.is_active,
        factor: Factor::stored(row.sealed_secret, row.recovery_codes),
    }
}
