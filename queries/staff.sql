--: StaffMember()

--! list (role?, is_active?) : StaffMember
select id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at,
  exists (
    select from app.staff_second_factors f
    where f.tenant_id = s.tenant_id and f.staff_id = s.id and f.confirmed_at is not null
  ) as second_factor
from app.staff s
where tenant_id = :tenant_id
  and email_key > :after
  and case when :role::text is null then true else role = :role end
  and case when :is_active::boolean is null then true else is_active = :is_active end
order by email_key
limit :fetch;

--! find : StaffMember
select id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at,
  exists (
    select from app.staff_second_factors f
    where f.tenant_id = s.tenant_id and f.staff_id = s.id and f.confirmed_at is not null
  ) as second_factor
from app.staff s
where tenant_id = :tenant_id and id = :id;

--! lock : StaffMember
select id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at,
  exists (
    select from app.staff_second_factors f
    where f.tenant_id = s.tenant_id and f.staff_id = s.id and f.confirmed_at is not null
  ) as second_factor
from app.staff s
where tenant_id = :tenant_id and id = :id
for update;

--! lock_owners
select id
from app.staff
where tenant_id = :tenant_id and role = 'OWNER' and is_active
order by id
for update;

--! insert : StaffMember
insert into app.staff (tenant_id, id, first_name, last_name, email, role, password_hash, is_active, created_at, updated_at)
values (:tenant_id, :id, :first_name, :last_name, :email, :role, :password_hash, :is_active, :now, :now)
returning id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at,
  exists (
    select from app.staff_second_factors f
    where f.tenant_id = staff.tenant_id and f.staff_id = staff.id and f.confirmed_at is not null
  ) as second_factor;

--! update : StaffMember
update app.staff
set first_name = :first_name, last_name = :last_name, email = :email, role = :role, is_active = :is_active,
    version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at,
  exists (
    select from app.staff_second_factors f
    where f.tenant_id = staff.tenant_id and f.staff_id = staff.id and f.confirmed_at is not null
  ) as second_factor;

--: Account(sealed_secret?, recovery_codes?)

--! find_account : Account
select s.id, s.email, s.password_hash, s.is_active, f.sealed_secret, f.recovery_codes
from app.staff s
left join app.staff_second_factors f on f.tenant_id = :tenant_id and f.staff_id = s.id and f.confirmed_at is not null
where s.tenant_id = :tenant_id and s.email_key = :email_key;

--! find_account_by_id : Account
select s.id, s.email, s.password_hash, s.is_active, f.sealed_secret, f.recovery_codes
from app.staff s
left join app.staff_second_factors f on f.tenant_id = :tenant_id and f.staff_id = s.id and f.confirmed_at is not null
where s.tenant_id = :tenant_id and s.id = :id;

-- The account is read after this: what a statement that waited for the lock reads of other tables is older than the lock.
--! lock_account
select id
from app.staff
where tenant_id = :tenant_id and id = :id
for update;

-- Held until the session is there, so that a suspension ends it, too.
--! lock_resort
select status
from app.tenants
where id = :tenant_id
for share;

--! set_password
update app.staff set password_hash = :password_hash, updated_at = :now
where tenant_id = :tenant_id and id = :id;

--! insert_session
insert into app.staff_sessions (tenant_id, token_hash, staff_id, created_at, expires_at)
values (:tenant_id, :token_hash, :staff_id, :now, :expires_at);

--! delete_expired_sessions
delete from app.staff_sessions where tenant_id = :tenant_id and staff_id = :staff_id and expires_at <= :now;

--! delete_session
delete from app.staff_sessions where tenant_id = :tenant_id and token_hash = :token_hash;

--! delete_sessions
delete from app.staff_sessions where tenant_id = :tenant_id and staff_id = :staff_id;

--! delete_other_sessions
delete from app.staff_sessions where tenant_id = :tenant_id and staff_id = :staff_id and token_hash <> :token_hash;

-- A factor that is not confirmed yet is replaced; one that is stays.
--! start_second_factor
insert into app.staff_second_factors as f (tenant_id, staff_id, sealed_secret, created_at)
values (:tenant_id, :staff_id, :sealed_secret, :now)
on conflict on constraint staff_second_factors_pkey do update
set sealed_secret = excluded.sealed_secret, created_at = excluded.created_at
where f.confirmed_at is null;

--! find_started_second_factor
select sealed_secret
from app.staff_second_factors
where tenant_id = :tenant_id and staff_id = :staff_id and confirmed_at is null;

--! confirm_second_factor
update app.staff_second_factors
set confirmed_at = :now, recovery_codes = :recovery_codes
where tenant_id = :tenant_id and staff_id = :staff_id and sealed_secret = :sealed_secret and confirmed_at is null;

--! use_recovery_code
update app.staff_second_factors
set recovery_codes = array_remove(recovery_codes, :code::bytea)
where tenant_id = :tenant_id and staff_id = :staff_id and confirmed_at is not null and :code::bytea = any (recovery_codes);

--! delete_second_factor
delete from app.staff_second_factors where tenant_id = :tenant_id and staff_id = :staff_id and confirmed_at is not null;
