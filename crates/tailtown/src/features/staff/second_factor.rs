//! The second factor of a member of staff: set up and removed by themselves, or removed by an owner when it is lost.

use axum::extract::State;
use axum::response::Response;
use base::id::Id;
use base::problem::{Problem, Result};
use gateway::doors::{Later, Owner, Read, Write};
use gateway::extract::{Done, Json, Path, Unstored};
use gateway::openapi::Routes;
use gateway::second_factor::{
    RecoveryCodes, SecondFactorConfirmation, SecondFactorRemoval, SecondFactorStart, Secret, SharedSecret,
    recovery_codes,
};
use gateway::sign_in::CurrentPassword;
use gateway::state::Platform;
use queries::client::Params;
use queries::queries::staff as sql;

use super::account::{Own, lock};
use super::record::{StaffMember, missing};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .post_unkeyed("/api/auth/second-factor", start_second_factor, START)
        .post_unkeyed("/api/auth/second-factor/confirm", confirm_second_factor, CONFIRM)
        .post_unkeyed("/api/auth/second-factor/remove", remove_second_factor, REMOVE)
        .delete("/api/staff/{id}/second-factor", remove_second_factor_of, REMOVE_OF)
}

const START: &str = "Start to set up a second factor\nPut the answer into an authenticator app, then confirm with the code that it \
shows: the factor counts from then on. Starting again replaces a secret that was not confirmed. Five wrong current passwords end this \
session.";

const CONFIRM: &str = "Confirm the second factor\nFrom now on a login needs a `code`. Your other sessions end. The answer has ten \
recovery codes, which are shown this once. Five wrong codes end this session.";

const REMOVE: &str = "Remove your second factor\nNeeds your password and a code. Your other sessions end. Five wrong guesses end this \
session.";

const REMOVE_OF: &str = "Remove someone's second factor\nFor someone who lost it. Their sessions end, and they sign in with the \
password alone until they set up a new one. Your own is removed with `POST /api/auth/second-factor/remove`.";

async fn start_second_factor(
    State(platform): State<Platform>,
    current: CurrentPassword,
    rows: Later<Read>,
    changes: Later<Write>,
    Json(start): Json<SecondFactorStart>,
) -> Result<Unstored<SharedSecret>, Response> {
    let own = Own::look_up(&rows).await?;
    own.prove(&current, &changes, &start.current_password).await?.forget().await?;
    let secret = Secret::new();
    let sealed = secret.seal(&platform.keys, own.holder())?;
    let write = changes.open().await?;
    insert(&write, &own, &sealed).await?;
    Ok(Unstored(secret.shared(&own.tenant.name, &own.email)))
}

async fn insert(write: &Write, own: &Own, sealed: &str) -> Result<()> {
    own.lock(write).await?;
    let (tenant, id) = (&own.tenant.id, &own.account.id);
    if sql::start_second_factor()
        .params(
            write,
            &sql::StartSecondFactorParams {
                tenant_id: *tenant,
                staff_id: *id,
                sealed_secret: &sealed,
                now: write.now(),
            },
        )
        .await?
        == 0
    {
        return Err(Problem::conflict("you have a second factor already: remove it first"));
    }
    Ok(())
}

async fn confirm_second_factor(
    State(platform): State<Platform>,
    current: CurrentPassword,
    rows: Later<Read>,
    changes: Later<Write>,
    Json(confirmation): Json<SecondFactorConfirmation>,
) -> Result<Unstored<RecoveryCodes>, Response> {
    let own = Own::look_up(&rows).await?;
    let sealed = find_started(&rows, &own).await?.ok_or_else(not_started)?;
    let session = &own.caller.token_hash;
    let guess = current.guess_first_code(&own.account, session, &sealed, &confirmation.code).await?;
    own.accepted(guess, &changes).await?;
    let (shown, hashes) = recovery_codes(&platform.keys, own.holder())?;
    let write = changes.open().await?;
    confirm(&write, &own, &sealed, &hashes).await?;
    Ok(Unstored(shown))
}

async fn find_started(rows: &Later<Read>, own: &Own) -> Result<Option<String>> {
    let read = rows.glance().await?;
    Ok(sql::find_started_second_factor()
        .params(
            &read,
            &sql::FindStartedSecondFactorParams { tenant_id: own.tenant.id, staff_id: own.account.id },
        )
        .opt()
        .await?)
}

async fn confirm(write: &Write, own: &Own, sealed: &str, hashes: &[Vec<u8>]) -> Result<()> {
    own.lock(write).await?;
    let (tenant, id) = (&own.tenant.id, &own.account.id);
    if sql::confirm_second_factor()
        .params(
            write,
            &sql::ConfirmSecondFactorParams {
                now: write.now(),
                recovery_codes: &hashes,
                tenant_id: *tenant,
                staff_id: *id,
                sealed_secret: &sealed,
            },
        )
        .await?
        == 0
    {
        return Err(not_started());
    }
    own.delete_other_sessions(write).await
}

fn not_started() -> Problem {
    Problem::conflict("there is nothing to confirm: start with POST /api/auth/second-factor")
}

async fn remove_second_factor(
    current: CurrentPassword,
    rows: Later<Read>,
    changes: Later<Write>,
    Json(removal): Json<SecondFactorRemoval>,
) -> Result<Done, Response> {
    let own = Own::look_up(&rows).await?;
    let attempt = own.prove(&current, &changes, &removal.current_password).await?;
    let Some(factor) = &own.account.factor else {
        attempt.forget().await?;
        return Err(Problem::conflict("you have no second factor").into());
    };
    let guess = current.guess_code(&own.account, factor, &removal.code, attempt).await?;
    own.accepted(guess, &changes).await?;
    let write = changes.open().await?;
    delete(&write, &own).await?;
    Ok(Done)
}

async fn delete(write: &Write, own: &Own) -> Result<()> {
    own.lock(write).await?;
    sql::delete_second_factor()
        .params(write, &sql::DeleteSecondFactorParams { tenant_id: own.tenant.id, staff_id: own.account.id })
        .await?;
    own.delete_other_sessions(write).await
}

async fn remove_second_factor_of(write: Write<Owner>, Path(id): Path<Id<StaffMember>>) -> Result<Done> {
    if write.caller()?.staff_id == id.uuid() {
        return Err(Problem::forbidden(
            "this is your own account: remove its second factor with POST /api/auth/second-factor/remove, the password and a code",
        ));
    }
    let (tenant, id) = (&write.tenant.id, &id.uuid());
    lock(&write, id).await?.ok_or_else(missing)?;
    if sql::delete_second_factor()
        .params(&write, &sql::DeleteSecondFactorParams { tenant_id: *tenant, staff_id: *id })
        .await?
        == 0
    {
        return Err(Problem::not_found("second factor"));
    }
    sql::delete_sessions()
        .params(&write, &sql::DeleteSessionsParams { tenant_id: *tenant, staff_id: *id })
        .await?;
    Ok(Done)
}
