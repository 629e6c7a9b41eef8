//! The people who work at a resort: their logins, roles and passwords.

use axum::extract::State;
use garde::Validate;
use jiff::Timestamp;
use platform::Platform;
use platform::config::Environment;
use platform::db::{Anyone, Owner, Read, Scope, Write};
use platform::extract::{Created, Done, IfMatch, Json, Patch, Path, Reply, Versioned};
use platform::id::Id;
use platform::openapi::Routes;
use platform::page::{List, Listed};
use platform::password::{Attempts, Hasher, NewPassword};
use platform::problem::{OnConstraint, Problem, Result};
use platform::rate_limit::SignIn;
use platform::session::{Role, SignedIn, SignedOut, Token};
use platform::text::Text;
use queries::client::GenericClient;
use queries::queries::staff as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub fn routes() -> Routes {
    Routes::new("staff", "The people who work at a resort, and their logins.")
        .post_unkeyed("/api/auth/login", log_in, LOG_IN)
        .post_unkeyed("/api/auth/logout", log_out, "Sign out\nThe session ends at once, on every node.")
        .get("/api/auth/me", me, "Who is signed in, and at which resort")
        .post_unkeyed(
            "/api/auth/password",
            change_password,
            "Change your own password\nYour other sessions end.",
        )
        .get("/api/staff", list, "List staff by e-mail")
        .post("/api/staff", add, "Add a member of staff")
        .get("/api/staff/{id}", show, "Look at one member of staff")
        .patch("/api/staff/{id}", change, CHANGE)
        .delete(
            "/api/staff/{id}",
            remove,
            "Deactivate a member of staff\nTheir sessions end at once; the record stays.",
        )
        .post_unkeyed("/api/staff/{id}/password", reset_password, RESET)
}

const LOG_IN: &str = "Sign in\nThe host name says at which resort. The `accessToken` goes into `Authorization: Bearer …`; \
browsers also get a cookie. Five wrong passwords lock the account for 15 minutes.";

const CHANGE: &str = "Change a member of staff\nDeactivating one ends their sessions at once. A resort keeps at least one \
active owner.";

const RESET: &str = "Set someone's password\nTheir sessions end, and a lock for wrong passwords is lifted.";

/// What a member of staff is known by.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StaffDetails {
    #[garde(dive)]
    pub first_name: Text<100>,
    #[garde(dive)]
    pub last_name: Text<100>,
    #[garde(dive, email)]
    pub email: Text<254>,
    #[garde(skip)]
    pub role: Role,
    #[garde(skip)]
    pub is_active: bool,
}

/// A member of staff to add.
#[derive(Debug, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewStaff {
    #[garde(dive)]
    first_name: Text<100>,
    #[garde(dive)]
    last_name: Text<100>,
    #[garde(dive, email)]
    email: Text<254>,
    #[garde(skip)]
    role: Role,
    #[garde(dive)]
    password: NewPassword,
}

/// A member of staff.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StaffMember {
    pub id: Id<StaffMember>,
    #[serde(flatten)]
    pub details: StaffDetails,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    version: i32,
    #[serde(skip)]
    email_key: String,
}

/// A login.
#[derive(Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Login {
    #[garde(length(max = 254))]
    email: String,
    #[garde(length(bytes, max = 1024))]
    password: String,
}

/// A signed-in member of staff.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Session {
    access_token: String,
    expires_at: Timestamp,
    staff: StaffMember,
}

/// Who is signed in, and at which resort.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Me {
    staff: StaffMember,
    tenant: Resort,
}

/// The resort, as its staff needs to know it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Resort {
    id: Uuid,
    subdomain: String,
    name: String,
    /// An IANA time zone.
    timezone: String,
    currency: String,
    tax_rate_bps: i32,
    /// The date on the resort's wall.
    today: jiff::civil::Date,
}

/// A change of password.
#[derive(Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PasswordChange {
    #[garde(length(bytes, max = 1024))]
    current_password: String,
    #[garde(dive)]
    new_password: NewPassword,
}

/// A new password for someone else.
#[derive(Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PasswordReset {
    #[garde(dive)]
    new_password: NewPassword,
}

/// Which members of staff.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StaffFilter {
    role: Option<Role>,
    is_active: Option<bool>,
}

async fn log_in(
    State(platform): State<Platform>,
    _: SignIn,
    hasher: Hasher,
    write: Write<Anyone>,
    Json(login): Json<Login>,
) -> Result<SignedIn<Session>> {
    let id = check(&write, &hasher, &login).await?;
    let tenant = &write.tenant.id;
    let token = Token::new(*tenant);
    let expires_at = write.now().checked_add(platform.config.session)?;
    sql::delete_expired_sessions().bind(&write, tenant, &id, &write.now()).await?;
    sql::insert_session()
        .bind(&write, tenant, &token.hash().as_slice(), &id, &write.now(), &expires_at)
        .await?;
    let staff = find(&write, tenant, id).await?;
    Ok(SignedIn {
        body: Session { access_token: token.text(), expires_at, staff },
        token,
        lifetime: platform.config.session,
        secure: platform.config.environment == Environment::Production,
    })
}

/// Counts the attempt, and says whose password it was.
async fn check(scope: &Scope, hasher: &Hasher, login: &Login) -> Result<Uuid> {
    let tenant = &scope.tenant.id;
    let account = sql::lock_account().bind(scope, tenant, &login.email.trim().to_lowercase()).opt().await?;
    let attempts = account
        .as_ref()
        .map(|account| Attempts { failed: account.failed_attempts, locked_until: account.locked_until });
    if let Some(attempts) = attempts {
        attempts.must_be_open(scope.now())?;
    }
    let hash =
        account.as_ref().filter(|account| account.is_active).map(|account| account.password_hash.as_str());
    let matches = hasher.verify(&login.password, hash).await?;
    if let (Some(account), Some(attempts)) = (&account, attempts) {
        let after = attempts.after(matches, scope.now())?;
        if after != attempts {
            sql::count_attempt().bind(scope, &after.failed, &after.locked_until, tenant, &account.id).await?;
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

async fn log_out(State(platform): State<Platform>, write: Write) -> Result<SignedOut> {
    sql::delete_session().bind(&write, &write.tenant.id, &write.caller()?.token_hash.as_slice()).await?;
    Ok(SignedOut { secure: platform.config.environment == Environment::Production })
}

async fn me(read: Read) -> Result<Reply<Me>> {
    let staff = find(&read, &read.tenant.id, read.caller()?.staff_id).await?;
    let tenant = &read.tenant;
    let tenant = Resort {
        id: tenant.id,
        subdomain: tenant.subdomain.clone(),
        name: tenant.name.clone(),
        timezone: tenant.timezone.iana_name().unwrap_or("UTC").into(),
        currency: tenant.currency.clone(),
        tax_rate_bps: tenant.tax_rate_bps,
        today: read.today(),
    };
    Ok(Reply(Me { staff, tenant }))
}

async fn change_password(hasher: Hasher, write: Write, Json(change): Json<PasswordChange>) -> Result<Done> {
    let (tenant, caller) = (&write.tenant.id, write.caller()?);
    let account = sql::lock_account_by_id().bind(&write, tenant, &caller.staff_id).one().await?;
    if !hasher.verify(&change.current_password, Some(&account.password_hash)).await? {
        return Err(Problem::invalid("currentPassword", "is not your password"));
    }
    let hash = hasher.hash(change.new_password.reveal()).await?;
    sql::set_password().bind(&write, &hash, &write.now(), tenant, &caller.staff_id).await?;
    sql::delete_other_sessions()
        .bind(&write, tenant, &caller.staff_id, &caller.token_hash.as_slice())
        .await?;
    Ok(Done)
}

async fn list(read: Read, list: List<StaffFilter>) -> Result<Listed<StaffMember>> {
    let after = list.after::<String>()?.unwrap_or_default();
    let role: Option<&str> = list.filter.role.map(Into::into);
    let rows = sql::list()
        .bind(&read, &read.tenant.id, &after, &role, &list.filter.is_active, &list.fetch())
        .map(member)
        .all()
        .await?;
    list.page(rows.into_iter().collect::<Result<_, _>>()?, |member| member.email_key.clone())
}

async fn show(read: Read, Path(id): Path<Id<StaffMember>>) -> Result<Versioned<StaffMember>> {
    Ok(versioned(find(&read, &read.tenant.id, id.uuid()).await?))
}

async fn add(hasher: Hasher, write: Write<Owner>, Json(new): Json<NewStaff>) -> Result<Created<StaffMember>> {
    let hash = hasher.hash(new.password.reveal()).await?;
    let details = StaffDetails {
        first_name: new.first_name,
        last_name: new.last_name,
        email: new.email,
        role: new.role,
        is_active: true,
    };
    let id = Id::<StaffMember>::new(write.now());
    let role: &str = details.role.into();
    let added = sql::insert()
        .bind(
            &write,
            &write.tenant.id,
            &id.uuid(),
            &details.first_name,
            &details.last_name,
            &details.email,
            &role,
            &hash,
            &details.is_active,
            &write.now(),
        )
        .map(member)
        .one()
        .await
        .on_constraint("staff_email_key", email_taken)??;
    Ok(Created { location: format!("/api/staff/{}", added.id), version: Some(added.version), value: added })
}

async fn change(
    write: Write<Owner>,
    Path(id): Path<Id<StaffMember>>,
    seen: IfMatch,
    patch: Patch<StaffDetails>,
) -> Result<Versioned<StaffMember>> {
    let tenant = &write.tenant.id;
    // Owners first and in order, so that two owners cannot demote each other at the same moment.
    let owners = sql::lock_owners().bind(&write, tenant).all().await?;
    let current =
        sql::lock().bind(&write, tenant, &id.uuid()).map(member).opt().await?.ok_or_else(missing)??;
    seen.check(current.version)?;
    let new = patch.apply(&current.details)?;
    keep_an_owner(&owners, id, &new)?;
    let role: &str = new.role.into();
    let changed = sql::update()
        .bind(
            &write,
            &new.first_name,
            &new.last_name,
            &new.email,
            &role,
            &new.is_active,
            &write.now(),
            tenant,
            &id.uuid(),
        )
        .map(member)
        .one()
        .await
        .on_constraint("staff_email_key", email_taken)??;
    if !new.is_active {
        sql::delete_sessions().bind(&write, tenant, &id.uuid()).await?;
    }
    Ok(versioned(changed))
}

async fn remove(write: Write<Owner>, Path(id): Path<Id<StaffMember>>) -> Result<Done> {
    let tenant = &write.tenant.id;
    let owners = sql::lock_owners().bind(&write, tenant).all().await?;
    let current =
        sql::lock().bind(&write, tenant, &id.uuid()).map(member).opt().await?.ok_or_else(missing)??;
    let new = StaffDetails { is_active: false, ..current.details };
    keep_an_owner(&owners, id, &new)?;
    let role: &str = new.role.into();
    sql::update()
        .bind(
            &write,
            &new.first_name,
            &new.last_name,
            &new.email,
            &role,
            &false,
            &write.now(),
            tenant,
            &id.uuid(),
        )
        .one()
        .await?;
    sql::delete_sessions().bind(&write, tenant, &id.uuid()).await?;
    Ok(Done)
}

async fn reset_password(
    hasher: Hasher,
    write: Write<Owner>,
    Path(id): Path<Id<StaffMember>>,
    Json(reset): Json<PasswordReset>,
) -> Result<Done> {
    let hash = hasher.hash(reset.new_password.reveal()).await?;
    let found = sql::set_password().bind(&write, &hash, &write.now(), &write.tenant.id, &id.uuid()).await?;
    if found == 0 {
        return Err(missing());
    }
    sql::delete_sessions().bind(&write, &write.tenant.id, &id.uuid()).await?;
    Ok(Done)
}

/// A resort without an owner could not be helped by anyone in it.
fn keep_an_owner(owners: &[Uuid], id: Id<StaffMember>, new: &StaffDetails) -> Result<()> {
    let stays = new.role == Role::Owner && new.is_active;
    if !stays && owners == [id.uuid()] {
        return Err(Problem::conflict("this is the only active owner: make someone else an owner first"));
    }
    Ok(())
}

async fn find<C: GenericClient + Sync>(client: &C, tenant: &Uuid, id: Uuid) -> Result<StaffMember> {
    let found = sql::find().bind(client, tenant, &id).map(member).opt().await?;
    Ok(found.ok_or_else(missing)??)
}

fn missing() -> Problem {
    Problem::not_found("member of staff")
}

fn email_taken() -> Problem {
    Problem::conflict("someone at this resort has this e-mail already")
}

fn versioned(member: StaffMember) -> Versioned<StaffMember> {
    Versioned { version: member.version, value: member }
}

fn member(row: sql::StaffMemberBorrowed<'_>) -> Result<StaffMember, strum::ParseError> {
    Ok(StaffMember {
        id: row.id.into(),
        details: StaffDetails {
            first_name: row.first_name.into(),
            last_name: row.last_name.into(),
            email: row.email.into(),
            role: row.role.parse()?,
            is_active: row.is_active,
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
        email_key: row.email_key.into(),
    })
}
