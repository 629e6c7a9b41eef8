//! The people who run the platform: their login, and who they are.

use axum::extract::State;
use garde::Validate;
use jiff::Timestamp;
use platform::Platform;
use platform::config::Environment;
use platform::db::{Later, Lobby, Operator as Signed, PlatformScope};
use platform::extract::{Created, Done, Json, Reply};
use platform::id::Id;
use platform::openapi::Routes;
use platform::page::{List, Listed};
use platform::password::{Chosen, Hasher, NewPassword};
use platform::problem::{OnConstraint, Problem, Result};
use platform::session::{SignedIn, SignedOut, Token};
use platform::sign_in::{self, Account, CurrentPassword, Guess, SignIn};
use platform::text::Text;
use queries::queries::operators as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub fn routes() -> Routes {
    Routes::new("operators", "The people who run the platform, and their login.")
        .post(
            "/platform/auth/login",
            log_in,
            "Sign in as an operator\nWrong passwords make the next attempt wait, as at a resort.",
        )
        .post("/platform/auth/logout", log_out, "Sign out")
        .get("/platform/auth/me", me, "Who is signed in")
        .post(
            "/platform/auth/password",
            change_password,
            "Change your own password\nYour other sessions end. Five wrong current passwords end this one.",
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
    proof.attempt.forget().await?;
    let lobby = rows.open().await?;
    let current = sql::lock_account().bind(&*lobby, &before.id).map(account).opt().await?;
    if !current.is_some_and(|current| current.is_still(&before)) {
        return Err(sign_in::wrong());
    }
    let (id, now, token) = (&before.id, &lobby.now(), Token::new(Uuid::nil()));
    let expires_at = now.checked_add(platform.config.session)?;
    sql::delete_expired_sessions().bind(&*lobby, id, now).await?;
    sql::insert_session().bind(&*lobby, &token.hash().as_slice(), id, now, &expires_at).await?;
    let operator = sql::find().bind(&*lobby, id).map(operator).one().await?;
    Ok(SignedIn {
        body: OperatorSession { access_token: token.text(), expires_at, operator },
        token,
        lifetime: platform.config.session,
        secure: platform.config.environment == Environment::Production,
        device: proof.device,
    })
}

async fn log_out(State(platform): State<Platform>, signed: Signed) -> Result<SignedOut> {
    sql::delete_session().bind(&*signed, &signed.token_hash.as_slice()).await?;
    Ok(SignedOut { secure: platform.config.environment == Environment::Production })
}

async fn me(signed: Signed) -> Result<Reply<Operator>> {
    Ok(Reply(sql::find().bind(&*signed, &signed.operator_id).map(operator).one().await?))
}

async fn change_password(
    current: CurrentPassword,
    hasher: Hasher,
    rows: Later<Signed>,
    Json(change): Json<OperatorPasswordChange>,
) -> Result<Done> {
    let signed = rows.glance().await?;
    let token_hash = signed.token_hash;
    let row = sql::find_account_by_id().bind(&*signed, &signed.operator_id).one().await?;
    drop(signed);
    let before = Account { id: row.id, password_hash: row.password_hash, is_active: row.is_active };
    let attempt = match current.guess(&before, &token_hash, &change.current_password).await? {
        Guess::Right(attempt) => attempt,
        Guess::Wrong => return Err(Problem::invalid("currentPassword", "is not your password")),
        Guess::LastWrong => {
            let signed = rows.open().await?;
            sql::delete_session().bind(&*signed, &token_hash.as_slice()).await?;
            signed.commit().await?;
            return Err(sign_in::ended_by_guesses());
        }
    };
    attempt.forget().await?;
    let hash = hasher.hash(change.new_password.chosen("newPassword", &[&row.email])?).await?;
    let signed = rows.open().await?;
    let current = sql::lock_account().bind(&*signed, &before.id).map(account).opt().await?;
    if !current.is_some_and(|current| current.is_still(&before)) {
        return Err(Problem::conflict("your password was changed meanwhile: sign in with the new one"));
    }
    sql::set_password().bind(&*signed, &hash, &signed.now(), &before.id).await?;
    sql::delete_other_sessions().bind(&*signed, &before.id, &token_hash.as_slice()).await?;
    Ok(Done)
}

async fn list(signed: Signed, list: List<OperatorFilter>) -> Result<Listed<Operator>> {
    let after = list.after::<String>()?.unwrap_or_default();
    let rows = sql::list().bind(&*signed, &after, &list.fetch()).map(operator).all().await?;
    list.page(rows, |operator| operator.email.clone())
}

async fn add(hasher: Hasher, rows: Later<Signed>, Json(new): Json<NewOperator>) -> Result<Created<Operator>> {
    let hash = hasher.hash(new.chosen_password()?).await?;
    let signed = rows.open().await?;
    let value = create(&signed, &new, &hash).await?;
    Ok(Created { location: "/platform/operators".into(), version: None, value })
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
    sql::insert()
        .bind(scope, &id.uuid(), &new.name, &email, &password_hash, &scope.now())
        .map(operator)
        .one()
        .await
        .on_constraint("operators_email_key", || Problem::conflict("an operator has this e-mail already"))
}

fn account(row: sql::AccountBorrowed<'_>) -> Account {
    Account { id: row.id, password_hash: row.password_hash.into(), is_active: row.is_active }
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
