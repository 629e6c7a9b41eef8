//! The account behind an operator's login: looked up, locked, and proven again within a session.

use axum::response::Response;
use base::problem::{Problem, Result};
use gateway::doors::{Door, Glance, Later, Operator as Signed, OperatorInSetup, PlatformScope};
use gateway::second_factor::{Accepted, Factor, Holder};
use gateway::sign_in::{self, Account, Attempt, CodeGuess, CurrentPassword, Guess};
use queries::client::Params;
use queries::queries::operators as sql;
use uuid::Uuid;

/// A door at which the caller is signed in.
pub(super) trait SignedDoor: Door + Glance<Rejection: Into<Response>> {
    fn signed(&self) -> &Signed;
}

impl SignedDoor for Signed {
    fn signed(&self) -> &Signed {
        self
    }
}

impl SignedDoor for OperatorInSetup {
    fn signed(&self) -> &Signed {
        self
    }
}

/// The caller's own account, as it was before the password was checked.
pub(super) struct Own {
    pub(super) token_hash: [u8; 32],
    pub(super) email: String,
    pub(super) account: Account,
}

impl Own {
    pub(super) async fn look_up<D: SignedDoor>(rows: &Later<D>) -> Result<Self> {
        let door = rows.glance().await?;
        let signed = door.signed();
        let (email, account) = sql::find_account_by_id()
            .bind(&**signed, &signed.operator_id)
            .map(|row| (row.email.to_owned(), account(row)))
            .one()
            .await?;
        Ok(Self { token_hash: signed.token_hash, email, account })
    }

    pub(super) fn holder(&self) -> Holder {
        Holder { tenant: Uuid::nil(), account: self.account.id }
    }

    /// Checks the current password. The last wrong one ends the session.
    ///
    /// # Errors
    /// 422 when it is wrong, 401 when the session has ended, 429.
    pub(super) async fn prove<D: SignedDoor>(
        &self,
        current: &CurrentPassword,
        rows: &Later<D>,
        password: &str,
    ) -> Result<Attempt, Response> {
        match current.guess(&self.account, &self.token_hash, password).await? {
            Guess::Right(attempt) => Ok(attempt),
            Guess::Wrong => Err(Problem::invalid("currentPassword", "is not your password").into()),
            Guess::LastWrong => {
                let door = rows.open().await.map_err(Into::into)?;
                Err(self.end_session(door.signed()).await?.into())
            }
        }
    }

    /// The same for a code.
    ///
    /// # Errors
    /// 422 when it is wrong, 401 when the session has ended.
    pub(super) async fn accepted<D: SignedDoor>(
        &self,
        guess: CodeGuess,
        rows: &Later<D>,
    ) -> Result<Accepted, Response> {
        match guess {
            CodeGuess::Right(accepted) => Ok(accepted),
            CodeGuess::Wrong => Err(sign_in::invalid_code().into()),
            CodeGuess::LastWrong => {
                let door = rows.open().await.map_err(Into::into)?;
                Err(self.end_session(door.signed()).await?.into())
            }
        }
    }

    /// Ends the session, though the request is refused.
    async fn end_session(&self, scope: &PlatformScope) -> Result<Problem> {
        sql::delete_session().bind(scope, &self.token_hash.as_slice()).await?;
        scope.commit().await?;
        Ok(sign_in::ended_by_guesses())
    }

    /// Locks the account.
    ///
    /// # Errors
    /// 409 when it is not the one that was proven any more.
    pub(super) async fn lock(&self, scope: &PlatformScope) -> Result<()> {
        let current = lock(scope, &self.account.id).await?;
        if !current.is_some_and(|current| current.is_still(&self.account)) {
            return Err(Problem::conflict("your account was changed meanwhile: sign in again"));
        }
        Ok(())
    }

    pub(super) async fn delete_other_sessions(&self, scope: &PlatformScope) -> Result<()> {
        sql::delete_other_sessions()
            .params(
                scope,
                &sql::DeleteOtherSessionsParams {
                    operator_id: self.account.id,
                    token_hash: self.token_hash.as_slice(),
                },
            )
            .await?;
        Ok(())
    }
}

/// The account with this id, locked; `None` when there is none.
pub(super) async fn lock(scope: &PlatformScope, id: &Uuid) -> Result<Option<Account>> {
    sql::lock_account().bind(scope, id).opt().await?;
    Ok(sql::find_account_by_id().bind(scope, id).map(account).opt().await?)
}

/// Deletes a recovery code that was accepted for the locked account, so that it is used once, and records its use.
///
/// # Errors
/// 401 when another request used it first.
pub(super) async fn use_up(scope: &PlatformScope, id: &Uuid, code: Option<Accepted>) -> Result<()> {
    let Some(Accepted::Recovery(hash)) = code else { return Ok(()) };
    if sql::use_recovery_code()
        .params(scope, &sql::UseRecoveryCodeParams { code: hash.as_slice(), operator_id: *id })
        .await?
        == 0
    {
        return Err(sign_in::wrong_code());
    }
    scope.act_for(*id);
    scope.record("operator.use_recovery_code", *id, None::<&()>, None).await
}

pub(super) fn account(row: sql::AccountBorrowed<'_>) -> Account {
    Account {
        id: row.id,
        password_hash: row.password_hash.into(),
        is_active: row.is_active,
        factor: Factor::stored(row.sealed_secret, row.recovery_codes),
    }
}
