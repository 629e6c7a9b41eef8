//! The people who run the platform: their login, who they are, and what they changed.

mod account;
mod record;
mod second_factor;

use axum::extract::State;
use axum::response::Response;
use base::id::Id;
use base::postgres::OnConstraint;
use base::problem::{Problem, Result};
use base::settings::Environment;
use base::text::Text;
use garde::Validate;
use gateway::doors::{Later, Lobby, Operator as Signed, OperatorInSetup, PlatformScope};
use gateway::extract::{Created, Done, Json, Patch, Path, Reply};
use gateway::hasher::Hasher;
use gateway::identity::Token;
use gateway::openapi::Routes;
use gateway::page::{List, Listed};
use gateway::password::{Chosen, NewPassword};
use gateway::sign_in::{self, CurrentPassword, Passed, SignIn};
use gateway::signed_in::{SignedIn, SignedOut};
use gateway::state::Platform;
use jiff::Timestamp;
use queries::client::Params;
use queries::queries::{operator_actions as actions, operators as sql};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use account::{Own, account, lock, use_up};
pub use record::Operator;
use record::{missing, operator};
pub use second_factor::remove_lost;

pub fn routes() -> Routes {
    let routes = Routes::new("operators", "The people who run the platform, and their login.")
        .post_unkeyed("/platform/auth/login", log_in, LOG_IN)
        .post_unkeyed("/platform/auth/logout", log_out, "Sign out")
        .get("/platform/auth/me", me, "Who is signed in")
        .post_unkeyed(
            "/platform/auth/password",
            change_password,
            "Change your own password\nYour other sessions end. Five wrong current passwords end this one.",
        )
        .get("/platform/operators", list, "List operators by e-mail")
        .post("/platform/operators", add, "Add an operator")
        .get("/platform/operators/{id}", show, "Look at one operator")
        .patch("/platform/operators/{id}", change, CHANGE)
        .delete("/platform/operators/{id}", deactivate, DEACTIVATE)
        .post_unkeyed("/platform/operators/{id}/password", reset_password, RESET)
        .get("/platform/actions", list_actions, ACTIONS);
    second_factor::routes(routes)
}

const LOG_IN: &str = "Sign in as an operator\nWrong passwords and codes make the next attempt wait, as at a resort. Where operators need \
a second factor, one without can only set it up: everything else is a 403 of the type `urn:tailtown:problem:second-factor-missing`.";

const CHANGE: &str = "Change an operator\n`isActive: false` deactivates, `true` lets someone who was deactivated sign in again.";

const DEACTIVATE: &str = "Deactivate an operator\nTheir sessions end at once. Neither your own account nor the last active one can \
be deactivated; `PATCH` with `isActive: true` takes it back.";

const RESET: &str = "Set another operator's password\nTheir sessions end. Your own is changed with `POST /platform/auth/password`.";

const ACTIONS: &str =
    "List what operators and commands on the server changed\nNewest first. The list is only ever added to.";

/// An operator to add.
#[derive(Debug, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewOperator {
    #[garde(dive)]
    pub name: Text<200>,
    #[garde(dive, email)]
    pub email: Text<254>,
    #[garde(dive)]
    pub password: NewPassword,
}

/// What can be changed about an operator.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OperatorDetails {
    #[garde(dive)]
    name: Text<200>,
    #[garde(skip)]
    is_active: bool,
}

/// A new password for another operator.
#[derive(Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OperatorPasswordReset {
    #[garde(dive)]
    new_password: NewPassword,
}

/// Something that an operator, or a command on the server, changed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OperatorAction {
    id: Id<OperatorAction>,
    at: Timestamp,
    /// Null for a command.
    operator_id: Option<Id<Operator>>,
    /// The command, for what was not done through the API.
    command: Option<String>,
    request_id: Option<String>,
    /// The kind of what was changed and what was done with it, as in tenant.suspend.
    action: String,
    subject_id: Uuid,
    /// What was changed, as the API showed it before; null for what is new.
    before: Option<Value>,
    /// The same after the change.
    after: Option<Value>,
}

/// Which actions.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ActionFilter {
    operator_id: Option<Id<Operator>>,
    /// The id of a resort or an operator.
    subject_id: Option<Uuid>,
    /// Not before this moment.
    from: Option<Timestamp>,
    /// Before this moment.
    to: Option<Timestamp>,
}

/// An operator's login.
#[derive(Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OperatorLogin {
    #[garde(length(max = 254))]
    email: String,
    #[garde(length(bytes, max = 1024))]
    password: String,
    /// A time-based code or a recovery code, for an account with a second factor; ignored for others.
    #[garde(inner(length(bytes, max = 64)))]
    #[schemars(length(max = 64))]
    code: Option<String>,
}

/// A signed-in operator.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OperatorSession {
    access_token: String,
    expires_at: Timestamp,
    operator: Operator,
}

/// A change of password.
#[derive(Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OperatorPasswordChange {
    #[garde(length(bytes, max = 1024))]
    current_password: String,
    #[garde(dive)]
    new_password: NewPassword,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OperatorFilter {}

async fn log_in(
    State(platform): State<Platform>,
    sign_in: SignIn,
    rows: Later<Lobby>,
    Json(login): Json<OperatorLogin>,
) -> Result<SignedIn<OperatorSession>> {
    let email = login.email.trim().to_lowercase();
    let lobby = rows.glance().await?;
    let before = sql::find_account().bind(&*lobby, &email).map(account).opt().await?;
    drop(lobby);
    let proof = sign_in.prove(&email, before.as_ref(), &login.password).await?;
    let before = before.ok_or_else(sign_in::wrong)?;
    let Passed { device, code } = proof.pass(&before, login.code.as_deref()).await?;
    let lobby = rows.open().await?;
    if !lock(&lobby, &before.id).await?.is_some_and(|current| current.is_still(&before)) {
        return Err(sign_in::wrong());
    }
    use_up(&lobby, &before.id, code).await?;
    let (id, now, token) = (&before.id, &lobby.now(), Token::new(Uuid::nil()));
    let expires_at = now.checked_add(platform.settings.session)?;
    sql::delete_expired_sessions()
        .params(&*lobby, &sql::DeleteExpiredSessionsParams { operator_id: *id, now: *now })
        .await?;
    let has_factor = before.factor.is_some();
    sql::insert_session()
        .params(
            &*lobby,
            &sql::InsertSessionParams {
                token_hash: token.hash().as_slice(),
                operator_id: *id,
                now: *now,
                expires_at,
                second_factor: has_factor,
            },
        )
        .await?;
    let operator = sql::find().bind(&*lobby, id).map(operator).one().await?;
    Ok(SignedIn {
        body: OperatorSession { access_token: token.text(), expires_at, operator },
        token,
        lifetime: platform.settings.session,
        secure: platform.settings.environment == Environment::Production,
        device,
    })
}

async fn log_out(State(platform): State<Platform>, signed: OperatorInSetup) -> Result<SignedOut> {
    sql::delete_session().bind(&**signed, &signed.token_hash.as_slice()).await?;
    Ok(SignedOut { secure: platform.settings.environment == Environment::Production })
}

async fn me(signed: OperatorInSetup) -> Result<Reply<Operator>> {
    Ok(Reply(sql::find().bind(&**signed, &signed.operator_id).map(operator).one().await?))
}

async fn change_password(
    current: CurrentPassword,
    hasher: Hasher,
    rows: Later<Signed>,
    Json(change): Json<OperatorPasswordChange>,
) -> Result<Done, Response> {
    let own = Own::look_up(&rows).await?;
    let new = change.new_password.chosen("newPassword", &[&own.email]);
    own.prove(&current, &rows, &change.current_password).await?.forget().await?;
    let hash = hasher.hash(new?).await?;
    set_own_password(&*rows.open().await?, &own, &hash).await?;
    Ok(Done)
}

async fn set_own_password(scope: &PlatformScope, own: &Own, hash: &str) -> Result<()> {
    own.lock(scope).await?;
    sql::set_password()
        .params(scope, &sql::SetPasswordParams { password_hash: &hash, now: scope.now(), id: own.account.id })
        .await?;
    own.delete_other_sessions(scope).await?;
    scope.record("operator.change_password", own.account.id, None::<&Operator>, None).await
}

async fn list(signed: Signed, list: List<OperatorFilter>) -> Result<Listed<Operator>> {
    let after = list.after::<String>()?.unwrap_or_default();
    list.page(page(&signed, &after, list.fetch()).await?, |operator| operator.email.clone())
}

/// At most `fetch` operators whose e-mail comes after `after`.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(scope: &PlatformScope, after: &str, fetch: i64) -> Result<Vec<Operator>> {
    Ok(sql::list().params(scope, &sql::ListParams { after: &after, fetch }).map(operator).all().await?)
}

async fn show(signed: Signed, Path(id): Path<Id<Operator>>) -> Result<Reply<Operator>> {
    let found = sql::find().bind(&*signed, &id.uuid()).map(operator).opt().await?;
    Ok(Reply(found.ok_or_else(missing)?))
}

async fn change(
    signed: Signed,
    Path(id): Path<Id<Operator>>,
    patch: Patch<OperatorDetails>,
) -> Result<Reply<Operator>> {
    if patch.names("email") {
        return Err(Problem::invalid("email", "cannot be changed: add an operator with the new e-mail"));
    }
    // Locked first, in the order of everyone who deactivates.
    let active = sql::lock_active().bind(&*signed).all().await?;
    let before = sql::lock().bind(&*signed, &id.uuid()).map(operator).opt().await?.ok_or_else(missing)?;
    let current = OperatorDetails { name: before.name.as_str().into(), is_active: before.is_active };
    let details = patch.apply(&current)?;
    if before.is_active && !details.is_active {
        not_oneself(&signed, id)?;
        end_access(&signed, id.uuid(), &active).await?;
    }
    let after = Operator { name: details.name.to_string(), is_active: details.is_active, ..before.clone() };
    Ok(Reply(update(&signed, "operator.change", &before, &after).await?))
}

async fn deactivate(signed: Signed, Path(id): Path<Id<Operator>>) -> Result<Done> {
    not_oneself(&signed, id)?;
    deactivate_one(&signed, id).await?;
    Ok(Done)
}

/// Ends an operator's access: the sessions at once, and no login from now on.
///
/// # Errors
/// 404 when there is none, 409 for the last active one.
pub async fn deactivate_one(scope: &PlatformScope, id: Id<Operator>) -> Result<()> {
    let active = sql::lock_active().bind(scope).all().await?;
    let before = sql::lock().bind(scope, &id.uuid()).map(operator).opt().await?.ok_or_else(missing)?;
    if before.is_active {
        end_access(scope, id.uuid(), &active).await?;
        let after = Operator { is_active: false, ..before.clone() };
        update(scope, "operator.deactivate", &before, &after).await?;
    }
    Ok(())
}

fn not_oneself(signed: &Signed, id: Id<Operator>) -> Result<()> {
    if signed.operator_id == id.uuid() {
        return Err(Problem::conflict("this is your own account: another operator can deactivate it"));
    }
    Ok(())
}

async fn end_access(scope: &PlatformScope, id: Uuid, active: &[Uuid]) -> Result<()> {
    if active == [id] {
        return Err(Problem::conflict("this is the last active operator: add another one first"));
    }
    sql::delete_sessions().bind(scope, &id).await?;
    Ok(())
}

async fn update(
    scope: &PlatformScope,
    action: &str,
    before: &Operator,
    after: &Operator,
) -> Result<Operator> {
    let id = before.id.uuid();
    let changed = sql::update()
        .params(
            scope,
            &sql::UpdateParams { name: &after.name, is_active: after.is_active, now: scope.now(), id },
        )
        .map(operator)
        .one()
        .await?;
    scope.record(action, id, Some(before), Some(&changed)).await?;
    Ok(changed)
}

async fn reset_password(
    hasher: Hasher,
    rows: Later<Signed>,
    Path(id): Path<Id<Operator>>,
    Json(reset): Json<OperatorPasswordReset>,
) -> Result<Done, Response> {
    let (found, new) = look_up_other(&rows, id, reset.new_password).await?;
    let hash = hasher.hash(new).await?;
    reset_one(&*rows.open().await?, &found, &hash).await?;
    Ok(Done)
}

/// Another operator, and the password if it may be theirs.
async fn look_up_other(
    rows: &Later<Signed>,
    id: Id<Operator>,
    new: NewPassword,
) -> Result<(Operator, Chosen)> {
    let signed = rows.glance().await?;
    if signed.operator_id == id.uuid() {
        return Err(Problem::forbidden(
            "this is your own account: change its password with POST /platform/auth/password and the current one",
        ));
    }
    let found = sql::find().bind(&*signed, &id.uuid()).map(operator).opt().await?.ok_or_else(missing)?;
    let new = new.chosen("newPassword", &[&found.email])?;
    Ok((found, new))
}

/// Gives an operator a password that was hashed already, and ends the sessions.
///
/// # Errors
/// When the database cannot be written.
pub async fn reset_one(scope: &PlatformScope, of: &Operator, password_hash: &str) -> Result<()> {
    let id = of.id.uuid();
    sql::set_password()
        .params(scope, &sql::SetPasswordParams { password_hash: &password_hash, now: scope.now(), id })
        .await?;
    sql::delete_sessions().bind(scope, &id).await?;
    scope.record("operator.reset_password", id, None::<&Operator>, None).await
}

/// The operator with this e-mail.
///
/// # Errors
/// 404 when there is none.
pub async fn with_email(scope: &PlatformScope, email: &str) -> Result<Operator> {
    let email = email.trim().to_lowercase();
    sql::find_by_email().bind(scope, &email).map(operator).opt().await?.ok_or_else(missing)
}

async fn list_actions(signed: Signed, list: List<ActionFilter>) -> Result<Listed<OperatorAction>> {
    let older_than = list.after::<Uuid>()?.unwrap_or(Uuid::max());
    let filter = &list.filter;
    let operator_id = filter.operator_id.map(Id::uuid);
    let rows = actions::list()
        .params(
            &*signed,
            &actions::ListParams {
                older_than,
                operator_id,
                subject_id: filter.subject_id,
                since: filter.from,
                until: filter.to,
                fetch: list.fetch(),
            },
        )
        .map(action)
        .all()
        .await?;
    let rows = rows.into_iter().collect::<Result<Vec<_>, _>>()?;
    list.page(rows, |action| action.id)
}

fn action(row: actions::ActionBorrowed<'_>) -> Result<OperatorAction, serde_json::Error> {
    let read = |text: Option<&str>| text.map(serde_json::from_str).transpose();
    Ok(OperatorAction {
        id: row.id.into(),
        at: row.at,
        operator_id: row.operator_id.map(Id::from),
        command: row.command.map(str::to_owned),
        request_id: row.request_id.map(str::to_owned),
        action: row.action.into(),
        subject_id: row.subject_id,
        before: read(row.before)?,
        after: read(row.after)?,
    })
}

async fn add(
    hasher: Hasher,
    rows: Later<Signed>,
    Json(new): Json<NewOperator>,
) -> Result<Created<Operator>, Response> {
    let hash = hasher.hash(new.chosen_password()?).await?;
    let signed = rows.open().await?;
    let value = create(&signed, &new, &hash).await?;
    Ok(Created { location: format!("/platform/operators/{}", value.id), version: None, value })
}

impl NewOperator {
    /// The password, where it is not one that is guessed first.
    ///
    /// # Errors
    /// 422.
    pub fn chosen_password(&self) -> Result<Chosen> {
        self.password.clone().chosen("password", &[&self.email])
    }
}

/// Adds an operator whose password was hashed already.
///
/// # Errors
/// 409 when the e-mail is taken.
pub async fn create(scope: &PlatformScope, new: &NewOperator, password_hash: &str) -> Result<Operator> {
    let id = Id::<Operator>::new(scope.now());
    let email = new.email.to_lowercase();
    let added = sql::insert()
        .params(
            scope,
            &sql::InsertParams {
                id: id.uuid(),
                name: &new.name,
                email: &email,
                password_hash: &password_hash,
                now: scope.now(),
            },
        )
        .map(operator)
        .one()
        .await
        .on_constraint("operators_email_key", || Problem::conflict("an operator has this e-mail already"))?;
    scope.record("operator.add", id.uuid(), None, Some(&added)).await?;
    Ok(added)
}
