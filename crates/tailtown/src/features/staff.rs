//! The people who work at a resort: their logins, roles and passwords.

mod account;
mod record;
mod second_factor;

use axum::extract::State;
use axum::response::Response;
use base::id::Id;
use base::postgres::OnConstraint;
use base::problem::{Problem, Result};
use base::settings::Environment;
use base::tenant::Status;
use base::text::Text;
use garde::Validate;
use gateway::doors::{Anyone, Later, Owner, Read, Scope, Write};
use gateway::extract::{Created, Done, IfMatch, Json, Patch, Path, Reply, Versioned};
use gateway::hasher::Hasher;
use gateway::identity::{Role, Token};
use gateway::openapi::Routes;
use gateway::page::{List, Listed};
use gateway::password::{Chosen, NewPassword};
use gateway::second_factor::Accepted;
use gateway::sign_in::{self, Account, CurrentPassword, Passed, SignIn};
use gateway::signed_in::{SignedIn, SignedOut};
use gateway::state::Platform;
use jiff::Timestamp;
use queries::client::{GenericClient, Params};
use queries::queries::staff as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use account::{Own, account, lock, use_up};
pub use record::{StaffDetails, StaffMember};
use record::{member, missing};

pub fn routes() -> Routes {
    let routes = Routes::new("staff", "The people who work at a resort, and their logins.")
        .post_unkeyed("/api/auth/login", log_in, LOG_IN)
        .post_unkeyed("/api/auth/logout", log_out, "Sign out\nThe session ends at once, on every node.")
        .get("/api/auth/me", me, "Who is signed in, and at which resort")
        .post_unkeyed("/api/auth/password", change_password, CHANGE_PASSWORD)
        .get("/api/staff", list, "List staff by e-mail")
        .post("/api/staff", add, "Add a member of staff")
        .get("/api/staff/{id}", show, "Look at one member of staff")
        .patch("/api/staff/{id}", change, CHANGE)
        .delete(
            "/api/staff/{id}",
            remove,
            "Deactivate a member of staff\nTheir sessions end at once; the record stays.",
        )
        .post_unkeyed("/api/staff/{id}/password", reset_password, RESET);
    second_factor::routes(routes)
}

const LOG_IN: &str = "Sign in\nThe host name says at which resort. The `accessToken` goes into `Authorization: Bearer …`; \
browsers also get a cookie. After five wrong passwords for an account from a network the next attempt from there has to wait, a \
second at first and twice as long after each further one, up to 15 minutes; a device that signed in before (it has a cookie of its \
own) is not held up by others. An account with a second factor also needs a `code`: a right password without one is a 401 of the type \
`urn:tailtown:problem:second-factor-required`. Wrong codes delay the account's logins in the same way, from everywhere.";

const CHANGE: &str = "Change a member of staff\nDeactivating one ends their sessions at once. A resort keeps at least one \
active owner.";

const CHANGE_PASSWORD: &str =
    "Change your own password\nYour other sessions end. Five wrong current passwords end this one.";

const RESET: &str =
    "Set someone else's password\nTheir sessions end. Your own is changed with `POST /api/auth/password`.";

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

/// A login.
#[derive(Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Login {
    #[garde(length(max = 254))]
    email: String,
    #[garde(length(bytes, max = 1024))]
    password: String,
    /// A time-based code or a recovery code, for an account with a second factor; ignored for others.
    #[garde(inner(length(bytes, max = 64)))]
    #[schemars(length(max = 64))]
    code: Option<String>,
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
    sign_in: SignIn,
    rows: Later<Read<Anyone>>,
    sessions: Later<Write<Anyone>>,
    Json(login): Json<Login>,
) -> Result<SignedIn<Session>, Response> {
    let email = login.email.trim().to_lowercase();
    let account = find_account(rows, &email).await?;
    let proof = sign_in.prove(&email, account.as_ref(), &login.password).await?;
    let account = account.ok_or_else(sign_in::wrong)?;
    let Passed { device, code } = proof.pass(&account, login.code.as_deref()).await?;
    let write = sessions.open().await?;
    let (token, body) = open_session(&platform, &write, &account, code).await?;
    let (lifetime, secure) =
        (platform.settings.session, platform.settings.environment == Environment::Production);
    Ok(SignedIn { body, token, lifetime, secure, device })
}

async fn find_account(rows: Later<Read<Anyone>>, email: &str) -> Result<Option<Account>> {
    let read = rows.glance().await?;
    Ok(sql::find_account()
        .params(&read, &sql::FindAccountParams { tenant_id: read.tenant.id, email_key: &email })
        .map(account)
        .opt()
        .await?)
}

/// A session of the account whose password was right, if that is still so.
async fn open_session(
    platform: &Platform,
    scope: &Scope,
    before: &Account,
    code: Option<Accepted>,
) -> Result<(Token, Session)> {
    let tenant_id = scope.tenant.id;
    let status: Status = sql::lock_resort().bind(scope, &tenant_id).one().await?.parse()?;
    status.must_be_open()?;
    if !lock(scope, &before.id).await?.is_some_and(|current| current.is_still(before)) {
        return Err(sign_in::wrong());
    }
    use_up(scope, &before.id, code).await?;
    let (id, now, token) = (&before.id, &scope.now(), Token::new(tenant_id));
    let expires_at = now.checked_add(platform.settings.session)?;
    sql::delete_expired_sessions()
        .params(scope, &sql::DeleteExpiredSessionsParams { tenant_id, staff_id: *id, now: *now })
        .await?;
    sql::insert_session()
        .params(
            scope,
            &sql::InsertSessionParams {
                tenant_id,
                token_hash: token.hash().as_slice(),
                staff_id: *id,
                now: *now,
                expires_at,
            },
        )
        .await?;
    let staff = find(scope, &tenant_id, *id).await?;
    let session = Session { access_token: token.text(), expires_at, staff };
    Ok((token, session))
}

async fn log_out(State(platform): State<Platform>, write: Write) -> Result<SignedOut> {
    sql::delete_session()
        .params(
            &write,
            &sql::DeleteSessionParams {
                tenant_id: write.tenant.id,
                token_hash: write.caller()?.token_hash.as_slice(),
            },
        )
        .await?;
    Ok(SignedOut { secure: platform.settings.environment == Environment::Production })
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

async fn change_password(
    current: CurrentPassword,
    hasher: Hasher,
    rows: Later<Read>,
    changes: Later<Write>,
    Json(change): Json<PasswordChange>,
) -> Result<Done, Response> {
    let own = Own::look_up(&rows).await?;
    let names = [own.email.as_str(), &own.tenant.name, &own.tenant.subdomain];
    let new = change.new_password.chosen("newPassword", &names);
    own.prove(&current, &changes, &change.current_password).await?.forget().await?;
    let hash = hasher.hash(new?).await?;
    let write = changes.open().await?;
    set_own_password(&write, &own, &hash).await?;
    Ok(Done)
}

async fn set_own_password(scope: &Scope, own: &Own, hash: &str) -> Result<()> {
    own.lock(scope).await?;
    sql::set_password()
        .params(
            scope,
            &sql::SetPasswordParams {
                password_hash: &hash,
                now: scope.now(),
                tenant_id: own.tenant.id,
                id: own.account.id,
            },
        )
        .await?;
    own.delete_other_sessions(scope).await
}

async fn list(read: Read, list: List<StaffFilter>) -> Result<Listed<StaffMember>> {
    let after = list.after::<String>()?.unwrap_or_default();
    let role: Option<&str> = list.filter.role.map(Into::into);
    let rows = sql::list()
        .params(
            &read,
            &sql::ListParams {
                tenant_id: read.tenant.id,
                after: &after,
                role: role.as_ref(),
                is_active: list.filter.is_active,
                fetch: list.fetch(),
            },
        )
        .map(member)
        .all()
        .await?;
    list.page(rows.into_iter().collect::<Result<_, _>>()?, |member| member.email_key.clone())
}

async fn show(read: Read, Path(id): Path<Id<StaffMember>>) -> Result<Versioned<StaffMember>> {
    Ok(versioned(find(&read, &read.tenant.id, id.uuid()).await?))
}

async fn add(
    hasher: Hasher,
    staff: Later<Write<Owner>>,
    Json(new): Json<NewStaff>,
) -> Result<Created<StaffMember>, Response> {
    let tenant = staff.tenant()?;
    let password = new.password.chosen("password", &[&new.email, &tenant.name, &tenant.subdomain])?;
    let hash = hasher.hash(password).await?;
    let write = staff.open().await?;
    let details = StaffDetails {
        first_name: new.first_name,
        last_name: new.last_name,
        email: new.email,
        role: new.role,
        is_active: true,
    };
    let added = create(&write, &details, &hash).await?;
    Ok(Created { location: format!("/api/staff/{}", added.id), version: Some(added.version), value: added })
}

async fn create(scope: &Scope, details: &StaffDetails, hash: &str) -> Result<StaffMember> {
    let id = Id::<StaffMember>::new(scope.now());
    let role: &str = details.role.into();
    let added = sql::insert()
        .params(
            scope,
            &sql::InsertParams {
                tenant_id: scope.tenant.id,
                id: id.uuid(),
                first_name: &details.first_name,
                last_name: &details.last_name,
                email: &details.email,
                role: &role,
                password_hash: &hash,
                is_active: details.is_active,
                now: scope.now(),
            },
        )
        .map(member)
        .one()
        .await
        .on_constraint("staff_email_key", email_taken)??;
    Ok(added)
}

async fn change(
    write: Write<Owner>,
    Path(id): Path<Id<StaffMember>>,
    seen: IfMatch,
    patch: Patch<StaffDetails>,
) -> Result<Versioned<StaffMember>> {
    let tenant_id = write.tenant.id;
    // Owners first and in order, so that two owners cannot demote each other at the same moment.
    let owners = sql::lock_owners().bind(&write, &tenant_id).all().await?;
    let current = sql::lock()
        .params(&write, &sql::LockParams { tenant_id, id: id.uuid() })
        .map(member)
        .opt()
        .await?
        .ok_or_else(missing)??;
    seen.check(current.version)?;
    let new = patch.apply(&current.details)?;
    keep_an_owner(&owners, id, &new)?;
    let role: &str = new.role.into();
    let changed = sql::update()
        .params(
            &write,
            &sql::UpdateParams {
                first_name: &new.first_name,
                last_name: &new.last_name,
                email: &new.email,
                role: &role,
                is_active: new.is_active,
                now: write.now(),
                tenant_id,
                id: id.uuid(),
            },
        )
        .map(member)
        .one()
        .await
        .on_constraint("staff_email_key", email_taken)??;
    if !new.is_active {
        sql::delete_sessions()
            .params(&write, &sql::DeleteSessionsParams { tenant_id, staff_id: id.uuid() })
            .await?;
    }
    Ok(versioned(changed))
}

async fn remove(write: Write<Owner>, Path(id): Path<Id<StaffMember>>) -> Result<Done> {
    let tenant_id = write.tenant.id;
    let owners = sql::lock_owners().bind(&write, &tenant_id).all().await?;
    let current = sql::lock()
        .params(&write, &sql::LockParams { tenant_id, id: id.uuid() })
        .map(member)
        .opt()
        .await?
        .ok_or_else(missing)??;
    let new = StaffDetails { is_active: false, ..current.details };
    keep_an_owner(&owners, id, &new)?;
    let role: &str = new.role.into();
    sql::update()
        .params(
            &write,
            &sql::UpdateParams {
                first_name: &new.first_name,
                last_name: &new.last_name,
                email: &new.email,
                role: &role,
                is_active: false,
                now: write.now(),
                tenant_id,
                id: id.uuid(),
            },
        )
        .one()
        .await?;
    sql::delete_sessions()
        .params(&write, &sql::DeleteSessionsParams { tenant_id, staff_id: id.uuid() })
        .await?;
    Ok(Done)
}

async fn reset_password(
    hasher: Hasher,
    rows: Later<Read<Owner>>,
    changes: Later<Write<Owner>>,
    Path(id): Path<Id<StaffMember>>,
    Json(reset): Json<PasswordReset>,
) -> Result<Done, Response> {
    let password = choose_for(rows, id, reset.new_password).await?;
    let hash = hasher.hash(password).await?;
    let write = changes.open().await?;
    set_password_of(&write, id, &hash).await?;
    Ok(Done)
}

/// A password for somebody else.
async fn choose_for(rows: Later<Read<Owner>>, id: Id<StaffMember>, new: NewPassword) -> Result<Chosen> {
    let read = rows.glance().await?;
    if read.caller()?.staff_id == id.uuid() {
        return Err(Problem::forbidden(
            "this is your own account: change its password with POST /api/auth/password and the current one",
        ));
    }
    let member = find(&read, &read.tenant.id, id.uuid()).await?;
    new.chosen("newPassword", &[&member.details.email, &read.tenant.name, &read.tenant.subdomain])
}

async fn set_password_of(scope: &Scope, id: Id<StaffMember>, hash: &str) -> Result<()> {
    let tenant_id = scope.tenant.id;
    if sql::set_password()
        .params(
            scope,
            &sql::SetPasswordParams { password_hash: &hash, now: scope.now(), tenant_id, id: id.uuid() },
        )
        .await?
        == 0
    {
        return Err(missing());
    }
    sql::delete_sessions()
        .params(scope, &sql::DeleteSessionsParams { tenant_id, staff_id: id.uuid() })
        .await?;
    Ok(())
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
    let found =
        sql::find().params(client, &sql::FindParams { tenant_id: *tenant, id }).map(member).opt().await?;
    Ok(found.ok_or_else(missing)??)
}

fn email_taken() -> Problem {
    Problem::conflict("someone at this resort has this e-mail already")
}

fn versioned(member: StaffMember) -> Versioned<StaffMember> {
    Versioned { version: member.version, value: member }
}
