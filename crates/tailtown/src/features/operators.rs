//! The people who run the platform: their login, and who they are.

use axum::extract::State;
use garde::Validate;
use jiff::Timestamp;
use platform::Platform;
use platform::config::Environment;
use platform::db::{Lobby, Operator as Signed, PlatformScope};
use platform::extract::{Created, Done, Json, Reply};
use platform::id::Id;
use platform::openapi::Routes;
use platform::page::{List, Listed};
use platform::password::{Attempts, Hasher, NewPassword};
use platform::problem::{OnConstraint, Problem, Result};
use platform::rate_limit::SignIn;
use platform::session::{SignedIn, SignedOut, Token};
use platform::text::Text;
use queries::queries::operators as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub fn routes() -> Routes {
    Routes::new("operators", "The people who run the platform, and their login.")
        .post_unkeyed(
            "/platform/auth/login",
            log_in,
            "Sign in as an operator\nFive wrong passwords lock the account for 15 minutes.",
        )
        .post_unkeyed("/platform/auth/logout", log_out, "Sign out")
        .get("/platform/auth/me", me, "Who is signed in")
        .post_unkeyed(
            "/platform/auth/password",
            change_password,
            "Change your own password\nYour other sessions end.",
        )
        .get("/platform/operators", list, "List operators by e-mail")
        .post("/platform/operators", add, "Add an operator")
}

/// An operator of the platform.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Operator {
    pub id: Id<Operator>,
    pub name: String,
    pub email: String,
    pub is_active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

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

/// An operator's login.
#[derive(Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OperatorLogin {
    #[garde(length(max = 254))]
    email: String,
    #[garde(length(bytes, max = 1024))]
    password: String,
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
    _: SignIn,
    hasher: Hasher,
    lobby: Lobby,
    Json(login): Json<OperatorLogin>,
) -> Result<SignedIn<OperatorSession>> {
    let email = login.email.trim().to_lowercase();
    let account = sql::lock_account().bind(&*lobby, &email).opt().await?;
    let id = check(&lobby, &hasher, account, &login.password).await?;
    let token = Token::new(Uuid::nil());
    let expires_at = lobby.now().checked_add(platform.config.session)?;
    sql::delete_expired_sessions().bind(&*lobby, &id, &lobby.now()).await?;
    sql::insert_session().bind(&*lobby, &token.hash().as_slice(), &id, &lobby.now(), &expires_at).await?;
    let operator = sql::find().bind(&*lobby, &id).map(operator).one().await?;
    Ok(SignedIn {
        body: OperatorSession { access_token: token.text(), expires_at, operator },
        token,
        lifetime: platform.config.session,
        secure: platform.config.environment == Environment::Production,
    })
}

/// Counts the attempt, and says whose password it was.
async fn check(
    scope: &PlatformScope,
    hasher: &Hasher,
    account: Option<sql::Account>,
    password: &str,
) -> Result<Uuid> {
    let attempts = account
        .as_ref()
        .map(|account| Attempts { failed: account.failed_attempts, locked_until: account.locked_until });
    if let Some(attempts) = attempts {
        attempts.must_be_open(scope.now())?;
    }
    let hash =
        account.as_ref().filter(|account| account.is_active).map(|account| account.password_hash.as_str());
    let matches = hasher.verify(password, hash).await?;
    if let (Some(account), Some(attempts)) = (&account, attempts) {
        let after = attempts.after(matches, scope.now())?;
        if after != attempts {
            sql::count_attempt().bind(scope, &after.failed, &after.locked_until, &account.id).await?;
        }
    }
    match account {
        Some(account) if matches => Ok(account.id),
        _ => {
            scope.commit().await?;
            Err(Problem::unauthenticated("the e-mail or the password is wrong"))
        }
    }
}

async fn log_out(State(platform): State<Platform>, signed: Signed) -> Result<SignedOut> {
    sql::delete_session().bind(&*signed, &signed.token_hash.as_slice()).await?;
    Ok(SignedOut { secure: platform.config.environment == Environment::Production })
}

async fn me(signed: Signed) -> Result<Reply<Operator>> {
    Ok(Reply(sql::find().bind(&*signed, &signed.operator_id).map(operator).one().await?))
}

async fn change_password(
    hasher: Hasher,
    signed: Signed,
    Json(change): Json<OperatorPasswordChange>,
) -> Result<Done> {
    let account = sql::lock_account_by_id().bind(&*signed, &signed.operator_id).one().await?;
    if !hasher.verify(&change.current_password, Some(&account.password_hash)).await? {
        return Err(Problem::invalid("currentPassword", "is not your password"));
    }
    let hash = hasher.hash(change.new_password.reveal()).await?;
    sql::set_password().bind(&*signed, &hash, &signed.now(), &signed.operator_id).await?;
    sql::delete_other_sessions().bind(&*signed, &signed.operator_id, &signed.token_hash.as_slice()).await?;
    Ok(Done)
}

async fn list(signed: Signed, list: List<OperatorFilter>) -> Result<Listed<Operator>> {
    let after = list.after::<String>()?.unwrap_or_default();
    let rows = sql::list().bind(&*signed, &after, &list.fetch()).map(operator).all().await?;
    list.page(rows, |operator| operator.email.clone())
}

async fn add(hasher: Hasher, signed: Signed, Json(new): Json<NewOperator>) -> Result<Created<Operator>> {
    let hash = hasher.hash(new.password.reveal()).await?;
    let value = create(&signed, &new, &hash).await?;
    Ok(Created { location: "/platform/operators".into(), version: None, value })
}

/// Adds an operator whose password was hashed already.
///
/// # Errors
/// 409 when the e-mail is taken.
pub async fn create(scope: &PlatformScope, new: &NewOperator, password_hash: &str) -> Result<Operator> {
    let id = Id::<Operator>::new(scope.now());
    let email = new.email.to_lowercase();
    sql::insert()
        .bind(scope, &id.uuid(), &new.name, &email, &password_hash, &scope.now())
        .map(operator)
        .one()
        .await
        .on_constraint("operators_email_key", || Problem::conflict("an operator has this e-mail already"))
}

fn operator(row: sql::OperatorBorrowed<'_>) -> Operator {
    Operator {
        id: row.id.into(),
        name: row.name.into(),
        email: row.email.into(),
        is_active: row.is_active,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
