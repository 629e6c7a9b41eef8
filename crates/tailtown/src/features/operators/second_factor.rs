//! The second factor of an operator: set up and removed by themselves, or removed by another operator when it is lost.

use axum::extract::State;
use axum::response::Response;
use base::id::Id;
use base::problem::{Problem, Result};
use gateway::doors::{Later, Operator as Signed, OperatorInSetup, PlatformScope};
use gateway::extract::{Done, Json, Path, Unstored};
use gateway::openapi::Routes;
use gateway::second_factor::{
    RecoveryCodes, SecondFactorConfirmation, SecondFactorRemoval, SecondFactorStart, Secret, SharedSecret,
    recovery_codes,
};
use gateway::sign_in::CurrentPassword;
use gateway::state::Platform;
use queries::client::Params;
use queries::queries::operators as sql;
use uuid::Uuid;

use super::account::{Own, lock};
use super::record::{Operator, missing, operator};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .post_unkeyed("/platform/auth/second-factor", start_second_factor, START)
        .post_unkeyed("/platform/auth/second-factor/confirm", confirm_second_factor, CONFIRM)
        .post_unkeyed("/platform/auth/second-factor/remove", remove_second_factor, REMOVE)
        .delete("/platform/operators/{id}/second-factor", remove_second_factor_of, REMOVE_OF)
}

const START: &str = "Start to set up a second factor\nPut the answer into an authenticator app, then confirm with the code that it \
shows: the factor counts from then on. Starting again replaces a secret that was not confirmed. Five wrong current passwords end this \
session.";

const CONFIRM: &str = "Confirm the second factor\nFrom now on a login needs a `code`. Your other sessions end. The answer has ten \
recovery codes, which are shown this once. Five wrong codes end this session.";

const REMOVE: &str = "Remove your second factor\nNeeds your password and a code. Your other sessions end; where operators need a second \
factor, this one can then only set up a new one. Five wrong guesses end this session.";

const REMOVE_OF: &str = "Remove another operator's second factor\nFor someone who lost it. Their sessions end, and they sign in with \
the password alone until they set up a new one. Your own is removed with `POST /platform/auth/second-factor/remove`.";

/// What the issuer of an operator's codes is called in an authenticator app.
const ISSUER: &str = "Tailtown";

async fn start_second_factor(
    State(platform): State<Platform>,
    current: CurrentPassword,
    rows: Later<OperatorInSetup>,
    Json(start): Json<SecondFactorStart>,
) -> Result<Unstored<SharedSecret>, Response> {
    let own = Own::look_up(&rows).await?;
    own.prove(&current, &rows, &start.current_password).await?.forget().await?;
    let secret = Secret::new();
    let sealed = secret.seal(&platform.keys, own.holder())?;
    insert(&*rows.open().await?, &own, &sealed).await?;
    Ok(Unstored(secret.shared(ISSUER, &own.email)))
}

async fn insert(scope: &PlatformScope, own: &Own, sealed: &str) -> Result<()> {
    own.lock(scope).await?;
    let id = own.account.id;
    if sql::start_second_factor()
        .params(
            scope,
            &sql::StartSecondFactorParams { operator_id: id, sealed_secret: &sealed, now: scope.now() },
        )
        .await?
        == 0
    {
        return Err(Problem::conflict("you have a second factor already: remove it first"));
    }
    scope.record("operator.start_second_factor", id, None::<&Operator>, None).await
}

async fn confirm_second_factor(
    State(platform): State<Platform>,
    current: CurrentPassword,
    rows: Later<OperatorInSetup>,
    Json(confirmation): Json<SecondFactorConfirmation>,
) -> Result<Unstored<RecoveryCodes>, Response> {
    let own = Own::look_up(&rows).await?;
    let sealed = find_started(&rows, &own).await?.ok_or_else(not_started)?;
    let guess = current.guess_first_code(&own.account, &own.token_hash, &sealed, &confirmation.code).await?;
    own.accepted(guess, &rows).await?;
    let (shown, hashes) = recovery_codes(&platform.keys, own.holder())?;
    confirm(&*rows.open().await?, &own, &sealed, &hashes).await?;
    Ok(Unstored(shown))
}

async fn find_started(rows: &Later<OperatorInSetup>, own: &Own) -> Result<Option<String>> {
    let signed = rows.glance().await?;
    Ok(sql::find_started_second_factor().bind(&**signed, &own.account.id).opt().await?)
}

async fn confirm(scope: &PlatformScope, own: &Own, sealed: &str, hashes: &[Vec<u8>]) -> Result<()> {
    own.lock(scope).await?;
    let id = own.account.id;
    let before = find(scope, id).await?;
    if sql::confirm_second_factor()
        .params(
            scope,
            &sql::ConfirmSecondFactorParams {
                now: scope.now(),
                recovery_codes: &hashes,
                operator_id: id,
                sealed_secret: &sealed,
            },
        )
        .await?
        == 0
    {
        return Err(not_started());
    }
    own.delete_other_sessions(scope).await?;
    sql::set_session_second_factor()
        .params(
            scope,
            &sql::SetSessionSecondFactorParams { second_factor: true, token_hash: own.token_hash.as_slice() },
        )
        .await?;
    let after = find(scope, id).await?;
    scope.record("operator.add_second_factor", id, Some(&before), Some(&after)).await
}

fn not_started() -> Problem {
    Problem::conflict("there is nothing to confirm: start with POST /platform/auth/second-factor")
}

async fn find(scope: &PlatformScope, id: Uuid) -> Result<Operator> {
    sql::find().bind(scope, &id).map(operator).opt().await?.ok_or_else(missing)
}

async fn remove_second_factor(
    current: CurrentPassword,
    rows: Later<Signed>,
    Json(removal): Json<SecondFactorRemoval>,
) -> Result<Done, Response> {
    let own = Own::look_up(&rows).await?;
    let attempt = own.prove(&current, &rows, &removal.current_password).await?;
    let Some(factor) = &own.account.factor else {
        attempt.forget().await?;
        return Err(Problem::conflict("you have no second factor").into());
    };
    let guess = current.guess_code(&own.account, factor, &removal.code, attempt).await?;
    own.accepted(guess, &rows).await?;
    delete(&*rows.open().await?, &own).await?;
    Ok(Done)
}

async fn delete(scope: &PlatformScope, own: &Own) -> Result<()> {
    own.lock(scope).await?;
    remove_one(scope, own.account.id).await?;
    own.delete_other_sessions(scope).await?;
    sql::set_session_second_factor()
        .params(
            scope,
            &sql::SetSessionSecondFactorParams {
                second_factor: false,
                token_hash: own.token_hash.as_slice(),
            },
        )
        .await?;
    Ok(())
}

async fn remove_second_factor_of(signed: Signed, Path(id): Path<Id<Operator>>) -> Result<Done> {
    if signed.operator_id == id.uuid() {
        return Err(Problem::forbidden(
            "this is your own account: remove its second factor with POST /platform/auth/second-factor/remove, the password and a code",
        ));
    }
    if !remove_lost(&signed, id).await? {
        return Err(Problem::not_found("second factor"));
    }
    Ok(Done)
}

/// Removes the second factor of an operator who lost it, and ends the sessions; false when there is none.
///
/// # Errors
/// 404 when there is no such operator.
pub async fn remove_lost(scope: &PlatformScope, id: Id<Operator>) -> Result<bool> {
    let id = id.uuid();
    lock(scope, &id).await?.ok_or_else(missing)?;
    if !remove_one(scope, id).await? {
        return Ok(false);
    }
    sql::delete_sessions().bind(scope, &id).await?;
    Ok(true)
}

/// Removes the second factor of a locked account, and records it.
async fn remove_one(scope: &PlatformScope, id: Uuid) -> Result<bool> {
    let before = find(scope, id).await?;
    if sql::delete_second_factor().bind(scope, &id).await? == 0 {
        return Ok(false);
    }
    let after = find(scope, id).await?;
    scope.record("operator.remove_second_factor", id, Some(&before), Some(&after)).await?;
    Ok(true)
}
